"""One shop lived through at random: whatever is told, done and passed over, the books hold after every step."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Connection, select
from werkzeug.test import TestResponse

from app import schedules
from app.audit import audit
from app.db import reading
from app.models import activities, balances, entries, expiry_warnings, holds, lots, orders, redemptions
from tests import build
from tests.build import START, Shop, Tessera
from tests.edge import client_of

OTHERS = ("pending", "available", "held", "redeemed", "expired", "reversed", "written_off", "transferred")
CUSTOMERS = st.sampled_from(
    [
        {"id": "ada"},
        {"id": "ada"},
        {"id": "bob", "email": "bob@example.com"},
        {"id": "bob", "email": "bob@example.com", "email_verified": True},
        {"id": None, "email": "guest@example.com"},
        {"id": None, "email": "bob@example.com"},
        {"id": "cyd", "email": "guest@example.com", "email_verified": True},
        None,
    ]
)
ORDER_IDS = st.sampled_from([str(number) for number in range(1, 7)])
PRICES = st.sampled_from(["19.99", "3.33", "120.00", "0.01", "55.50"])
CAPS = st.sampled_from([None, {"period": "day", "points": 300}, {"period": "month", "points": 700}])
EXPIRIES = st.sampled_from(
    [
        None,
        {"kind": "days", "days": 20},
        {"kind": "months", "months": 3},
        {"kind": "end_of_quarter"},
        {"kind": "inactivity", "days": 45},
    ]
)
GOLD = st.sampled_from(
    [
        {"key": "gold", "enter": "150", "multiplier": "2"},
        {"key": "gold", "enter": "60", "multiplier": "2", "perks": {"entry_points": 30, "entry_reward": "ship"}},
    ]
)
MEASURES = st.sampled_from(
    [
        None,
        {"by": "points"},
        {"by": "orders", "window": "rolling_12_months"},
        {"window": "calendar_year", "grace_days": 20, "downgrade": "one_step"},
    ]
)
_EUR = {"amount": "1.00", "currency": "EUR"}
REWARDS: list[dict[str, Any]] = [
    {"key": "off", "kind": "amount_off", "points": 41, "amount": _EUR, "valid_days": 7},
    {"key": "ship", "kind": "free_shipping", "points": 25},
    {"key": "card", "kind": "gift_card", "points": 30, "amount": _EUR},
    {"key": "wish", "kind": "donation", "points": 10, "per_member": 2, "stock": 5},
]
MULTIPLIERS = st.sampled_from(["1", "1.5", "2", "0.5"])


def when(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@st.composite
def programmes(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a programme that uses every part of the document."""
    return build.programme(
        rate={"points": draw(st.sampled_from(["10", "0.5", "3"])), "per": draw(st.sampled_from(["1", "3"]))},
        rounding=draw(st.sampled_from(["floor", "half_up", "ceil"])),
        stacking=draw(st.sampled_from(["add", "multiply", "best"])),
        earn_on=draw(st.sampled_from(["paid", "paid", "fulfilled"])),
        pending_days=draw(st.sampled_from([0, 0, 5])),
        deficit=draw(st.sampled_from(["carry", "clamp", "pending_only"])),
        products=[{"key": "new", "match": {"tag": "new"}, "multiplier": draw(MULTIPLIERS), "bonus": 7}],
        pending_until=draw(st.sampled_from(["days", "days", "fulfilled", "delivered", "return_window"])),
        caps={"order": draw(st.sampled_from([None, 400])), "member": draw(CAPS)},
        expiry=draw(EXPIRIES),
        phase=draw(st.sampled_from([None, None, None, {"kind": "paused"}])),
        campaigns=[{"key": "big", "multiplier": draw(MULTIPLIERS), "min_basis": "50.00"}],
        tiers=[
            {"key": "entry", "enter": "0", "perks": {"entry_points": 5}},
            draw(GOLD),
            {"key": "club", "enter": None},
        ],
        tier_measure=draw(MEASURES),
        memberships=draw(
            st.sampled_from([[], [{"key": "card", "product": "p2", "tier": "club", "months": None, "days": 20}]])
        ),
        rewards=REWARDS,
    )


class ShopMachine(RuleBasedStateMachine):
    """A model of the world outside: a few shoppers, their orders as the platform holds them, and time."""

    tessera: ClassVar[Tessera]

    @initialize(document=programmes())
    def open(self, document: dict[str, Any]) -> None:
        self.now = START
        self.tessera.set_clock(START)
        self.shop: Shop = self.tessera.shop(document)
        self.client = client_of(self.tessera)
        self.states: dict[str, dict[str, Any]] = {}
        self.told = Counter[str]()
        self.taken: list[tuple[str, str | None]] = []  # rewards: id and code

    # what the platform tells

    @rule(order_id=ORDER_IDS, customer=CUSTOMERS, price=PRICES, units=st.integers(1, 3), tag=st.booleans())
    def place(self, order_id: str, customer: Any, price: str, units: int, tag: bool) -> None:
        if order_id in self.states:
            return
        product = "p2" if tag and units == 1 else "p1"
        line = build.line(quantity=units, unit_price=price, product_id=product, tags=["new"] if tag else [])
        self._tell(order_id, build.order(id=order_id, placed_at=when(self.now), customer=customer, lines=[line]))

    @rule(order_id=ORDER_IDS)
    def refund_a_unit(self, order_id: str) -> None:
        state = self.states.get(order_id)
        if state is None:
            return
        refunds = state.get("refunds", [])
        if len([each for each in refunds if each["lines"]]) < state["lines"][0]["quantity"]:
            refund = build.refund(f"r{len(refunds)}", at=when(self.now))
            self._tell(order_id, {**state, "refunds": [*refunds, refund]})

    @rule(order_id=ORDER_IDS, cents=st.integers(1, 6000))
    def refund_money(self, order_id: str, cents: int) -> None:
        if state := self.states.get(order_id):
            refunds = state.get("refunds", [])
            money = {"id": f"r{len(refunds)}", "at": when(self.now), "lines": [], "amount": f"{cents / 100:.2f}"}
            self._tell(order_id, {**state, "refunds": [*refunds, money]})

    @rule(order_id=ORDER_IDS, cancelled=st.booleans())
    def cancel_or_reopen(self, order_id: str, cancelled: bool) -> None:
        if state := self.states.get(order_id):
            self._tell(order_id, {**state, "cancelled_at": when(self.now) if cancelled else None})

    @rule(order_id=ORDER_IDS)
    def hand_over(self, order_id: str) -> None:
        if state := self.states.get(order_id):
            self._tell(order_id, {**state, "fulfilled_at": when(self.now), "delivered_at": when(self.now)})

    @rule(order_id=ORDER_IDS, customer=CUSTOMERS)
    def change_hands(self, order_id: str, customer: Any) -> None:
        if state := self.states.get(order_id):
            self._tell(order_id, {**state, "customer": customer})

    @rule(order_id=ORDER_IDS)
    def tell_again(self, order_id: str) -> None:
        if state := self.states.get(order_id):
            self.shop.tell(state)

    @rule(customer=CUSTOMERS)
    def tell_of_a_customer(self, customer: Any) -> None:
        if customer and customer["id"]:
            self.told[customer["id"]] += 1
            updated_at = when(self.now + timedelta(seconds=self.told[customer["id"]]))
            self.shop.tell({**customer, "updated_at": updated_at}, topic="customer")

    def _tell(self, order_id: str, state: dict[str, Any]) -> None:
        self.told[order_id] += 1
        state = {**state, "updated_at": when(self.now + timedelta(seconds=self.told[order_id]))}
        self.states[order_id] = state
        assert self.shop.tell(state).failed == 0

    # what the merchant and the shopper do

    @rule(points=st.integers(-300, 300).filter(bool), number=st.integers(0, 5))
    def adjust(self, points: int, number: int) -> None:
        if member := self._member(number):
            answer = self._post(f"/members/{member}/adjustments", {"points": points, "reason": "by hand"})
            assert answer.status_code in (201, 409), answer.json

    @rule(number=st.integers(0, 5), key=st.sampled_from(["entry", "gold"]))
    def set_tier(self, number: int, key: str) -> None:
        if member := self._member(number):
            assert self._post(f"/members/{member}/tier", {"key": key, "reason": "by hand"}).status_code == 200

    @rule(number=st.integers(0, 5), reward=st.sampled_from([reward["key"] for reward in REWARDS]))
    def redeem(self, number: int, reward: str) -> None:
        if member := self._member(number):
            answer = self._post("/redemptions", {"member_id": member, "reward": reward})
            assert answer.status_code in (201, 409), answer.json
            self.taken += [(answer.json["id"], answer.json["code"])] if answer.status_code == 201 else []

    @rule(number=st.integers(0, 9))
    def give_a_reward_up(self, number: int) -> None:
        if self.taken:
            answer = self._post(f"/redemptions/{self.taken[number % len(self.taken)][0]}/cancel", {})
            assert answer.status_code in (200, 409), answer.json

    @rule(order_id=ORDER_IDS, number=st.integers(0, 9), used=st.booleans())
    def use_a_code(self, order_id: str, number: int, used: bool) -> None:
        """Put any code on any order, or take the codes off it."""
        codes = [code for _, code in self.taken if code]
        if (state := self.states.get(order_id)) and codes:
            told = {"code": codes[number % len(codes)], "lines": [{"line_id": "l1", "amount": "0.01"}]}
            self._tell(order_id, {**state, "discount_codes": [told] if used else []})

    @rule(document=programmes())
    def publish(self, document: dict[str, Any]) -> None:
        self.shop.publish(document)

    @rule(phase=st.sampled_from(["pause", "resume", "wind-down"]), days=st.integers(0, 60))
    def change_the_phase(self, phase: str, days: int) -> None:
        body = {"spend_until": (self.now + timedelta(days=days)).date().isoformat()} if phase == "wind-down" else {}
        assert self._post(f"/programme/{phase}", body).status_code in (201, 409, 422)

    @rule(days=st.sampled_from([0, 1, 3, 8, 40, 200]), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += timedelta(days=days, hours=hours)
        self.tessera.set_clock(self.now)

    @rule()
    def tick(self) -> None:
        schedules.tick(self.tessera.engine, self.tessera.services.clock)

    def _member(self, number: int) -> str | None:
        with reading(self.tessera.engine) as connection:
            mine = select(balances.c.member_id).where(balances.c.shop_id == self.shop.id).order_by(balances.c.member_id)
            known = list(connection.execute(mine).scalars())
        return known[number % len(known)] if known else None

    def _post(self, path: str, body: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.shop.keys.api_key}"}
        return self.client.post(f"/api/v1{path}", data=json.dumps(body).encode(), headers=headers)

    # what must hold after every step

    @invariant()
    def the_books_hold(self) -> None:
        with reading(self.tessera.engine) as connection:
            self._sums_are_those_of_the_entries(connection)
            self._lots_hold_what_the_accounts_say(connection)
            self._rewards_have_cost_what_was_redeemed(connection)
            self._orders_stand_at_their_targets(connection)
            self._caps_are_shared_out(connection)
            self._no_expiry_comes_unannounced(connection)

    def _sums_are_those_of_the_entries(self, connection: Connection) -> None:
        sums: dict[str, Counter[str]] = {}
        for row in connection.execute(select(entries).where(entries.c.shop_id == self.shop.id)):
            assert sum(row.account_changes.values()) == 0
            sums.setdefault(row.member_id, Counter()).update(row.account_changes)
        for row in connection.execute(select(balances).where(balances.c.shop_id == self.shop.id)).mappings():
            counted = sums.get(row["member_id"], Counter())
            assert row["issued"] == -counted["issued"] == sum(row[name] for name in OTHERS)
            assert all(row[name] == counted[name] for name in OTHERS)
            assert min(row["pending"], row["held"], row["redeemed"], row["expired"], row["clamped"]) >= 0

    def _lots_hold_what_the_accounts_say(self, connection: Connection) -> None:
        booked, pending, held = Counter[str](), Counter[str](), Counter[str]()
        for row in connection.execute(select(lots).where(lots.c.shop_id == self.shop.id)):
            assert row.remaining >= 0
            (booked if row.booked else pending)[row.member_id] += row.remaining
        for row in connection.execute(select(holds).where(holds.c.shop_id == self.shop.id, holds.c.state == "held")):
            held[row.member_id] += row.points
        for row in connection.execute(select(balances).where(balances.c.shop_id == self.shop.id)):
            assert booked[row.member_id] == max(0, row.available)
            assert pending[row.member_id] == row.pending
            assert held[row.member_id] == row.held

    def _rewards_have_cost_what_was_redeemed(self, connection: Connection) -> None:
        spent, held = Counter[str](), {}
        for row in connection.execute(select(holds).where(holds.c.shop_id == self.shop.id)):
            held[row.id] = (row.member_id, row.state, row.returned)
            if row.state == "committed":
                spent[row.member_id] += row.points - row.returned
                assert sum(points for _, points in row.lots) == row.points - row.returned
        for row in connection.execute(select(balances).where(balances.c.shop_id == self.shop.id)):
            assert spent[row.member_id] == row.redeemed
        for row in connection.execute(select(redemptions).where(redemptions.c.shop_id == self.shop.id)):
            state = "held" if row.state == "issued" else row.state
            if not row.given:  # a gift holds no points
                assert held[row.id] == (row.member_id, state, row.returned)

    def _orders_stand_at_their_targets(self, connection: Connection) -> None:
        for row in connection.execute(select(orders).where(orders.c.shop_id == self.shop.id)):
            assert row.posted >= row.target >= 0

    def _caps_are_shared_out(self, connection: Connection) -> None:
        """Hold each order against what those placed before it have left, one after the other."""
        mine = select(orders).where(orders.c.shop_id == self.shop.id, orders.c.member_id.is_not(None))
        done = list(connection.execute(select(activities).where(activities.c.shop_id == self.shop.id)))
        bought = sorted(connection.execute(mine), key=lambda row: (row.placed_at, row.id))
        for row in bought:
            if row.cap is not None:
                key = (row.placed_at, row.id)
                earlier = [e for e in bought if e.member_id == row.member_id and (e.placed_at, e.id) < key]
                taken = sum(e.target for e in earlier if row.cap_from <= e.placed_at < row.cap_to)
                taken += sum(a.took for a in done if a.member_id == row.member_id and row.cap_from <= a.at < row.cap_to)
                assert row.target == min(row.own, max(0, row.cap - taken)), row

    def _no_expiry_comes_unannounced(self, connection: Connection) -> None:
        told = select(expiry_warnings.c.lot, expiry_warnings.c.expires_at).where(
            expiry_warnings.c.shop_id == self.shop.id
        )
        announced = Counter((row.lot, row.expires_at) for row in connection.execute(told))
        gone = select(entries).where(entries.c.shop_id == self.shop.id, entries.c.kind == "expiry")
        for row in connection.execute(gone):
            assert announced[row.key.removeprefix("expire:"), row.at] == 2

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            assert audit(self.tessera.engine, self.shop.id) == []
