"""Spending points: conditions, holds, codes, and how they end. Orders that use codes are in `test_code_uses`."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import shops
from app.db import reading, retrying, transaction
from app.errors import InsufficientPoints, RewardUnavailable
from app.models import facts, members, redemptions
from app.rewards import redeeming
from app.rewards.redeeming import Wish
from tests.build import START, Tessera, order, programme
from tests.rewards.builders import FIVE, Till, open_till

EUR5 = {"amount": "5.00", "currency": "EUR"}


def test_a_reward_is_redeemed_used_and_committed(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE)
    made = till.redeem("five")
    assert (made["state"], made["points"], till.points()) == ("issued", 200, {"available": 199, "held": 200})
    assert made["value"] == {"amount": EUR5, "combines": False}
    till.buy("1002", code=made["code"].lower())
    assert till.state(made) == ("committed", "1002")
    assert till.points() == {"available": 199, "redeemed": 200}
    till.sound()


def test_more_than_is_available_is_refused_and_moves_nothing(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 400})
    assert till.redeem("five") == "insufficient_points"
    assert till.points() == {"available": 399}


def test_pending_points_cannot_be_spent(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE, pending_days=14)
    assert till.redeem("five") == "insufficient_points"
    till.clock(START + timedelta(days=20))
    assert till.redeem("five")["state"] == "issued"


def test_an_unclaimed_member_cannot_hold(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE)
    till.shop.tell(order(id="2001", customer={"id": None, "email": "guest@example.com"}))
    guest = till.call("GET", "/members?email=guest@example.com").json["data"][0]["id"]
    refused = till.call("POST", "/redemptions", {"member_id": guest, "reward": "five"})
    assert (refused.status_code, refused.json["code"]) == (409, "unclaimed")


def test_an_unknown_reward_or_wrong_points_are_named(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE)
    for body, field in (({"reward": "six"}, "reward"), ({"reward": "five", "points": 3}, "points")):
        refused = till.call("POST", "/redemptions", {"member_id": till.member(), **body})
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)


# --- once -------------------------------------------------------------------------------------------------------------


def test_the_key_is_the_ledgers_key_and_is_never_forgotten(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 100})
    first = till.redeem("five", key="k1")
    forget(tessera)
    assert till.redeem("five", key="k1")["id"] == first["id"]
    forget(tessera)
    assert till.redeem("five", key="k1", points=100) == "idempotency_conflict"
    assert till.points() == {"available": 299, "held": 100}
    assert [entry.key for entry in till.shop.entries() if entry.kind == "hold"] == ["redeem:k1"]
    assert till.redeem("five")["id"] != first["id"]
    till.sound()


def forget(tessera: Tessera) -> None:
    from app.models import idempotency

    with transaction(tessera.engine) as connection:
        connection.execute(idempotency.delete())


def test_of_twenty_at_once_for_everything_exactly_one_wins(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 399})
    outcomes = at_once(20, lambda: spend(till, "five"))
    assert sorted(map(str, outcomes)) == ["insufficient_points"] * 19 + ["issued"]
    assert till.points() == {"held": 399}
    till.sound()


def test_the_last_one_in_stock_goes_to_one_of_many(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 1, "stock": 3})
    outcomes = at_once(10, lambda: spend(till, "five"))
    assert sorted(map(str, outcomes)) == ["issued"] * 3 + ["out_of_stock"] * 7
    till.sound()


def test_the_last_code_of_a_partner_goes_to_one_of_many(tessera: Tessera) -> None:
    till = open_till(tessera, {"key": "cinema", "kind": "partner_voucher", "points": 10})
    till.call("POST", "/rewards/cinema/codes", {"codes": ["A1", "A2"]})
    outcomes = at_once(8, lambda: spend(till, "cinema"))
    assert sorted(map(str, outcomes)) == ["committed"] * 2 + ["out_of_stock"] * 6
    codes = [one["code"] for one in till.call("GET", "/redemptions").json["data"]]
    assert sorted(codes) == ["A1", "A2"]


def spend(till: Till, reward: str) -> str:
    shop_id, member_id, now = till.shop.id, ada(till), START

    def work(connection: Any) -> str:
        return redeeming.redeem(connection, shops.hold(connection, shop_id), member_id, Wish(reward=reward), now).state

    try:
        return retrying(till.tessera.engine, work, attempts=60)
    except (InsufficientPoints, RewardUnavailable) as error:
        return error.code


def ada(till: Till) -> str:
    with reading(till.tessera.engine) as connection:
        found: str = connection.execute(select(members.c.id).where(members.c.shop_id == till.shop.id)).scalar_one()
    return found


def at_once(count: int, work: Any) -> list[str]:
    outcomes: list[str] = []
    gate = threading.Barrier(count)

    def run() -> None:
        gate.wait()
        outcomes.append(work())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


# --- conditions -------------------------------------------------------------------------------------------------------

TIERS = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "5000"}]
CONDITIONS: dict[str, tuple[dict[str, Any], str]] = {
    "tier": ({"who": {"tiers": ["gold"]}}, "not_eligible"),
    "tag": ({"who": {"any_tag": ["vip"]}}, "not_eligible"),
    "later": ({"when": {"from": "2026-04-01T00:00:00Z"}}, "not_now"),
    "over": ({"when": {"to": "2026-03-01T12:00:00Z"}}, "not_now"),
    "weekday": ({"when": {"weekdays": ["mon"]}}, "not_now"),  # it is a Sunday
    "hours": ({"when": {"hours": ["18:00", "20:00"]}}, "not_now"),
    "sold out": ({"stock": 0}, "out_of_stock"),
    "budget": ({"budget": {"points": 199}}, "budget_spent"),
    "given": ({"points": 0}, "given_only"),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_that_is_not_met_refuses_before_any_hold(tessera: Tessera, name: str) -> None:
    change, code = CONDITIONS[name]
    till = open_till(tessera, {**FIVE, **change}, tiers=TIERS)
    assert till.redeem("five") == code
    (offer,) = till.call("GET", f"/rewards?member_id={till.member()}").json["data"]
    assert (offer["available"], [reason["code"] for reason in offer["reasons"]]) == (False, [code])
    assert till.points() == {"available": 399}


def test_a_member_has_no_more_than_the_limit_and_what_was_cancelled_does_not_count(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 10, "per_member": 1, "stock": 2})
    made = till.redeem("five")
    assert till.redeem("five") == "limit_reached"
    till.cancel(made)
    assert till.redeem("five")["state"] == "issued"


def test_a_budget_is_of_all_members_together_and_begins_anew_with_its_period(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "budget": {"points": 300, "period": "month"}})
    till.shop.tell(order(id="3001", customer={"id": "bob"}))
    assert till.redeem("five")["state"] == "issued"
    assert till.redeem("five", who="bob") == "budget_spent"
    till.clock(datetime(2026, 3, 31, 22, 0, tzinfo=UTC))  # April in Paris
    assert till.redeem("five", who="bob")["state"] == "issued"


@pytest.mark.parametrize(
    ("phase", "allowed"),
    [
        ({"kind": "paused"}, True),  # a pause stops earning alone
        ({"kind": "ended"}, False),
        ({"kind": "winding_down", "spend_until": "2026-03-10"}, True),
    ],
)
def test_points_can_be_spent_while_the_phase_allows_it(tessera: Tessera, phase: dict[str, Any], allowed: bool) -> None:
    till = open_till(tessera, FIVE)
    till.shop.publish({**programme(rewards=[FIVE]), "phase": phase})
    made = till.redeem("five")
    assert made["state"] == "issued" if allowed else made == "programme_closed"
    till.sound()


def test_after_the_last_day_to_spend_nothing_can_be_had(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE)
    winding = {"kind": "winding_down", "spend_until": "2026-03-02"}
    till.shop.publish({**programme(rewards=[FIVE]), "phase": winding})
    till.clock(datetime(2026, 3, 2, 22, 59, tzinfo=UTC))
    (offer,) = till.call("GET", "/rewards").json["data"]
    assert offer["available"]
    till.clock(datetime(2026, 3, 2, 23, tzinfo=UTC))
    (offer,) = till.call("GET", "/rewards").json["data"]
    assert [reason["code"] for reason in offer["reasons"]] == ["programme_closed"]


def test_a_redemption_keeps_points_alive_that_live_by_activity(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 100}, expiry={"kind": "inactivity", "days": 30})
    till.clock(START + timedelta(days=20))
    till.redeem("five")
    till.clock(START + timedelta(days=45))
    assert till.call("GET", f"/members/{till.member()}").json["points"]["available"] == 299
    till.clock(START + timedelta(days=60))
    assert till.call("GET", f"/members/{till.member()}").json["points"]["available"] == 0
    till.sound()


def test_a_shop_whose_platform_makes_the_codes_has_to_be_connected_to_it(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE, platform="shopify")
    member = till.call("POST", "/members", {"platform_id": "1"}).json["id"]
    till.call("POST", f"/members/{member}/adjustments", {"points": 500, "reason": "to spend"})
    refused = till.call("POST", "/redemptions", {"member_id": member, "reward": "five"})
    assert (refused.status_code, refused.json["code"]) == (409, "not_connected")
    assert till.call("GET", f"/members/{member}").json["points"]["available"] == 500


# --- kinds ------------------------------------------------------------------------------------------------------------

KINDS: dict[str, tuple[dict[str, Any], str, bool]] = {  # what it needs, the state it comes to, whether it has a code
    "amount_off": ({"amount": EUR5}, "issued", True),
    "percent_off": ({"percent": "10", "max_amount": EUR5}, "issued", True),
    "free_shipping": ({}, "issued", True),
    "free_product": ({"product": "p1"}, "issued", True),
    "gift_card": ({"amount": EUR5}, "committed", True),
    "store_credit": ({"amount": EUR5}, "committed", False),
    "exclusive_product": ({"product": "p1"}, "committed", False),
    "early_access": ({"product": "p1"}, "committed", False),
    "exclusive_content": ({"content": "https://shop.example/a"}, "committed", False),
    "contest_entry": ({}, "committed", False),
    "donation": ({"amount": EUR5}, "committed", False),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_comes_to_its_state(tessera: Tessera, kind: str) -> None:
    needs, state, coded = KINDS[kind]
    till = open_till(tessera, {"key": "it", "kind": kind, "points": 100, **needs})
    made = till.redeem("it")
    assert (made["state"], made["code"] is not None, made["usable"]) == (state, coded, state == "issued")
    assert made["value"].items() >= needs.items()
    account = "held" if state == "issued" else "redeemed"
    assert till.points() == {"available": 299, account: 100}
    assert (till.cancel(made) == "hold_ended") is (state == "committed")
    till.sound()


def test_paying_with_points_takes_what_the_amount_needs(tessera: Tessera) -> None:
    rate = {"points": "3", "per": "1"}
    till = open_till(tessera, {"key": "pay", "kind": "pay_with_points", "rate": rate, "min_points": 5})
    made = till.redeem("pay", points=20)
    assert (made["points"], made["value"]["amount"]) == (20, {"amount": "6.66", "currency": "EUR"})
    for asked, field in ((4, "points"), (None, "points")):
        body = {"member_id": till.member(), "reward": "pay"} | ({"points": asked} if asked else {})
        refused = till.call("POST", "/redemptions", body)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)
    till.sound()


def test_codes_of_a_partner_are_handed_out_in_the_order_they_came(tessera: Tessera) -> None:
    till = open_till(tessera, {"key": "cinema", "kind": "partner_voucher", "points": 10})
    assert till.redeem("cinema") == "out_of_stock"
    added = till.call("POST", "/rewards/cinema/codes", {"codes": ["B2", "A1", "B2"]}).json
    assert added == {"added": 2, "known": 1, "left": 2}
    assert till.call("POST", "/rewards/cinema/codes", {"codes": ["A1", "C3"]}).json["left"] == 3
    assert [till.redeem("cinema")["code"] for _ in range(3)] == ["B2", "A1", "C3"]
    assert till.redeem("cinema") == "out_of_stock"
    assert till.call("POST", "/rewards/other/codes", {"codes": ["X"]}).status_code == 404
    till.sound()
    with reading(tessera.engine) as connection:  # the journal is kept for ever: no code in it
        assert "A1" not in str(connection.execute(select(facts.c.body)).scalars().all())


def test_what_is_exclusive_is_an_entitlement_as_long_as_it_lasts(tessera: Tessera) -> None:
    secret = {"key": "atelier", "kind": "exclusive_content", "points": 50, "content": "https://x.example/a"}
    till = open_till(tessera, {**secret, "valid_days": 10})
    offered = till.call("GET", f"/rewards?member_id={till.member()}").json["data"]
    assert "x.example" not in str(offered)  # shown once it is theirs
    till.redeem("atelier")
    (shown,) = till.call("GET", f"/members/{till.member()}/entitlements").json["data"]
    assert (shown["content"], shown["until"]) == ("https://x.example/a", "2026-03-11T23:00:00Z")
    till.clock(datetime(2026, 3, 11, 23, tzinfo=UTC))
    assert till.call("GET", f"/members/{till.member()}/entitlements").json["data"] == []
    till.sweep()
    till.sound()


# --- ends -------------------------------------------------------------------------------------------------------------


def test_a_cancelled_reward_gives_its_points_back_once(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE)
    made = till.redeem("five")
    ended = till.cancel(made)
    assert (ended["state"], ended["usable"], till.points()) == ("voided", False, {"available": 399})
    assert till.cancel(made) == "hold_ended"
    till.sound()


def test_a_code_lapses_at_local_midnight_and_its_points_return(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "valid_days": 10})
    made = till.redeem("five")
    assert made["lapses_at"] == "2026-03-11T23:00:00Z"
    till.clock(datetime(2026, 3, 11, 22, 59, tzinfo=UTC))
    assert till.sweep() == 0
    till.clock(datetime(2026, 3, 11, 23, tzinfo=UTC))
    told = till.call("GET", f"/redemptions?code={made['code']}").json["data"][0]
    assert (told["state"], told["usable"]) == ("voided", False)  # before it is swept, too
    assert till.sweep() == 1
    assert till.sweep() == 0
    assert till.points() == {"available": 399}
    (void,) = [entry for entry in till.shop.entries() if entry.kind == "void"]
    assert void.at == datetime(2026, 3, 11, 23, tzinfo=UTC)
    till.sound()


def test_lapsed_points_can_be_spent_before_the_sweep(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 399, "valid_days": 10})
    till.redeem("five")
    till.clock(START + timedelta(days=11))
    assert till.redeem("five")["state"] == "issued"
    till.sound()


def test_a_code_is_never_the_same_and_another_shop_does_not_know_it(tessera: Tessera) -> None:
    till, other = open_till(tessera, {**FIVE, "points": 10}), open_till(tessera, FIVE)
    codes = {till.redeem("five")["code"] for _ in range(5)}
    assert len(codes) == 5
    assert all(other.call("GET", f"/redemptions?code={code}").json["data"] == [] for code in codes)


def test_redemptions_are_listed_newest_first_page_by_page(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "points": 10})
    made = []
    for minutes in range(5):
        till.clock(START + timedelta(minutes=minutes // 2))
        made.append(till.redeem("five")["id"])
    first = till.call("GET", "/redemptions?limit=3").json
    rest = till.call("GET", f"/redemptions?limit=3&cursor={first['next']}").json
    assert sorted(one["id"] for one in first["data"] + rest["data"]) == sorted(made)
    assert first["data"][0]["id"] == made[-1]
    assert (len(rest["data"]), rest["next"]) == (2, None)
    assert len(till.call("GET", "/redemptions?state=issued").json["data"]) == 5
    assert till.call("GET", "/redemptions?state=voided").json["data"] == []


def test_a_merge_moves_rewards_and_their_points(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE)
    made = till.redeem("five")
    till.shop.tell(order(id="4001", customer={"id": "bob"}))
    bob = till.member("bob")
    merge(till, till.member(), bob)
    assert till.read(made)["member_id"] == bob
    till.buy("1002", code=made["code"], customer={"id": "bob"})
    assert till.state(made) == ("committed", "1002")
    assert till.points("bob") == {"available": 598, "redeemed": 200}


def merge(till: Till, old: str, survivor: str) -> None:
    from app.ledger.book import Book
    from app.members.people import People

    with transaction(till.tessera.engine) as connection:
        book = Book(connection, till.shop.id, START)
        people = People(connection, till.shop.id, book)
        people.load([], [old, survivor])
        people.merge(old, survivor, START)
        people.flush()
        book.flush()


# --- the least basket -------------------------------------------------------------------------------------------------


def test_the_least_basket_lies_above_the_shops_own_average_and_stays_as_issued(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "min_above_average_percent": "20"})
    (offer,) = till.call("GET", f"/rewards?member_id={till.member()}").json["data"]
    assert offer["min_basket"] == {"amount": "47.98", "currency": "EUR"}  # 39.98 × 1.2 = 47.976
    made = till.redeem("five")
    assert made["value"]["min_basket"] == offer["min_basket"]
    told = {"average": "39.98", "orders": 1, "percent": "20", "days": 90}
    assert made["explanation"]["min_basket"] == told
    till.shop.tell(order(id="5001", customer={"id": "bob"}, lines=[{"id": "l1", "quantity": 1, "unit_price": "99.98"}]))
    again = till.call("GET", "/rewards").json["data"][0]["min_basket"]
    assert again == offer["min_basket"]  # kept for the day
    till.clock(START + timedelta(days=1))
    assert till.call("GET", "/rewards").json["data"][0]["min_basket"] == {"amount": "83.98", "currency": "EUR"}
    assert till.read(made)["value"]["min_basket"] == offer["min_basket"]
    till.sound()


def test_a_shop_without_orders_asks_for_no_basket(tessera: Tessera) -> None:
    till = open_till(tessera, {**FIVE, "min_above_average_percent": "20"}, platform="sandbox")
    till.clock(START + timedelta(days=100))
    assert till.call("GET", "/rewards").json["data"][0]["min_basket"] is None


def test_the_redemption_row_names_its_key_once(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE)
    made = till.redeem("five", key="k")
    with reading(tessera.engine) as connection:
        row = connection.execute(select(redemptions).where(redemptions.c.shop_id == till.shop.id)).one()
    assert (row.id, row.key, row.given) == (made["id"], "redeem:k", False)
