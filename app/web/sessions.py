"""The merchant's session: a signed cookie that names a shop, for twelve hours. Not readable by scripts."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.config import Config
from app.errors import Unauthorized

NAME, BROWSER = "tessera_merchant", "tessera_install"
LASTS = timedelta(hours=12)


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        secret_key,
        salt="merchant-session-v1",  # its own: a session is never good for anything else that SECRET_KEY signs
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def open_for(response: Response, config: Config, shop_id: str) -> None:
    """Let this browser into a shop's pages."""
    _set(response, config, NAME, str(_serializer(config.secret_key).dumps({"shop": shop_id})), LASTS, "/admin")


def end(response: Response, config: Config) -> None:
    """Let this browser out."""
    response.delete_cookie(NAME, path="/admin", httponly=True, secure=config.app_url.startswith("https:"))


def shop_of(secret_key: str) -> str:
    """Return the shop that this browser may see. Raises: Unauthorized."""
    try:
        told = _serializer(secret_key).loads(request.cookies.get(NAME, ""), max_age=int(LASTS.total_seconds()))
        return str(told["shop"])
    except (BadSignature, KeyError, TypeError):
        raise Unauthorized("connect your shop, or ask for a link, to see this page") from None


def remember_browser(response: Response, config: Config, secret: str) -> None:
    """Mark the browser in which an attempt to connect a shop began."""
    _set(response, config, BROWSER, secret, timedelta(minutes=15), "/install")


def browser() -> str:
    return request.cookies.get(BROWSER, "")


def _set(response: Response, config: Config, name: str, value: str, lasts: timedelta, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lasts,
        path=path,
        httponly=True,
        secure=config.app_url.startswith("https:"),
        samesite="Lax",  # it is sent when the platform leads the browser back
    )
