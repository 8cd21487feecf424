"""Session tokens: what App Bridge hands to our pages inside Shopify's admin, and Shopify to blocks on its own pages.

https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens: a JWT, HS256 with the app's secret,
good for a minute. The shop is taken from `dest`, never from the address of the page.
https://shopify.dev/docs/api/customer-account-ui-extensions (Session Token API): the same for customers, good for five
minutes; `sub` is there only where one is logged in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from connectors.contract import BadSignature
from connectors.contract.visiting import Visitor
from connectors.shopify.signature import secrets_of

LEEWAY_S = 10
_DEST = re.compile(r"https://([a-z0-9][a-z0-9-]*\.myshopify\.com)")
_NEEDED = ("iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti")
_OF_CUSTOMER = ("dest", "aud", "exp", "nbf", "jti")
_PLACE = re.compile(r"(?:https://)?([a-z0-9][a-z0-9-]*\.myshopify\.com)")
_CUSTOMER = re.compile(r"gid://shopify/Customer/([0-9]{1,20})")


@dataclass(frozen=True, slots=True)
class Session:
    """Who looks at our page: a member of the shop's staff."""

    shop: str
    user: str


def read(token: str, settings: Mapping[str, str], now: datetime) -> Session:
    """Return whose session it is. Raises: BadSignature, always with the same words to the outside."""
    secrets = secrets_of(settings)
    claims = _claims(token, secrets, settings.get("SHOPIFY_API_KEY", ""), _NEEDED)
    dest = _DEST.fullmatch(str(claims["dest"]))
    if dest is None or claims["iss"] != f"{claims['dest']}/admin":
        raise BadSignature("the session token is of no shop")
    _check_times(claims, now)
    return Session(dest[1], str(claims["sub"]))


def read_customer(token: str, settings: Mapping[str, str], now: datetime) -> Visitor:
    """Return whose session a page of a customer has; staff have others. Raises: BadSignature."""
    claims = _claims(token, secrets_of(settings), settings.get("SHOPIFY_API_KEY", ""), _OF_CUSTOMER)
    dest, sub = _PLACE.fullmatch(str(claims["dest"])), claims.get("sub")
    customer = _CUSTOMER.fullmatch(str(sub or ""))
    if dest is None or (sub and customer is None):  # staff are numbers
        raise BadSignature("the session token is of no shop's customer")
    _check_times(claims, now)
    return Visitor(dest[1], customer[1] if customer else None)


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    if not claims["nbf"] - LEEWAY_S <= now.timestamp() < claims["exp"] + LEEWAY_S:
        raise BadSignature("the session token is over")


def _claims(token: str, secrets: Sequence[str], api_key: str, needed: Sequence[str]) -> dict[str, Any]:
    """Return the claims; times are held against our own clock afterwards, which tests can set."""
    for secret in secrets:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                audience=api_key,
                options={"require": list(needed), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, ValueError) as error:
            raise BadSignature(f"the session token is not valid: {type(error).__name__}") from None
        if api_key and all(isinstance(claims[name], int) for name in ("exp", "nbf")):
            return claims
    raise BadSignature("the session token is not valid")
