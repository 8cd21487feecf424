"""Who sends a message: this installation, by its own key pair. Source: RFC 8292."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from app.push.sealing import CURVE, decode, encode, point

LASTS = timedelta(hours=12)


def make_key() -> str:
    return encode(ec.generate_private_key(CURVE).private_numbers().private_value.to_bytes(32))


@cache
def read_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Return the private key that VAPID_PRIVATE_KEY writes: 32 bytes, base64url. Raises: ValueError."""
    raw = decode(text)
    if len(raw) != 32:
        raise ValueError("not 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw), CURVE)


def public_key(text: str) -> str:
    """Return what browsers subscribe with."""
    return encode(point(read_key(text).public_key()))


def authorization(text: str, endpoint: str, app_url: str, real: datetime) -> str:
    """Return the header that a push service knows us by. Units: real time."""
    parts = urlsplit(endpoint)
    whom = app_url if app_url.startswith("https://") else "https://localhost"  # some services refuse anything else
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((real + LASTS).timestamp()), "sub": whom}
    token = jwt.encode(claims, read_key(text), "ES256")
    return f"vapid t={token}, k={public_key(text)}"
