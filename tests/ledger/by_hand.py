"""A second opinion on a member's points: each point by itself, moved one at a time as the specification says.

Slow and simple on purpose, and nothing of `app.ledger` is used. Source: semantics 1.6, 1.7, 2 "Claw-back", 4, 5.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.ledger.places import Earned, Held, Place, turn

GRACE = timedelta(days=30)


@dataclass(eq=False)
class ByHand:
    now: datetime
    sums: Counter[str] = field(default_factory=Counter)
    places: list[Place] = field(default_factory=list)
    clamped: int = 0
    waiting: int = 0  # of the deficit, until holds end
    event: str = ""
    graces: list[tuple[Place, Place]] = field(default_factory=list)  # of this event: (lapsed, where it lives on)

    def _begin(self, event: str) -> None:
        self.event, self.graces = event, []

    def _move(self, source: str, target: str) -> None:
        self.sums[source] -= 1
        self.sums[target] += 1

    @property
    def deficit(self) -> int:
        return max(0, -self.sums["available"])

    # --- lots -----------------------------------------------------------------------------------------------------

    def spendable(self, but: list[Place] | tuple[()] = ()) -> list[Place]:
        """Return the lots with points that can be spent, those first that are to be spent first."""
        open_ones = [p for p in self.places if p.points and not p.pending and not p.over(self.now) and p not in but]
        return sorted(open_ones, key=turn)

    def _take_first(self, but: list[Place] | tuple[()] = ()) -> Place | None:
        for place in self.spendable(but):
            place.points -= 1
            return place
        return None

    def _arrives(self, place: Place) -> Place | None:
        """Let one point come to a lot; return where it is, None in a deficit."""
        if place.pending and place.begins > self.now and not place.over(self.now):
            self.sums["pending"] += 1
            place.points += 1
            return place
        place.pending = False
        self.sums["available"] += 1
        if self.sums["available"] <= 0:
            return None
        if place.over(self.now):
            place = self._grace_of(place)
        place.points += 1
        return place

    def _grace_of(self, lapsed: Place) -> Place:
        if not self.graces or self.graces[-1][0] is not lapsed:
            name = f"{self.event}/{len(self.graces) + 1}"
            self.graces.append((lapsed, Place(name, lapsed.root, self.now, self.now, self.now + GRACE, False)))
            self.places.append(self.graces[-1][1])
        return self.graces[-1][1]

    def pass_to(self, now: datetime) -> None:
        """Let every moment come to pass, one after the other."""
        while due := [(p.next_moment(), turn(p), p) for p in self.places if p.points and p.comes_to_pass(now)]:
            _, _, place = min(due)
            account = "pending" if place.pending else "available"
            if place.next_moment() == place.ends:
                for _ in range(place.points):
                    self._move(account, "expired")
                place.lapsed, place.points = place.lapsed + place.points, 0
            else:
                place.pending = False
                for _ in range(place.points):
                    self._move("pending", "available")
                    place.points -= self.sums["available"] <= 0
            self.waiting = min(self.waiting, self.deficit)
        self.now = now

    # --- orders ---------------------------------------------------------------------------------------------------

    def target(self, order: Earned, points: int, policy: str) -> None:
        self._begin(f"order:{order.name}:{order.postings + 1}")
        before, owed = order.posted, 0
        while order.posted < points:
            self._earn(order)
        while order.posted > points and (slot := self._claw_back(order, policy)):
            owed += slot == "deficit"
        order.postings += order.posted != before
        self.waiting = min(self.waiting, self.deficit)
        if policy == "clamp" and order.posted < before:
            self.waiting += owed
            self._clamp()

    def _earn(self, order: Earned) -> None:
        order.posted += 1
        self.sums["issued"] += 1
        slot, place = order.takes.pop() if order.takes else ("own", None)
        if slot == "expired":
            place.lapsed += 1
            self.sums["expired"] += 1
        elif slot == "other":
            self._arrives(place)
        elif slot == "own" or not self._meets_deficit():
            self._arrives(self._own(order))

    def _meets_deficit(self) -> bool:
        """Let one point fill a deficit, or make up for one that was waived; False where there is neither."""
        if self.sums["available"] < 0:
            self.sums["available"] += 1
        elif self.clamped:
            self.clamped -= 1
            self.sums["written_off"] += 1
        else:
            return False
        return True

    def _own(self, order: Earned) -> Place:
        if order.own is None:
            begins = order.begins or self.now
            order.own = Place(self.event, self.event, self.now, begins, order.ends, order.begins is not None)
            self.places.append(order.own)
        return order.own

    def _claw_back(self, order: Earned, policy: str) -> str | None:
        slot, place = self._next_to_take(order, policy)
        if slot is None:
            return None
        if slot == "expired":
            place.lapsed -= 1
            self.sums["expired"] -= 1
        else:
            self.sums["pending" if place is not None and place.pending else "available"] -= 1
            if place is not None:
                place.points -= 1
        self.sums["reversed"] += 1
        order.posted -= 1
        order.takes.append((slot, place))
        return slot

    def _next_to_take(self, order: Earned, policy: str) -> tuple[str | None, Place | None]:
        family = [order.own] if order.own else []
        lived_on = [p for p in self.places if family and p.root == order.own.name and p is not order.own]
        family += sorted(lived_on, key=lambda p: p.name)
        for place in family:
            if place.points and (place.pending or not (place.over(self.now) or policy == "pending_only")):
                return "own", place
        if policy == "pending_only":
            return None, None
        for place in family:
            if place.lapsed:
                return "expired", place
        for place in self.spendable(family):
            return "other", place
        return "deficit", None

    def _clamp(self) -> None:
        while self.waiting and self.deficit > self.sums["held"]:
            self.waiting -= 1
            self.clamped += 1
            self.sums["available"] += 1
            self.sums["written_off"] -= 1

    # --- spending -------------------------------------------------------------------------------------------------

    def hold(self, points: int) -> Held:
        taken = [self._take_first() for _ in range(points)]
        for _ in taken:
            self._move("available", "held")
        return Held(taken)

    def commit(self, held: Held) -> None:
        held.state = "committed"
        for _ in held.out:
            self._move("held", "redeemed")
        self._clamp()

    def void(self, held: Held, name: str) -> None:
        self._begin(f"void:{name}")
        held.state = "voided"
        for place in held.out:
            self.sums["held"] -= 1
            self._comes_back(place)
        self.waiting = min(self.waiting, self.deficit)
        self._clamp()

    def _comes_back(self, place: Place) -> Place | None:
        return None if self._meets_deficit() else self._arrives(place)

    def give_back(self, held: Held, total: int, name: str) -> None:
        if held.state != "committed" or len(held.back) >= total or not held.out:
            return
        held.moves += 1
        self._begin(f"return:{name}:{held.moves}")
        while len(held.back) < total and held.out:
            origin = held.out.pop(0)
            self.sums["redeemed"] -= 1
            held.back.append((self._comes_back(origin), origin))
        self.waiting = min(self.waiting, self.deficit)

    def take_again(self, held: Held, total: int, policy: str) -> None:
        if held.state != "committed" or len(held.back) <= total:
            return
        held.moves += 1
        there: list[Place] = []
        missing: list[Place] = []
        while len(held.back) > total:
            self.sums["redeemed"] += 1
            place, origin = held.back.pop()
            if place is not None and self._goes(place):
                there.insert(0, place)
            else:
                missing.insert(0, origin)
        others = [place for _ in missing if (place := self._take_first())]
        self.sums["available"] -= len(missing)
        owed = missing[len(others) :]
        held.out = [*there, *others, *owed, *held.out]
        if policy == "clamp":
            self.waiting += len(owed)
            self._clamp()

    def _goes(self, place: Place) -> bool:
        if place.points and not place.pending and not place.over(self.now):
            place.points -= 1
            self.sums["available"] -= 1
        elif place.lapsed:
            place.lapsed -= 1
            self.sums["expired"] -= 1
        else:
            return False
        return True

    def adjust(self, points: int, name: str, ends: datetime | None) -> None:
        self._begin(name)
        if points > 0:
            self.places.append(Place(name, name, self.now, self.now, ends, False))
            for _ in range(points):
                self.sums["issued"] += 1
                self._arrives(self.places[-1])
        for _ in range(-points):
            self._take_first()
            self._move("available", "written_off")
        self.waiting = min(self.waiting, self.deficit)

    # --- merging --------------------------------------------------------------------------------------------------

    def join(self, other: ByHand) -> None:
        """Take over everything another had; where the one owes, the other's points fill it."""
        one, two = sorted((self.sums["available"], other.sums["available"]))
        self.places += other.places
        fills = min(-one, two) if one < 0 < two else 0
        for _ in range(fills):
            self._take_first()
        for name, points in other.sums.items():
            self.sums[name] += points
        self.clamped += other.clamped
        self.waiting = min(self.waiting + other.waiting, self.deficit)
