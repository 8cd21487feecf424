"""A member's past under the draft: order by order, as the engine would have settled them.

What is kept of a member while their orders go by does not grow with them, but for the tier's measure.
Source: semantics 8, `backtest`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.backtest.climb import Climb
from app.backtest.past import Past, Person
from app.ledger.account import earliest
from app.members.ages import Ages
from app.orders.freezing import Frozen, frozen
from app.programmes import Version
from app.rules.caps import Cap, cap_at
from app.rules.earned import Earned
from app.rules.earning import Context, ProductFacts, earn
from app.rules.eligibility import Standing
from app.rules.expiry import end_of_day, expires_at
from app.rules.memberships import bought
from app.rules.money import ZERO
from app.rules.pending import release_of
from app.rules.people import MemberFacts
from app.rules.programme import Programme
from connectors.contract import OrderState


class Same(NamedTuple):
    """What an order has frozen already as the draft would have frozen it."""

    tier: bool = False
    member: bool = False
    bands: bool = False
    places: frozenset[str] = frozenset()  # limited campaigns


NOTHING_SAME = Same()


@dataclass(frozen=True)
class Draft:
    """The programme to try, and as of when everything is seen."""

    programme: Programme
    zone: ZoneInfo
    as_of: datetime
    allow_test: bool = False

    @cached_property
    def version(self) -> Version:
        return Version(0, self.as_of, self.programme)

    @cached_property
    def ends(self) -> datetime | None:
        """Return when the last day to spend ends, where the draft winds the programme down."""
        day = self.programme.phase.spend_until
        return end_of_day(day, self.zone) if day is not None else None

    def lapses(self, available_from: datetime) -> datetime | None:
        """Return when points lapse that can be spent from a moment on."""
        return earliest(expires_at(self.programme.expiry, available_from, self.zone), self.ends)

    def same(self, version: Programme) -> Same:
        """Return what an order of a version has frozen as the draft would have."""
        draft = self.programme
        tier = _alike(draft, version, (*_TIERS, *_MEASURES[draft.tier_measure.by]))
        return Same(
            tier=tier,
            member=tier and _alike(draft, version, (*_MEMBER, *_MEASURES["spend"])),
            bands=draft.earning.margins == version.earning.margins,
            places=frozenset(each.key for each in draft.campaigns if each in version.campaigns),
        )


class Points(NamedTuple):
    """Order points of one member, or of all, where they stand as of the end. Nothing is spent here."""

    issued: int = 0
    pending: int = 0  # of those issued
    lapsed: int = 0  # of those issued: what was not spent before has expired

    def plus(self, other: Points) -> Points:
        return Points(self.issued + other.issued, self.pending + other.pending, self.lapsed + other.lapsed)


@dataclass(slots=True)
class Path:
    """One member under the draft. Orders must come by (placed_at, id)."""

    draft: Draft
    person: Person
    climb: Climb = field(init=False)
    points: Points = field(default_factory=Points)
    facts: MemberFacts = field(default_factory=MemberFacts)  # bought so far
    cap: Cap | None = None  # of the period of the last order
    used: int = 0  # of it, by orders
    places: Counter[str] = field(default_factory=Counter)
    alive: int = 0  # points whose expiry every order moves
    alive_until: datetime | None = None

    def __post_init__(self) -> None:
        self.climb = Climb(self.draft.programme.ladder, self.draft.zone, self.person.by_hand)
        for at, points in self.person.earned:
            self.climb.note(at, Fraction(points), at)

    def settle(self, past: Past, same: Same, counts: bool = True) -> Earned:
        """Return what an order earns; an order that does not `count` only leads up to later ones."""
        state = past.state
        tier = past.tier if same.tier else self.tier_at(state.placed_at)
        member = past.member if same.member and past.member is not None else self._member(past, tier)
        given = {key: place for key, place in past.places.items() if key in same.places}
        context = Context(tier, member.segments, self._lines(past, same), member.tags, member.unmet, given)
        room = self._room(state.placed_at)
        earned = self._earn(past, context, room)
        while earned.counts and earned.undecided:
            given |= {key: self._place(key) for key in earned.undecided}
            earned = self._earn(past, context, room)
        self._note(state, earned, counts)
        return earned

    def _earn(self, past: Past, context: Context, room: int | None) -> Earned:
        draft = self.draft
        return earn(
            past.state,
            draft.programme,
            context,
            room=room,
            in_force=past.boosters,
            zone=draft.zone,
            now=draft.as_of,
            allow_test=draft.allow_test,
        )

    def tier_at(self, moment: datetime) -> str | None:
        """Return the tier the member has at a moment."""
        return self.climb.tier_at(moment)

    def _member(self, past: Past, tier: str | None) -> Frozen:
        """Return what the draft asks of the member, as of an order."""
        programme, at = self.draft.programme, past.state.placed_at
        told = self.person.told
        if told is None or not programme.asks_of_members:
            return Frozen()
        years = programme.eligibility.min_age
        of_age = None if years is None else Ages().ask(past.id, told, years, at, self.draft.zone)
        facts = replace(
            self.facts,
            tags=told.tags,
            country=told.country,
            customer_groups=told.customer_groups,
            tier=tier,
            joined_at=told.enrolled_at,
        )
        return frozen(self.draft.version, facts, Standing(told.requested_at is not None, of_age), at)

    def _lines(self, past: Past, same: Same) -> Mapping[str, ProductFacts]:
        if same.bands or not self.draft.programme.compiled.bands:
            return past.lines
        return {line: replace(facts, band=past.bands.get(line)) for line, facts in past.lines.items()}

    def _room(self, placed_at: datetime) -> int | None:
        """Return what earlier orders of the period and its activities leave under the member's cap."""
        told = self.draft.programme.earning.caps.member
        if told is None:
            return None
        if self.cap is None or not self.cap.holds(placed_at):
            self.cap, self.used = cap_at(told, placed_at, self.draft.zone), 0
        taken = sum(points for at, points in self.person.took if self.cap.holds(at))
        return self.cap.points - self.used - taken

    def _place(self, key: str) -> bool:
        """Give a place in a limited campaign, as far as one member's own limit goes."""
        (campaign,) = (each for each in self.draft.programme.compiled.limited if each.key == key)
        if campaign.max_per_member is not None and self.places[key] >= campaign.max_per_member:
            return False
        self.places[key] += 1
        return True

    def _note(self, state: OrderState, earned: Earned, counts: bool) -> None:
        self.used += earned.target
        self._climb(state, earned)
        if earned.counts:
            spent = self.facts.spent + (earned.kept_basis or ZERO)
            self.facts = replace(self.facts, orders=self.facts.orders + 1, spent=spent, last_order_at=state.placed_at)
            self._keep_alive(state.placed_at)
        if counts and earned.target and earned.earned_at is not None:
            self._credit(state, earned.target, earned.earned_at)

    def _climb(self, state: OrderState, earned: Earned) -> None:
        programme = self.draft.programme
        if earned.earned_at is None or not programme.tiers:
            return
        values = {
            "spend": earned.kept_basis or ZERO,
            "points": Fraction(earned.target),
            "orders": Fraction(earned.counts),
        }
        self.climb.note(state.placed_at, values[programme.tier_measure.by], max(state.placed_at, earned.earned_at))
        self.climb.open(state.placed_at, bought(state, programme.memberships))

    def _credit(self, state: OrderState, points: int, earned_at: datetime) -> None:
        draft = self.draft
        release = release_of(state, draft.programme.earning, earned_at, zone=draft.zone, now=draft.as_of)
        available_from = (release.at or earned_at) if release.known else None
        if available_from is None or available_from > draft.as_of:
            ended = draft.ends is not None and draft.ends <= draft.as_of
            self.points = self.points.plus(Points(points, 0 if ended else points, points if ended else 0))
        elif draft.programme.expiry.kind == "inactivity":
            self.points, self.alive = self.points.plus(Points(points)), self.alive + points
            self.alive_until = max(filter(None, (self.alive_until, draft.lapses(available_from))), default=None)
        else:
            until = draft.lapses(available_from)
            lapsed = points if until is not None and until <= draft.as_of else 0
            self.points = self.points.plus(Points(points, 0, lapsed))

    def _keep_alive(self, moment: datetime) -> None:
        """Let an order move what lives by activity; what has lapsed before it stays lapsed."""
        if self.draft.programme.expiry.kind == "inactivity" and self.alive:
            self._lapse(moment)
            self.alive_until = self.draft.lapses(moment)

    def _lapse(self, moment: datetime) -> None:
        if self.alive_until is not None and self.alive_until <= moment:
            self.points = self.points.plus(Points(lapsed=self.alive))
            self.alive = 0

    def end(self) -> Points:
        """Return where the member's points stand at the end."""
        self._lapse(self.draft.as_of)
        return self.points


Part = Callable[[Programme], object]


def _alike(one: Programme, other: Programme, parts: Sequence[Part]) -> bool:
    return all(part(one) == part(other) for part in parts)


def _exclusions(programme: Programme) -> list[object]:
    return [rule.match for rule in programme.earning.products if rule.exclude]


# Where these parts are equal, two programmes put every member into the same tier, and the same segments.
_TIERS: tuple[Part, ...] = (
    lambda it: it.ladder,
    lambda it: it.memberships,
)
_MEMBER: tuple[Part, ...] = (lambda it: it.segments, lambda it: it.eligibility, lambda it: it.compiled.tags)
_SPEND: tuple[Part, ...] = (
    _exclusions,
    lambda it: it.currency,
    lambda it: it.phase.earns,
    lambda it: it.earning.basis,
    lambda it: it.earning.earn_on,
    lambda it: it.earning.delivered_after_days,
    lambda it: it.eligibility,
)
_MEASURES: Mapping[str, tuple[Part, ...]] = {
    "spend": _SPEND,
    "orders": _SPEND,
    "points": (*_SPEND, lambda it: it.earning, lambda it: it.campaigns, lambda it: it.tiers, lambda it: it.segments),
}
