"""Shopper tokens: ten minutes, one shop, one member; signed with their own key; log-out ends them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Connection, and_, select, update

from app.errors import Unauthorized
from app.models import members

TTL_S = 600


@dataclass(frozen=True, slots=True)
class Claims:
    shop_id: str
    member_id: str
    made_at: datetime


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    # their own key: a token is never good for anything else that SECRET_KEY signs
    return URLSafeTimedSerializer(
        secret_key, salt="shopper-token-v1", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )


def make(secret_key: str, shop_id: str, member_id: str, ttl_s: int, now: datetime) -> tuple[str, datetime]:
    """Make a token and say when it ends. Units: `ttl_s` seconds, at most ten minutes; real time."""
    ends = now + timedelta(seconds=min(ttl_s, TTL_S))
    payload = {"s": shop_id, "m": member_id, "i": now.timestamp(), "e": ends.timestamp()}
    return str(_serializer(secret_key).dumps(payload)), ends


def read(secret_key: str, token: str, now: datetime) -> Claims:
    """Return what a token says. Raises: Unauthorized."""
    try:
        payload = _serializer(secret_key).loads(token)
        claims = Claims(payload["s"], payload["m"], datetime.fromtimestamp(payload["i"], UTC))
        ends = datetime.fromtimestamp(payload["e"], UTC)
    except (BadSignature, KeyError, TypeError, ValueError) as error:
        raise Unauthorized("the shopper token is not valid") from error
    if now >= ends:
        raise Unauthorized("the shopper token has expired")
    return claims


def live_member(connection: Connection, claims: Claims) -> str:
    """Return the member a token speaks for, merges followed. Raises: Unauthorized, after log-out."""
    member_id: str | None = claims.member_id
    row = None
    while member_id is not None:
        mine = and_(members.c.shop_id == claims.shop_id, members.c.id == member_id)
        row = connection.execute(select(members).where(mine)).first()
        if row is None or (row.tokens_from is not None and claims.made_at < row.tokens_from):
            raise Unauthorized("the shopper has logged out")
        member_id = row.merged_into
    if row is None:
        raise Unauthorized("the shopper is not known")
    return str(row.id)


def log_out(connection: Connection, shop_id: str, member_id: str, now: datetime) -> None:
    """End every token a member has."""
    mine = and_(members.c.shop_id == shop_id, members.c.id == member_id)
    connection.execute(update(members).where(mine).values(tokens_from=now))
