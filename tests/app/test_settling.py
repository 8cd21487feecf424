"""From a delivery to points: one shop, real deliveries, both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app import schedules
from app.audit import audit
from app.db import reading
from app.intake import inbox
from app.models import inbox as inbox_table
from tests.build import START, Tessera, line, order, programme, refund
from tests.payloads import shopify, woocommerce


def test_a_paid_order_becomes_points(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    assert shop.tell(order()).done == 1
    assert shop.balance() == {"issued": 399, "available": 399}


def test_the_same_order_three_times_is_one_award(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(), order(), order())
    assert shop.balance() == {"issued": 399, "available": 399}
    assert len(shop.entries()) == 1


def test_the_same_delivery_key_is_one_delivery(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    for _ in range(3):
        shop.deliver(order(), key="d-1")
    assert shop.drain().total == 1


def test_refunds_take_back_by_the_rule_of_the_purchase(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    shop.publish(programme(rate={"points": "20", "per": "1"}))
    shop.tell(order(updated_at="2026-03-02T10:00:00Z", refunds=[refund()]))
    assert shop.balance()["available"] == 199
    both = [refund(), refund("r2", at="2026-03-03T10:00:00Z")]
    shop.tell(order(updated_at="2026-03-03T10:00:00Z", refunds=both))
    assert shop.balance() == {"issued": 399, "reversed": 399}


def test_an_order_before_the_first_version_earns_nothing_until_looked_at_again(tessera: Tessera) -> None:
    shop = tessera.shop()
    shop.tell(order())
    shop.publish(programme(), datetime(2026, 1, 1, tzinfo=UTC))
    assert shop.balance() == {}

    shop.tell(order(updated_at="2026-03-01T10:00:06Z"))

    assert shop.balance() == {"issued": 399, "available": 399}


def test_an_older_state_changes_nothing(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(updated_at="2026-03-05T00:00:00Z", financial_status="voided"), order())
    assert shop.balances() in ([], [{}])


def test_a_cancelled_order_that_is_reopened_gets_its_points_again(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    shop.tell(order(updated_at="2026-03-02T00:00:00Z", cancelled_at="2026-03-02T00:00:00Z"))
    assert shop.balance() == {"issued": 399, "reversed": 399}
    shop.tell(order(updated_at="2026-03-03T00:00:00Z"))
    assert shop.balance() == {"issued": 798, "reversed": 399, "available": 399}


def test_a_guest_earns_on_an_unclaimed_member_until_the_address_is_verified(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(customer={"id": None, "email": " Ada@Example.com "}))
    known = {"id": "ada", "updated_at": "2026-03-02T00:00:00Z", "email": "ada@example.com", "email_verified": True}
    shop.tell(known, topic="customer")
    shop.tell(order(id="1002"))

    assert shop.balances() == [{"issued": 798, "available": 798}]


def test_a_customer_that_exists_already_takes_over_what_the_guest_had(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(), order(id="1002", customer={"id": None, "email": "ada@example.com"}))
    assert len(shop.balances()) == 2
    known = {"id": "ada", "updated_at": "2026-03-02T00:00:00Z", "email": "ada@example.com", "email_verified": True}
    shop.tell(known, topic="customer")
    assert [sums for sums in shop.balances() if sums] == [{"issued": 798, "available": 798}]

    shop.tell(order(id="1002", updated_at="2026-03-03T00:00:00Z", financial_status="voided"))

    assert [sums for sums in shop.balances() if sums] == [{"issued": 798, "reversed": 399, "available": 399}]


def test_a_deleted_customer_begins_anew_but_old_orders_stay_where_they_are(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    shop.tell({"id": "ada", "updated_at": "2026-03-02T00:00:00Z", "deleted": True}, topic="customer")
    shop.tell(order(updated_at="2026-03-03T00:00:00Z", refunds=[refund()]))
    assert shop.balances() == [{"issued": 399, "reversed": 200, "available": 199}]

    shop.tell(order(id="1002"))

    assert len(shop.balances()) == 2


def test_points_move_when_the_order_changes_its_customer(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    shop.tell(order(updated_at="2026-03-02T00:00:00Z", customer={"id": "bob"}))
    totals = sorted(shop.balances(), key=str)
    assert totals == [{"issued": 399, "available": 399}, {"issued": 399, "reversed": 399}]


def test_an_order_of_nobody_has_target_zero(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(customer=None))
    assert shop.balances() == []
    assert shop.order().target == 0


def test_points_wait_for_their_period_and_come_by_date_alone(tessera: Tessera) -> None:
    shop = tessera.shop(programme(pending_days=14))
    shop.tell(order())
    assert shop.balance() == {"issued": 399, "pending": 399}
    # the end of local day 15 March in Paris
    assert shop.order().available_from == datetime(2026, 3, 15, 23, tzinfo=UTC)


def test_lines_added_later_earn_by_the_orders_own_version(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    shop.publish(programme(rate={"points": "20", "per": "1"}))
    more = [line(), line(id="l2", product_id="p2", quantity=1, unit_price="10.00")]
    shop.tell(order(updated_at="2026-03-02T00:00:00Z", lines=more))
    assert shop.balance()["available"] == 499


def test_product_facts_are_frozen_when_first_seen(tessera: Tessera) -> None:
    rules = [{"key": "shoes", "match": {"tag": "shoes"}, "multiplier": "2"}]
    shop = tessera.shop(programme(products=rules))
    product = {"id": "p1", "updated_at": "2026-02-01T00:00:00Z", "tags": ["shoes"]}
    shop.tell(product, topic="product")
    shop.tell(order())
    assert shop.balance()["available"] == 799
    shop.tell({**product, "updated_at": "2026-03-02T00:00:00Z", "tags": []}, topic="product")
    shop.tell(order(updated_at="2026-03-02T00:00:00Z", refunds=[refund()]), order(id="1002"))

    assert shop.balance()["available"] == 399 + 399


def test_a_poisonous_delivery_fails_alone(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    huge = order(id="huge", lines=[line(quantity=10**9, unit_price="9" * 18)])
    for number in range(5):
        shop.deliver(order(id=str(number)))
    shop.deliver(huge)
    for number in range(5, 9):
        shop.deliver(order(id=str(number)))

    outcome = shop.drain()

    assert (outcome.done, outcome.failed) == (9, 1)
    assert shop.balance()["available"] == 9 * 399


def test_tax_of_money_given_back_counts_where_prices_include_it(tessera: Tessera) -> None:
    shop = tessera.shop(programme(), platform="shopify")
    goodwill = shopify.adjustment("-10.00", tax_amount="-2.00", tax_amount_set=shopify.bag("-2.00"))
    told = shopify.refund(refund_line_items=[], order_adjustments=[goodwill])
    for number, included in enumerate((False, True)):
        numbered = {"id": number, "taxes_included": included}
        shop.tell({**shopify.order(), **numbered}, topic="orders/paid")
        shop.tell({**told, "order_id": number}, topic="refunds/create")
    # 39.98 − 10.00, and 39.98 − 12.00
    assert (shop.order("0").target, shop.order("1").target) == (299, 279)


def test_an_order_counts_as_delivered_only_when_the_shop_says_so(tessera: Tessera) -> None:
    shop = tessera.shop(programme(earn_on="delivered"))
    handed_over = order(fulfilled_at="2026-03-01T11:00:00Z", updated_at="2026-03-01T11:00:00Z")
    shop.tell(handed_over)
    tessera.set_clock(START + timedelta(days=30))
    schedules.tick(tessera.engine, tessera.services.clock)
    assert shop.order().target == 0
    shop.tell({**handed_over, "updated_at": "2026-03-04T00:00:00Z", "delivered_at": "2026-03-04T00:00:00Z"})
    assert shop.order().target == 399


def test_a_platform_that_tells_no_delivery_counts_days_after_completion(tessera: Tessera) -> None:
    shop = tessera.shop(programme(earn_on="delivered", delivered_after_days=7), platform="woocommerce")
    completed = woocommerce.order(status="completed", date_completed_gmt="2026-02-25T12:00:00")
    shop.tell(completed, topic="order.updated")
    waiting = shop.order(str(completed["id"]))
    assert (waiting.target, waiting.look_again_at) == (0, datetime(2026, 3, 4, 12, tzinfo=UTC))
    tessera.set_clock(START + timedelta(days=4))

    assert schedules.tick(tessera.engine, tessera.services.clock).orders == 1

    assert shop.order(str(completed["id"])).target > 0
    assert audit(tessera.engine) == []


def test_a_deleted_identity_that_comes_back_in_one_batch_is_a_new_member(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    gone = {"id": "ada", "updated_at": "2026-03-02T00:00:00Z", "deleted": True}
    shop.deliver(order())
    shop.deliver(gone, topic="customer")
    shop.deliver(order(id="1002"))
    assert shop.drain().done == 3
    assert [sums["available"] for sums in shop.balances()] == [399, 399]
    assert audit(tessera.engine) == []


def test_deleting_one_of_a_persons_customers_leaves_the_other_its_member(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    for number, customer in enumerate(("ada", "ada2"), 1):
        proof = {"id": customer, "email": "ada@example.com", "email_verified": True}
        shop.tell(order(id=str(number), customer=proof))
    shop.tell({"id": "ada", "updated_at": "2026-03-02T00:00:00Z", "deleted": True}, topic="customer")
    for number, customer in enumerate(("ada2", None, "ada"), 3):
        shop.tell(order(id=str(number), customer={"id": customer, "email": "ada@example.com"}))
    assert sorted(sums["available"] for sums in shop.balances()) == [399, 4 * 399]  # who was deleted begins anew
    assert audit(tessera.engine) == []


def test_a_state_older_than_the_deletion_brings_nobody_back(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    known = {"id": "ada", "updated_at": "2026-02-01T00:00:00Z", "email": "ada@example.com", "email_verified": True}
    shop.tell(known, {**known, "deleted": True}, {**known, "updated_at": "2026-02-20T00:00:00Z"}, topic="customer")
    assert len(shop.balances()) == 1
    shop.tell({**known, "updated_at": "2026-03-09T00:00:00Z"}, topic="customer")
    assert len(shop.balances()) == 2


def test_a_refund_told_alone_of_more_than_was_ordered_fails_and_moves_nothing(tessera: Tessera) -> None:
    shop = tessera.shop(programme(), platform="shopify")
    too_many = shopify.refund(refund_line_items=[shopify.refund_line(quantity=3, subtotal=59.97)])
    early, late = shopify.order(id=1), shopify.order(id=2)
    shop.tell({**too_many, "order_id": 1}, topic="refunds/create")  # waits for its order, and is passed over then
    shop.tell(early, late, topic="orders/paid")
    assert shop.tell({**too_many, "order_id": 2}, topic="refunds/create").failed == 1
    assert (shop.order("1").target, shop.order("2").target) == (399, 399)


def test_points_beyond_what_a_member_can_have_fail_with_a_plain_reason(tessera: Tessera) -> None:
    shop, other = tessera.shop(programme()), tessera.shop(programme())
    huge = order(lines=[line(quantity=1_000_000_000, unit_price="999999999999999.99")])
    half = order(lines=[line(quantity=9, unit_price="999999999999999.99")])
    shop.deliver(huge, half, {**half, "id": "1002"})
    other.deliver(order())
    inbox.drain_all(tessera.services.drain)
    with reading(tessera.engine) as connection:
        reasons = set(connection.execute(select(inbox_table.c.reason).where(inbox_table.c.state == "failed")).scalars())
    assert len(reasons) == 2
    assert all("at most" in reason for reason in reasons), reasons
    assert other.balance()["available"] == 399
    assert audit(tessera.engine) == []


def test_the_shoppers_money_counts_where_it_has_a_rate_else_the_shops(tessera: Tessera) -> None:
    lamp = shopify.line(price="20.00", price_set=shopify.bag("20.00", "23.60"), quantity=1, current_quantity=1)
    back = shopify.refund_line(subtotal=20.0, subtotal_set=shopify.bag("20.00", "23.60"))
    whole = shopify.order(
        presentment_currency="USD",
        line_items=[lamp],
        shipping_lines=[],
        current_total_price_set=shopify.bag("20.00", "23.60"),
        total_price_set=shopify.bag("20.00", "23.60"),
    )
    refund = shopify.refund(order_id=whole["id"], refund_line_items=[back])
    for rates, points in (({}, 200), ({"USD": {"points": "5", "per": "1"}}, 118)):
        shop = tessera.shop(programme(rates=rates), platform="shopify")
        shop.tell(whole, topic="orders/paid")
        assert shop.order(str(whole["id"])).target == points
        shop.tell(refund, topic="refunds/create")
        assert shop.order(str(whole["id"])).target == 0
