"""Links that let an owner into her shop's pages again: by mail, or by whoever runs this installation.

A link lasts a quarter of an hour and is used once: entering ends all that were made before. Who asks for one is told
the same whether or not there is such a shop.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Connection, select, update

from app import mailing, shops
from app.db import reading, retrying
from app.errors import FieldError, Invalid, Unauthorized, Unavailable
from app.mailing import Mail
from app.models import shops as table
from app.services import Services
from app.shops import Shop

LASTS = timedelta(minutes=15)


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        secret_key, salt="merchant-link-v1", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )


def make(services: Services, shop: Shop) -> str:
    """Return a link into a shop's pages."""
    token = str(_serializer(services.config.secret_key).dumps({"shop": shop.id}))
    return f"{services.config.app_url}/install/{shop.platform}/enter/{token}"


def keep_owner(connection: Connection, services: Services, shop: Shop, email: str) -> None:
    """Note where a shop's owner gets links. Raises: Invalid."""
    if not mailing.deliverable(email):
        message = "This is no e-mail address that a link can be sent to."
        raise Invalid(message, (FieldError("email", "invalid", message),))
    sealed = services.vault.seal(shop.id, email.encode())
    connection.execute(update(table).where(table.c.id == shop.id).values(owner_email=sealed))


def send(services: Services, platform: str, ref: str) -> None:
    """Send a link to a shop's owner, if there is such a shop and an owner is known.

    Raises: Unavailable: no mail can be sent here, or too many are asked for.
    """
    if not services.config.smtp_url:
        raise Unavailable("this installation sends no mail: ask whoever runs it for a link")
    services.probes.take(services.clock.real())
    with reading(services.engine) as connection:
        shop = shops.find(connection, platform, ref)
        sealed = shop.row["owner_email"] if shop is not None else None
    if shop is None or sealed is None:
        return
    link = make(services, shop)
    text = f"Open the pages of {shop.ref}:\n\n{link}\n\nThe link is good for 15 minutes, once."
    html = f'<p>Open the pages of {shop.ref}:</p><p><a href="{link}">{link}</a></p><p>Good for 15 minutes, once.</p>'
    email = services.vault.open(shop.id, sealed).decode()
    mailing.send(services.config.smtp_url, services.config.app_url, Mail(email, f"Your link to {shop.ref}", text, html))


def look(services: Services, token: str) -> Shop:
    """Return the shop that a link leads to; it is not used up by that. Raises: Unauthorized."""
    with reading(services.engine) as connection:
        return _shop(connection, services, token)


def enter(services: Services, token: str) -> Shop:
    """Use a link up and return its shop. Raises: Unauthorized."""

    def work(connection: Connection) -> Shop:
        shop = _shop(connection, services, token, lock=True)
        connection.execute(update(table).where(table.c.id == shop.id).values(links_from=datetime.now(UTC)))
        return shop

    return retrying(services.engine, work)


def _shop(connection: Connection, services: Services, token: str, *, lock: bool = False) -> Shop:
    over = Unauthorized("this link is over, or was used: ask for another")
    try:
        serializer = _serializer(services.config.secret_key)
        told, made_at = serializer.loads(token, max_age=int(LASTS.total_seconds()), return_timestamp=True)
        found = select(table.c.id, table.c.links_from).where(table.c.id == str(told["shop"]))
    except (BadSignature, KeyError, TypeError):
        raise over from None
    row = connection.execute(found.with_for_update() if lock else found).first()
    if row is None or (row.links_from is not None and made_at <= row.links_from):
        raise over
    return shops.get(connection, row.id)
