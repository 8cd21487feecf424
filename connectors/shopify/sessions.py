"""Session tokens: what App Bridge hands to our pages inside Shopify's admin.

https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens: a JWT, HS256 with the app's secret,
good for a minute. The shop is taken from `dest`, never from the address of the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from connectors.contract import BadSignature
from connectors.shopify.signature import secrets_of

LEEWAY_S = 10
_DEST = re.compile(r"https://([a-z0-9][a-z0-9-]*\.myshopify\.com)")
_NEEDED = ("iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti")


@dataclass(frozen=True, slots=True)
class Session:
    """Who looks at our page: a member of the shop's staff."""

    shop: str
    user: str


def read(token: str, settings: Mapping[str, str], now: datetime) -> Session:
    """Return whose session it is. Raises: BadSignature, always with the same words to the outside."""
    secrets = secrets_of(settings)
    claims = _claims(token, secrets, settings.get("SHOPIFY_API_KEY", ""))
    seconds = now.timestamp()
    dest = _DEST.fullmatch(str(claims["dest"]))
    if dest is None or claims["iss"] != f"{claims['dest']}/admin":
        raise BadSignature("the session token is of no shop")
    if not claims["nbf"] - LEEWAY_S <= seconds < claims["exp"] + LEEWAY_S:
        raise BadSignature("the session token is over")
    return Session(dest[1], str(claims["sub"]))


def _claims(token: str, secrets: Sequence[str], api_key: str) -> dict[str, Any]:
    """Return the claims; times are held against our own clock afterwards, which tests can set."""
    for secret in secrets:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                audience=api_key,
                options={"require": list(_NEEDED), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, ValueError) as error:
            raise BadSignature(f"the session token is not valid: {type(error).__name__}") from None
        if api_key and all(isinstance(claims[name], int) for name in ("exp", "nbf")):
            return claims
    raise BadSignature("the session token is not valid")
