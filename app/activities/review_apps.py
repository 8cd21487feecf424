"""Which review apps may tell a shop's members' reviews: one secret for each."""

from __future__ import annotations

import secrets

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from app.db import insert_new
from app.errors import FieldError, Invalid, NotFound
from app.models import review_apps
from app.shops import Shop
from app.vault import Vault
from connectors.review_apps import REVIEW_APPS


def connect(connection: Connection, vault: Vault, shop: Shop, app: str, secret: str | None) -> str:
    """Take an app's calls from now on, by its secret or a new one; return the secret. Raises: Invalid."""
    if app not in REVIEW_APPS:
        message = f"choose one of {', '.join(REVIEW_APPS)}"
        raise Invalid(message, (FieldError("app", "unknown", message),))
    kept = secret or secrets.token_urlsafe(32)
    connection.execute(delete(review_apps).where(_of(shop.id, app)))
    insert_new(connection, review_apps, {"shop_id": shop.id, "app": app, "secret": vault.seal(shop.id, kept.encode())})
    return kept


def disconnect(connection: Connection, shop: Shop, app: str) -> None:
    """Take an app's calls no more. Raises: NotFound."""
    if connection.execute(delete(review_apps).where(_of(shop.id, app))).rowcount == 0:
        raise NotFound("this review app is not connected")


def connected(connection: Connection, shop_id: str) -> list[str]:
    """Return the apps that are connected, by name."""
    mine = select(review_apps.c.app).where(review_apps.c.shop_id == shop_id)
    return list(connection.execute(mine.order_by(review_apps.c.app)).scalars())


def secret_of(connection: Connection, vault: Vault, shop_id: str, app: str) -> str | None:
    """Return the secret an app of a shop proves itself by; None: it is not connected."""
    sealed = connection.execute(select(review_apps.c.secret).where(_of(shop_id, app))).scalar()
    return None if sealed is None else vault.open(shop_id, sealed).decode()


def _of(shop_id: str, app: str) -> ColumnElement[bool]:
    return and_(review_apps.c.shop_id == shop_id, review_apps.c.app == app)
