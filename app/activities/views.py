"""Activities as read from outside: by the merchant, page by page, and by the shopper, as ways to earn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, RowMapping, and_, or_, select

from app.activities.mechanism import Activity
from app.activities.past import spent, taken_by
from app.ledger.orders import first_key
from app.members.views import time_text
from app.models import activities, members
from app.orders import previews
from app.orders.purchases import Purchases
from app.points.sentences import kind_name
from app.programmes import Version
from app.rules.activities import (
    BUDGET,
    NOT_BOUGHT,
    NOT_ELIGIBLE,
    TOO_NEW,
    Doer,
    Occasion,
    misfit,
    old_enough_account,
    room_left,
)
from app.rules.document import ActivityRule, Who
from app.rules.eligibility import Standing, old_enough, unmet
from app.rules.money import total
from app.rules.people import MemberFacts, market_of, segments_of
from app.rules.usual import NEVER_FROM_A_BROWSER
from app.rules.when import Window
from app.rules.words import Words
from app.shops import Shop
from app.vault import Vault

_UNTOLD = ("surprise", "win_back", "next_purchase_booster", "manual")  # who reads of them would wait for them

Place = tuple[datetime, str]  # (at, id) of the last row seen


def document(made: Activity) -> dict[str, Any]:
    """Return one activity as it stands."""
    points = made.worth if made.state == "review" else made.target
    return {
        "id": made.id,
        "member_id": made.member_id,
        "kind": made.kind,
        "subject": made.subject,
        "at": time_text(made.at),
        "state": made.state,
        "reason": made.reason,
        "points": points,
        "rule": made.rule,
        "version": made.version,
        "verified": made.verified,
        "entry": first_key(made.id) if made.points.postings else None,
        "explanation": dict(made.explanation),
    }


def _row_document(row: RowMapping, evidence: Mapping[str, Any] | None) -> dict[str, Any]:
    names = ("id", "member_id", "kind", "subject", "state", "reason", "rule", "version", "verified", "explanation")
    points = row["worth"] if row["state"] == "review" else row["target"]
    entry = first_key(row["id"]) if row["postings"] else None
    plain = {name: row[name] for name in names}
    return plain | {"at": time_text(row["at"]), "points": points, "entry": entry, "evidence": evidence}


def waiting(connection: Connection, vault: Vault, shop_id: str, last: Place | None, limit: int) -> list[dict[str, Any]]:
    """Return what waits for review, oldest first, with the evidence for the merchant's eyes."""
    mine = and_(activities.c.shop_id == shop_id, activities.c.state == "review")
    if last is not None:
        mine = and_(mine, _after(last, newest_first=False))
    rows = connection.execute(select(activities).where(mine).order_by(activities.c.at, activities.c.id).limit(limit))
    return [_row_document(row, _evidence(vault, shop_id, row)) for row in rows.mappings()]


def of_member(
    connection: Connection, vault: Vault, shop_id: str, member_id: str, last: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Return a member's activities, newest first."""
    mine = and_(activities.c.shop_id == shop_id, activities.c.member_id == member_id)
    if last is not None:
        mine = and_(mine, _after(last, newest_first=True))
    ordered = select(activities).where(mine).order_by(activities.c.at.desc(), activities.c.id.desc())
    rows = connection.execute(ordered.limit(limit)).mappings()
    return [_row_document(row, _evidence(vault, shop_id, row)) for row in rows]


def _after(last: Place, newest_first: bool) -> ColumnElement[bool]:
    at, name = last
    if newest_first:
        return or_(activities.c.at < at, and_(activities.c.at == at, activities.c.id < name))
    return or_(activities.c.at > at, and_(activities.c.at == at, activities.c.id > name))


def _evidence(vault: Vault, shop_id: str, row: RowMapping) -> Mapping[str, Any] | None:
    if row["evidence"] is None:
        return None
    opened: Mapping[str, Any] = orjson.loads(vault.open(shop_id, row["evidence"]))
    return opened


def ways(
    connection: Connection, shop: Shop, member_id: str, version: Version, now: datetime, in_words: Words
) -> list[dict[str, Any]]:
    """Return the ways to earn, each with what is still open for the member; a browser may tell some of them."""
    mine = and_(members.c.shop_id == shop.id, members.c.id == member_id)
    row = connection.execute(select(members).where(mine)).one()
    doer = _doer(connection, shop, row, version, now)
    taken = taken_by(connection, shop.id, member_id)
    shown = []
    for rule in version.programme.activities:
        if rule.kind in _UNTOLD:
            continue
        occasion = Occasion(rule.kind, now, rule.subject)
        wrong = (
            _closed(shop, row, version, occasion, doer)
            or misfit(rule.model_copy(update={"min_amount": None}), occasion, doer, shop.zone)
            or _unmet(connection, shop, rule, occasion, doer)
        )
        left = room_left(rule, occasion, taken, shop.zone)
        open_now = wrong is None and left.times != 0 and left.points != 0
        shown.append(
            {
                **_way(rule, version, in_words),
                "done": sum(1 for each in taken if each.rule == rule.key),
                "left": left.times,
                "points_left": left.points,
                "open": open_now,
                "reason": wrong if wrong is not None else None if open_now else "cap_reached",
            }
        )
    return shown


def ways_for_all(shop: Shop, version: Version, now: datetime, in_words: Words) -> list[dict[str, Any]]:
    """Return the ways to earn that anybody may read of: those that run now, are for everyone, and are no surprise."""
    if not version.programme.phase.earns:
        return []
    open_now = (
        rule
        for rule in version.programme.activities
        if rule.who == Who() and rule.kind not in _UNTOLD and Window.of(rule.when).runs_at(now, shop.zone)
    )
    return [_way(rule, version, in_words) for rule in open_now]


def _way(rule: ActivityRule, version: Version, in_words: Words) -> dict[str, Any]:
    return {
        "key": rule.key,
        "kind": rule.kind,
        "subject": rule.subject,
        "name": kind_name(rule.kind, in_words),
        "do": in_words.say(f"widget.do_{rule.kind}") if in_words.knows(f"widget.do_{rule.kind}") else None,
        "points": rule.points,
        "rate": _rate(rule),
        "text": _worth(rule, version, in_words),
        "currency": version.programme.currency,
        "sentence": f"kind.{rule.kind}",
        "self_reported": rule.self_reported and rule.kind not in NEVER_FROM_A_BROWSER,
    }


def _worth(rule: ActivityRule, version: Version, in_words: Words) -> str:
    """Say what a way brings; nothing of one whose worth hangs on more."""
    if rule.points:
        return f"+{in_words.points(rule.points)}"
    if rule.rate is None:
        return ""
    money = in_words.price(rule.rate.per, version.programme.currency)
    return in_words.say("widget.rate", points=in_words.points(rule.rate.points), money=money)


def said(made: Activity, in_words: Words) -> str:
    """Thank the shopper who told of an activity, with what it earned."""
    if made.state == "awarded" and made.target:
        return in_words.say("widget.earned", points=in_words.points(made.target))
    return in_words.say("widget.in_review" if made.state == "review" else "widget.thanks")


def _rate(rule: ActivityRule) -> dict[str, str] | None:
    return None if rule.rate is None else {"points": f"{rule.rate.points:f}", "per": f"{rule.rate.per:f}"}


def _closed(shop: Shop, row: Row[Any], version: Version, occasion: Occasion, doer: Doer) -> str | None:
    """Tell why nothing at all can be earned now, or not by this member."""
    programme = version.programme
    if not programme.phase.earns:
        return programme.phase.kind
    years, born = programme.eligibility.min_age, row.birthday
    of_age = years is None or (born is not None and old_enough(born, years, occasion.at, shop.zone))
    enrolled = row.requested_at is not None or occasion.kind == "sign_up"
    return NOT_ELIGIBLE if unmet(programme.eligibility, doer.facts, Standing(enrolled, of_age)) else None


def _unmet(connection: Connection, shop: Shop, rule: ActivityRule, occasion: Occasion, doer: Doer) -> str | None:
    """Tell which condition of a rule is not met now; what depends on the deed itself is left out."""
    if doer.facts.joined_at is not None and not old_enough_account(rule, occasion.at, doer.facts.joined_at):
        return TOO_NEW
    if rule.verified_buyer and not doer.facts.orders:
        return NOT_BOUGHT
    if rule.budget is None:
        return None
    left = rule.budget.points - spent(connection, shop.id, rule.key, rule.budget, occasion.at, shop.zone)
    return BUDGET if left <= 0 or rule.points > left else None


def _doer(connection: Connection, shop: Shop, row: Row[Any], version: Version, now: datetime) -> Doer:
    """Return a member as rules see it now, without any lock."""
    purchases = Purchases(connection, shop.id)
    purchases.load([row.id])
    counted = [each for each in purchases.of(row.id) if each.counts]
    facts = MemberFacts(
        tags=tuple(row.tags),
        country=row.country,
        customer_groups=tuple(row.customer_groups),
        tier=previews.tier_key(connection, shop, row.id, row.enrolled_at, now),
        joined_at=row.enrolled_at,
        orders=len(counted),
        spent=total(each.spend for each in counted if each.spend is not None),
        last_order_at=counted[-1].placed_at if counted else None,
    )
    programme = version.programme
    market = market_of(programme.earning.markets, facts.country)
    return Doer(facts, segments_of(programme.segments, facts, now), market.key if market else None)
