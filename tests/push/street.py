"""A push service, browsers that subscribe with it, and a shop whose members have them.

What a browser reads is decrypted here as RFC 8291 and RFC 8188 say it, with nothing of the code that encrypts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask, Response, request
from sqlalchemy import select

from app.db import reading
from app.models import effects, push_subscriptions
from app.outbox import working
from app.push import vapid
from app.push.sending import MESSAGES
from connectors.neutral.calling import Caller
from tests.app.test_referrals import member_of
from tests.build import Tessera
from tests.edge import Door, open_door
from tests.fakes.wire import Wire
from tests.web.test_shopper import token_of

NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)  # in Paris
HOST = "push.example"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    key = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()[:length]


@dataclass(frozen=True)
class Browser:
    """One subscription, with the keys that only the browser has."""

    name: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def endpoint(self) -> str:
        return f"https://{HOST}/send/{self.name}"

    def subscription(self, **changes: Any) -> dict[str, Any]:
        keys = {"p256dh": b64(self.public), "auth": b64(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys, **changes}

    def read(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert size == 4096 >= len(sealed)
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        shared = self.private.exchange(ec.ECDH(), sender)
        secret = hkdf(self.auth, shared, b"WebPush: info\x00" + self.public + theirs, 32)
        key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = hkdf(salt, secret, b"Content-Encoding: nonce\x00", 12)
        text = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert text.endswith(b"\x02")
        return text[:-1]


class PushService:
    """Takes messages that are rightly signed; `answers` by browser say otherwise, one after the other."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        self.real = real
        self.app = Flask("push")
        self.app.post("/send/<name>")(self.take)
        self.browsers: dict[str, Browser] = {}
        self.answers: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
        self.taken: list[tuple[str, str, dict[str, Any]]] = []  # (browser, topic, message)
        self.known_as = ""

    def take(self, name: str) -> Response:
        self._check(request.headers["Authorization"])
        assert request.headers["Content-Encoding"] == "aes128gcm"
        assert int(request.headers["TTL"]) > 0
        assert len(request.headers["Topic"]) <= 32
        if self.answers.get(name):
            status, headers = self.answers[name].pop(0)
            return Response(status=status, headers=headers)
        message = json.loads(self.browsers[name].read(request.get_data()))
        self.taken.append((name, request.headers["Topic"], message))
        return Response(status=201)

    def _check(self, authorization: str) -> None:
        scheme, _, rest = authorization.partition(" ")
        told = dict(part.strip().split("=", 1) for part in rest.split(","))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(told["k"]))
        assert (scheme, told["k"]) == ("vapid", self.known_as)
        options = {"verify_exp": False}  # the tests' time stands still
        claims = jwt.decode(told["t"], public, ["ES256"], audience=f"https://{HOST}", options=options)
        assert timedelta(0) < datetime.fromtimestamp(claims["exp"], UTC) - self.real() < timedelta(days=1)
        assert claims["sub"].startswith("https://")


class Street:
    """`real` is the time of the street."""

    def __init__(self, tessera: Tessera) -> None:
        self.real = NOON
        self.shops: list[Door] = []
        self.service = PushService(lambda: self.real)
        self.wire = Wire({HOST: self.service.app})
        key = vapid.make_key()
        self.service.known_as = vapid.public_key(key)
        services = replace(
            tessera.services,
            config=replace(tessera.services.config, vapid_private_key=key),
            clock=replace(tessera.services.clock, real=lambda: self.real),
            pusher=Caller(self.wire.session(), lambda _: None, random.Random(1)),
        )
        self.tessera = Tessera(services)

    def shop(self, **rules: Any) -> Door:
        self.shops.append(open_door(self.tessera, **rules))
        return self.shops[-1]

    def member(self, door: Door, name: str = "ada") -> str:
        """Return a member who has bought once; nothing of that is announced."""
        door.deliver(door.order(id=f"first-{name}", customer={"id": name}))
        door.shop.drain()
        return member_of(door.shop, name)

    def buy(self, door: Door, order_id: str, name: str = "ada") -> None:
        door.deliver(door.order(id=order_id, customer={"id": name}))
        door.shop.drain()

    def ask(self, door: Door, member_id: str, method: str, path: str = "push", **sent: Any) -> Any:
        headers = {"Authorization": f"Bearer {token_of(door, member_id)}", **sent.pop("headers", {})}
        return door.client.open(f"/shopper/v1/{path}", method=method, headers=headers, **sent)

    def subscribe(self, door: Door, member_id: str, name: str = "phone", language: str = "en") -> Browser:
        browser = self.service.browsers.setdefault(name, Browser(name))
        headers = {"Accept-Language": language}
        answer = self.ask(door, member_id, "PUT", json=browser.subscription(), headers=headers)
        assert answer.status_code == 204, answer.text
        return browser

    def work(self, seconds: float = 0) -> int:
        """Let time pass, and send what is due."""
        self.real += timedelta(seconds=seconds)
        return sum(working.run_shop(self.tessera.services, MESSAGES, door.shop.id) for door in self.shops)

    def told(self, browser: str = "phone") -> list[str]:
        return [message["body"] for name, _, message in self.service.taken if name == browser]

    def waiting(self, door: Door) -> list[Any]:
        return self._rows(door, effects)

    def devices(self, door: Door) -> list[Any]:
        return self._rows(door, push_subscriptions)

    def _rows(self, door: Door, table: Any) -> list[Any]:
        with reading(self.tessera.engine) as connection:
            found = connection.execute(select(table).where(table.c.shop_id == door.shop.id)).all()
        return [row for row in found if table is not effects or row.state == "waiting"]
