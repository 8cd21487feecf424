"""The custom connector's signature. The sandbox shop signs the same way."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from connectors import CONNECTORS
from connectors.contract import BadSignature

CUSTOM = CONNECTORS["custom"]
NOW = 1_790_000_000


def signed(
    body: bytes = b"{}", at: int = NOW, topic: str = "order", delivery: str = "d-1", **more: str
) -> dict[str, str]:
    """Signed as the documentation says, independently of our own code."""
    text = f"{at}.{topic}.{delivery}.".encode() + body
    digest = hmac.new(b"whsec", text, hashlib.sha256).hexdigest()
    headers = {"tessera-topic": topic, "tessera-delivery": delivery, "tessera-signature": f"t={at},v1={digest}"}
    return headers | more


def test_a_signature_made_by_the_documentation_holds() -> None:
    assert CUSTOM.verify(signed(), b"{}", ["whsec"], NOW) == b"{}"


@pytest.mark.parametrize("away", [-300, -1, 0, 1, 300])
def test_300_seconds_either_way_are_tolerated(away: int) -> None:
    assert CUSTOM.verify(signed(at=NOW + away), b"{}", ["whsec"], NOW) == b"{}"


@pytest.mark.parametrize("away", [-301, 301, 10**9])
def test_more_are_not(away: int) -> None:
    with pytest.raises(BadSignature, match="300 s"):
        CUSTOM.verify(signed(at=NOW + away), b"{}", ["whsec"], NOW)


@pytest.mark.parametrize("changed", [{"topic": "customer"}, {"delivery": "d-2"}, {"at": NOW - 5}])
def test_topic_delivery_and_time_are_signed_too(changed: dict[str, Any]) -> None:
    headers = signed(**changed) | {"tessera-signature": signed()["tessera-signature"]}
    if "at" in changed:
        headers["tessera-signature"] = headers["tessera-signature"].replace(str(NOW), str(NOW - 5))
    with pytest.raises(BadSignature):
        CUSTOM.verify(headers, b"{}", ["whsec"], NOW)


@pytest.mark.parametrize("delivery", ["", "a b", "a.b", "é", "d\n", "x" * 129, "a/b"])
def test_a_malformed_delivery_id_is_refused_even_when_signed(delivery: str) -> None:
    with pytest.raises(BadSignature, match="tessera-delivery"):
        CUSTOM.verify(signed(delivery=delivery), b"{}", ["whsec"], NOW)


@pytest.mark.parametrize("delivery", ["x", "A-z_0:9", "x" * 128])
def test_a_well_formed_one_is_the_inbox_key_and_its_bytes_are_compared(delivery: str) -> None:
    headers = signed(delivery=delivery)
    envelope = CUSTOM.envelope(headers, CUSTOM.verify(headers, b"{}", ["whsec"], NOW))
    assert (envelope.key, envelope.topic, envelope.same_bytes) == (delivery, "order", True)


def test_a_sender_between_two_secrets_may_send_both_signatures() -> None:
    good = signed()["tessera-signature"]
    both = f"t={NOW},v1={'0' * 64},v0=legacy,{good.split(',')[1]}"
    assert CUSTOM.verify(signed() | {"tessera-signature": both}, b"{}", ["whsec"], NOW) == b"{}"


@pytest.mark.parametrize(
    "value",
    [
        "t=1.5,v1=" + "0" * 64,
        "t=-1,v1=" + "0" * 64,
        "t=٣,v1=" + "0" * 64,
        f"t={NOW},t={NOW},v1=" + "0" * 64,
        f"t={NOW}",
        "v1=" + "0" * 64,
        f"t={NOW},v1=" + ",v1=".join(["0" * 64] * 9),
        "t=" + "9" * 5_000,
    ],
)
def test_a_signature_of_another_form_is_refused(value: str) -> None:
    with pytest.raises(BadSignature):
        CUSTOM.verify(signed() | {"tessera-signature": value}, b"{}", ["whsec"], NOW)


def test_upper_case_hex_is_refused() -> None:
    headers = signed()
    headers["tessera-signature"] = f"t={NOW},v1=" + headers["tessera-signature"].partition("v1=")[2].upper()
    with pytest.raises(BadSignature):
        CUSTOM.verify(headers, b"{}", ["whsec"], NOW)
