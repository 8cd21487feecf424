"""A Tessera with two shops, and a client that holds every answer against the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.web.api.openapi import document
from tests.build import START, Shop, Tessera, kept_open, programme

TIERS = [{"key": "entry", "enter": "0", "multiplier": "1"}, {"key": "gold", "enter": "500", "multiplier": "2"}]
REWARDS = [{"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}]

_described = document("http://127.0.0.1:8000")
_patterns = {re.compile(re.sub(r"\{\w+\}", "[^/]+", path)): methods for path, methods in _described["paths"].items()}


def check_described(method: str, path: str, response: TestResponse) -> None:
    """Hold an answer of a described path against its schema; every refusal must be a described one too."""
    for pattern, methods in _patterns.items():
        if pattern.fullmatch(path.removeprefix("/api/v1").partition("?")[0]) and method.lower() in methods:
            answer = methods[method.lower()]["responses"][str(response.status_code)]
            media = answer["content"][response.content_type.partition(";")[0]]
            schema = {**media["schema"], "components": _described["components"]}
            jsonschema.Draft202012Validator(schema).validate(json.loads(response.data))


@dataclass
class Api:
    """The API as one key sees it."""

    client: FlaskClient
    key: str
    shop: Shop
    checked: bool = field(default=True)

    def call(self, method: str, path: str, body: object = None, key: str | None = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            more["data"] = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)
        check_described(method, path, response)
        return response

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.call("GET", path, **more)

    def post(self, path: str, body: object = None, key: str | None = None, **more: Any) -> TestResponse:
        return self.call("POST", path, body, key, **more)

    def put(self, path: str, body: object = None, key: str | None = None, **more: Any) -> TestResponse:
        return self.call("PUT", path, body, key, **more)

    def member(self, **given: Any) -> dict[str, Any]:
        response = self.post("/members", given or {"platform_id": "c1"})
        assert response.status_code in (200, 201), response.json
        return response.json

    def entries(self, member_id: str) -> list[dict[str, Any]]:
        return self.get(f"/members/{member_id}/entries").json["data"]


def open_api(tessera: Tessera, shop: Shop) -> Api:
    return Api(tessera.client(), shop.keys.api_key, shop)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tessera]:
    """One database of each kind for all tests here: shops keep them apart, as they do in life."""
    with kept_open(request, tmp_path_factory) as opened:
        yield opened


@pytest.fixture
def tessera(installation: Tessera) -> Tessera:
    installation.set_clock(START)
    return installation


@pytest.fixture
def alice(tessera: Tessera) -> Api:
    """A shop with a programme of two tiers and a reward."""
    return open_api(tessera, tessera.shop(programme(tiers=TIERS, rewards=REWARDS)))


@pytest.fixture
def charlie(tessera: Tessera) -> Api:
    """Another shop, which may see nothing of alice's."""
    return open_api(tessera, tessera.shop(programme()))
