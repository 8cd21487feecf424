"""Commands about people and referrals, replayed as the journal tells them: kind → effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app import shops
from app.members import choices, erasing, joining, verifying
from app.referrals import moments, referring
from app.settling import Settling

Body = Mapping[str, Any]
Effect = Callable[[Connection, str, datetime, Body], None]


def _settling(effect: Callable[[Settling, Body], None]) -> Effect:
    def replay(target: Connection, shop_id: str, at: datetime, body: Body) -> None:
        effect(Settling(target, shops.get(target, shop_id), at), body)

    return replay


def _code(target: Connection, shop_id: str, _at: datetime, body: Body) -> None:
    referring.write_code(target, shop_id, body["member"], body["code"])


def _choices(target: Connection, shop_id: str, _at: datetime, body: Body) -> None:
    choices.write(target, shop_id, body)


def _due(settling: Settling, body: Body) -> None:
    moments.pass_moment(settling, body["referrals"], body["signs"])


REPLAYED: Mapping[str, Effect] = {
    choices.KIND: _choices,
    "referral_code": _code,
    "referral": _settling(referring.replay_link),
    "referrals_due": _settling(_due),
    "merge": _settling(joining.replay),
    "verified": _settling(verifying.replay),
    "erasure": _settling(erasing.replay),
    "referral_decision": _settling(moments.replay_decision),
}
