"""Rewards and redemptions as read from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, not_, or_, select

from app import programmes
from app.members.views import time_text
from app.models import redemptions as table
from app.orders import averages
from app.programmes import Version
from app.rewards import refusals, rows, shelf, titles, vouchers
from app.rewards.redemptions import made_there
from app.rewards.refusals import TOO_FEW
from app.rewards.rows import Redemption
from app.rewards.shelf import Shelf
from app.rules.document import Reward
from app.rules.rewards import BY_ORDER, BY_PLATFORM, ENTITLING, Average, Reason, value_of
from app.rules.words import Words
from app.shops import Shop
from app.vault import Vault


def offers(
    connection: Connection,
    shop: Shop,
    member: Row[Any] | None,
    available: int,
    now: datetime,
    *,
    in_words: Words | None = None,
) -> list[dict[str, Any]]:
    """Return every reward of the programme in effect, whether it can be had now, and why not.

    Units: `available` points. Without a member: for somebody who is new. `in_words`: what a shopper reads, too.
    """
    version = programmes.effective(programmes.versions(connection, shop.id), now)
    if version is None:
        return []
    on_it = shelf.load(connection, shop, version, [member] if member is not None else [], now)
    average = averages.average(connection, shop, now) if averages.needed(version) else None
    counter = _Counter(on_it, member, available, average, in_words)
    return [counter.offer(reward) for reward in version.programme.rewards]


@dataclass(frozen=True, slots=True)
class _Counter:
    """Where a member asks for rewards."""

    on_it: Shelf
    member: Row[Any] | None
    available: int
    average: Average | None
    in_words: Words | None

    def offer(self, reward: Reward) -> dict[str, Any]:
        least, version = price(reward), self.on_it.version
        missing = max(0, least - self.available) if self.member is not None else 0
        reasons = self._reasons(reward, least, missing)
        basket, _ = shelf.least_basket(reward, version, self.average)
        value = value_of(reward, least, version.programme.currency, basket)
        value.pop("content", None)  # what has not been redeemed is not shown
        told = {
            "key": reward.key,
            "name": reward.name,
            "kind": reward.kind,
            "points": least,
            "min_points": least if reward.kind == "pay_with_points" else None,
            "max_points": reward.max_points,
            "rate": _rate(reward),
            "value": value,
            "min_basket": basket,
            "missing_points": missing,
            "available": not reasons,
            "reasons": [{"code": reason.code, "message": reason.message} for reason in reasons],
        }
        return told | self._sentences(reward, told, reasons)

    def _reasons(self, reward: Reward, least: int, missing: int) -> list[Reason]:
        reasons = self.on_it.reasons(reward, self.member.id if self.member is not None else None, least)
        if self.member is not None and not self.member.claimed:
            reasons.append(Reason("unclaimed", "Points can be spent once the member is known to be one."))
        if missing:
            reasons.append(Reason(TOO_FEW, f"{missing} points are missing."))
        return reasons

    def _sentences(self, reward: Reward, told: Mapping[str, Any], reasons: Sequence[Reason]) -> dict[str, Any]:
        if self.in_words is None:
            return {}
        who = self.member.id if self.member is not None else None
        why = refusals.sentence(self.on_it, reward, who, reasons, told["missing_points"], self.in_words)
        return {"title": titles.title_of(told, self.in_words), "why": why}


def price(reward: Reward) -> int:
    """Return the least points a reward takes."""
    return max(1, reward.min_points) if reward.kind == "pay_with_points" else reward.points


def _rate(reward: Reward) -> dict[str, str] | None:
    if reward.kind != "pay_with_points" or reward.rate is None:
        return None
    return {"points": f"{reward.rate.points:f}", "per": f"{reward.rate.per:f}"}


# --- redemptions ------------------------------------------------------------------------------------------------------


def documents(
    connection: Connection, vault: Vault, shop: Shop, found: Sequence[Redemption], now: datetime
) -> list[dict[str, Any]]:
    """Put redemptions into documents; a partner's code is opened for them."""
    names = _names(programmes.versions(connection, shop.id))
    partners = vouchers.opened(connection, vault, shop.id, [one.id for one in found if one.voucher is not None])
    return [
        _document(one, names.get((one.version, one.reward)), partners.get(one.id), made_there(shop, one.kind), now)
        for one in found
    ]


def _names(versions: Sequence[Version]) -> dict[tuple[int, str], str | None]:
    return {(version.number, reward.key): reward.name for version in versions for reward in version.programme.rewards}


def _document(
    one: Redemption, name: str | None, partner_code: str | None, there: bool, now: datetime
) -> dict[str, Any]:
    lapsed = one.lapses_at is not None and one.lapses_at <= now
    over = lapsed and one.open and not there  # as of now, whether or not it has been swept already
    alive = one.ending is None and one.dead_at is None and not lapsed
    return {
        "id": one.id,
        "member_id": one.member_id,
        "reward": one.reward,
        "name": name,
        "kind": one.kind,
        "points": one.points,
        "given": one.given,
        "state": "voided" if over else one.state,
        "code": partner_code or (one.code if one.state != "held" else None),
        "usable": one.kind in BY_ORDER and one.state == "issued" and alive,
        "ending": one.ending is not None and one.open,
        "value": dict(one.value),
        "held_at": time_text(one.held_at),
        "issued_at": time_text(one.issued_at),
        "lapses_at": time_text(one.lapses_at),
        "ended_at": time_text(one.lapses_at if over else one.ended_at),
        "order_id": one.order_id,
        "returned_points": one.hold.returned if one.hold is not None else 0,
        "programme_version": one.version,
        "flags": list(one.flags),
        "explanation": dict(one.explanation),
    }


def listed(
    connection: Connection, shop_id: str, wanted: Sequence[ColumnElement[bool]], last: str | None, limit: int
) -> list[Redemption]:
    """Return redemptions, newest first; `last` is the id of the last one already seen."""
    chosen = and_(table.c.shop_id == shop_id, *wanted)
    if last is not None:
        seen = select(table.c.held_at).where(table.c.shop_id == shop_id, table.c.id == last).scalar_subquery()
        chosen = and_(chosen, or_(table.c.held_at < seen, and_(table.c.held_at == seen, table.c.id < last)))
    order = select(table.c.id).where(chosen).order_by(table.c.held_at.desc(), table.c.id.desc()).limit(limit)
    ids = list(connection.execute(order).scalars())
    known = {one.id: one for one in rows.read(connection, shop_id, table.c.id.in_(ids))} if ids else {}
    return [known[each] for each in ids]


def state_is(state: str, shop: Shop, now: datetime) -> ColumnElement[bool]:
    """Return the condition of a state as of now: what has lapsed counts as voided before it is swept.

    Not what a platform has to end first.
    """
    there = [kind for kind in BY_PLATFORM if made_there(shop, kind)]
    lapsed = and_(table.c.state.in_(("held", "issued")), table.c.lapses_at <= now, table.c.kind.not_in(there))
    if state == "voided":
        return or_(table.c.state == "voided", lapsed)
    if state == "committed":
        return table.c.state == "committed"
    return and_(table.c.state == state, not_(func.coalesce(lapsed, false())))


def entitlements(connection: Connection, shop: Shop, member_id: str, now: datetime) -> list[dict[str, Any]]:
    """Return what a member may buy or see by rewards, as long as it lasts."""
    names = _names(programmes.versions(connection, shop.id))
    return [
        {
            "redemption_id": one.id,
            "reward": one.reward,
            "name": names.get((one.version, one.reward)),
            "kind": one.kind,
            "product": one.value.get("product"),
            "content": one.value.get("content"),
            "from": time_text(one.issued_at),
            "until": time_text(one.lapses_at),
        }
        for one in _entitling(connection, shop.id, [member_id], now)
    ]


def entitled(
    connection: Connection, shop_id: str, member_ids: Sequence[str], now: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Return by member which products and contents rewards open, each once with its latest end; two queries."""
    ends: dict[str, dict[tuple[Any, Any], datetime]] = {member_id: {} for member_id in member_ids}
    for one in _entitling(connection, shop_id, member_ids, now):
        what, end = (one.value.get("product"), one.value.get("content")), one.lapses_at or now
        ends[one.member_id][what] = max(end, ends[one.member_id].get(what, end))
    return {
        member_id: [
            {"product": product, "content": content, "until": time_text(end)}
            for (product, content), end in mine.items()
        ]
        for member_id, mine in ends.items()
    }


def _entitling(connection: Connection, shop_id: str, member_ids: Sequence[str], now: datetime) -> list[Redemption]:
    kinds = and_(table.c.kind.in_(sorted(ENTITLING)), table.c.state == "committed", table.c.lapses_at > now)
    found = rows.read(connection, shop_id, and_(table.c.member_id.in_(list(member_ids)), kinds))
    return sorted(found, key=lambda one: (one.held_at, one.id))
