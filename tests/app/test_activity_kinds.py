"""Every kind that is told or follows from orders: the plain case, its usual cap, and what takes it back."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.audit import audit
from app.db import reading
from app.models import activities
from app.rules.fields import ACTIVITY_KINDS
from app.rules.usual import COMPUTED, USUAL
from tests.build import START, Shop, Tessera, order, programme

AT = datetime(2026, 3, 1, 11, tzinfo=UTC)
DAY = timedelta(days=1)
TOLD = [kind for kind in ACTIVITY_KINDS if kind not in COMPUTED]


def shop_with(tessera: Tessera, *rules: dict[str, Any], **earning: Any) -> Shop:
    named = [{"key": f"r{number}", "points": 50, **rule} for number, rule in enumerate(rules)]
    return tessera.shop(programme(rate={"points": "0", "per": "1"}, activities=named, **earning))


def tell(shop: Shop, name: str, kind: str, at: datetime = AT, **changes: Any) -> None:
    told = {"id": name, "customer": {"id": "ada"}, "kind": kind, "at": at.isoformat(), **changes}
    assert shop.tell(told, topic="activity").done == 1


def outcomes(shop: Shop) -> dict[str, Any]:
    mine = select(activities).where(activities.c.shop_id == shop.id).order_by(activities.c.id)
    with reading(shop.tessera.engine) as connection:
        rows = list(connection.execute(mine))
    return {row.id.removeprefix("activity:"): row.reason or row.target for row in rows}


def available(shop: Shop) -> int:
    return sum(each.get("available", 0) for each in shop.balances())


def sound(shop: Shop) -> bool:
    assert audit(shop.tessera.engine, shop.id) == []
    return True


def bought(name: str, minute: int, *products: str, price: str = "10.00", **changes: Any) -> dict[str, Any]:
    lines = [
        {"id": f"l{number}", "product_id": product, "quantity": 1, "unit_price": price}
        for number, product in enumerate(products or ("p1",))
    ]
    return order(id=name, placed_at=f"2026-03-01T10:{minute:02}:00Z", lines=lines, **changes)


def voided(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "financial_status": "voided", "updated_at": "2026-03-02T10:00:00Z"}


# What each kind earns of three told at once: about one thing twice, then about another; and a day later.
ONCE = [50, "cap_reached", "cap_reached", "cap_reached"]
EACH = [50, "cap_reached", 50, "cap_reached"]
DAILY = [50, "cap_reached", "cap_reached", 50]
EXPECTED: dict[str, list[Any]] = {
    "sign_up": ONCE,
    "newsletter": ONCE,
    "push_opt_in": ONCE,
    "social_share": DAILY,
    "site_visit": DAILY,
    "in_store_scan": DAILY,
    "email_open": ["awarded", "cap_reached", "cap_reached", "cap_reached"],
    "email_click": ["awarded", "cap_reached", "cap_reached", "cap_reached"],
    "referral": [50] * 4,
    "referred_friend": [50] * 4,
    "manual": [50] * 4,
    "custom:dance": [50] * 4,
} | {kind: EACH for kind in TOLD if USUAL.get(kind) is USUAL["review"]}
EXPECTED["email_open"][0] = EXPECTED["email_click"][0] = 50
EXPECTED["wishlist_add"] = EACH


def test_a_told_kind_earns_up_to_its_usual_cap(tessera: Tessera) -> None:
    for kind in (*TOLD, "custom:dance"):
        shop = shop_with(tessera, {"kind": kind})
        tell(shop, "a1", kind, subject="x")
        tell(shop, "a2", kind, subject="x")
        tell(shop, "a3", kind, subject="y")
        tell(shop, "a4", kind, AT + DAY, subject="x")
        assert list(outcomes(shop).values()) == EXPECTED[kind], kind
        assert sound(shop)


def test_wishlist_additions_are_five_a_day(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "wishlist_add", "points": 1})
    for number in range(7):
        tell(shop, f"a{number}", "wishlist_add", subject=f"p{number}")
    assert available(shop) == 5
    assert sound(shop)


PERIODS = [
    ("day", timedelta(hours=11, minutes=59), False),  # 23:59 in Paris
    ("day", timedelta(hours=12), True),
    ("week", timedelta(hours=12), True),  # 1 March 2026 is a Sunday
    ("month", timedelta(days=30), False),
    ("month", timedelta(days=31), True),
    ("year", timedelta(days=300), False),
    ("year", timedelta(days=306), True),
    ("lifetime", timedelta(days=3000), False),
]


def test_a_cap_counts_the_shops_own_calendar(tessera: Tessera) -> None:
    for period, later, earns in PERIODS:
        shop = shop_with(tessera, {"kind": "survey", "caps": [{"period": period, "times": 1}]})
        tell(shop, "a1", "survey", AT)
        tell(shop, "a2", "survey", AT + later)
        assert outcomes(shop)["a2"] == (50 if earns else "cap_reached"), (period, later)
        assert sound(shop)


def test_the_first_rule_that_fits_counts(tessera: Tessera) -> None:
    shop = shop_with(
        tessera,
        {"kind": "social_follow", "subject": "facebook", "points": 5},
        {"kind": "social_follow", "points": 3, "when": {"weekdays": ["mon"]}},
        {"kind": "social_follow", "points": 2},
    )
    tell(shop, "a1", "social_follow", subject="facebook")
    tell(shop, "a2", "social_follow", subject="mastodon")
    tell(shop, "a3", "social_follow", AT + DAY, subject="bluesky")
    assert outcomes(shop) == {"a1": 5, "a2": 2, "a3": 3}
    assert sound(shop)


def test_a_young_account_waits(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "survey", "min_account_age_days": 2})
    tell(shop, "a1", "survey", START + timedelta(days=2) - timedelta(seconds=1))
    tell(shop, "a2", "survey", START + timedelta(days=2))
    assert outcomes(shop) == {"a1": "account_too_new", "a2": 50}
    assert sound(shop)


def test_an_activity_is_judged_by_the_version_of_its_time(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "manual", "points": 5})
    shop.publish(programme(activities=[{"key": "r0", "kind": "manual", "points": 8}]), START + DAY)
    tell(shop, "a1", "manual", START + DAY)
    tell(shop, "a2", "manual", START)
    tell(shop, "a3", "manual", datetime(2025, 12, 31, tzinfo=UTC))
    assert outcomes(shop) == {"a1": 8, "a2": 5, "a3": "no_programme"}
    assert sound(shop)


def test_money_counts_exactly_and_is_rounded_down(tessera: Tessera) -> None:
    shop = shop_with(
        tessera, {"kind": "receipt", "points": 0, "rate": {"points": "1", "per": "0.30"}, "min_amount": "1"}
    )
    tell(shop, "a1", "receipt", subject="n1", evidence={"amount": "2.10", "currency": "EUR"})
    tell(shop, "a2", "receipt", subject="n2", evidence={"amount": "2.09"})
    tell(shop, "a3", "receipt", subject="n3", evidence={"amount": "0.99"})
    tell(shop, "a4", "receipt", subject="n4", evidence={"amount": "5", "currency": "JPY"})
    tell(shop, "a5", "receipt", subject="n5")
    assert outcomes(shop) == {
        "a1": 7,
        "a2": 6,
        "a3": "below_min_amount",
        "a4": "currency_without_rate",
        "a5": "below_min_amount",
    }
    assert sound(shop)


def test_what_is_computed_is_told_in_vain(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "min_spend"})
    tell(shop, "a1", "min_spend")
    tell(shop, "a2", "birthday")
    tell(shop, "a3", "unheard-of")
    assert outcomes(shop) == {"a1": "not_told", "a2": "not_told", "a3": "no_rule"}


# --- what follows from orders -----------------------------------------------------------------------------------------


def test_the_fourth_and_every_tenth_order(tessera: Tessera) -> None:
    shop = shop_with(
        tessera,
        {"kind": "order_count_milestone", "milestone": {"at": "4"}, "points": 4},
        {"kind": "order_count_milestone", "milestone": {"every": "10"}, "points": 10},
    )
    for number in range(21):
        shop.tell(bought(f"o{number:02}", number))
    assert available(shop) == 4 + 10 + 10
    keys = [entry.key.rpartition(":")[0] for entry in shop.entries()]
    assert keys == ["order_count_milestone:r0:4", "order_count_milestone:r1:10", "order_count_milestone:r1:20"]
    assert shop.entries()[0].explanation["order"] == "o03"
    assert sound(shop)


def test_orders_that_come_late_move_the_milestone(tessera: Tessera) -> None:
    shop = shop_with(
        tessera, {"kind": "order_count_milestone", "milestone": {"at": "1"}, "rate": {"points": "1", "per": "1"}}
    )
    shop.tell(bought("later", 30, price="30.00"))
    assert available(shop) == 80
    shop.tell(bought("earlier", 10, price="7.00"))
    assert available(shop) == 57
    assert sound(shop)


def test_sums_spent_are_reached_once_each_and_left_again_by_a_refund(tessera: Tessera) -> None:
    shop = shop_with(
        tessera,
        {"kind": "spend_milestone", "milestone": {"at": "50"}, "points": 5},
        {"kind": "spend_milestone", "milestone": {"every": "25"}, "points": 1},
    )
    shop.tell(bought("o1", 1, price="30.00"))
    assert available(shop) == 1
    shop.tell(bought("o2", 2, price="100.00"))  # 50 (by the first rule), 75, 100, 125
    assert available(shop) == 1 + 5 + 3
    gone = bought("o2", 2, price="100.00", updated_at="2026-03-02T10:00:00Z")
    gone["refunds"] = [{"id": "r1", "at": "2026-03-02T10:00:00Z", "lines": [], "amount": "60.00"}]
    shop.tell(gone)  # 70 are left
    assert available(shop) == 1 + 5
    assert sound(shop)


def test_a_set_in_one_order_earns_once_and_comes_back_with_it(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "product_set", "product_set": {"products": ["plate", "bowl"]}})
    shop.tell(bought("o1", 1, "plate"), bought("o2", 2, "bowl"))
    assert available(shop) == 0
    shop.tell(bought("o3", 3, "plate", "bowl", "mug"))
    assert available(shop) == 50
    shop.tell(bought("o4", 4, "plate", "bowl"))
    assert available(shop) == 50  # once in a lifetime is the usual cap
    shop.tell(voided(bought("o3", 3, "plate", "bowl", "mug")))
    assert available(shop) == 50  # now the other one counts
    shop.tell(voided(bought("o4", 4, "plate", "bowl")))
    assert available(shop) == 0
    assert sound(shop)


def test_a_set_over_time_is_complete_with_as_many_as_are_asked_for(tessera: Tessera) -> None:
    wanted = {"products": ["soap", "oil", "brush"], "at_least": 2, "in_one_order": False}
    shop = shop_with(tessera, {"kind": "product_set", "product_set": wanted})
    shop.tell(bought("o1", 1, "soap"), bought("o2", 2, "soap"))
    assert available(shop) == 0
    shop.tell(bought("o3", 3, "brush"))
    assert available(shop) == 50
    returned = bought("o3", 3, "brush", "other", updated_at="2026-03-02T10:00:00Z")
    returned["refunds"] = [{"id": "r1", "at": "2026-03-02T10:00:00Z", "lines": [{"line_id": "l0", "quantity": 1}]}]
    shop.tell(returned)
    assert available(shop) == 0
    assert sound(shop)


def test_two_sets_in_one_order_both_earn(tessera: Tessera) -> None:
    shop = shop_with(
        tessera,
        {"kind": "product_set", "product_set": {"products": ["a", "b"]}, "points": 3},
        {"kind": "product_set", "product_set": {"products": ["b", "c"]}, "points": 4},
    )
    shop.tell(bought("o1", 1, "a", "b", "c"))
    assert available(shop) == 7
    assert sound(shop)


def test_large_orders_share_a_cap_in_the_order_they_were_placed(tessera: Tessera) -> None:
    shop = shop_with(
        tessera, {"kind": "min_spend", "min_amount": "20", "points": 9, "caps": [{"period": "day", "times": 1}]}
    )
    shop.tell(bought("late", 30, price="25.00"))
    assert outcomes(shop) == {"min_spend:r0:late": 9}
    shop.tell(bought("early", 10, price="20.00"), bought("small", 5, price="19.99"))
    assert outcomes(shop) == {"min_spend:r0:late": "no_longer_due", "min_spend:r0:early": 9}
    shop.tell(voided(bought("early", 10, price="20.00")))
    assert outcomes(shop) == {"min_spend:r0:late": 9, "min_spend:r0:early": "no_longer_due"}
    assert available(shop) == 9
    assert sound(shop)


def test_a_large_order_that_changes_hands_earns_for_its_new_customer(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "min_spend", "min_amount": "5", "points": 9})
    for second, name in enumerate(("ada", "bob", "eve", "ada"), 1):
        shop.tell(bought("o1", 1, customer={"id": name}, updated_at=f"2026-03-01T10:01:0{second}Z"))
        assert available(shop) == 9
    assert [each.get("available", 0) for each in shop.balances()].count(9) == 1
    assert sound(shop)


def test_an_award_that_waits_is_taken_back_and_waits_again(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "min_spend", "min_amount": "5", "approval": "review"})
    shop.tell(bought("o1", 1))
    assert outcomes(shop) == {"min_spend:r0:o1": "approval"}
    shop.tell(voided(bought("o1", 1)))
    assert outcomes(shop) == {"min_spend:r0:o1": "no_longer_due"}
    shop.tell(bought("o1", 1, updated_at="2026-03-03T10:00:00Z"))
    assert outcomes(shop) == {"min_spend:r0:o1": "approval"}
    assert sound(shop)


def test_a_budget_is_shared_by_all_members_and_comes_back_with_an_order(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "min_spend", "min_amount": "5", "budget": {"points": 100, "period": "month"}})
    for number in range(3):
        shop.tell(bought(f"o{number}", number, customer={"id": f"c{number}"}))
    assert available(shop) == 100
    shop.tell(voided(bought("o0", 0, customer={"id": "c0"})))
    shop.tell(bought("o3", 3, customer={"id": "c3"}))
    assert available(shop) == 100
    assert sound(shop)


def test_of_two_members_who_are_one_the_later_bonus_goes_unless_it_is_spent(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "order_count_milestone", "milestone": {"every": "1"}, "points": 7})
    guest = {"id": None, "email": "ada@example.com"}
    shop.tell(bought("o1", 1, customer=guest))
    shop.tell(bought("o2", 2, customer={"id": "ada"}), bought("o3", 3, customer={"id": "ada"}))
    assert sorted(each["available"] for each in shop.balances()) == [7, 14]
    shop.tell(
        {"id": "ada", "updated_at": "2026-03-01T12:00:00Z", "email": "ada@example.com", "email_verified": True},
        topic="customer",
    )
    assert sum(each.get("available", 0) for each in shop.balances()) == 21  # three orders: 1, 2 and now 3
    assert sorted(str(each) for each in outcomes(shop).values()) == ["7", "7", "7", "merged"]
    assert sound(shop)


def test_sign_up_counts_once_for_a_person(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "newsletter"})
    for name in ("a1", "a2"):
        customer = {"email": "ada@example.com"} if name == "a1" else {"id": "ada"}
        tell(shop, name, "newsletter", customer=customer)
    assert available(shop) == 100
    shop.tell(
        {"id": "ada", "updated_at": "2026-03-01T12:00:00Z", "email": "ada@example.com", "email_verified": True},
        topic="customer",
    )
    assert available(shop) == 50
    tell(shop, "a3", "newsletter")
    assert outcomes(shop)["a3"] == "cap_reached"
    assert sound(shop)


def test_whatever_the_order_and_the_batches_of_arrival_the_end_is_the_same(tessera: Tessera) -> None:
    rules = (
        {"kind": "order_count_milestone", "milestone": {"at": "2", "every": "3"}, "rate": {"points": "1", "per": "1"}},
        {"kind": "spend_milestone", "milestone": {"every": "20"}, "points": 3},
        {"kind": "min_spend", "min_amount": "12", "points": 5, "caps": [{"period": "day", "times": 2}]},
        {"kind": "product_set", "product_set": {"products": ["a", "b"], "in_one_order": False}, "points": 100},
    )
    states = [bought(f"o{number}", number, "ab"[number % 2], price=f"{7 + 3 * number}.00") for number in range(6)]
    states += [voided(states[1]), voided(states[4]), {**states[4], "updated_at": "2026-03-03T10:00:00Z"}]
    ends = set()
    for seed in range(6):
        shop = shop_with(tessera, *rules)
        shuffled = random.Random(seed).sample(states, len(states))
        for start in range(0, len(shuffled), 1 + seed):
            shop.deliver(*shuffled[start : start + 1 + seed])
            shop.drain()
        ends.add((available(shop), tuple(sorted(each for each in outcomes(shop).values() if isinstance(each, int)))))
        assert sound(shop)
    assert len(ends) == 1
