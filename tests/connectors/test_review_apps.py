"""Review apps: a call proves itself by the shop's secret, and says which review of whom, of what."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import ActivityTold, BadFact, BadSignature, ConnectorError, Ignored
from connectors.review_apps import REVIEW_APPS, TOPIC, app_of
from tests.payloads.review_apps import SAMPLES, judgeme, loox, signed, stamped, yotpo

SECRET = "a secret of the app"
every_app = pytest.mark.parametrize("app", REVIEW_APPS)


def fact(app: str, document: Any) -> ActivityTold:
    (told,) = REVIEW_APPS[app].translate(document)
    return told


def verify(app: str, headers: dict[str, str], body: bytes, token: str = "", secret: str = SECRET) -> bytes:
    lower = {name.lower(): value for name, value in headers.items()}
    return REVIEW_APPS[app].verify(lower, body, [secret], token)


@every_app
def test_a_review_is_an_activity_of_its_product(app: str) -> None:
    told = fact(app, SAMPLES[app])
    assert (told.subject, told.customer.email) == ("7281", "ada@example.com")
    assert told.kind == ("photo_review" if app == "loox" else "review")
    assert told.at is not None
    assert told.at.replace(microsecond=0) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert told.evidence["text"]
    assert told.first_counts


def test_pictures_make_a_photo_review() -> None:
    pictures = [{"urls": {"original": "https://x.example/1.jpg"}}]
    assert fact("judgeme", judgeme(pictures=pictures)).evidence["picture_url"] == "https://x.example/1.jpg"
    assert fact("stamped", stamped(reviewUserPhotos="a.jpg, b.jpg")).evidence["picture_url"] == "a.jpg"
    images = [{"original_url": "https://x.example/2.jpg"}]
    assert fact("yotpo", yotpo(images_data=images)).kind == "photo_review"
    assert fact("loox", loox(photos=[])).kind == "review"


def test_judgeme_names_the_customer_of_the_shop() -> None:
    assert fact("judgeme", judgeme()).customer.id == "6940095564"


@pytest.mark.parametrize(
    ("app", "document"),
    [
        ("judgeme", judgeme(hidden=True)),
        ("judgeme", judgeme(curated="spam")),
        ("loox", {**loox(), "event": "review.declined"}),
        ("yotpo", yotpo(deleted=True)),
        ("yotpo", yotpo(archived="true")),
    ],
)
def test_what_was_taken_down_earns_nothing(app: str, document: Any) -> None:
    with pytest.raises(Ignored):
        fact(app, document)


def test_a_review_of_nobody_is_refused() -> None:
    with pytest.raises(BadFact, match="neither a customer nor an e-mail"):
        fact("stamped", stamped(customerEmail=""))


def test_a_workflow_of_the_shop_names_order_and_product_instead_of_a_review() -> None:
    plain = {"email": "ada@example.com", "order_id": "1001", "product_id": "7281", "review_body": "Nice"}
    assert fact("loox", plain).id == "loox:1001:7281"


@every_app
def test_a_genuine_call_is_let_in_and_another_is_not(app: str) -> None:
    body = json.dumps(SAMPLES[app]).encode()
    token = SECRET if app == "yotpo" else ""
    assert verify(app, signed(app, SECRET, body), body, token) == body
    for headers, sent, secret in (
        (signed(app, "another", body), body, SECRET),
        ({}, body, SECRET),
        (signed(app, SECRET, body), body, ""),
    ):
        with pytest.raises(BadSignature):
            verify(app, headers, sent, "" if app != "yotpo" else "another", secret)
    if app in ("judgeme", "loox"):
        with pytest.raises(BadSignature):
            verify(app, signed(app, SECRET, body), body + b" ")


@every_app
@given(value=st.text(max_size=200), token=st.text(max_size=50), body=st.binary())
def test_strange_proofs_never_raise_anything_else(app: str, value: str, token: str, body: bytes) -> None:
    with pytest.raises(BadSignature):
        REVIEW_APPS[app].verify({REVIEW_APPS[app].header: value}, body, [SECRET], token)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@every_app
@given(data=st.data())
def test_any_body_gives_a_fact_or_an_error_of_ours(app: str, data: st.DataObject) -> None:
    document = json.loads(json.dumps(SAMPLES[app]))
    inner = next((value for value in document.values() if isinstance(value, dict)), document)
    inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(anything)
    for body in (document, data.draw(anything)):
        with suppress(ConnectorError):
            assert REVIEW_APPS[app].translate(body)


def test_the_inbox_names_the_app() -> None:
    assert app_of(TOPIC + "yotpo") is REVIEW_APPS["yotpo"]
    assert app_of("yotpo") is None
    assert app_of(TOPIC + "nobody") is None
