"""Messages on a shopper's devices: switched on by the browser, and off."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection

from app import shops
from app.db import reading, retrying
from app.errors import FieldError, Invalid, Unavailable
from app.points import sentences
from app.push import subscriptions, vapid
from app.push.sealing import read_keys
from app.push.subscriptions import Address, Device
from app.web.api import reading as requests
from app.web.api.fields import Given, Plain
from app.web.gates import caller, services

pages = Blueprint("shopper_push", __name__)

Endpoint = Annotated[Plain, Field(min_length=1, max_length=subscriptions.LONGEST)]
KeyText = Annotated[Plain, Field(min_length=1, max_length=200)]


class BrowserKeys(Given):
    p256dh: KeyText
    auth: KeyText

    @model_validator(mode="after")
    def _usable(self) -> BrowserKeys:
        try:
            read_keys(self.p256dh, self.auth)
        except ValueError:
            raise PydanticCustomError("not_keys", "Send the keys of the browser's subscription as they are.") from None
        return self


class Subscription(Given):
    """What a browser's `PushSubscription` writes as JSON."""

    endpoint: Endpoint
    keys: BrowserKeys
    expirationTime: float | None = None  # noqa: N815 (the browser's word; it is told nothing in practice)

    @model_validator(mode="after")
    def _https(self) -> Subscription:
        if not subscriptions.reachable(self.endpoint):
            raise PydanticCustomError("not_an_address", "Send the https address that the browser's subscription has.")
        return self


_UNKNOWN = FieldError("endpoint", "unknown_service", "Send the address of a browser's push service.")


class Unsubscribed(Given):
    endpoint: Endpoint | None = None


@pages.get("/push")
def push() -> Response:
    """Tell the key to subscribe with, and on how many devices the shopper gets messages. Without a key: on none."""
    who = caller()
    key = services().config.vapid_private_key
    with reading(services().engine) as connection:
        devices = subscriptions.count(connection, who.shop.id, who.member_id)
    return jsonify({"key": vapid.public_key(key) if key is not None else None, "devices": devices})


@pages.put("/push")
def subscribe() -> Response:
    """Switch messages on for a browser. Sent again, nothing changes."""
    who = caller()
    if services().config.vapid_private_key is None:
        raise Unavailable("this installation sends no messages to devices")
    given = requests.given(Subscription, requests.tree(request.get_data(cache=False)))
    if not subscriptions.is_service(given.endpoint, services().config.push_services):
        raise Invalid("endpoint: no push service we know has this address", (_UNKNOWN,))
    address = Address(given.endpoint, given.keys.p256dh, given.keys.auth)
    asked = request.args.get("lang") or request.headers.get("Accept-Language")
    device = Device(who.member_id, address, sentences.in_language(asked, None).language)

    def work(connection: Connection) -> None:
        shop, now = shops.hold(connection, who.shop.id), services().clock.now(connection)
        subscriptions.keep(connection, services().vault, shop, device, now, services().clock.real())

    retrying(services().engine, work)
    return Response(status=204)


@pages.delete("/push")
def unsubscribe() -> Response:
    """Switch messages off for a browser, or, without naming one, for all of the shopper's."""
    who, body = caller(), request.get_data(cache=False)
    tree: Any = requests.tree(body) if body else {}
    endpoint = requests.given(Unsubscribed, tree).endpoint

    def work(connection: Connection) -> None:
        shop = shops.hold(connection, who.shop.id)
        subscriptions.drop(connection, services().vault, shop, who.member_id, endpoint)

    retrying(services().engine, work)
    return Response(status=204)
