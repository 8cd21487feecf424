"""Which tier members are in, was in and will be: their histories, kept up with their lives in one transaction.

Before a fact counts, whatever time alone has brought about is written down, each change with its own moment; then the
fact follows. So a history does not depend on when somebody looked. Source: semantics 6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.ledger import announcing, telling
from app.ledger.announcing import News
from app.orders.purchases import Purchase, Purchases
from app.programmes import Version, effective
from app.rules.memberships import terms
from app.rules.money import ONE, ZERO
from app.rules.programme import Programme
from app.rules.standing import Life, Recorded, Standing, passed, standing
from app.rules.tiers import Event, Ladder
from app.tiers import states as tier_states
from app.tiers.states import Change, Epoch, Move, Past, State, epochs_of, higher, recorded

_LESS = "an order became less"
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class TierBook:
    """The tiers of one shop's members that one transaction works on, or reads."""

    connection: Connection
    shop_id: str
    zone: ZoneInfo
    versions: list[Version]
    purchases: Purchases
    follow: Callable[[Move], None] | None = None
    draft: Programme | None = None  # to be asked about too
    states: dict[str, State] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)  # members of whom something is to be written
    _epochs: list[Epoch] = field(default_factory=list)
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _risen: dict[str, News] = field(default_factory=dict)  # members who have come up, and are there still

    def __post_init__(self) -> None:
        self._epochs = epochs_of(self.versions)

    def load(self, member_ids: Iterable[str]) -> None:
        """Load members' tiers; their purchases must be loaded too."""
        wanted = sorted(set(member_ids) - self.states.keys())
        if not wanted:
            return
        programmes = [version.programme for version in self.versions] + ([self.draft] if self.draft else [])
        self.states |= tier_states.load(self.connection, self.shop_id, wanted, programmes)

    def begin(self, member_id: str) -> None:
        """Begin with a member who is new in this transaction: there is nothing to load."""
        self.states.setdefault(member_id, State())

    def state(self, member_id: str) -> State:
        if member_id not in self.states:
            self.purchases.load([member_id])
            self.load([member_id])
        return self.states[member_id]

    def tier_at(self, member_id: str, moment: datetime, version: Version) -> str | None:
        """Return the tier a member had at a moment, as now known; everyone begins in the entry tier."""
        past = [each.tier for each in self.state(member_id).history if each.at <= moment]
        if past:
            return past[-1]
        tiers = version.programme.tiers
        return tiers[0].key if tiers else None

    def epoch_at(self, moment: datetime) -> Epoch | None:
        return next((each for each in reversed(self._epochs) if each.begins <= moment), None)

    def bring_up(self, member_id: str, now: datetime) -> None:
        """Write down what time alone has brought about, in its order, each change with its own moment."""
        while (due := self._due(self.state(member_id), now)) is not None:
            moment, source = due
            self._review(member_id, moment, now=now, at=moment, source=source)

    def _due(self, state: State, now: datetime) -> tuple[datetime, str] | None:
        """Return the first moment that is due: a term's end, or the begin of other tier rules."""
        term = state.review_at if state.review_at is not None and state.review_at <= now else None
        begun = [epoch for epoch in self._epochs if epoch.begins <= now]
        if len(begun) > 1 and state.version != begun[-1].version.number:
            numbers = [epoch.version.number for epoch in begun]
            known = numbers.index(state.version) if state.version in numbers else len(numbers) - 2
            rules = begun[known + 1].begins
            return (rules, "programme") if term is None or rules <= term else (term, "")
        return None if term is None else (term, "")

    def follow_fact(self, member_id: str, now: datetime, at: datetime, *, lowered: bool = False) -> None:
        """Let a fact that has just been noted take effect. What was due before must be written down already."""
        self._review(member_id, now, now=now, at=min(at, now), lowered=lowered)

    def _review(
        self, member_id: str, as_of: datetime, *, now: datetime, at: datetime, source: str = "", lowered: bool = False
    ) -> None:
        epoch, state = self.epoch_at(as_of), self.state(member_id)
        if epoch is None:
            return
        if not epoch.ladder.keys:
            self._reviewed(member_id, epoch, None)
            return
        life = self.life(member_id, epoch.ladder, now)._replace(lowered=lowered)
        found = standing(epoch.ladder, life, as_of, self.zone)
        tier, until = recorded(state, epoch.ladder)
        if (found.tier, found.keeps_until) != (tier, until):
            lost = frozenset(self._lost(tier, found, epoch.ladder, life, as_of)) if lowered else frozenset[str]()
            why = "other tier rules are in effect" if source else _LESS if lowered else found.why
            change = Change(found.tier, found.keeps_until, source or found.source, why)
            self._append(member_id, epoch, change, at=at, as_of=as_of, lost=lost)
        self._reviewed(member_id, epoch, _soonest(found.review_at, self._first_of_future(member_id, as_of, now)))

    def _lost(self, before: str, found: Standing, ladder: Ladder, life: Life, as_of: datetime) -> Iterable[str]:
        """Return the tiers between that the member would never have been in by what is known now."""
        if ladder.height(found.tier) < ladder.height(before):
            lost = ladder.keys[ladder.height(found.tier) + 1 : ladder.height(before) + 1]
            yield from set(lost) - passed(ladder, life, as_of, self.zone)

    def life(self, member_id: str, ladder: Ladder, now: datetime) -> Life:
        """Return what of a member's life decides, as known now. What is dated later counts from now."""
        state, bought = self.state(member_id), self.purchases.of(member_id)
        events = [Event(_clamped(each.placed_at, now), value) for each in bought if (value := _value(each, ladder.by))]
        if ladder.by == "points" and state.earned:
            events += [Event(_clamped(each.at, now), each.value) for each in state.earned.values()]
            events.sort(key=lambda event: event.at)
        opened = [(_clamped(each.placed_at, now), what) for each in bought for what in each.memberships]
        return Life(events, terms(opened, self.zone) if opened else (), state.last)

    def _first_of_future(self, member_id: str, as_of: datetime, now: datetime) -> datetime | None:
        """Return when the first purchase of a date to come falls in its own time."""
        bought = self.purchases.of(member_id)
        if as_of < now or not bought or bought[-1].placed_at is None or bought[-1].placed_at <= now:
            return None
        return min(each.placed_at for each in bought if each.placed_at is not None and each.placed_at > now)

    def _append(
        self,
        member_id: str,
        epoch: Epoch,
        change: Change,
        *,
        at: datetime,
        as_of: datetime,
        lost: frozenset[str] = frozenset(),
    ) -> None:
        """Append to the history, never before its last change, and tell who follows."""
        state = self.state(member_id)
        before, _ = recorded(state, epoch.ladder)
        at = at if state.last is None else max(at, state.last.at)
        if state.last is None or state.last.tier != change.tier:
            state.since = at
        state.last = Recorded(at, change.tier, change.keeps_until, change.source)
        state.changes += 1
        state.history.append(Past(at, change.tier, change.source))
        self.written.add(member_id)
        self._rows.append({"member_id": member_id, "n": state.changes, "at": at, **change._asdict()})
        if change.tier != before:
            self._risen.pop(member_id, None)
        if epoch.ladder.height(change.tier) > epoch.ladder.height(before):
            self._risen[member_id] = News(member_id, "tier", str(state.changes), tier=change.tier)
        if self.follow is not None and change.tier != before:
            version = effective(self.versions, as_of) or epoch.version
            self.follow(Move(member_id, before, change.tier, at, version, lost))

    def _reviewed(self, member_id: str, epoch: Epoch, review_at: datetime | None) -> None:
        state, number = self.state(member_id), epoch.version.number
        later_rules = epoch is not self._epochs[0] and bool(self.purchases.of(member_id))
        kept = state.stored or state.changes or review_at is not None or later_rules
        if kept and ((state.review_at, state.version) != (review_at, number) or not state.stored):
            self.written.add(member_id)
        state.review_at, state.version = review_at, number

    def set_by_hand(self, member_id: str, tier: str, until: datetime | None, *, reason: str, now: datetime) -> None:
        """Put a member into a tier; it stays until set again or its date."""
        self.bring_up(member_id, now)
        epoch = self.epoch_at(now) or self._epochs[-1]
        self._append(member_id, epoch, Change(tier, until, "manual", reason), at=now, as_of=now)
        self._reviewed(member_id, epoch, until)

    def join(self, old: str, survivor: str, at: datetime, now: datetime) -> None:
        """Join what two members have bought and earned; the higher tier stays, until its own date at least."""
        gone, stays = self.state(old), self.state(survivor)
        for member_id in (old, survivor):
            self.bring_up(member_id, now)
        self.purchases.join(old, survivor)
        stays.earned |= gone.earned
        stays.gifts = gone.gifts | stays.gifts
        self.states[old] = State(gone.last, gone.since, gone.changes, stored=gone.stored)
        self.written |= {old} if gone.stored or gone.changes else set()
        epoch = self.epoch_at(now)
        if epoch is None or not epoch.ladder.keys:
            return
        last = stays.last
        if gone.last is not None and higher(epoch.ladder, gone.last, last):
            last = gone.last
        if last is not None and last.source != "manual":
            last = last._replace(source="merge")
        found = standing(epoch.ladder, self.life(survivor, epoch.ladder, now)._replace(last=last), now, self.zone)
        if (found.tier, found.keeps_until) != recorded(stays, epoch.ladder) or found.source == "merge":
            change = Change(found.tier, found.keeps_until, found.source, "joined with another account")
            self._append(survivor, epoch, change, at=min(at, now), as_of=now)
        self._reviewed(survivor, epoch, found.review_at)

    def flush(self) -> list[str]:
        """Write what changed; return the members it is about."""
        members = sorted(self.written)
        tier_states.save(self.connection, self.shop_id, self._rows, {each: self.states[each] for each in members})
        telling.mark(self.connection, self.shop_id, members)
        announcing.announce(self.connection, self.shop_id, list(self._risen.values()))
        self._rows, self.written, self._risen = [], set(), {}
        return members


def _value(purchase: Purchase, by: str) -> Fraction:
    if by == "spend":
        return purchase.spend or ZERO
    if by == "points":
        return Fraction(purchase.measured)
    return ONE if purchase.counts else ZERO


def _clamped(moment: datetime | None, now: datetime) -> datetime:
    return max(_EARLIEST, min(moment or now, now))


def _soonest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
