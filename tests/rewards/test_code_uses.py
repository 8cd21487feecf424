"""Orders that use a code: by their state, whichever was told first; what comes back of them gives points back."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app import shops
from app.db import transaction
from app.intake.told import Told
from app.rewards.redemptions import give
from app.rewards.rows import Redemption
from app.settling import Settling
from connectors.contract import CustomerRef, DiscountCode, Line, OrderState, OrderTold
from tests.build import START, Tessera, line, order
from tests.rewards.builders import FIVE, Till, open_till

LATER = {"updated_at": "2026-03-03T00:00:00Z"}
TWO = [line(unit_price="10.00", quantity=3, discount="3.00", tags=["unpaid"], id=each) for each in ("l1", "l2")]


def back(quantity: int, line_id: str = "l1", refund_id: str = "r1") -> dict[str, Any]:
    return {"id": refund_id, "at": "2026-03-02T10:00:00Z", "lines": [{"line_id": line_id, "quantity": quantity}]}


@pytest.fixture
def till(tessera: Tessera) -> Till:
    return open_till(tessera, FIVE)


def test_a_unit_given_back_gives_its_share_of_the_points_back(till: Till) -> None:
    made = till.redeem("five")
    till.buy("1002", made["code"])
    till.buy("1002", made["code"], refunds=[back(1)], **LATER)
    assert till.points() == {"available": 299, "redeemed": 100}
    till.buy("1002", made["code"], refunds=[back(1)], updated_at="2026-03-04T00:00:00Z")  # told again
    assert till.points() == {"available": 299, "redeemed": 100}
    till.buy("1002", made["code"], refunds=[back(2)], updated_at="2026-03-05T00:00:00Z")
    assert till.points() == {"available": 399}
    assert till.read(made)["returned_points"] == 200
    assert till.state(made) == ("committed", "1002")  # its code is dead before its points are back
    assert till.read(made)["usable"] is False
    till.sound()


def test_shares_are_cumulative_and_the_last_takes_the_rest(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 100})
    made = till.redeem("five")
    codes = [{"code": made["code"], "lines": [{"line_id": one, "amount": "3.00"} for one in ("l1", "l2")]}]
    seen = []
    for gone in range(7):
        refunds = [back(min(gone, 3)), back(max(0, gone - 3), "l2", "r2")]
        moment = f"2026-03-0{gone + 2}T00:00:00Z"
        till.shop.tell(order(id="1002", lines=TWO, discount_codes=codes, refunds=refunds, updated_at=moment))
        seen.append(till.read(made)["returned_points"])
    assert seen == [0, 16, 33, 50, 66, 83, 100]
    till.sound()


def test_points_return_to_the_lots_they_came_from(till: Till) -> None:
    till.shop.tell(order(id="1500", placed_at="2026-02-28T10:00:00Z", lines=[line(quantity=1, unit_price="5.00")]))
    made = till.redeem("five")  # 50 of the older lot first? both never expire: the oldest goes first
    till.buy("1002", made["code"])
    till.buy("1002", made["code"], cancelled_at="2026-03-03T00:00:00Z", **LATER)
    assert till.points() == {"available": 449}
    till.sound()


@pytest.mark.parametrize(
    "change",
    [
        {"cancelled_at": "2026-03-03T00:00:00Z"},
        {"financial_status": "voided"},
        {"financial_status": "refunded"},
        {"discount_codes": []},  # the shop took the code off the order
    ],
)
def test_an_order_that_is_gone_gives_everything_back_and_takes_it_again_when_it_returns(
    till: Till, change: dict[str, Any]
) -> None:
    made = till.redeem("five")
    till.buy("1002", made["code"])
    till.buy("1002", made["code"], **{**LATER, **change})
    assert till.points() == {"available": 399}
    till.buy("1002", made["code"], updated_at="2026-03-04T00:00:00Z")
    assert till.points() == {"available": 199, "redeemed": 200}
    till.sound()


def test_points_spent_meanwhile_are_missing_when_the_order_returns(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE, {**FIVE, "key": "all", "points": 399})
    made = till.redeem("five")
    till.buy("1002", made["code"])
    till.buy("1002", made["code"], cancelled_at="2026-03-03T00:00:00Z", **LATER)
    till.redeem("all")
    till.buy("1002", made["code"], updated_at="2026-03-04T00:00:00Z")
    assert till.points() == {"deficit": 200, "held": 399, "redeemed": 200}
    till.buy("1002", made["code"], cancelled_at="2026-03-05T00:00:00Z", updated_at="2026-03-05T00:00:00Z")
    assert till.points() == {"held": 399}
    till.sound()


@pytest.mark.parametrize("status", ["cancelled", "voided"])
def test_an_order_that_never_stood_uses_nothing(till: Till, status: str) -> None:
    made = till.redeem("five")
    gone = {"cancelled_at": "2026-03-01T10:00:00Z"} if status == "cancelled" else {"financial_status": "voided"}
    till.buy("1002", made["code"], **gone)
    assert till.state(made) == ("issued", None)
    till.buy("1002", made["code"], **LATER)
    assert till.state(made) == ("committed", "1002")
    till.sound()


def test_an_unpaid_order_uses_its_code_all_the_same(till: Till) -> None:
    made = till.redeem("five")
    till.buy("1002", made["code"], financial_status="pending")
    assert till.state(made) == ("committed", "1002")


@pytest.mark.parametrize("kind", ["free_shipping", "gift_card"])
def test_shipping_and_gift_cards_come_back_only_with_the_whole_order(tessera: Tessera, kind: str) -> None:
    needs = {"amount": {"amount": "5.00", "currency": "EUR"}} if kind == "gift_card" else {}
    till = open_till(tessera, {"key": "it", "kind": kind, "points": 100, **needs})
    made = till.redeem("it")
    till.buy("1002", made["code"], off="0.00", shipping="4.90")
    till.buy("1002", made["code"], off="0.00", shipping="4.90", refunds=[back(1)], **LATER)
    assert till.points() == {"available": 299, "redeemed": 100}
    till.buy("1002", made["code"], off="0.00", shipping="4.90", refunds=[back(2)], updated_at="2026-03-04T00:00:00Z")
    assert till.points() == {"available": 399}
    till.sound()


# --- codes that should not have been used -----------------------------------------------------------------------------


def test_a_voided_code_moves_nothing_and_is_flagged(till: Till) -> None:
    made = till.redeem("five")
    till.cancel(made)
    till.buy("1002", made["code"])
    assert till.points() == {"available": 399}
    assert till.read(made)["flags"] == ["used_after_void"]
    assert "used_after_void" in till.shop.order("1002").flags
    till.sound()


@pytest.mark.parametrize("swept", [True, False])
def test_a_lapsed_code_moves_nothing_whether_or_not_it_was_swept(tessera: Tessera, swept: bool) -> None:
    till = open_till(tessera, {**FIVE, "valid_days": 1})
    made = till.redeem("five")
    till.clock(START + timedelta(days=3))
    if swept:
        till.sweep()
    late = {"placed_at": "2026-03-04T10:00:00Z", "updated_at": "2026-03-04T10:00:00Z"}
    till.buy("1002", made["code"], **late)
    till.sweep()
    assert (till.points(), till.read(made)["flags"]) == ({"available": 399}, ["used_after_void"])
    till.sound()


def test_an_order_placed_in_time_and_told_late_uses_its_code_until_the_sweep(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "valid_days": 1})
    made = till.redeem("five")
    till.clock(START + timedelta(days=3))
    till.buy("1002", made["code"], placed_at="2026-03-02T10:00:00Z", updated_at="2026-03-02T10:00:00Z")
    assert till.state(made) == ("committed", "1002")
    till.sound()


def test_a_code_used_by_somebody_else_is_its_owners(till: Till) -> None:
    made = till.redeem("five")
    till.buy("1002", made["code"], customer={"id": "bob"})
    assert (till.state(made), till.points()) == (("committed", "1002"), {"available": 199, "redeemed": 200})
    till.buy("1002", made["code"], customer={"id": "bob"}, cancelled_at="2026-03-03T00:00:00Z", **LATER)
    assert till.points() == {"available": 399}
    till.sound()


FIRST = {"id": "1003", "placed_at": "2026-03-01T11:00:00Z", "updated_at": "2026-03-01T11:00:00Z"}
SECOND = {"id": "1002", "placed_at": "2026-03-01T11:30:00Z", "updated_at": "2026-03-01T11:30:00Z"}
CANCELLED = {**FIRST, "cancelled_at": "2026-03-02T00:00:00Z", "updated_at": "2026-03-02T00:00:00Z"}


@pytest.mark.parametrize("told", list(itertools.permutations((FIRST, SECOND))))
def test_of_two_orders_with_one_code_the_first_placed_counts(till: Till, told: Any) -> None:
    made = till.redeem("five")
    for each in told:
        till.buy(each["id"], made["code"], **each)
    assert (till.state(made), till.points()) == (("committed", "1003"), {"available": 199, "redeemed": 200})
    assert till.read(made)["flags"] == ["used_twice"]
    till.buy("1003", made["code"], **CANCELLED)
    assert (till.state(made), till.points()) == (("committed", "1002"), {"available": 199, "redeemed": 200})
    till.sound()


def test_the_code_of_a_gift_commits_without_points(till: Till) -> None:
    made = gift(till, "five", "birthday:2026")
    assert gift(till, "five", "birthday:2026")["id"] == made["id"]
    assert (made["state"], made["points"], made["given"]) == ("issued", 0, True)
    till.buy("1002", made["code"])
    assert till.state(made) == ("committed", "1002")
    till.buy("1002", made["code"], cancelled_at="2026-03-03T00:00:00Z", **LATER)
    assert till.points() == {"available": 399}


def test_a_gift_that_waits_for_a_partners_code_gets_it_with_the_next_upload(tessera: Tessera) -> None:
    till = open_till(tessera, {"key": "cinema", "kind": "partner_voucher", "points": 10})
    made = gift(till, "cinema", "first")
    assert (made["state"], made["code"]) == ("held", None)
    till.call("POST", "/rewards/cinema/codes", {"codes": ["A1", "A2"]})
    assert (till.state(made)[0], till.read(made)["code"]) == ("committed", "A1")
    assert till.redeem("cinema")["code"] == "A2"


def gift(till: Till, reward: str, key: str) -> Any:
    with transaction(till.tessera.engine) as connection:
        work = Settling(connection, shops.get(connection, till.shop.id), START)
        work.load([], member_ids=[till_member(till)])
        made = give(work.desk, till_member(till), reward, key, START)
        assert made is not None
        work.flush()
    return till.read({"id": made.id})


def till_member(till: Till) -> str:
    return till.shop.order("1001").member_id


def test_a_gift_and_the_order_that_uses_it_may_come_in_one_batch(till: Till) -> None:
    """A replay reads in other batches than the drain: the code is known as soon as it is given."""
    code = gift(till, "five", "tier:gold")["code"]
    other = open_till(till.tessera, FIVE)
    with other.tessera.engine.connect() as connection, connection.begin() as going:
        later_code = given(connection, other, "tier:gold")[1].code
        going.rollback()
    state = OrderState(
        id="1002",
        placed_at=START,
        updated_at=START,
        status="paid",
        currency="EUR",
        prices_include_tax=True,
        paid="full",
        customer=CustomerRef(id="ada"),
        lines=(Line(id="l1", quantity=1, gross=Decimal("10.00"), discount=Decimal("5.00")),),
        discount_codes=(DiscountCode(code=str(later_code), lines={"l1": Decimal("5.00")}),),
    )
    told = Told(fact=OrderTold(state=state), sha256="x")
    with transaction(till.tessera.engine) as connection:
        work, made = given(connection, other, "tier:gold", told)
        work.apply(told)
        work.flush()
    assert made.code == later_code != code
    assert other.state({"id": made.id}) == ("committed", "1002")


def given(connection: Any, till: Till, key: str, *told: Told) -> tuple[Settling, Redemption]:
    work = Settling(connection, shops.get(connection, till.shop.id), START)
    work.load(told, member_ids=[till_member(till)])
    made = give(work.desk, till_member(till), "five", key, START)
    assert made is not None
    return work, made
