"""Experiments from publishing to the report: arms stay comparable, an order counts once and as it stands now."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import counters, programmes, shops
from app.audit import audit
from app.db import reading, transaction
from app.errors import Invalid
from app.experiments import report
from app.experiments.exposures import Seen
from app.experiments.trials import FOREVER
from app.models import facts, members, orders
from app.privacy import exporting
from tests.api.conftest import Api, open_api
from tests.build import START, Shop, Tessera, line, order, programme, refund
from tests.payloads import shopify

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 10, tzinfo=UTC)


def experiment(key: str = "spring", **changes: Any) -> dict[str, Any]:
    told = {"key": key, "kind": "points_display", "share": "0.5", "from": "2026-03-01T00:00:00Z"}
    return told | {"to": "2026-04-01T00:00:00Z"} | changes


def experimenting(tessera: Tessera, *experiments: dict[str, Any], platform: str = "custom") -> Shop:
    return tessera.shop(programme(experiments=list(experiments or [experiment()])), platform=platform)


def bought(arm: object = "spring:points", **changes: Any) -> dict[str, Any]:
    return order(experiment_arm=arm, **changes)


def outcomes(shop: Shop, key: str = "spring") -> dict[str, report.Outcome]:
    services = shop.tessera.services
    with reading(services.engine) as connection:
        found = report.read(connection, shops.get(connection, shop.id), services.clock.now(connection))
    return {each.arm.key: each for trial, arms in found if trial.experiment.key == key for each in arms}


def sums(shop: Shop, arm: str = "points") -> dict[str, tuple[int, int, int]]:
    """Return orders, sum and sum of squares of an arm, by currency, in cents."""
    return {name: (each.orders, each.sum, each.squares) for name, each in outcomes(shop)[arm].sums.items()}


def trials(shop: Shop) -> list[tuple[str, str, datetime, datetime]]:
    services = shop.tessera.services
    with reading(services.engine) as connection:
        now = services.clock.now(connection)
        found = report.read(connection, shops.get(connection, shop.id), now)
    return [(trial.experiment.key, trial.state(now), trial.begins, trial.ends) for trial, _ in found]


# --- orders -----------------------------------------------------------------------------------------------------------


def test_an_order_counts_in_the_arm_of_its_shopper_and_earns_as_ever(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    shop.tell(bought(), bought("spring:none", id="2", lines=[line(quantity=1)]))
    assert [shop.order(each).arm for each in ("1001", "2")] == ["spring:points", "spring:none"]
    assert (sums(shop), sums(shop, "none")) == ({"EUR": (1, 3998, 3998**2)}, {"EUR": (1, 1999, 1999**2)})
    assert [outcomes(shop)[arm].points for arm in ("points", "none")] == [399, 199]
    assert shop.balance() == {"issued": 598, "available": 598}


def test_the_same_order_told_ten_times_counts_once(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    for second in range(10):
        shop.tell(bought(updated_at=f"2026-03-01T10:00:0{second}Z"))
        shop.deliver(bought(updated_at=f"2026-03-01T10:00:0{second}Z"))
    shop.drain()
    assert sums(shop) == {"EUR": (1, 3998, 3998**2)}


def test_an_order_counts_as_it_stands_now(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    shop.tell(bought())
    one_back = {"updated_at": "2026-03-02T10:00:00Z", "refunds": [refund()]}
    shop.tell(bought(**one_back))
    assert sums(shop) == {"EUR": (1, 1999, 1999**2)}
    shop.tell(bought(**one_back | {"updated_at": "2026-03-03T10:00:00Z", "cancelled_at": "2026-03-03T10:00:00Z"}))
    assert (sums(shop), outcomes(shop)["points"].orders) == ({}, 0)
    shop.tell(bought(updated_at="2026-03-04T10:00:00Z"))
    assert sums(shop) == {"EUR": (1, 3998, 3998**2)}
    shop.tell(bought(updated_at="2026-03-05T10:00:00Z", financial_status="refunded"))
    assert (sums(shop), outcomes(shop)["points"].points) == ({}, 0)


@pytest.mark.parametrize(
    "unsold",
    [{"financial_status": "pending"}, {"financial_status": "voided"}, {"test": True}, {"lines": [line(quantity=0)]}],
)
def test_what_is_not_paid_and_kept_is_no_order(tessera: Tessera, unsold: dict[str, Any]) -> None:
    shop = experimenting(tessera)
    shop.tell(bought(**unsold))
    assert shop.order().arm == "spring:points"
    assert (outcomes(shop)["points"].orders, sums(shop)) == (0, {})


def test_the_first_arm_told_stays(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    shop.tell(bought(None), bought(updated_at="2026-03-01T10:00:06Z"))
    shop.tell(bought("spring:none", updated_at="2026-03-01T10:00:07Z"))
    shop.tell(bought(None, updated_at="2026-03-01T10:00:08Z"))
    assert shop.order().arm == "spring:points"


@pytest.mark.parametrize("arm", ["spring:holdout", "autumn:points", "spring:gold", "x" * 200, {"a": 1}, 7, "", "\x00"])
def test_an_arm_nobody_can_be_in_is_ignored_and_counted(tessera: Tessera, arm: object) -> None:
    counters._counts.clear()
    shop = experimenting(tessera)
    shop.deliver(bought(arm) if arm != "\x00" else bought("spring:\u0007"))
    assert shop.drain().failed == 0
    assert (shop.order().arm, shop.balance()["available"]) == (None, 399)
    assert "tessera_order_arms_ignored_total 1" in counters.text()


def test_orders_placed_outside_its_time_do_not_count(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    for number, placed in enumerate(("02-28T23:59:59", "03-01T00:00:00", "03-31T23:59:59", "04-01T00:00:00")):
        shop.tell(bought(id=str(number), placed_at=f"2026-{placed}Z", updated_at="2026-04-02T00:00:00Z"))
    tessera.set_clock(START + timedelta(days=60))
    assert sums(shop)["EUR"][0] == 2


def test_an_order_in_foreign_money_is_added_up_in_the_shops(tessera: Tessera) -> None:
    shop = experimenting(tessera, platform="shopify")
    mine = [{"name": "_tessera_arm", "value": "spring:points"}]
    lamp = shopify.line(price="20.00", price_set=shopify.bag("20.00", "23.60"), quantity=1, current_quantity=1)
    total = dict.fromkeys(("total_price_set", "current_total_price_set"), shopify.bag("20.00", "23.60"))
    dollars = {"presentment_currency": "USD", "line_items": [lamp], "shipping_lines": [], **total}
    placed = {"processed_at": "2026-03-01T09:00:00Z"}
    shop.tell(shopify.order(note_attributes=mine, **dollars, **placed), topic="orders/paid")
    assert sums(shop) == {"EUR": (1, 2000, 2000**2)}


def test_each_currency_is_summed_apart_with_its_own_decimals(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    shop.tell(bought(id="1"), bought(id="2", currency="JPY", lines=[line(unit_price="700")]))
    shop.tell(bought(id="3", currency="KWD", lines=[line(quantity=1, unit_price="1.0005")]))
    shop.tell(bought(id="4", currency="XAU"))  # gold has no decimals
    assert sums(shop) == {"EUR": (1, 3998, 3998**2), "JPY": (1, 1400, 1400**2), "KWD": (1, 1001, 1001**2)}


def test_no_sum_is_too_large(tessera: Tessera) -> None:
    rate = {"points": "1", "per": "1000000"}
    shop = tessera.shop(programme(experiments=[experiment()], rate=rate))
    dear = [line(unit_price="9" * 15 + ".01", quantity=1_000)]
    shop.tell(*(bought(id=str(number), lines=dear) for number in range(3)))
    value = int("9" * 15 + "01") * 1_000
    assert sums(shop) == {"EUR": (3, 3 * value, 3 * value**2)}
    (told,) = open_api(tessera, shop).get("/reports/experiments").json["data"]
    (money,) = told["arms"][0]["revenue"]
    assert money["amount"].replace(".", "") == str(3 * value)
    assert money["sum_of_squares"].replace(".", "") == str(3 * value**2)


def test_members_orders_are_those_of_whom_the_platform_knows(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    shop.tell(bought(id="1"), bought(id="2", customer={"id": None, "email": "eve@example.com"}))
    shop.tell(bought(id="3", customer=None))
    told = outcomes(shop)["points"]
    assert (told.orders, told.members_orders) == (3, 1)


def test_a_replay_of_the_journal_finds_the_same_arms(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    shop.tell(bought(), bought("nobody@example.com:none", id="2"), bought("gone:none", id="3"))
    shop.publish(programme(), LATER)
    shop.tell(bought("spring:none", updated_at="2026-03-02T10:00:00Z", refunds=[refund()]))
    assert audit(tessera.engine, shop.id) == []
    with transaction(tessera.engine) as connection:
        mine = (orders.c.shop_id == shop.id) & (orders.c.id == "1001")
        connection.execute(update(orders).where(mine).values(sold="1.00"))
    assert [(each.what, each.key) for each in audit(tessera.engine, shop.id)] == [("orders", "1001")]


def test_what_a_shopper_wrote_in_its_place_is_kept_nowhere(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    shop.tell(bought("canary@example.com:none"))
    with reading(tessera.engine) as connection:
        bodies = connection.execute(select(facts.c.body).where(facts.c.shop_id == shop.id)).scalars().all()
    assert "canary" not in repr(bodies) + repr(shop.order())


def test_a_persons_export_holds_the_arms_of_the_orders(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    shop.tell(bought())
    with reading(tessera.engine) as connection:
        everyone = list(connection.execute(select(members.c.id).where(members.c.shop_id == shop.id)).scalars())
        document = exporting.export(connection, tessera.services.vault, shop.id, everyone)
    assert b'"arm": "spring:points"' in document


def test_random_lives_of_orders_add_up(tessera: Tessera) -> None:
    shop, dice = experimenting(tessera), random.Random(7)
    worth: dict[str, tuple[str, int]] = {}
    for number in range(40):
        order_id = str(dice.randrange(12))
        arm = worth.get(order_id, (dice.choice(("points", "none")), 0))[0]
        count, gone = dice.randrange(1, 5), dice.random() < 0.3
        ended = {"cancelled_at": "2026-03-01T11:00:00Z"} if gone else {}
        stamp = f"2026-03-01T10:{number:02}:00Z"
        lines = [line(quantity=count, unit_price="10.01")]
        shop.tell(bought(f"spring:{arm}", id=order_id, updated_at=stamp, lines=lines, **ended))
        worth[order_id] = (arm, 0 if gone else 1001 * count)
    for key in ("points", "none"):
        values = [value for arm, value in worth.values() if arm == key and value]
        assert sums(shop, key) == {"EUR": (len(values), sum(values), sum(value**2 for value in values))}
    assert audit(tessera.engine, shop.id) == []


# --- keys and times ---------------------------------------------------------------------------------------------------


def refused(shop: Shop, *experiments: dict[str, Any]) -> list[tuple[str, str]]:
    services = shop.tessera.services
    document = programme(experiments=list(experiments))
    with pytest.raises(Invalid) as publishing:
        shop.publish(document)
    with pytest.raises(Invalid) as drafting, transaction(services.engine) as connection:
        programmes.save_draft(connection, shop.id, document, services.clock.now(connection))
    assert drafting.value.errors == publishing.value.errors
    return [(each.field, each.code) for each in publishing.value.errors]


def test_a_key_is_not_used_again_for_other_shares(tessera: Tessera) -> None:
    shop = experimenting(tessera)
    assert refused(shop, experiment(share="0.6")) == [("experiments.0.share", "key_used")]
    shop.publish(programme())  # it is taken out, and remembered
    other = experiment("summer", **{"from": "2026-06-01T00:00:00Z", "to": None})
    assert refused(shop, other, experiment(holdout="0.2")) == [("experiments.1.holdout", "key_used")]
    assert refused(shop, experiment(**{"from": "2026-03-02T00:00:00Z"})) == [("experiments.0.from", "key_used")]
    shop.publish(programme(experiments=[experiment(to=None)]))


def test_another_shops_keys_are_its_own(tessera: Tessera) -> None:
    experimenting(tessera)
    experimenting(tessera, experiment(share="0.9"))


def test_it_runs_while_a_version_has_it(tessera: Tessera) -> None:
    tessera.set_clock(BEGUN)
    shop = tessera.shop(programme())
    open_end = experiment(to=None)
    planned = experiment("may", **{"from": "2026-05-01T00:00:00Z", "to": None})
    march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    shop.publish(programme(experiments=[open_end]), march + timedelta(days=4))
    assert trials(shop) == [("spring", "planned", march + timedelta(days=4), FOREVER)]
    shop.publish(programme(experiments=[open_end | {"to": "2026-05-01T00:00:00Z"}, planned]), march + timedelta(days=9))
    shop.publish(programme(), april)
    tessera.set_clock(START + timedelta(days=10))
    assert trials(shop) == [("spring", "running", march + timedelta(days=4), april)]
    tessera.set_clock(april)
    assert trials(shop)[0][1] == "ended"


def test_visitors_of_days_after_its_end_do_not_count(tessera: Tessera) -> None:
    shop, services = experimenting(tessera), tessera.services
    for day in (9, 10, 11):
        tessera.set_clock(datetime(2026, 3, day, 12, tzinfo=UTC))
        services.exposures.add(Seen(shop.id, "spring", "none"), tessera.engine, services.clock)
        services.exposures.flush(tessera.engine, services.clock)
    assert outcomes(shop)["none"].visitors == 3
    shop.publish(programme(experiments=[experiment(to="2026-03-10T20:00:00Z")]))  # it should have ended yesterday
    assert outcomes(shop)["none"].visitors == 2


# --- by the API -------------------------------------------------------------------------------------------------------


def test_the_report_tells_what_a_verdict_needs(tessera: Tessera) -> None:
    api = open_api(tessera, experimenting(tessera, experiment(share="0.45", holdout="0.1", to=None)))
    services = tessera.services
    for arm in ("points", "points", "none"):
        services.exposures.add(Seen(api.shop.id, "spring", arm), tessera.engine, services.clock)
    services.exposures.flush(tessera.engine, services.clock)
    api.shop.tell(bought(id="1"), bought(id="2", lines=[line(quantity=1)], customer=None))
    (told,) = api.get("/reports/experiments").json["data"]
    arms = told.pop("arms")
    assert told == {
        "key": "spring",
        "kind": "points_display",
        "state": "running",
        "from": "2026-03-01T00:00:00Z",
        "to": None,
    }
    nothing = {"orders": 0, "members_orders": 0, "points": 0, "revenue": []}
    assert arms == [
        {
            "key": "points",
            "share": "0.45",
            "visitors": 2,
            "orders": 2,
            "members_orders": 1,
            "points": 399,
            "revenue": [{"currency": "EUR", "amount": "59.97", "sum_of_squares": "1998.0005", "orders": 2}],
        },
        {"key": "none", "share": "0.45", "visitors": 1, **nothing},
        {"key": "holdout", "share": "0.1", "visitors": 0, **nothing},
    ]


def test_an_order_tells_its_arm(tessera: Tessera) -> None:
    api = open_api(tessera, experimenting(tessera))
    api.shop.tell(bought(), order(id="2"))
    assert [each["arm"] for each in api.get("/orders").json["data"]] == ["spring:points", None]


def test_another_shop_sees_nothing_of_it(alice: Api, charlie: Api) -> None:
    alice.shop.publish(programme(experiments=[experiment()]))
    alice.shop.tell(bought())
    assert len(alice.get("/reports/experiments").json["data"]) == 1
    assert charlie.get("/reports/experiments").json == {"data": []}


def test_a_draft_that_uses_a_key_again_is_refused_by_field(tessera: Tessera) -> None:
    api = open_api(tessera, experimenting(tessera))
    answer = api.put("/programme/draft", programme(experiments=[experiment(share="0.9")]))
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == ["experiments.0.share"]
