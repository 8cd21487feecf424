"""Browsers that asked for messages, each for one member at a time. The address of a browser is a secret, and sealed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from app.activities import commands
from app.members.emails import keyed
from app.members.views import held_row, living
from app.models import push_subscriptions as table
from app.push.sealing import Keys, read_keys
from app.shops import Shop
from app.vault import Vault

MOST = 20  # devices of one member
LONGEST = 1_000
# of Chromium's browsers, Firefox, Safari and Edge
SERVICES = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[!-~]+")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a browser is reached, and the keys that it reads with, as it told them."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def keys(self) -> Keys:
        return read_keys(self.p256dh, self.auth)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that asked for messages."""

    member_id: str
    address: Address
    language: str | None


def reachable(endpoint: str) -> bool:
    """Tell whether an address may be one of a push service; whether it leads inside is looked at when it is called."""
    try:
        return len(endpoint) <= LONGEST and _ADDRESS.fullmatch(endpoint) is not None and urlsplit(endpoint).port != 0
    except ValueError:
        return False


def is_service(endpoint: str, more: Sequence[str] = ()) -> bool:
    """Tell whether an address is a push service's: nobody else's host is called because a shopper's browser says so."""
    host = (urlsplit(endpoint).hostname or "").lower()
    return any(
        host == name.removeprefix("*.") or (name[0] == "*" and host.endswith(name[1:])) for name in (*SERVICES, *more)
    )


def _id(vault: Vault, shop: Shop, endpoint: str) -> str:
    return keyed(shop.pepper(vault), "push", endpoint)


def _of(shop_id: str, member_id: str) -> ColumnElement[bool]:
    return and_(table.c.shop_id == shop_id, table.c.member_id == member_id)


def keep(connection: Connection, vault: Vault, shop: Shop, device: Device, now: datetime, real: datetime) -> None:
    """Keep a browser that asks for messages; what the programme gives for switching them on follows.

    Once: a browser is one row; whoever asked on it last gets the messages. Raises: NotFound, Conflict.
    """
    row = living(held_row(connection, shop.id, device.member_id))
    name = _id(vault, shop, device.address.endpoint)
    told = {"endpoint": device.address.endpoint, "p256dh": device.address.p256dh, "auth": device.address.auth}
    sealed = vault.seal(shop.id, json.dumps(told).encode())
    forget(connection, shop.id, name)
    kept = {"member_id": row.id, "address": sealed, "language": device.language, "asked_at": real}
    connection.execute(insert(table).values(shop_id=shop.id, id=name, **kept))
    _drop_oldest(connection, shop.id, row.id)
    commands.follow_enrolment(connection, shop, row.id, [("push_opt_in", None)], now)


def _drop_oldest(connection: Connection, shop_id: str, member_id: str) -> None:
    newest_first = select(table.c.id).where(_of(shop_id, member_id)).order_by(table.c.asked_at.desc(), table.c.id)
    for name in connection.execute(newest_first.offset(MOST)).scalars().all():
        forget(connection, shop_id, name)


def drop(connection: Connection, vault: Vault, shop: Shop, member_id: str, endpoint: str | None) -> None:
    """Forget one of a member's browsers; None: all of them. Once: what is gone stays gone."""
    mine = _of(shop.id, member_id)
    wanted = mine if endpoint is None else and_(mine, table.c.id == _id(vault, shop, endpoint))
    connection.execute(delete(table).where(wanted))


def forget(connection: Connection, shop_id: str, name: str) -> None:
    connection.execute(delete(table).where(table.c.shop_id == shop_id, table.c.id == name))


def count(connection: Connection, shop_id: str, member_id: str) -> int:
    """Return how many browsers of a member get messages."""
    return connection.execute(select(func.count()).select_from(table).where(_of(shop_id, member_id))).scalar_one()


def find(connection: Connection, vault: Vault, shop_id: str, name: str) -> Device | None:
    row = connection.execute(select(table).where(table.c.shop_id == shop_id, table.c.id == name)).first()
    if row is None:
        return None
    return Device(row.member_id, Address(**json.loads(vault.open(shop_id, row.address))), row.language)
