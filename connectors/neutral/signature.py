"""The signature of the custom connector (interfaces.md, "Custom connector"); the sandbox shop signs the same way.

Tessera-Topic: order
Tessera-Delivery: 7d4f…
Tessera-Signature: t=<unix s>,v1=<hex HMAC-SHA256(secret, "<t>.<topic>.<delivery>.<raw body>")>
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from connectors.contract import BadSignature, Envelope, VerifiedBody

TOLERANCE_S = 300
_MAX_SIGNATURES = 8  # a sender that changes its secret sends two

_TOPIC = re.compile(r"[A-Za-z0-9_./-]{1,64}")
_DELIVERY = re.compile(r"[A-Za-z0-9_:-]{1,128}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_HEX = re.compile(r"[0-9a-f]{64}")


def verify(
    unverified_headers: Mapping[str, str], unverified_body: bytes, secrets: Sequence[str], now_s: int
) -> VerifiedBody:
    """Return the body once one of its signatures holds under one of the secrets. Raises: BadSignature."""
    topic = _header(unverified_headers, "tessera-topic", _TOPIC)
    delivery = _header(unverified_headers, "tessera-delivery", _DELIVERY)
    stamp, given = _read_signature(unverified_headers.get("tessera-signature", ""))
    if abs(now_s - int(stamp)) > TOLERANCE_S:
        raise BadSignature("the signature's time is more than 300 s away")
    expected = [_hex(secret, stamp, topic, delivery, unverified_body) for secret in secrets if secret]
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]  # all of them: constant time
    if True not in matches:
        raise BadSignature("the signature does not match")
    return VerifiedBody(unverified_body)


def envelope(headers: Mapping[str, str], body: VerifiedBody) -> Envelope:
    """Name the delivery by the sender's own id; other bytes under one id are an error of the sender."""
    delivery = headers.get("tessera-delivery", "") or f"sha256:{hashlib.sha256(body).hexdigest()}"
    return Envelope(key=delivery, topic=headers.get("tessera-topic", ""), same_bytes=True)


def sign(topic: str, delivery_id: str, body: bytes, secret: str, now_s: int) -> dict[str, str]:
    """Return the headers a genuine delivery carries."""
    return {
        "Content-Type": "application/json",
        "Tessera-Topic": topic,
        "Tessera-Delivery": delivery_id,
        "Tessera-Signature": f"t={now_s},v1={_hex(secret, str(now_s), topic, delivery_id, body)}",
    }


def _hex(secret: str, stamp: str, topic: str, delivery: str, body: bytes) -> str:
    signed = f"{stamp}.{topic}.{delivery}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _header(headers: Mapping[str, str], name: str, shape: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if not shape.fullmatch(value):
        raise BadSignature(f"the header {name} is missing or malformed")
    return value


def _read_signature(header: str) -> tuple[str, list[str]]:
    """Return the time and every v1 of `t=…,v1=…[,v1=…]`; other schemes are passed over."""
    pairs = [part.strip(" ").partition("=")[::2] for part in header[:2000].split(",")]
    stamps = [value for name, value in pairs if name == "t"]
    given = [value for name, value in pairs if name == "v1"]
    if len(stamps) != 1 or not _TIMESTAMP.fullmatch(stamps[0]):
        raise BadSignature("the header tessera-signature is missing or malformed")
    if not 1 <= len(given) <= _MAX_SIGNATURES or not all(_HEX.fullmatch(value) for value in given):
        raise BadSignature("the header tessera-signature is missing or malformed")
    return stamps[0], given
