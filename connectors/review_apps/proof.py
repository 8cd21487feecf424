"""How a review app's call proves where it comes from: an HMAC of the raw body, or the secret itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

from connectors.contract import BadSignature, VerifiedBody

Proof = Callable[[str, bytes], str]  # (secret, body) → what a genuine call carries


def hex_hmac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def base64_hmac(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def the_secret(secret: str, body: bytes) -> str:
    return secret


def check(prove: Proof, unverified: str, unverified_body: bytes, secrets: Sequence[str]) -> VerifiedBody:
    """Return the body once the proof holds under one of the secrets, in constant time. Raises: BadSignature."""
    given = unverified.encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(prove(secret, unverified_body).encode(), given) for secret in secrets if secret]
    if True not in matches:
        raise BadSignature("the call does not prove where it comes from")
    return VerifiedBody(unverified_body)
