"""Recompute everything from the fact journal, and report any difference.

A replay into an empty in-memory database runs the same code that wrote the ledger; then entries, lots, orders and
balances are compared row by row. Beside that, each cached sum is compared with the entries it caches.
Source: semantics 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Table, insert, select

from app import programmes, schedules, shops
from app.activities import commands
from app.db import make_engine, reading
from app.intake.told import Told
from app.journal import KINDS, fact_of
from app.ledger.book import Book
from app.members import enrolling
from app.members.emails import Traits
from app.models import (
    ACCOUNTS,
    activities,
    activity_budgets,
    activity_digests,
    allocations,
    balances,
    boosters,
    campaign_counts,
    code_uses,
    entries,
    expiry_warnings,
    facts,
    lots,
    member_choices,
    metadata,
    orders,
    placings,
    redemptions,
    referrals,
    standings,
    tier_changes,
)
from app.models import holds as holds_table
from app.models import shops as shops_table
from app.points import adjusting, expiring
from app.replaying import REPLAYED
from app.rewards import at_platform, ending, redeeming, stocking
from app.scheduled import awarding, placing
from app.settling import Settling
from app.tiers import ranks, ticks
from connectors.contract import CustomerRef

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    shop_id: str
    what: str
    key: str
    recorded: object
    recomputed: object

    def line(self) -> str:
        return f"{self.shop_id} {self.what} {self.key}: recorded {self.recorded}, recomputed {self.recomputed}"


def audit(engine: Engine, shop_id: str | None = None) -> list[Difference]:
    """Return every difference between what is recorded and what the journal says. Writes nothing."""
    copy = make_engine("sqlite://")
    try:
        with reading(engine) as connection, copy.begin() as empty:
            metadata.create_all(empty)
            ids = [shop_id] if shop_id else [shop.id for shop in shops.everyone(connection)]
            return [difference for one in ids for difference in _audit_shop(connection, empty, one)]
    finally:
        copy.dispose()


def _audit_shop(connection: Connection, empty: Connection, shop_id: str) -> Iterator[Difference]:
    shops.get(connection, shop_id)
    yield from _sums(connection, shop_id)
    replay(connection, empty, shop_id)
    for compared in _COMPARED:
        yield from _compare(connection, empty, shop_id, compared)


Compared = tuple[Table, tuple[str, ...], tuple[str, ...]]  # table, key, columns

_COMPARED: tuple[Compared, ...] = (
    (entries, ("key",), ("member_id", "n", "kind", "at", "points", "account_changes", "source_id", "explanation")),
    (
        lots,
        ("key",),
        ("member_id", "points", "remaining", "expired", "available_from", "expires_at", "booked", "warned"),
    ),
    (expiry_warnings, ("lot", "expires_at", "kind"), ("member_id", "points", "recorded_at")),
    (allocations, ("member_id", "entry_n", "i"), ("lot", "slot", "points")),
    (
        referrals,
        ("id",),
        ("referrer_id", "friend_id", "state", "signs", "reasons", "order_id", "due_at", "rewarded_at"),
    ),
    (
        orders,
        ("id",),
        (
            *("member_id", "version", "context", "places", "target", "posted", "state", "takes", "memberships"),
            *("own", "cap", "cap_from", "cap_to", "past", "arm", "sold", "sold_currency"),
        ),
    ),
    (member_choices, ("member_id", "name"), ("value", "source", "chosen_at")),
    (campaign_counts, ("campaign",), ("orders",)),
    (placings, ("rule", "period", "member_id"), ("place", "value", "among")),
    (boosters, ("id",), ("member_id", "rule", "multiplier", "valid_from", "valid_until", "used_by")),
    (activities, ("id",), ("member_id", "kind", "subject", "rule", "state", "reason", "worth", "target", "takes")),
    (activity_budgets, ("rule", "period"), ("spent",)),
    (activity_digests, ("digest",), ("activity",)),
    (
        redemptions,
        ("id",),
        (
            *("key", "member_id", "reward", "version", "points", "state", "code", "voucher", "value", "lapses_at"),
            *("order_id", "returned", "flags", "ended_at", "issued_at", "dead_at"),
        ),
    ),
    (holds_table, ("id",), ("member_id", "points", "state", "lots", "returned", "back", "moves")),
    (code_uses, ("redemption_id", "order_id"), ("placed_at", "live", "share", "whole")),
    (tier_changes, ("member_id", "n"), ("tier", "at", "keeps_until", "source")),
    (standings, ("member_id",), ("tier", "since", "keeps_until", "changes", "review_at")),
    (balances, ("member_id",), (*ACCOUNTS, "clamped", "clamp_waiting", "entries", "good_until")),
)


def _compare(recorded: Connection, recomputed: Connection, shop_id: str, compared: Compared) -> Iterator[Difference]:
    table, key, columns = compared
    mine = _rows(recorded, shop_id, table, key, columns)
    theirs = _rows(recomputed, shop_id, table, key, columns)
    for name in sorted(mine.keys() | theirs.keys()):
        if mine.get(name) != theirs.get(name):
            yield Difference(shop_id, table.name, "/".join(map(str, name)), mine.get(name), theirs.get(name))


def _rows(
    connection: Connection, shop_id: str, table: Table, key: tuple[str, ...], columns: Iterable[str]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    wanted = list(columns)
    chosen = [table.c[name] for name in (*key, *wanted)]
    rows = connection.execute(select(*chosen).where(table.c.shop_id == shop_id)).mappings()
    return {tuple(row[name] for name in key): {name: row[name] for name in wanted} for row in rows}


def _sums(connection: Connection, shop_id: str) -> Iterator[Difference]:
    """Compare each cached balance with the sum of its entries, and each entry's changes with zero."""
    sums: dict[str, dict[str, int]] = {}
    changes = select(entries.c.member_id, entries.c.key, entries.c.account_changes).where(entries.c.shop_id == shop_id)
    for row in connection.execute(changes):
        if sum(row.account_changes.values()) != 0:
            yield Difference(shop_id, "entry", row.key, row.account_changes, "changes that sum to zero")
        account = sums.setdefault(row.member_id, dict.fromkeys(ACCOUNTS, 0))
        for name, change in row.account_changes.items():
            account[name] += -change if name == "issued" else change
    for balance in connection.execute(select(balances).where(balances.c.shop_id == shop_id)).mappings():
        cached = {name: balance[name] for name in ACCOUNTS}
        counted = sums.pop(balance["member_id"], dict.fromkeys(ACCOUNTS, 0))
        if cached != counted:
            yield Difference(shop_id, "balance", balance["member_id"], cached, counted)
    for member, counted in sums.items():
        yield Difference(shop_id, "balance", member, None, counted)


def replay(source: Connection, target: Connection, shop_id: str) -> int:
    """Replay a shop's journal into an empty database; return the number of facts."""
    row = source.execute(select(shops_table).where(shops_table.c.id == shop_id)).mappings().one()
    target.execute(insert(shops_table), [dict(row)])
    count = 0
    chunk: list[RowMapping] = []
    statement = select(facts).where(facts.c.shop_id == shop_id).order_by(facts.c.seq)
    for fact in source.execute(statement.execution_options(yield_per=CHUNK)).mappings():
        count += 1
        if fact["kind"] in KINDS:
            chunk.append(fact)
        if chunk and (fact["kind"] not in KINDS or len(chunk) == CHUNK):
            _settle(target, shop_id, chunk)
            chunk = []
        if fact["kind"] not in KINDS:
            _REPLAYED[fact["kind"]](target, shop_id, fact["at"], fact["body"])
    if chunk:
        _settle(target, shop_id, chunk)
    return count


def _settle(target: Connection, shop_id: str, chunk: list[RowMapping]) -> None:
    """Let a run of platform facts take effect, each at the programme time it was received."""
    shop = shops.get(target, shop_id)
    work = Settling(target, shop, chunk[0]["at"])
    told = [_told(fact) for fact in chunk]
    work.load(told)
    for fact, one in zip(chunk, told, strict=True):
        work.at(fact["at"])
        body = fact["body"]
        work.apply(one, enrolled=body.get("enrolled", []), of_age=body.get("of_age"), seen=body.get("seen"))
    work.flush()


def _told(fact: RowMapping) -> Told:
    return Told(fact=fact_of(fact["kind"], fact["body"])).with_kept(fact["body"])


def _publish(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    begins = datetime.fromisoformat(body["effective_from"])
    programmes.write(target, shop_id, body["version"], begins, body["document"], at)


def _adjust(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    adjusting.post(Book(target, shop_id, at), shops.get(target, shop_id), body)


def _tier(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    until = datetime.fromisoformat(body["keeps_until"]) if body.get("keeps_until") else None
    ranks.put(Settling(target, shops.get(target, shop_id), at), body["member"], body["tier"], until, "")


def _tiers(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    ticks.review(Settling(target, shops.get(target, shop_id), at), body["members"])


def _tick(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    schedules.book_members(Book(target, shop_id, at), body["members"])


def _look_again(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    schedules.look_again(Settling(target, shops.get(target, shop_id), at), body["orders"], body.get("of_age"))


def _member(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    settling = Settling(target, shops.get(target, shop_id), at)
    people, ref = settling.desk.people, CustomerRef(**body["ref"])
    people.load([ref])
    people.named = list(body["enrolled"])
    member_id = enrolling.resolve(people, ref, at)
    enrolling.note(people.people[member_id], at, body.get("told", {}))
    people.people[member_id].note_email(Traits(**body.get("traits", {})), None)
    enrolling.flush(settling, at)


def _redate(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    versions, book = programmes.versions(target, shop_id), Book(target, shop_id, at)
    shop, version = shops.get(target, shop_id), versions[body["version"] - 1]
    expiring.redate_members(book, shop, versions, version, body["members"])


def _decision(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    commands.replay_decision(target, shops.get(target, shop_id), at, body)


def _enrolment(target: Connection, shop_id: str, at: datetime, body: Mapping[str, Any]) -> None:
    told = [(kind, subject) for kind, subject in body["told"]]
    commands.follow_enrolment(target, shops.get(target, shop_id), body["member"], told, at, body["of_age"])


_REPLAYED = {
    "activity_decision": _decision,
    "enrolment": _enrolment,
    "publish": _publish,
    "adjust": _adjust,
    "tier": _tier,
    "tiers": _tiers,
    "tick": _tick,
    "look_again": _look_again,
    "member": _member,
    awarding.KIND: awarding.replay,
    placing.KIND: placing.replay,
    **at_platform.REPLAYED,
    **redeeming.REPLAYED,
    **ending.REPLAYED,
    **stocking.REPLAYED,
    **REPLAYED,
    "redate": _redate,
}
