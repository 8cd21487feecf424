"""News for members who asked for messages on their devices: an effect for each device, in the transaction of its cause.

Whoever has switched a kind of news off is not told; nothing is written where no device asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, select

from app.ledger.account import Account
from app.models import member_choices, push_subscriptions
from app.outbox.rows import Put, put

FRESH = timedelta(days=2)  # what an import tells of long ago is no news
_EARNING = ("earn", "activity", "adjustment")


@dataclass(frozen=True, slots=True)
class News:
    """What a member is told. `mark` names the event: told twice, the second message takes the first one's place."""

    member_id: str
    event: str  # earned, waiting, tier, expiring
    mark: str
    points: int = 0
    tier: str | None = None
    expires_at: datetime | None = None

    @property
    def kind(self) -> str:
        """Return the choice that members switch it off by."""
        return {"tier": "tier", "expiring": "expiry"}.get(self.event, "points")

    @property
    def tag(self) -> str:
        """Return the event's own name: at most 32 characters of base64url, as push services want a topic."""
        return "tessera-" + hashlib.sha256(f"{self.member_id}:{self.event}:{self.mark}".encode()).hexdigest()[:24]


def of_accounts(accounts: Iterable[Account], now: datetime) -> list[News]:
    """Return what was earned, and what is about to expire, of accounts that are being written."""
    return [news for account in accounts for news in (*_earned(account, now), *_expiring(account, now))]


def _earned(account: Account, now: datetime) -> Iterator[News]:
    entries = [each for each in account.entries if each.kind in _EARNING and each.points > 0 and each.at > now - FRESH]
    if not entries:
        return
    waiting = sum(max(0, each.account_changes.get("pending", 0)) for each in entries)
    earned = sum(each.points for each in entries) - waiting
    for event, points in (("earned", earned), ("waiting", waiting)):
        if points > 0:
            yield News(account.member_id, event, entries[-1].key, points)


def _expiring(account: Account, now: datetime) -> Iterator[News]:
    latest = {each.lot: each for each in account.warnings if each.points > 0 and each.expires_at > now}
    for expires_at in sorted({each.expires_at for each in latest.values()}):
        these = [each for each in latest.values() if each.expires_at == expires_at]
        mark = f"{these[-1].kind}:{expires_at.isoformat()}:{these[-1].lot}"
        points = sum(each.points for each in these)
        yield News(account.member_id, "expiring", mark, points, expires_at=expires_at)


def announce(connection: Connection, shop_id: str, news: Sequence[News]) -> None:
    """Put a message to each device of those who want such news. Once: in the transaction of what happened."""
    members = {each.member_id for each in news}
    if not members:
        return
    mine = and_(push_subscriptions.c.shop_id == shop_id, push_subscriptions.c.member_id.in_(members))
    found = connection.execute(select(push_subscriptions.c.member_id, push_subscriptions.c.id).where(mine)).all()
    if found:
        unwanted = _unwanted(connection, shop_id, members)
        wanted = [each for each in news if (each.member_id, f"push.{each.kind}") not in unwanted]
        put(connection, shop_id, [_put(each, row.id) for each in wanted for row in found if row[0] == each.member_id])


def _unwanted(connection: Connection, shop_id: str, members: Iterable[str]) -> set[tuple[str, str]]:
    mine = and_(member_choices.c.shop_id == shop_id, member_choices.c.member_id.in_(members))
    off = select(member_choices.c.member_id, member_choices.c.name).where(mine, member_choices.c.value == "no")
    return {(row.member_id, row.name) for row in connection.execute(off)}


def _put(news: News, device: str) -> Put:
    body = {
        "member": news.member_id,
        "device": device,
        "event": news.event,
        "tag": news.tag,
        "points": news.points,
        "tier": news.tier,
        "expires_at": news.expires_at.isoformat() if news.expires_at else None,
    }
    return Put(kind="push", subject=f"{news.kind}:{device}", body=body)
