"""Shopify's own library is asked about everything that is signed: it and we take the same for genuine."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from connectors.contract import BadSignature
from connectors.shopify import install, sessions, signature
from connectors.shopify.proxy import AppProxy
from tests.fakes.shopify.oauth import App
from tests.fakes.shopify.state import Shop

FOLDER = Path(__file__).parent
SETTINGS = {"SHOPIFY_API_KEY": "key", "SHOPIFY_API_SECRET": "hush" * 8}
REGISTERED = App("key", "hush" * 8, frozenset())
SHOP = "mugs.myshopify.com"
LETTERS = "abcXYZ0189-_.~+/=%&? éß漢"

Case = dict[str, Any]


def theirs(cases: list[Case]) -> list[Any]:
    """Return what the official library says of each."""
    if not (FOLDER / "node_modules").is_dir():
        pytest.fail("the official library is not installed: make test does it, or `npm ci` in tests/oracle")
    asked = {"settings": {"apiKey": "key", "apiSecretKey": "hush" * 8}, "cases": cases}
    done = subprocess.run(
        ["node", "shopify.mjs"], cwd=FOLDER, input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def agree(cases: list[Case], ours: Callable[[Case], Any], genuine: int) -> None:
    told = [_or_false(ours, case) for case in cases]
    assert told == theirs(cases)
    assert sum(bool(one) for one in told) == genuine


def _or_false(ours: Callable[[Case], Any], case: Case) -> Any:
    try:
        return ours(case)
    except BadSignature:
        return False


def _now() -> datetime:
    return datetime.now(UTC)


def _stamp(seconds: int = 0) -> str:
    return str(int(_now().timestamp()) + seconds)


def _text(dice: random.Random) -> str:
    return "".join(dice.choices(LETTERS, k=dice.randint(1, 12)))


def _tampered(told: str, dice: random.Random) -> str:
    pairs = parse_qsl(told, keep_blank_values=True)
    at = dice.randrange(len(pairs))
    name, value = pairs[at]
    pairs[at] = (name, value + "x")
    return urlencode(pairs, quote_via=quote)


def _proxied(given: list[tuple[str, str]]) -> str:
    """Sign as Shopify's documentation says."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        values.setdefault(name, []).append(value)
    message = "".join(f"{name}={','.join(each)}" for name, each in sorted(values.items()))
    signed = hmac.new(b"hush" * 8, message.encode(), hashlib.sha256).hexdigest()
    return urlencode([*given, ("signature", signed)], quote_via=quote)


def test_calls_of_the_app_proxy() -> None:
    dice = random.Random(1)
    cases: list[Case] = []
    for number in range(60):
        plain = [("shop", SHOP), ("path_prefix", "/apps/tessera"), ("timestamp", _stamp())]
        customer = [("logged_in_customer_id", str(number) if number % 3 else "")]
        more = [(f"q{place}", _text(dice)) for place in range(dice.randint(0, 3))]
        twice = [("tag", _text(dice)), ("tag", _text(dice))] if number % 4 == 0 else []
        told = _proxied([*plain, *customer, *more, *twice])
        cases += [{"kind": "proxy", "told": told}, {"kind": "proxy", "told": _tampered(told, dice)}]
    cases.append({"kind": "proxy", "told": _proxied([("shop", SHOP), ("timestamp", _stamp(-200))])})
    cases.append({"kind": "proxy", "told": urlencode({"shop": SHOP, "timestamp": _stamp()})})
    agree(cases, lambda case: bool(AppProxy().visitor(case["told"], SETTINGS, _now(), lambda _: ())), genuine=60)


def test_the_proxys_published_example() -> None:
    told = "shop=shop-name.myshopify.com&logged_in_customer_id=1&path_prefix=%2Fapps%2Fawesome_reviews"
    given = f"{told}&timestamp=1317327555&extra=1&extra=2"
    message = "extra=1,2logged_in_customer_id=1path_prefix=/apps/awesome_reviewsshop=shop-name.myshopify.com"
    signed = hmac.new(b"hush", f"{message}timestamp=1317327555".encode(), hashlib.sha256).hexdigest()
    at = datetime.fromtimestamp(1317327555, UTC)
    found = AppProxy().visitor(f"{given}&signature={signed}", {"SHOPIFY_API_SECRET": "hush"}, at, lambda _: ())
    assert (found.ref, found.customer_id) == ("shop-name.myshopify.com", "1")


def test_addresses_of_the_code_grant() -> None:
    dice = random.Random(2)
    cases: list[Case] = []
    for _ in range(60):
        told = {"code": _plain(dice), "shop": SHOP, "state": _plain(dice), "timestamp": _stamp(), "host": "YWRtaW4"}
        signed = REGISTERED.signed(told)
        cases += [{"kind": "oauth", "told": signed}, {"kind": "oauth", "told": _tampered(signed, dice)}]
    agree(cases, lambda case: bool(install.signed_query(case["told"], SETTINGS, _now())), genuine=60)


def _plain(dice: random.Random) -> str:
    return "".join(dice.choices("abcdef0123456789", k=16))


CHANGES: Mapping[str, Mapping[str, Any]] = {
    "as it is": {},
    "of another app": {"aud": "other"},
    "long over": {"exp": 1_000_000_000},
    "not yet": {"nbf": 9_999_999_999},
}


def test_session_tokens() -> None:
    shop = Shop(SHOP)
    tokens = [REGISTERED.session_token(shop, **changes) for changes in CHANGES.values()]
    tokens += [tokens[0][:-4] + "AAAA", "eyJhbGciOiJub25lIn0." + tokens[0].split(".")[1] + ".", "x"]
    cases: list[Case] = [{"kind": "session", "token": token} for token in tokens]
    agree(cases, lambda case: f"https://{sessions.read(case['token'], SETTINGS, _now()).shop}", genuine=1)


def test_webhooks() -> None:
    dice = random.Random(3)
    cases: list[Case] = []
    for number in range(40):
        body = json.dumps({"id": number, "name": _text(dice)}, ensure_ascii=False)
        headers = signature.sign("orders/create", f"w{number}", body.encode(), "hush" * 8)
        headers |= {"X-Shopify-Shop-Domain": SHOP, "X-Shopify-API-Version": "2026-10"}
        cases += [{"kind": "webhook", "body": told, "headers": headers} for told in (body, body + " ")]

    def ours(case: Case) -> bool:
        headers = {name.lower(): value for name, value in case["headers"].items()}
        return bool(signature.verify(headers, case["body"].encode(), ["hush" * 8]))

    agree(cases, ours, genuine=40)
