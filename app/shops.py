"""Shops: making them, finding them, their keys and secrets."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, RowMapping, insert, or_, select, update

from app.errors import FieldError, Invalid, NotFound
from app.models import api_keys, shop_origins, shops
from app.rules.money import is_currency
from app.vault import Vault
from connectors import CONNECTORS
from connectors.contract import ShopSettings

SECRET_OVERLAP = timedelta(hours=24)
_ID = re.compile(r"[0-9a-z]{1,32}")
_HOST = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\]"  # other alphabets go as xn--
_ORIGIN = re.compile(rf"https?://(?:{_HOST})(?::[0-9]{{1,5}})?")


@dataclass(frozen=True)
class Shop:
    """One tenant, as loaded; secrets stay sealed until asked for."""

    id: str
    platform: str
    ref: str
    currency: str
    timezone: str
    origins: tuple[str, ...]
    state: str
    row: RowMapping

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def settings(self) -> ShopSettings:
        return ShopSettings(platform_ref=self.ref, currency=self.currency, **_settings(self.row["settings"]))

    def pepper(self, vault: Vault) -> bytes:
        return vault.open(self.id, self.row["pepper"])

    def webhook_secrets(self, vault: Vault, now: datetime) -> list[str]:
        """Return the secrets that may sign now, newest first."""
        sealed = [self.row["webhook_secret"]]
        until = self.row["webhook_secret_old_until"]
        if until is not None and now < until:
            sealed.append(self.row["webhook_secret_old"])
        return [vault.open(self.id, secret).decode() for secret in sealed if secret is not None]


def _settings(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in document.items()}


def _shop(row: RowMapping) -> Shop:
    return Shop(
        id=row["id"],
        platform=row["platform"],
        ref=row["ref"],
        currency=row["currency"],
        timezone=row["timezone"],
        origins=tuple(row["origins"]),
        state=row["state"],
        row=row,
    )


@dataclass(frozen=True, slots=True)
class NewShop:
    platform: str
    ref: str
    currency: str
    timezone: str = "UTC"
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    shop_id: str
    api_key: str
    webhook_secret: str | None


def create(connection: Connection, vault: Vault, new: NewShop, now: datetime) -> Keys:
    """Make a shop with its first api key (scope admin) and webhook secret. Raises: Invalid."""
    _check(connection, new)
    shop_id = secrets.token_hex(12)
    secret = secrets.token_hex(32) if CONNECTORS[new.platform].signed_by == "shop" else None
    origins = list(dict.fromkeys(origin_of(origin) for origin in new.origins))
    connection.execute(
        insert(shops).values(
            id=shop_id,
            platform=new.platform,
            ref=new.ref,
            currency=new.currency,
            timezone=new.timezone,
            origins=origins,
            settings={},
            state="active",
            webhook_secret=vault.seal(shop_id, secret.encode()) if secret else None,
            pepper=vault.seal(shop_id, secrets.token_bytes(32)),
            code_secret=secrets.token_hex(32),
            created_at=now,
        )
    )
    _list_origins(connection, shop_id, origins)
    return Keys(shop_id, add_key(connection, shop_id, "admin", now), secret)


def _list_origins(connection: Connection, shop_id: str, origins: list[str]) -> None:
    """Write a shop's origins where `has_origin` finds them; `shops.origins` says the same."""
    if origins:
        connection.execute(insert(shop_origins), [{"shop_id": shop_id, "origin": origin} for origin in origins])


def _check(connection: Connection, new: NewShop) -> None:
    errors = []
    if new.platform not in CONNECTORS:
        errors.append(FieldError("platform", "unknown", f"choose one of {', '.join(CONNECTORS)}"))
    if not new.ref.strip():
        errors.append(FieldError("ref", "missing", "name the shop as its platform does"))
    if not is_currency(new.currency):
        errors.append(FieldError("currency", "unknown", f"{new.currency} is not an ISO 4217 currency"))
    try:
        ZoneInfo(new.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder
        errors.append(FieldError("timezone", "unknown", f"{new.timezone} is not a time zone like Europe/Paris"))
    errors += [
        FieldError("origin", "invalid", f"{origin} is not an origin like https://shop.example")
        for origin in new.origins
        if not _ORIGIN.fullmatch(origin_of(origin))
    ]
    taken = select(shops.c.id).where(shops.c.platform == new.platform, shops.c.ref == new.ref)
    if not errors and connection.execute(taken).first():
        errors.append(FieldError("ref", "taken", f"there is already a {new.platform} shop {new.ref}"))
    if errors:
        raise Invalid("; ".join(f"{error.field}: {error.message}" for error in errors), tuple(errors))


def origin_of(text: str) -> str:
    """Write an origin as browsers do: lower case, no slash at the end, no port that is the scheme's own."""
    plain = text.strip().lower().removesuffix("/")
    return plain.removesuffix(":443" if plain.startswith("https:") else ":80")


def get(connection: Connection, shop_id: str) -> Shop:
    """Return a shop. Raises: NotFound, also for what no database could look up."""
    mine = select(shops).where(shops.c.id == shop_id)
    row = connection.execute(mine).mappings().first() if _ID.fullmatch(shop_id) else None
    if row is None:
        raise NotFound("there is no such shop")
    return _shop(row)


def hold(connection: Connection, shop_id: str, exclusive: bool = False) -> Shop:
    """Return a shop, locked: shared by everything that settles, exclusively by what changes its rules."""
    statement = select(shops).where(shops.c.id == shop_id).with_for_update(read=not exclusive)
    row = connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound("there is no such shop")
    return _shop(row)


def find(connection: Connection, platform: str, ref: str) -> Shop | None:
    row = connection.execute(select(shops).where(shops.c.platform == platform, shops.c.ref == ref)).mappings().first()
    return _shop(row) if row else None


def with_id(connection: Connection, platform: str, shop_id: str) -> Shop | None:
    if not _ID.fullmatch(shop_id):
        return None  # it comes from a path: anything may stand there
    mine = (shops.c.id == shop_id) & (shops.c.platform == platform)
    row = connection.execute(select(shops).where(mine)).mappings().first()
    return _shop(row) if row else None


def webhook_url(app_url: str, platform: str, shop_id: str) -> str:
    """Return the address a shop's platform delivers to."""
    path = f"/{shop_id}" if CONNECTORS[platform].signed_by == "shop" else ""
    return f"{app_url}/webhooks/{platform}{path}"


def has_origin(connection: Connection, origin: str) -> bool:
    """Tell whether any shop has this storefront origin."""
    found = select(shop_origins.c.shop_id).where(shop_origins.c.origin == origin).limit(1)
    return connection.execute(found).first() is not None


def everyone(connection: Connection) -> list[Shop]:
    return [_shop(row) for row in connection.execute(select(shops).order_by(shops.c.created_at)).mappings()]


def mark(connection: Connection, shop_id: str, state: str, reason: str | None) -> None:
    connection.execute(update(shops).where(shops.c.id == shop_id).values(state=state, state_reason=reason))


def add_key(connection: Connection, shop_id: str, scope: str, now: datetime) -> str:
    """Make an api key and return it; only its hash is kept."""
    key = f"tes_{shop_id}_{secrets.token_urlsafe(32)}"
    values = {"shop_id": shop_id, "id": secrets.token_hex(8), "hash": _hash(key), "scope": scope, "created_at": now}
    connection.execute(insert(api_keys).values(values))
    return key


def rotate_key(connection: Connection, shop_id: str, now: datetime, overlap: timedelta = SECRET_OVERLAP) -> str:
    """Make a new api key; the newest of the others stays valid for the overlap, older ones end now."""
    get(connection, shop_id)
    live = select(api_keys.c.id).where(
        api_keys.c.shop_id == shop_id, or_(api_keys.c.retires_at.is_(None), api_keys.c.retires_at > now)
    )
    known = [row.id for row in connection.execute(live.order_by(api_keys.c.created_at.desc()))]
    for position, key_id in enumerate(known):
        ends = now + overlap if position == 0 else now
        mine = (api_keys.c.shop_id == shop_id) & (api_keys.c.id == key_id)
        connection.execute(update(api_keys).where(mine).values(retires_at=ends))
    return add_key(connection, shop_id, "admin", now)


def rotate_secret(connection: Connection, vault: Vault, shop_id: str, now: datetime) -> str:
    """Make a new webhook secret; the old one stays valid for 24 hours. Raises: NotFound, Invalid."""
    shop = get(connection, shop_id)
    if CONNECTORS[shop.platform].signed_by != "shop":
        raise Invalid(f"the app's own secret signs for {shop.platform}; rotate it in the environment")
    secret = secrets.token_hex(32)
    connection.execute(
        update(shops)
        .where(shops.c.id == shop_id)
        .values(
            webhook_secret=vault.seal(shop_id, secret.encode()),
            webhook_secret_old=shop.row["webhook_secret"],
            webhook_secret_old_until=now + SECRET_OVERLAP,
        )
    )
    return secret


def by_api_key(connection: Connection, key: str, now: datetime) -> tuple[Shop, str] | None:
    """Return the shop and scope of an api key that is valid now, else None."""
    prefix, _, rest = key.partition("_")
    shop_id = rest.partition("_")[0]
    if prefix != "tes" or not shop_id:
        return None
    mine = (api_keys.c.shop_id == shop_id) & (api_keys.c.hash == _hash(key))
    row = connection.execute(select(api_keys).where(mine)).mappings().first()
    if row is None or (row["retires_at"] is not None and row["retires_at"] <= now):
        return None
    return get(connection, shop_id), str(row["scope"])


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
