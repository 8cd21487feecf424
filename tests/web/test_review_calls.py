"""Reviews told by review apps, from the call to the points."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.audit import audit
from connectors.review_apps import REVIEW_APPS
from tests.build import Tessera, order
from tests.edge import client_of, open_door
from tests.payloads.review_apps import SAMPLES, judgeme, signed
from tests.payloads.woocommerce import review

RULES = [
    {"key": "photo", "kind": "photo_review", "points": 80},
    {"key": "text", "kind": "review", "points": 50, "verified_buyer": True},
]


@pytest.fixture
def door(tessera: Tessera) -> Any:
    return open_door(tessera, activities=RULES)


def connect(door: Any, app: str, secret: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {door.shop.keys.api_key}"}
    answer = door.client.put(f"/api/v1/review-apps/{app}", json={"secret": secret}, headers=headers)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def call(door: Any, app: str, document: Any, secret: str, **headers: str) -> TestResponse:
    body = json.dumps(document).encode()
    token = f"?token={secret}" if app == "yotpo" else ""
    return door.client.post(
        f"/webhooks/reviews/{app}/{door.shop.id}{token}", data=body, headers={**signed(app, secret, body), **headers}
    )


@pytest.mark.parametrize("app", REVIEW_APPS)
def test_a_review_earns_once_however_often_it_is_told(door: Any, app: str) -> None:
    bought = {"lines": [{"id": "l1", "product_id": "7281", "quantity": 1, "unit_price": "0.05"}]}
    customer = {"id": "6940095564", "email": "ada@example.com", "email_verified": True}
    door.shop.tell(order(customer=customer, **bought, placed_at="2026-03-01T09:00:00Z"))
    secret = connect(door, app)["secret"]
    assert call(door, app, SAMPLES[app], secret).status_code == 200
    edited = json.loads(json.dumps(SAMPLES[app]).replace("ov", "OV"))
    assert call(door, app, SAMPLES[app], secret).status_code == 200
    assert call(door, app, edited, secret).status_code == 200
    door.shop.drain()
    assert {row.state for row in door.kept()} == {"done"}
    assert door.points() == (80 if app == "loox" else 50)
    assert audit(door.tessera.engine, door.shop.id) == []


def test_a_call_without_the_shops_secret_is_refused(door: Any, tessera: Tessera) -> None:
    assert call(door, "judgeme", judgeme(), "hush").status_code == 401
    secret = "a-secret-of-ours"
    assert connect(door, "judgeme", secret)["secret"] is None
    assert call(door, "judgeme", judgeme(), "hush").status_code == 401
    other = open_door(tessera)
    assert call(other, "judgeme", judgeme(), secret).status_code == 401
    assert client_of(tessera).post("/webhooks/reviews/judgeme/nobody", data=b"{}").status_code == 401
    assert client_of(tessera).post(f"/webhooks/reviews/elsewhere/{door.shop.id}", data=b"{}").status_code == 404
    assert door.kept() == []
    assert call(door, "judgeme", judgeme(), secret).status_code == 200
    headers = {"Authorization": f"Bearer {door.shop.keys.api_key}"}
    assert door.client.post("/api/v1/review-apps/judgeme/disconnect", headers=headers).status_code == 200
    assert call(door, "judgeme", judgeme(id=2), secret).status_code == 401


def test_a_body_that_is_no_review_is_kept_as_failed(door: Any) -> None:
    secret = connect(door, "stamped")["secret"]
    assert call(door, "stamped", {"hello": 1}, secret).status_code == 200
    ((state, reason),) = door.verdicts()
    assert (state, reason) == ("failed", "id: is missing")


def test_a_shops_own_review_earns_when_it_is_approved(tessera: Tessera) -> None:
    door = open_door(tessera, "woocommerce", activities=[RULES[1] | {"verified_buyer": False}])
    told = review(date_created_gmt="2026-03-01T11:00:00")
    door.deliver({**told, "status": "hold"}, "review.created")
    door.deliver(told, "review.updated")
    assert [state for state, _ in door.verdicts()] == ["ignored", "done"]
    assert door.points() == 50
    assert audit(door.tessera.engine, door.shop.id) == []
