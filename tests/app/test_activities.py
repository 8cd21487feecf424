"""Activities that a shop tells of: the first rule that fits decides, once for each id."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app import shops
from app.activities import commands
from app.audit import audit
from app.db import reading, transaction
from app.models import activities
from tests.build import Shop, Tessera, order, programme


def activity(activity_id: str = "a1", kind: str = "review", **changes: Any) -> dict[str, Any]:
    told = {"id": activity_id, "customer": {"id": "ada"}, "kind": kind, "at": "2026-03-01T11:00:00Z"}
    return {**told, **changes}


def shop_with(tessera: Tessera, *rules: dict[str, Any], **more: Any) -> Shop:
    named = [{"key": f"r{number}", "points": 50, **rule} for number, rule in enumerate(rules)]
    return tessera.shop(programme(activities=named, **more))


def told(shop: Shop) -> list[Any]:
    mine = select(activities).where(activities.c.shop_id == shop.id).order_by(activities.c.at, activities.c.id)
    with reading(shop.tessera.engine) as connection:
        return list(connection.execute(mine))


def outcomes(shop: Shop) -> dict[str, tuple[str, str | None, int]]:
    """Return each activity's state, reason and points, by the name it was told under."""
    return {row.id.removeprefix("activity:"): (row.state, row.reason, row.target) for row in told(shop)}


def sound(shop: Shop) -> bool:
    assert audit(shop.tessera.engine, shop.id) == []
    return True


def test_an_activity_earns_what_its_rule_says(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "review"})
    shop.tell(activity(subject="p1"), topic="activity")
    (entry,) = shop.entries()
    assert (entry.key, entry.kind, entry.points) == ("activity:a1", "activity", 50)
    assert entry.account_changes == {"issued": -50, "available": 50}
    assert entry.explanation["kind"] == "review"
    assert entry.explanation["rule"] == "r0"
    assert entry.explanation["version"] == 1
    assert entry.explanation["caps"]["rule"][0]["times_left"] == 1
    assert told(shop)[0].verified
    assert sound(shop)


def test_the_same_activity_again_has_one_effect_and_another_under_its_id_fails(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "review"})
    shop.tell(activity(subject="p1"), activity(subject="p1"), topic="activity")
    assert shop.tell(activity(subject="p2"), topic="activity").failed == 1
    assert shop.balance()["issued"] == 50
    assert sound(shop)


@pytest.mark.parametrize("first", ["visit", "visit:2"])
def test_what_is_named_like_a_later_posting_of_another_stands_in_nobodys_way(tessera: Tessera, first: str) -> None:
    shop = shop_with(tessera, {"kind": "custom:visit"})
    other = {"visit": "visit:2", "visit:2": "visit"}[first]
    shop.tell(activity(first, "custom:visit"), activity(other, "custom:visit"), topic="activity")
    with transaction(tessera.engine) as connection:
        held = shops.hold(connection, shop.id)
        now = tessera.services.clock.now(connection)
        commands.reject(connection, held, "activity:visit", "no", now)
        commands.reject(connection, held, "activity:visit:2", "no", now)
    assert {entry.key for entry in shop.entries()} == {
        "activity:visit", "activity:visit:2", "activity:visit:2:1", "activity:visit:2:2"
    }  # fmt: skip
    assert sound(shop)


def test_an_order_named_like_a_later_posting_of_another_keeps_no_award(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "min_spend", "min_amount": "1.00", "points": 7})
    assert shop.tell(order(id="o1:2"), order(id="o1")).done == 2
    void = {"financial_status": "voided", "updated_at": "2026-03-01T11:00:00Z"}
    assert shop.tell(order(id="o1", **void), order(id="o1:2", **void)).failed == 0
    assert shop.balance()["issued"] == shop.balance()["reversed"]
    assert sound(shop)


@pytest.mark.parametrize("first", ["order", "activity"])
def test_a_verified_buyer_has_bought_the_product_before(tessera: Tessera, first: str) -> None:
    shop = shop_with(tessera, {"kind": "review", "verified_buyer": True})
    review = activity(subject="p1")
    if first == "order":
        shop.tell(order())
    shop.tell(review, activity("a2", subject="p2"), topic="activity")
    bought = ("awarded", None, 50) if first == "order" else ("refused", "not_a_buyer", 0)
    assert outcomes(shop) == {"a1": bought, "a2": ("refused", "not_a_buyer", 0)}
    assert sound(shop)


def test_a_text_seen_before_waits_for_the_merchant(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "review"})
    shop.tell(
        activity("a1", subject="p1", evidence={"text": "Lovely  shoes!"}),
        activity("a2", subject="p2", evidence={"text": "lovely shoes"}),
        activity("a3", subject="p3", evidence={"text": "Too small."}),
        topic="activity",
    )
    assert outcomes(shop) == {
        "a1": ("awarded", None, 50),
        "a2": ("review", "seen_before", 0),
        "a3": ("awarded", None, 50),
    }
    assert sound(shop)


def test_nothing_a_shopper_wrote_is_in_the_journal_or_the_ledger(tessera: Tessera) -> None:
    shop = shop_with(tessera, {"kind": "review"})
    shop.tell(
        activity(evidence={"text": "My name is Ada", "picture_url": "https://pics.example/ada"}), topic="activity"
    )
    with reading(tessera.engine) as connection:
        for table in ("facts", "entries", "activities"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "Ada" not in str(rows)
            assert "pics.example" not in str(rows)
    assert told(shop)[0].evidence is not None


def test_a_milestone_is_taken_back_with_its_order_and_given_again(tessera: Tessera) -> None:
    shop = shop_with(
        tessera,
        {"kind": "order_count_milestone", "milestone": {"at": "2"}, "points": 7},
        {"kind": "order_count_milestone", "milestone": {"every": "3"}, "points": 11},
    )
    lines = [{"id": "l1", "quantity": 1, "unit_price": "0.10"}]
    for number in range(1, 7):
        shop.tell(order(id=f"o{number}", placed_at=f"2026-03-01T10:0{number}:00Z", lines=lines))
    assert shop.balance()["available"] == 6 + 7 + 11 + 11
    gone = {"financial_status": "voided", "updated_at": "2026-03-02T10:00:00Z", "lines": lines}
    shop.tell(order(id="o1", placed_at="2026-03-01T10:01:00Z", **gone))
    assert shop.balance()["available"] == 5 + 7 + 11
    again = {"updated_at": "2026-03-03T10:00:00Z", "lines": lines}
    shop.tell(order(id="o1", placed_at="2026-03-01T10:01:00Z", **again))
    assert shop.balance()["available"] == 6 + 7 + 11 + 11
    assert sound(shop)


def test_sign_up_newsletter_and_profile_follow_from_what_is_told_of_a_customer(tessera: Tessera) -> None:
    shop = shop_with(
        tessera,
        {"kind": "sign_up", "points": 100},
        {"kind": "newsletter", "points": 30},
        {"kind": "profile_field", "subject": "birthday", "points": 5},
    )
    customer = {"id": "ada", "updated_at": "2026-03-01T10:00:00Z", "email": "ada@example.com"}
    shop.tell(customer, topic="customer")
    assert shop.balance()["available"] == 100
    later = {**customer, "updated_at": "2026-03-01T11:00:00Z", "birthday": "1990-12-31", "accepts_marketing": True}
    shop.tell(later, {**later, "updated_at": "2026-03-01T12:00:00Z"}, topic="customer")
    assert shop.balance()["available"] == 135
    assert sound(shop)
