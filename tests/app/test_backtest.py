"""The back-test is the engine: same function, same facts, nothing written."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Connection, func, select

from app import shops
from app.backtest import Backtest, Question
from app.backtest.asking import ask
from app.backtest.estimates import life_of
from app.db import reading, transaction
from app.models import metadata, orders
from app.points import adjusting
from app.rules.programme import Programme, parse_programme
from app.tiers.ranks import set_by_hand
from bench import backtest as bench
from tests.build import START, Shop, Tessera, line, open_tessera, order, programme, refund
from tests.histories import Life, deliveries, known_before, random_life, random_programme
from tests.scheduled.play import play, rule

LATER = datetime(2027, 3, 1, tzinfo=UTC)
SHOPS, LIVES = 80 if settings.default.max_examples > 1_000 else 20, 8
FIVE = {"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}


def backtested(shop: Shop, document: Mapping[str, Any], now: datetime = LATER, **asked: Any) -> dict[str, Any]:
    with reading(shop.tessera.engine) as connection:
        return ask(connection, shops.get(connection, shop.id), parse_programme(document), now, **asked)


def targets(shop: Shop, draft: Programme, now: datetime = START, **asked: Any) -> dict[str, int]:
    """Return what the draft makes of each order."""
    with reading(shop.tessera.engine) as connection:
        known = shops.get(connection, shop.id)
        question = Question(shop=known, programme=draft, now=now, old_after=life_of(draft.expiry), **asked)
        return {each.past.id: each.earned.target for each in Backtest(connection, question).orders()}


def recorded(shop: Shop) -> dict[str, int]:
    with reading(shop.tessera.engine) as connection:
        mine = (orders.c.shop_id == shop.id) & orders.c.member_id.is_not(None) & orders.c.placed_at.is_not(None)
        return {row.id: row.target for row in connection.execute(select(orders.c.id, orders.c.target).where(mine))}


def row_counts(tessera: Tessera) -> dict[str, int]:
    with reading(tessera.engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def _document(seed: int) -> dict[str, Any]:
    """Return a programme with a cap per member too."""
    dice = random.Random(seed)
    document = random_programme(dice)
    document["earning"]["caps"]["member"] = {"period": dice.choice(["day", "week", "year"]), "points": 700}
    return document


def _lives(seed: int) -> list[Life]:
    dice = random.Random(seed)
    return [random_life(dice, str(number)) for number in range(LIVES)]


def _opened(tessera: Tessera, document: Mapping[str, Any]) -> Shop:
    shop = tessera.shop(document)
    for topic, told in known_before():
        shop.tell(told, topic=topic)
    return shop


def _lived(tessera: Tessera, seed: int) -> tuple[Shop, dict[str, Any]]:
    document = _document(seed)
    shop = _opened(tessera, document)
    shop.deliver(*deliveries(random.Random(seed), _lives(seed)))
    assert shop.drain().failed == 0
    return shop, document


def test_a_draft_of_twice_the_rate_gives_twice_the_points(tessera: Tessera) -> None:
    shop = tessera.shop(programme(rewards=[FIVE]))
    shop.tell(order(), order(id="1002", customer={"id": "bob"}, refunds=[refund()]))
    draft = programme(rate={"points": "20", "per": "1"}, rewards=[FIVE])

    told = backtested(shop, draft)

    assert told["orders"] == {"replayed": 2, "earning": 2, "earning_nothing": {}, "without_a_state": 0}
    assert told["members"] == {"with_orders": 2, "without": 0}
    assert told["draft"]["points"]["issued"] == 799 + 399
    assert told["actual"]["points"]["issued"] == 399 + 199
    assert told["sales"]["revenue"] == {"amount": "59.97", "currency": "EUR"}
    assert told["draft"]["liability"]["average"] == {"amount": "11.98", "currency": "EUR"}
    gain = told["most_affected"]["gain"]
    assert [(one["draft"], one["actual"], one["difference"]) for one in gain] == [(799, 399, 400), (399, 199, 200)]
    assert told["most_affected"]["lose"] == []


def test_the_programme_in_effect_gives_what_the_ledger_says(tessera: Tessera) -> None:
    for seed in range(SHOPS):
        shop, document = _lived(tessera, seed)
        assert targets(shop, parse_programme(document)) == recorded(shop), seed


def test_another_programme_gives_what_the_engine_would_have_given(tessera: Tessera) -> None:
    for seed in range(SHOPS // 2):
        shop, _ = _lived(tessera, seed)
        other = _document(1000 + seed)
        engine = _opened(tessera, other)
        engine.deliver(*(life.last for life in _lives(seed)))
        engine.drain()
        assert targets(shop, parse_programme(other)) == recorded(engine), seed


def test_a_backtest_writes_nothing(tessera: Tessera) -> None:
    shop, document = _lived(tessera, 3)
    before = row_counts(tessera)
    backtested(shop, document)
    assert row_counts(tessera) == before


def test_facts_frozen_with_an_order_stay_and_others_come_from_the_catalogue(tessera: Tessera) -> None:
    product = {"id": "p1", "updated_at": "2026-02-01T00:00:00Z", "tags": ["shoes"], "variants": []}
    shop = tessera.shop(programme())
    shop.tell(product, topic="product")
    shop.tell(order(), order(id="early", placed_at="2025-06-01T10:00:00Z"))
    shop.tell({**product, "updated_at": "2026-03-05T00:00:00Z", "tags": ["boots"]}, topic="product")
    draft = programme(products=[{"key": "boots", "match": {"tag": "boots"}, "multiplier": "2"}])

    # the early order has no version and froze nothing: it takes the catalogue as it is now
    assert targets(shop, parse_programme(draft)) == {"1001": 399, "early": 799}


def test_a_tier_set_by_hand_holds_in_the_draft_from_its_moment_on(tessera: Tessera) -> None:
    shop = tessera.shop(programme(tiers=_ladder("500000", "2")))
    shop.tell(order())
    tessera.set_clock(START + timedelta(hours=1))
    with transaction(tessera.engine) as connection:
        member = connection.execute(select(orders.c.member_id)).scalar_one()
        now = tessera.services.clock.now(connection)
        known = shops.get(connection, shop.id)
        set_by_hand(connection, known, member, "gold", reason="a friend", keeps_until=None, now=now)
    tessera.set_clock(START + timedelta(hours=2))
    shop.tell(order(id="1002", placed_at="2026-03-01T13:30:00Z", updated_at="2026-03-01T13:30:00Z"))
    assert targets(shop, parse_programme(programme(tiers=_ladder("500000", "2")))) == {"1001": 399, "1002": 799}
    other = programme(tiers=_ladder("400000", "3"))
    assert targets(shop, parse_programme(other)) == {"1001": 399, "1002": 1199}
    told = backtested(shop, other)
    assert told["draft"]["tiers"] == told["actual"]["tiers"] == {"entry": 0, "gold": 1}
    without = [{"key": "only", "enter": "0", "multiplier": "4"}]
    assert targets(shop, parse_programme(programme(tiers=without))) == {"1001": 1599, "1002": 1599}


def _ladder(enter: str, multiplier: str) -> list[dict[str, Any]]:
    return [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": enter, "multiplier": multiplier}]


@pytest.mark.parametrize("window", ["lifetime", "calendar_year", "rolling_12_months"])
@pytest.mark.parametrize("by", ["spend", "orders", "points"])
def test_orders_lead_up_the_drafts_ladder_as_they_would_have_in_the_engine(
    tessera: Tessera, by: str, window: str
) -> None:
    enter = {"spend": "79.96", "orders": "2", "points": "798"}[by]
    tiered = {**programme(tiers=_ladder(enter, "2")), "tier_measure": {"by": by, "window": window}}
    placed = ["2025-02-01", "2025-11-01", "2025-12-01", "2027-06-01", "2028-02-01", "2028-03-01", "2028-04-01"]
    shops_of_both = [tessera.shop(), tessera.shop()]
    for shop, document in zip(shops_of_both, (programme(), tiered), strict=True):
        shop.publish(document, datetime(2024, 1, 1, tzinfo=UTC))
        for day in placed:
            tessera.set_clock(datetime.fromisoformat(f"{day}T12:00:00Z"))
            shop.tell(order(id=day, placed_at=f"{day}T10:00:00Z", updated_at=f"{day}T10:00:00Z"))
    plain, engine = shops_of_both
    found = targets(plain, parse_programme(tiered), now=datetime(2028, 5, 1, tzinfo=UTC))
    assert found == recorded(engine)
    assert set(found.values()) == {399, 799}


def test_earlier_orders_lead_up_to_a_tier_and_count_for_nothing_else(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(), order(id="2", placed_at="2026-03-01T10:30:00Z"), order(id="3", customer={"id": "bob"}))
    enough = programme(tiers=_ladder("39.98", "2"))
    told = backtested(shop, enough, start=datetime(2026, 3, 1, 10, 15, tzinfo=UTC))
    assert (told["orders"]["replayed"], told["draft"]["points"]["issued"]) == (1, 799)
    assert told["members"] == {"with_orders": 1, "without": 1}
    assert told["draft"]["tiers"] == {"entry": 0, "gold": 2}
    assert backtested(shop, enough, at_most=1)["draft"]["tiers"]["entry"] == 0


def test_points_of_other_sources_are_counted_as_they_were(tessera: Tessera) -> None:
    shop = tessera.shop(programme(rewards=[FIVE]))
    shop.tell(order())
    with transaction(tessera.engine) as connection:
        member = connection.execute(select(orders.c.member_id)).scalar_one()
        known = shops.get(connection, shop.id)
        adjusting.adjust(connection, known, member, 500, reason="sorry", key=None, now=START)
    told = backtested(shop, programme(rewards=[FIVE]))
    assert told["draft"]["points"]["open_of_other_sources"] == told["actual"]["points"]["open_of_other_sources"] == 500
    assert told["draft"]["liability"]["points"] == 899
    told_points = {each["what"]: each.get("points") for each in told["not_simulated"]}
    assert (told_points["adjustment"], told_points["activity"]) == (500, 0)


def test_a_membership_that_is_bought_opens_its_tier_in_the_draft(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    placed = {"card": "2026-02-01T10:00:00Z", "within": "2026-02-20T10:00:00Z", "after": "2026-03-20T10:00:00Z"}
    for name, at in placed.items():
        shop.tell(order(id=name, placed_at=at, updated_at=at, lines=[line(product_id=name, quantity=1)]))
    card = {"key": "card", "product": "card", "tier": "gold", "months": 1}
    draft = {**programme(tiers=_ladder("500000", "2")), "memberships": [card]}
    assert targets(shop, parse_programme(draft)) == {"card": 199, "within": 399, "after": 199}


def test_only_orders_of_the_time_asked_for_count(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    days = [f"2026-02-{day:02}T10:00:00Z" for day in (1, 2, 3)]
    shop.tell(*(order(id=at, placed_at=at, updated_at=at) for at in days))
    first, last = datetime(2026, 2, 2, 10, tzinfo=UTC), datetime(2026, 2, 3, 10, tzinfo=UTC)

    def issued(**asked: Any) -> int:
        return backtested(shop, programme(rate={"points": "1", "per": "1"}), **asked)["draft"]["points"]["issued"]

    assert issued() == 3 * 39
    assert issued(start=first) == 2 * 39
    assert issued(end=last) == 2 * 39
    assert issued(start=first, end=last) == 39
    assert issued(at_most=2) == 2 * 39
    assert backtested(shop, programme(), start=LATER)["members"] == {"with_orders": 0, "without": 1}


def test_orders_that_earn_nothing_are_counted_with_the_reason(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(
        order(),
        order(id="2", financial_status="pending"),
        order(id="3", cancelled_at="2026-03-01T10:00:00Z"),
        order(id="4", test=True),
        order(id="5", refunds=[refund(quantity=2)]),
        order(id="6", lines=[line(unit_price="0.04")]),
        order(id="7", currency="USD"),
        order(id="8", customer=None),
    )
    told = backtested(shop, programme())
    reasons = {"unpaid": 1, "cancelled": 1, "test": 1, "nothing_kept": 1, "rounded_to_0": 1, "no_rate": 1, "nobody": 1}
    assert told["orders"]["earning"] == 1
    assert told["orders"]["earning_nothing"] == reasons
    assert told["sales"]["orders_in_other_currencies"] == 1
    assert backtested(shop, programme(rate={"points": "0", "per": "1"}))["orders"]["earning_nothing"]["rate_0"] == 2


def test_a_cap_is_shared_out_as_the_engine_shares_it(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    times = ["2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z", "2026-03-02T11:00:00Z"]
    shop.tell(*(order(id=at, placed_at=at, updated_at=at) for at in reversed(times)))
    draft = programme(caps={"member": {"period": "day", "points": 500}})
    assert targets(shop, parse_programme(draft)) == dict(zip(times, (399, 101, 399), strict=True))
    none = backtested(shop, programme(caps={"member": {"period": "day", "points": 0}}))
    assert none["orders"]["earning_nothing"] == {"member_cap": 3}


def test_segments_and_age_are_asked_of_the_member_as_of_the_order(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell({"id": "ada", "updated_at": "2026-02-01T00:00:00Z", "tags": ["vip"]}, topic="customer")
    placed = [f"2026-03-0{day}T10:00:00Z" for day in (1, 2, 3)]
    shop.tell(*(order(id=at, placed_at=at, updated_at=at) for at in placed))
    shop.tell(order(id="bob's", customer={"id": "bob"}))

    def given(**parts: Any) -> list[int]:
        return list(targets(shop, parse_programme({**programme(), **parts})).values())

    assert sorted(given(segments=[{"key": "vip", "any_tag": ["vip"], "multiplier": "2"}])) == [399, 799, 799, 799]
    third = [{"key": "regular", "orders_at_least": 2, "multiplier": "3"}]
    assert sorted(given(segments=third)) == [399, 399, 399, 1199]
    spent = [{"key": "good", "spent_at_least": "39.98", "orders_at_most": 1, "multiplier": "3"}]
    assert sorted(given(segments=spent)) == [399, 399, 399, 1199]
    assert given(eligibility={"min_age": 18}) == [0, 0, 0, 0]
    assert sorted(given(eligibility={"any_tag": ["vip"]})) == [0, 399, 399, 399]


def test_a_booster_stays_with_the_order_that_took_it(tessera: Tessera) -> None:
    double = {"multiplier": "2", "valid_days": 10}
    played = play(tessera, rule("next_purchase_booster", 0, booster=double, win_back={"days_without_order": 7}))
    played.buy("ada", "2026-03-01")
    assert played.tick("2026-03-08T12:00").scheduled == 1
    played.buy("ada", "2026-03-09")
    found = targets(played.shop, parse_programme(programme(rate={"points": "20", "per": "1"})))
    assert sorted(found.values()) == [799, 1599]
    told = backtested(played.shop, programme())
    assert told["draft"]["points"]["issued"] == told["actual"]["points"]["issued"] == 399 + 799


def test_places_in_a_limited_campaign_are_counted_for_each_member(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(*(order(id=str(n), placed_at=f"2026-03-01T1{n}:00:00Z") for n in range(3)))
    campaign = {"key": "once", "multiplier": "2", "max_orders_per_member": 1}
    assert targets(shop, parse_programme(programme(campaigns=[campaign]))) == {"0": 799, "1": 399, "2": 399}
    scarce = [{**campaign, "max_orders": 1}]
    told = backtested(shop, programme(campaigns=scarce))
    assert [one["what"] for one in told["not_simulated"]][-1] == "campaigns.once.max_orders"


@pytest.mark.parametrize(
    ("expiry", "expired"),
    [
        ({"kind": "never"}, 0),
        ({"kind": "days", "days": 30}, 2 * 399),
        ({"kind": "months", "months": 2}, 399),
        ({"kind": "end_of_year"}, 0),
        ({"kind": "inactivity", "days": 40}, 0),
        ({"kind": "inactivity", "days": 27}, 399),
        ({"kind": "inactivity", "days": 10}, 3 * 399),
    ],
)
def test_points_lapse_by_the_drafts_expiry(tessera: Tessera, expiry: dict[str, Any], expired: int) -> None:
    shop = tessera.shop(programme())
    placed = ["2026-01-10T10:00:00Z", "2026-02-10T10:00:00Z", "2026-03-05T10:00:00Z"]
    shop.tell(*(order(id=at, placed_at=at, updated_at=at) for at in placed))
    told = backtested(shop, {**programme(), "expiry": expiry}, datetime(2026, 3, 20, tzinfo=UTC))
    assert told["draft"]["points"]["expired"] == expired
    assert told["draft"]["points"]["open"] == 3 * 399 - expired


def test_margin_and_profit_are_told_for_what_has_costs(tessera: Tessera) -> None:
    variants = [{"id": "v1", "price": "19.99", "cost": "8.00"}, {"id": "v2", "price": "10.00", "cost": None}]
    shop = tessera.shop(programme(rewards=[FIVE]))
    shop.tell({"id": "p1", "updated_at": "2026-02-01T00:00:00Z", "variants": variants}, topic="product")
    lines = [line(variant_id="v1"), line(id="l2", variant_id="v2", quantity=1, unit_price="10.00")]
    shop.tell(order(lines=lines, refunds=[refund()]))

    told = backtested(shop, programme(rewards=[FIVE]))

    sales = told["sales"]
    assert sales["revenue"] == {"amount": "29.99", "currency": "EUR"}
    assert sales["margin"] == {"amount": "11.99", "currency": "EUR"}  # one unit kept: 19.99 − 8.00
    assert sales["covered_by_costs"] == "0.6666"
    assert told["draft"]["profit"] == {"amount": "11.99", "currency": "EUR"}  # nothing was ever redeemed


def test_breakage_is_unknown_while_the_history_is_thin_and_shows_what_it_is_made_from(tessera: Tessera) -> None:
    shop = tessera.shop(programme(rewards=[FIVE]))
    shop.tell(*(order(id=str(n), customer={"id": f"c{n % 30}"}) for n in range(99)))
    thin = backtested(shop, programme(rewards=[FIVE]), LATER + timedelta(days=1))
    assert (thin["breakage"]["known"], thin["breakage"]["share"]) == (False, None)
    assert thin["draft"]["rewards"]["cost_expected"] is None

    shop.tell(order(id="one more", customer={"id": "c0"}))
    told = backtested(shop, programme(rewards=[FIVE]), LATER + timedelta(days=1))
    assert (told["breakage"]["known"], told["breakage"]["share"]) == (True, "1.0000")  # nobody ever spent any
    inputs = told["breakage"]["inputs"]
    assert (inputs["older_than_days"], inputs["orders"], inputs["members"]) == (365, 100, 30)
    assert (inputs["points"], inputs["expired_or_unused"]) == (39_900, 39_900)
    assert told["draft"]["rewards"]["cost_expected"] == {"amount": "0.00", "currency": "EUR"}
    assert told["draft"]["rewards"]["cost_if_all_used"] == {"amount": "399.00", "currency": "EUR"}
    young = backtested(shop, programme(rewards=[FIVE]), START + timedelta(days=364))
    assert young["breakage"]["inputs"]["orders"] == 0


def test_pending_points_are_open_and_cannot_have_been_used(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    told = backtested(shop, programme(pending_days=60), datetime(2026, 3, 20, tzinfo=UTC))
    points = {"issued": 399, "pending": 399, "used": 0, "expired": 0, "open": 399, "open_of_other_sources": 0}
    assert told["draft"]["points"] == points
    assert told["actual"]["points"] == points | {"pending": 0}


def test_without_a_programme_there_is_something_to_try_and_nothing_to_compare(tessera: Tessera) -> None:
    shop = tessera.shop()
    shop.tell(order())
    told = backtested(shop, programme())
    assert told["draft"]["points"]["issued"] == 399
    assert told["actual"]["points"]["issued"] == 0
    assert told["actual"]["liability"] is None


def test_an_empty_shop_has_an_empty_answer(tessera: Tessera) -> None:
    told = backtested(tessera.shop(programme()), programme(tiers=[{"key": "entry", "enter": "0"}]))
    assert told["orders"]["replayed"] == 0
    assert told["draft"]["tiers"] == {"entry": 0}
    assert told["sales"]["revenue"] == {"amount": "0.00", "currency": "EUR"}


def test_another_shops_orders_are_not_read(tessera: Tessera) -> None:
    mine, theirs = tessera.shop(programme()), tessera.shop(programme())
    theirs.tell(order())
    assert backtested(mine, programme())["orders"]["replayed"] == 0


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_the_answer_does_not_depend_on_where_chunks_end(tessera: Tessera, chunk: int) -> None:
    shop, document = _lived(tessera, 5)
    draft = parse_programme(document)
    assert targets(shop, draft, chunk=chunk) == targets(shop, draft) == recorded(shop)


def test_memory_does_not_grow_with_the_orders(tmp_path: Path) -> None:
    """What PostgreSQL's server-side cursor keeps is not Python's; `bench/backtest.py` looks at the whole process."""
    engine = open_tessera(f"sqlite:///{tmp_path / 'many.db'}").engine
    shop = bench.make(open_tessera(str(engine.url)), 1_600)
    with reading(engine) as connection:
        known = shops.get(connection, shop.id)
        peaks = [_peak(connection, known, many) for many in (400, 400, 1_600)]  # the first fills caches
    assert peaks[2] < peaks[1] * 1.25
    engine.dispose()


def _peak(connection: Connection, shop: shops.Shop, many: int) -> int:
    draft = parse_programme(bench.DRAFT)
    question = Question(shop=shop, programme=draft, now=LATER, at_most=many, old_after=life_of(draft.expiry), chunk=20)
    tracemalloc.start()
    tally = Backtest(connection, question).run(lambda done, whole: None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert tally.orders > many * 0.9
    return peak
