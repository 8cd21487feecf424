"""What is recorded of members' tiers, in the database and while a transaction works on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from app.db import write_rows
from app.models import activities, standings, tier_changes
from app.programmes import Version
from app.rules.programme import Programme
from app.rules.standing import Recorded
from app.rules.tiers import Event, Ladder

GIFT = "tier_entry"  # the kind of activity that brings a tier's gift; never part of the measure
_CHANGES = tuple(column.name for column in standings.columns if column.name not in ("shop_id", "member_id"))


class Epoch(NamedTuple):
    """From this moment on a version's tier rules hold: those before were others."""

    begins: datetime
    version: Version

    @property
    def ladder(self) -> Ladder:
        return self.version.programme.ladder


def epochs_of(versions: Sequence[Version]) -> list[Epoch]:
    """Return when tier rules changed, oldest first. Versions with the rules of the one before begin none."""
    epochs: list[Epoch] = []
    for version in sorted(versions, key=lambda each: (each.effective_from, each.number)):
        if epochs and epochs[-1].begins == version.effective_from:
            epochs.pop()
        if not epochs or epochs[-1].ladder != version.programme.ladder:
            epochs.append(Epoch(version.effective_from, version))
    return epochs


class Past(NamedTuple):
    """One change of a member's tier."""

    at: datetime
    tier: str
    source: str


@dataclass(slots=True)
class State:
    """A member's tier as the transaction knows it."""

    last: Recorded | None = None
    since: datetime | None = None
    changes: int = 0
    review_at: datetime | None = None
    version: int | None = None
    stored: bool = False
    history: list[Past] = field(default_factory=list)
    earned: dict[str, Event] = field(default_factory=dict)  # activities in the measure, by id
    gifts: dict[str, str] = field(default_factory=dict)  # tier → the activity that brought its gift


class Change(NamedTuple):
    """What is appended to a history."""

    tier: str
    keeps_until: datetime | None
    source: str
    reason: str


class Move(NamedTuple):
    """One change of tier as it is written, for those who follow it."""

    member_id: str
    before: str
    after: str
    at: datetime
    version: Version
    lost: frozenset[str]  # tiers that a refund has just taken back, as if they had never been


def load(
    connection: Connection, shop_id: str, member_ids: list[str], programmes: Sequence[Programme]
) -> dict[str, State]:
    """Return what is recorded of members' tiers, with what these programmes need beside it."""
    states = {member_id: State() for member_id in member_ids}
    mine = and_(standings.c.shop_id == shop_id, standings.c.member_id.in_(member_ids))
    for row in connection.execute(select(standings).where(mine)):
        state = states[row.member_id]
        state.stored, state.review_at, state.version = True, row.review_at, row.version
        state.since, state.changes = row.since, row.changes
        if row.at is not None:
            state.last = Recorded(row.at, row.tier, row.keeps_until, row.source)
    _load_histories(connection, shop_id, {each: state for each, state in states.items() if state.changes})
    _load_activities(connection, shop_id, states, programmes)
    return states


def _load_histories(connection: Connection, shop_id: str, states: Mapping[str, State]) -> None:
    if not states:
        return
    mine = and_(tier_changes.c.shop_id == shop_id, tier_changes.c.member_id.in_(list(states)))
    for row in connection.execute(select(tier_changes).where(mine).order_by(tier_changes.c.n)):
        states[row.member_id].history.append(Past(row.at, row.tier, row.source))


def _load_activities(
    connection: Connection, shop_id: str, states: Mapping[str, State], programmes: Sequence[Programme]
) -> None:
    """Load what the measure or a gift needs, where a programme has such rules."""
    counted = any(each.tier_measure.by == "points" for each in programmes)
    if not counted and not any(t.perks.entry_points or t.perks.entry_reward for p in programmes for t in p.tiers):
        return
    columns = [activities.c[name] for name in ("id", "member_id", "kind", "subject", "at", "target")]
    mine = and_(activities.c.shop_id == shop_id, activities.c.member_id.in_(list(states)))
    wanted = mine if counted else and_(mine, activities.c.kind == GIFT)
    for row in connection.execute(select(*columns).where(wanted)):
        if row.kind == GIFT:
            states[row.member_id].gifts[row.subject] = row.id
        elif row.target:
            states[row.member_id].earned[row.id] = Event(row.at, Fraction(row.target))


def save(
    connection: Connection, shop_id: str, changes: Sequence[Mapping[str, Any]], states: Mapping[str, State]
) -> None:
    """Append changes and keep where members stand: one statement each."""
    write_rows(connection, tier_changes, [{"shop_id": shop_id, **change} for change in changes])
    write_rows(connection, standings, [_row(shop_id, *each) for each in states.items()], update=_CHANGES)
    for state in states.values():
        state.stored = True


def _row(shop_id: str, member_id: str, state: State) -> dict[str, Any]:
    last = state.last
    return {
        "shop_id": shop_id,
        "member_id": member_id,
        "tier": last.tier if last else "",
        "since": state.since,
        "at": last.at if last else None,
        "keeps_until": last.keeps_until if last else None,
        "source": last.source if last else "measure",
        "changes": state.changes,
        "review_at": state.review_at,
        "version": state.version,
    }


def recorded(state: State, ladder: Ladder) -> tuple[str, datetime | None]:
    """Return the tier and its date as recorded; everyone begins in the entry tier."""
    return (state.last.tier, state.last.keeps_until) if state.last else (ladder.keys[0], None)


def higher(ladder: Ladder, one: Recorded, other: Recorded | None) -> bool:
    """Tell whether one tier stands above another, or as high and for longer."""
    here, there = ladder.height(one.tier), ladder.height(other.tier) if other else 0
    if here != there or other is None:
        return here > there
    return other.keeps_until is not None and (one.keeps_until is None or one.keeps_until > other.keeps_until)
