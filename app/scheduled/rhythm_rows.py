"""Members' rhythms and streaks in the database: worked out anew from what they bought, joined where members merge.

Written under the locks of the members' balances.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, select, update

from app import shops
from app.db import write_rows
from app.models import activities, members, orders, rhythms, streaks
from app.rules.calendar import Cycle, begins, first_day, number_of
from app.rules.expiry import local_date
from app.rules.rhythm import Run, rhythm_of, runs_of

CYCLES: tuple[Cycle, ...] = ("day", "week", "month")
VISIT = "site_visit"

_OF_ORDERS = ("first_order_at", "last_order_at", "orders", "gap_days")
Runs = dict[tuple[str, str], set[Run]]  # (member, measure) → runs


def refresh(connection: Connection, shop_id: str, zone: ZoneInfo, member_ids: Iterable[str]) -> None:
    """Write down when members ordered, by their orders as they stand now."""
    wanted = sorted(set(member_ids))
    if not wanted:
        return
    placed: dict[str, list[datetime]] = {member_id: [] for member_id in wanted}
    mine = and_(orders.c.shop_id == shop_id, orders.c.member_id.in_(wanted))
    bought = select(orders.c.member_id, orders.c.placed_at).where(
        mine, orders.c.counts, orders.c.placed_at.is_not(None)
    )
    for row in connection.execute(bought.order_by(orders.c.placed_at)):
        placed[row.member_id].append(row.placed_at)
    write_rows(connection, rhythms, [_row(shop_id, each, placed[each]) for each in wanted], update=_OF_ORDERS)
    runs: Runs = {}
    for cycle in CYCLES:
        for member_id in wanted:
            runs[member_id, f"order:{cycle}"] = runs_of(_numbers(cycle, placed[member_id], zone))
    _replace(connection, shop_id, runs)


def _row(shop_id: str, member_id: str, placed: Sequence[datetime]) -> dict[str, Any]:
    rhythm = rhythm_of(placed)
    return {"shop_id": shop_id, "member_id": member_id, **{name: getattr(rhythm, name) for name in _OF_ORDERS}}


def _numbers(cycle: Cycle, moments: Iterable[datetime], zone: ZoneInfo) -> set[int]:
    return {number_of(cycle, local_date(moment, zone)) for moment in moments}


def visited(connection: Connection, shop_id: str, zone: ZoneInfo, visits: Mapping[str, Sequence[datetime]]) -> None:
    """Write down visits that were just told, and the streaks they make with those next to them."""
    if not visits:
        return
    last = {row.member_id: row.last_visit_at for row in connection.execute(_mine(shop_id, visits))}
    rows = [
        {"shop_id": shop_id, "member_id": each, "last_visit_at": max(filter(None, [last.get(each), *visits[each]]))}
        for each in sorted(visits)
    ]
    write_rows(connection, rhythms, rows, update=("last_visit_at",))
    around = _around(connection, shop_id, zone, visits)
    known = _known(connection, shop_id, visits, [f"visit:{cycle}" for cycle in CYCLES])
    runs: Runs = {}
    for cycle in CYCLES:
        for each in visits:
            key = (each, f"visit:{cycle}")
            runs[key] = runs_of(_numbers(cycle, around[each], zone), known.get(key, set()))
    _replace(connection, shop_id, runs)


def _mine(shop_id: str, member_ids: Iterable[str]) -> Any:
    return select(rhythms).where(rhythms.c.shop_id == shop_id, rhythms.c.member_id.in_(list(member_ids)))


def _around(
    connection: Connection, shop_id: str, zone: ZoneInfo, visits: Mapping[str, Sequence[datetime]]
) -> dict[str, list[datetime]]:
    """Return the new visits and those of the months next to them: what may join a run is among them."""
    found = {member_id: list(moments) for member_id, moments in visits.items()}
    moments = [moment for each in visits.values() for moment in each]
    first = _month_begins(local_date(min(moments), zone), -1, zone)
    after = _month_begins(local_date(max(moments), zone), 2, zone)
    mine = and_(activities.c.shop_id == shop_id, activities.c.member_id.in_(list(visits)), activities.c.kind == VISIT)
    near = and_(activities.c.at >= first, activities.c.at < after)
    for row in connection.execute(select(activities.c.member_id, activities.c.at).where(mine, near)):
        found[row.member_id].append(row.at)
    return found


def _month_begins(day: date, on: int, zone: ZoneInfo) -> datetime:
    return begins(first_day("month", number_of("month", day) + on), zone)


def _known(connection: Connection, shop_id: str, member_ids: Iterable[str], measures: Sequence[str]) -> Runs:
    mine = and_(streaks.c.shop_id == shop_id, streaks.c.measure.in_(measures))
    runs: Runs = {}
    for row in connection.execute(select(streaks).where(mine, streaks.c.member_id.in_(list(member_ids)))):
        runs.setdefault((row.member_id, row.measure), set()).add((row.since, row.until))
    return runs


def _replace(connection: Connection, shop_id: str, runs: Runs) -> None:
    """Write what differs from the runs that are known."""
    known = _known(connection, shop_id, {each for each, _ in runs}, sorted({measure for _, measure in runs}))
    gone = [_key(shop_id, key, run) for key in runs for run in sorted(known.get(key, set()) - runs[key])]
    made = [_key(shop_id, key, run) for key in runs for run in sorted(runs[key] - known.get(key, set()))]
    if gone:
        names = ("shop_id", "measure", "member_id", "since")
        same: list[ColumnElement[bool]] = [streaks.c[name] == bindparam(f"its_{name}") for name in names]
        connection.execute(delete(streaks).where(*same), [{f"its_{name}": row[name] for name in names} for row in gone])
    write_rows(connection, streaks, made)


def _key(shop_id: str, key: tuple[str, str], run: Run) -> dict[str, Any]:
    return {"shop_id": shop_id, "member_id": key[0], "measure": key[1], "since": run[0], "until": run[1]}


def join(connection: Connection, shop_id: str, old: str, survivor: str) -> None:
    """Join the rhythms of two members who are one. The orders of `old` are the survivor's already."""
    both = {row.member_id: row for row in connection.execute(_mine(shop_id, [old, survivor]))}
    visits = [row.last_visit_at for row in both.values() if row.last_visit_at is not None]
    refresh(connection, shop_id, shops.get(connection, shop_id).zone, [survivor])
    if visits:
        row = {"shop_id": shop_id, "member_id": survivor, "last_visit_at": max(visits)}
        write_rows(connection, rhythms, [row], update=("last_visit_at",))
    measures = [f"visit:{cycle}" for cycle in CYCLES]
    known = _known(connection, shop_id, [old, survivor], measures)
    joined: Runs = {}
    for measure in measures:
        runs = known.get((old, measure), set()) | known.get((survivor, measure), set())
        joined[survivor, measure] = runs_of((), runs)
    _replace(connection, shop_id, joined)
    for table in (rhythms, streaks):
        connection.execute(delete(table).where(table.c.shop_id == shop_id, table.c.member_id == old))
    _join_birthdays(connection, shop_id, old, survivor)


def _join_birthdays(connection: Connection, shop_id: str, old: str, survivor: str) -> None:
    """Give the survivor a birthday that only the other had told; the merged member keeps none."""
    columns = (
        members.c.id,
        members.c.birthday,
        members.c.birthday_day,
        members.c.birthday_set_at,
        members.c.birthday_changed_at,
    )
    both = select(*columns).where(members.c.shop_id == shop_id, members.c.id.in_((old, survivor)))
    rows = {row.id: row for row in connection.execute(both)}
    if rows[old].birthday is None:
        return
    values = {name: value for name, value in rows[old]._mapping.items() if name != "id"}
    of = and_(members.c.shop_id == shop_id, members.c.id == survivor, members.c.birthday.is_(None))
    connection.execute(update(members).where(of).values(**values))
