"""Order rules that ask who buys, where it goes, what it costs and which code was used: through the whole shop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app import shops
from app.audit import audit
from app.db import transaction
from app.members import enrolling
from app.members.enrolling import Named
from tests.build import START, Shop, Tessera, line, order, programme, refund

NOW = "2026-03-01T12:00:00Z"


def document(**parts: Any) -> dict[str, Any]:
    """Return a programme of 10 points per EUR 1 with further parts; `segments` and `eligibility` stand at the top."""
    top = {name: parts.pop(name) for name in ("segments", "eligibility") if name in parts}
    return {**programme(**parts), **top}


def enrol(shop: Shop, platform_id: str = "ada", **facts: Any) -> str:
    """Enrol a member as POST /members does."""
    services = shop.tessera.services
    with transaction(shop.tessera.engine) as connection:
        known, now = shops.hold(connection, shop.id), services.clock.now(connection)
        named = Named(platform_id=platform_id, **facts)
        return enrolling.enrol(connection, services.vault, known, named, now).member_id


def told_customer(**facts: Any) -> dict[str, Any]:
    return {"id": "ada", "updated_at": NOW, **facts}


def product(**facts: Any) -> dict[str, Any]:
    variants = [{"id": "v1", "price": "20.00", "cost": "8.00"}]  # 60 % margin
    return {"id": "p1", "updated_at": NOW, "variants": variants, **facts}


def bought(order_id: str = "1001", **changes: Any) -> dict[str, Any]:
    return order(id=order_id, **changes)


def code(text: str) -> list[dict[str, str]]:
    return [{"code": text}]


MARKETS = [{"key": "nordics", "countries": ["FI", "SE"], "rate": {"points": "20", "per": "1"}}]


def test_an_order_earns_the_rate_of_the_country_it_goes_to(tessera: Tessera) -> None:
    shop = tessera.shop(document(markets=MARKETS))
    shop.tell(bought("1", country="FI"), bought("2", country="FR"), bought("3"))
    assert [shop.order(one).target for one in "123"] == [799, 399, 399]
    assert shop.order("1").explanation["rate"] == {"points": "20", "per": "1", "market": "nordics"}
    assert audit(tessera.engine, shop.id) == []


def test_a_product_earns_by_its_margin_as_it_was_when_the_order_was_first_seen(tessera: Tessera) -> None:
    bands = [{"key": "low", "to": "0.3", "multiplier": "0"}, {"key": "high", "from": "0.5", "multiplier": "2"}]
    shop = tessera.shop(document(margins=bands))
    shop.tell(product(), topic="product")
    shop.tell(bought(lines=[line(variant_id="v1")]))
    assert shop.order().target == 799
    dearer = product(updated_at="2026-03-02T12:00:00Z", variants=[{"id": "v1", "cost": "19.00"}])
    shop.tell(dearer, topic="product")  # its price is not told again, so it is still 20.00
    shop.tell(bought(lines=[line(variant_id="v1")], refunds=[refund()], updated_at="2026-03-02T13:00:00Z"))
    shop.tell(bought("2", lines=[line(variant_id="v1")]))
    assert (shop.order().target, shop.order("2").target) == (399, 0)
    assert shop.order().explanation["lines"][0]["margin"]["rule"] == "high"
    assert audit(tessera.engine, shop.id) == []


@pytest.mark.parametrize(
    ("variants", "variant_id", "points"),
    [
        ([{"id": "v1", "price": "20", "cost": "8"}], "v1", 799),
        ([{"id": "v1", "price": "20", "cost": "8"}], None, 799),  # the only variant there is
        ([{"id": "p1", "price": "20", "cost": "8"}], None, 799),  # a product that is its own variant
        ([{"id": "v1", "price": "20", "cost": "10"}], "v1", 799),  # exactly at the edge, which is inclusive
        ([{"id": "v1", "price": "20", "cost": "10.01"}], "v1", 399),
        ([{"id": "v1", "price": "20", "cost": "8"}], "v2", 399),
        ([{"id": "v1", "price": "20", "cost": "8"}, {"id": "v2", "price": "20", "cost": "8"}], None, 399),
        ([{"id": "v1", "price": "20"}], "v1", 399),
        ([{"id": "v1", "cost": "8"}], "v1", 399),
        ([{"id": "v1", "price": "0", "cost": "0"}], "v1", 399),
    ],
)
def test_a_margin_needs_a_price_and_a_cost(
    tessera: Tessera, variants: list[dict[str, str]], variant_id: str | None, points: int
) -> None:
    shop = tessera.shop(document(margins=[{"key": "high", "from": "0.5", "multiplier": "2"}]))
    shop.tell(product(variants=variants), topic="product")
    shop.tell(bought(lines=[line(variant_id=variant_id)]))
    assert shop.order().target == points


def test_a_stale_product_changes_nothing_whatever_it_is_drained_with(tessera: Tessera) -> None:
    shop = tessera.shop(document(margins=[{"key": "high", "from": "0.5", "multiplier": "2"}]))
    shop.deliver(product(updated_at="2026-03-02T12:00:00Z"), topic="product")
    shop.deliver(product(variants=[{"id": "v1", "price": "20", "cost": "19"}]), topic="product")
    shop.deliver(bought(lines=[line(variant_id="v1")]))
    shop.drain()
    assert shop.order().target == 799
    assert audit(tessera.engine, shop.id) == []


SEGMENTS = [{"key": "vip", "any_tag": ["vip"], "multiplier": "2"}, {"key": "far", "countries": ["NZ"]}]


def test_a_member_of_a_segment_earns_by_its_multiplier(tessera: Tessera) -> None:
    shop = tessera.shop(document(segments=SEGMENTS))
    shop.tell(told_customer(tags=["vip"]), topic="customer")
    shop.tell(bought(), bought("2", customer={"id": "bob"}))
    assert (shop.order().target, shop.order("2").target) == (799, 399)
    assert shop.order().context["segments"] == ["vip"]
    assert audit(tessera.engine, shop.id) == []


def test_the_segments_of_an_order_stay_whatever_becomes_of_its_member(tessera: Tessera) -> None:
    shop = tessera.shop(document(segments=SEGMENTS))
    enrol(shop, tags=["vip"])
    shop.tell(bought())
    enrol(shop, tags=[])
    shop.tell(bought(refunds=[refund()], updated_at="2026-03-02T12:00:00Z"), bought("2"))
    assert (shop.order().target, shop.order("2").target) == (399, 399)
    assert audit(tessera.engine, shop.id) == []


def test_what_a_customer_event_leaves_out_stays_as_it_was(tessera: Tessera) -> None:
    shop = tessera.shop(document(segments=SEGMENTS))
    enrol(shop, tags=["vip"], country="NZ")
    shop.tell(told_customer(), topic="customer")
    shop.tell(bought())
    assert shop.order().context["segments"] == ["vip", "far"]
    shop.tell(told_customer(updated_at="2026-03-02T12:00:00Z", tags=[], country="FR"), topic="customer")
    shop.tell(bought("2"))
    assert shop.order("2").context["segments"] == []
    assert audit(tessera.engine, shop.id) == []


def test_orders_before_this_one_make_a_regular(tessera: Tessera) -> None:
    regulars = [{"key": "regular", "orders_at_least": 1, "multiplier": "3"}]
    shop = tessera.shop(document(segments=regulars, stacking="multiply"))
    shop.tell(bought(), bought("2", placed_at="2026-03-01T11:00:00Z"))
    assert (shop.order().target, shop.order("2").target) == (399, 1199)
    shop.tell(bought(refunds=[refund(quantity=2)], updated_at="2026-03-02T12:00:00Z"))
    shop.tell(bought("2", placed_at="2026-03-01T11:00:00Z", updated_at="2026-03-02T12:00:00Z"))
    assert shop.order("2").target == 1199
    assert audit(tessera.engine, shop.id) == []


def campaign(**changes: Any) -> dict[str, Any]:
    return {"key": "gift", "bonus": 100, **changes}


@pytest.mark.parametrize(
    ("who", "customer", "country", "points"),
    [
        ({"segments": ["vip"]}, {"tags": ["vip"]}, None, 100),
        ({"segments": ["vip"]}, {"tags": ["other"]}, None, 0),
        ({"any_tag": ["blue", "red"]}, {"tags": ["red"]}, None, 100),
        ({"any_tag": ["blue"]}, {"tags": ["Blue"]}, None, 0),
        ({"markets": ["nordics"]}, {}, "SE", 100),
        ({"markets": ["nordics"]}, {}, "DE", 0),
        ({"markets": ["nordics"]}, {"country": "SE"}, None, 0),  # where the order goes, not where the member lives
        ({"tiers": ["gold"]}, {}, None, 0),
        ({"tiers": ["entry", "gold"]}, {}, None, 100),
        ({"segments": ["vip"], "markets": ["nordics"]}, {"tags": ["vip"]}, "DE", 0),
    ],
)
def test_a_campaign_is_for_whom_it_names(
    tessera: Tessera, who: dict[str, Any], customer: dict[str, Any], country: str | None, points: int
) -> None:
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "500"}]
    segments = [{"key": "vip", "any_tag": ["vip"]}]
    rules = document(
        campaigns=[campaign(who=who)],
        segments=segments,
        tiers=tiers,
        rate={"points": "0", "per": "1"},
        markets=[{"key": "nordics", "countries": ["FI", "SE"]}],
    )
    shop = tessera.shop(rules)
    shop.tell(told_customer(**customer), topic="customer")
    shop.tell(bought(country=country))
    assert shop.order().target == points
    assert audit(tessera.engine, shop.id) == []


def test_a_code_brings_its_campaign_however_it_is_written(tessera: Tessera) -> None:
    shop = tessera.shop(document(campaigns=[campaign(coupon="Spring")]))
    shop.tell(bought(discount_codes=code("SPRING")), bought("2", discount_codes=code("SPRINGS")), bought("3"))
    assert [shop.order(one).target for one in ("1001", "2", "3")] == [499, 399, 399]
    assert audit(tessera.engine, shop.id) == []


def test_only_the_first_so_many_orders_share_in_a_limited_code(tessera: Tessera) -> None:
    shop = tessera.shop(document(campaigns=[campaign(coupon="first", max_orders=2)]))
    for number, name in enumerate(("ada", "bob", "eve", "kim")):
        shop.tell(bought(str(number), customer={"id": name}, discount_codes=code("first")))
    assert [shop.order(str(number)).target for number in range(4)] == [499, 499, 399, 399]
    assert shop.order("2").explanation["places"] == {"gift": False}
    assert audit(tessera.engine, shop.id) == []


def test_a_cancelled_order_keeps_its_place_and_an_unpaid_one_never_had_one(tessera: Tessera) -> None:
    shop = tessera.shop(document(campaigns=[campaign(max_orders=1)]))
    shop.tell(bought("unpaid", financial_status="pending"), bought("a"))
    assert (shop.order("unpaid").target, shop.order("a").target) == (0, 499)
    later = {"updated_at": "2026-03-02T12:00:00Z"}
    shop.tell(bought("a", cancelled_at="2026-03-02T12:00:00Z", **later), bought("unpaid", **later), bought("b"))
    assert [shop.order(one).target for one in ("a", "unpaid", "b")] == [0, 399, 399]
    shop.tell(bought("a", updated_at="2026-03-03T12:00:00Z"))
    assert shop.order("a").target == 499
    assert audit(tessera.engine, shop.id) == []


def test_an_order_that_can_earn_nothing_takes_no_place(tessera: Tessera) -> None:
    shop = tessera.shop(document(campaigns=[campaign(max_orders=1)]))
    shop.tell(bought("1", currency="CHF"), bought("2"))
    assert [shop.order(one).target for one in "12"] == [0, 499]
    assert audit(tessera.engine, shop.id) == []


def test_a_member_shares_in_a_campaign_so_many_times(tessera: Tessera) -> None:
    shop = tessera.shop(document(campaigns=[campaign(max_orders_per_member=1)]))
    shop.deliver(bought("1"), bought("2"), bought("3", customer={"id": "bob"}))
    shop.drain()
    assert [shop.order(one).target for one in "123"] == [499, 399, 499]
    assert audit(tessera.engine, shop.id) == []


def test_places_are_counted_on_by_the_next_version(tessera: Tessera) -> None:
    rules = document(campaigns=[campaign(max_orders=1)])
    shop = tessera.shop(rules)
    shop.tell(bought())
    shop.publish(rules, START + timedelta(hours=1))
    shop.tell(bought("2", placed_at="2026-03-02T10:00:00Z"))
    assert (shop.order("2").version, shop.order("2").target) == (2, 399)
    assert audit(tessera.engine, shop.id) == []


def test_whoever_gets_no_place_falls_back_to_the_next_campaign(tessera: Tessera) -> None:
    alone = campaign(max_orders=1, priority=1, stackable=False)
    shop = tessera.shop(document(campaigns=[{"key": "always", "bonus": 10}, alone]))
    shop.tell(bought(), bought("2"))
    assert (shop.order().target, shop.order("2").target) == (499, 409)
    assert audit(tessera.engine, shop.id) == []


@pytest.mark.parametrize(
    ("eligibility", "facts", "country", "condition"),
    [
        ({"enrol": "on_request"}, None, None, "enrol"),
        ({"enrol": "on_request"}, {}, None, None),
        ({"min_age": 18}, {"birthday": date(2008, 3, 1)}, None, None),
        ({"min_age": 18}, {"birthday": date(2008, 3, 2)}, None, "min_age"),
        ({"min_age": 18}, {}, None, "min_age"),
        ({"any_tag": ["b2c"]}, {"tags": ["b2c"]}, None, None),
        ({"any_tag": ["b2c"]}, {"tags": ["b2b"]}, None, "any_tag"),
        ({"exclude_tags": ["staff"]}, {"tags": ["staff"]}, None, "exclude_tags"),
        ({"customer_groups": ["customer"]}, {"customer_groups": ["customer"]}, None, None),
        ({"customer_groups": ["customer"]}, {}, None, "customer_groups"),
        ({"exclude_customer_groups": ["dealer"]}, {"customer_groups": ["dealer"]}, None, "exclude_customer_groups"),
        ({"countries": ["FR"]}, {}, "FR", None),
        ({"countries": ["FR"]}, {}, "DE", "countries"),
        ({"countries": ["FR"]}, {}, None, "countries"),
        ({"exclude_countries": ["DE"]}, {}, "DE", "exclude_countries"),
        ({"exclude_countries": ["DE"]}, {}, None, None),
    ],
)
def test_only_orders_of_the_eligible_earn(
    tessera: Tessera,
    eligibility: dict[str, Any],
    facts: dict[str, Any] | None,
    country: str | None,
    condition: str | None,
) -> None:
    shop = tessera.shop(document(eligibility=eligibility))
    if facts is not None:
        enrol(shop, **facts)
    shop.tell(bought(country=country))
    told = shop.order()
    assert told.target == (399 if condition is None else 0)
    assert told.explanation.get("condition") == condition
    assert told.explanation.get("nothing_because") == (None if condition is None else "not_eligible")
    assert told.counts is (condition is None)
    assert audit(tessera.engine, shop.id) == []


def test_who_joins_earns_from_then_on(tessera: Tessera) -> None:
    shop = tessera.shop(document(eligibility={"enrol": "on_request"}))
    shop.tell(bought())
    enrol(shop)
    shop.tell(bought(updated_at="2026-03-02T12:00:00Z"), bought("2"))
    assert (shop.order().target, shop.order("2").target) == (0, 399)
    assert audit(tessera.engine, shop.id) == []


def test_a_birthday_told_later_makes_no_order_of_before_earn(tessera: Tessera) -> None:
    shop = tessera.shop(document(eligibility={"min_age": 18}))
    shop.tell(bought())
    enrol(shop, birthday=date(1990, 1, 1))
    shop.tell(bought(updated_at="2026-03-02T12:00:00Z"), bought("2"))
    assert (shop.order().target, shop.order("2").target) == (0, 399)
    assert audit(tessera.engine, shop.id) == []


def test_an_order_that_waited_for_its_first_version_freezes_what_is_known_then(tessera: Tessera) -> None:
    shop = tessera.shop()
    shop.tell(product(tags=["light"]), topic="product")
    shop.tell(bought())
    shop.publish(
        document(products=[{"key": "a", "match": {"tag": "light"}, "multiplier": "2"}]),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    enrol(shop, tags=["vip"])
    told = {"id": "r", "at": "2026-03-02T10:00:00Z", "lines": [{"line_id": "l1", "quantity": 1}]}
    shop.tell(bought(refunds=[told], updated_at="2026-03-02T12:00:00Z"))
    assert shop.order().target == 399
    assert audit(tessera.engine, shop.id) == []
