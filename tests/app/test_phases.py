"""A programme that is paused, winds down or has ended: what earns, what can be spent, and what lapses when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app import programmes, shops
from app.activities.mechanism import Grant
from app.audit import audit
from app.db import reading, transaction
from app.errors import Conflict, Invalid, NotFound
from app.models import lots
from app.programmes import effective, phases
from app.settling import Settling
from tests.app.test_lot_dates import DAYS_60, LAPSES, Rest, bought, day, lot, rows, text_of, tick, warned
from tests.build import START, Shop, Tessera, line, order, programme, refund

LAST = date(2026, 3, 31)
END = datetime(2026, 3, 31, 22, tzinfo=UTC)  # its local end in Paris
PARIS = ZoneInfo("Europe/Paris")


def change(shop: Shop, kind: str, now: datetime, spend_until: date | None = None) -> None:
    shop.tessera.set_clock(now)
    with transaction(shop.tessera.engine) as connection:
        phases.change(connection, shop.id, kind, now, spend_until)


def allowed(shop: Shop, now: datetime) -> bool:
    with reading(shop.tessera.engine) as connection:
        return phases.spending_allowed(effective(programmes.versions(connection, shop.id), now), now, PARIS)


def test_a_pause_stops_earning_and_nothing_else(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(id="1"))
    change(shop, "paused", START)
    shop.tell(bought("2", START), bought("3", START - timedelta(hours=1)))
    assert [shop.order(name).target for name in "123"] == [399, 0, 399]
    assert shop.order("2").explanation["nothing_because"] == "paused"
    assert (shop.order("2").counts, shop.order("2").spend) == (True, "1999/50")
    assert allowed(shop, START)
    shop.tell(order(id="1", updated_at=text_of(day(1)), refunds=[refund()]))
    assert shop.order("1").target == 199
    change(shop, "running", day(2))
    shop.tell(bought("4", day(2)), bought("2", day(3)) | {"placed_at": text_of(START)})
    assert [shop.order(name).target for name in "24"] == [0, 399]
    assert audit(tessera.engine) == []


def test_nothing_but_orders_earns_during_a_pause_either(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    change(shop, "paused", START)
    member = shop.order().member_id
    with transaction(tessera.engine) as connection:
        settling = Settling(connection, shops.hold(connection, shop.id), START)
        settling.load([], member_ids=[member])
        for name, moment in (("before", day(-1)), ("during", START)):
            told = Grant(id=name, kind="review", at=moment, points=5, explanation={"kind": "review"})
            settling.activities.grant(member, told)
        settling.flush()
        made = {name: settling.activities.get(name) for name in ("before", "during")}
    assert {name: each and each.target for name, each in made.items()} == {"before": 5, "during": 0}
    assert made["during"]
    assert made["during"].explanation["nothing_because"] == "paused"


def test_winding_down_brings_every_lot_forward_to_the_last_day(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.publish(programme(expiry={"kind": "days", "days": 10}), day(1))
    shop.tell(order(id="1"), bought("2", day(2)))
    tick(shop, day(3))
    soon = datetime(2026, 3, 13, 23, tzinfo=UTC)
    assert (lot(shop, "1").expires_at, lot(shop, "2").expires_at) == (datetime(2026, 3, 12, 23, tzinfo=UTC), soon)
    shop.publish(programme(pending_days=60), day(4))
    shop.tell(bought("3", day(4)))  # can be spent after the last day: it lapses from its pending period
    change(shop, "winding_down", day(5), date(2026, 3, 13))
    tick(shop, day(5))
    end = datetime(2026, 3, 13, 23, tzinfo=UTC)
    assert [lot(shop, name).expires_at for name in "123"] == [datetime(2026, 3, 12, 23, tzinfo=UTC), soon, end]
    shop.tell(bought("4", day(6)))
    assert shop.order("4").target == 0
    tick(shop, end - timedelta(seconds=1))
    assert shop.balance() == {"issued": 1197, "expired": 399, "available": 399, "pending": 399}
    assert {name for name, *_ in warned(shop)} == {"order:1:1", "order:2:1", "order:3:1"}
    tick(shop, end)
    assert shop.balance() == {"issued": 1197, "expired": 1197}
    assert len(warned(shop)) == 6
    assert audit(tessera.engine) == []


def test_a_run_that_comes_after_the_last_day_warns_and_lapses_at_its_end(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    change(shop, "winding_down", START, LAST)
    late = END + timedelta(days=50)
    tick(shop, late)
    assert shop.entries()[-1].at == END
    assert [(kind, at) for _, kind, _, at in warned(shop)] == [("30d", late), ("7d", late)]
    assert shop.balance() == {"issued": 399, "expired": 399}
    assert audit(tessera.engine) == []


def test_what_is_credited_before_the_last_day_lapses_with_it(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60, pending_until="fulfilled"))
    shop.tell(order(), order(id="2", fulfilled_at="2026-03-01T11:00:00Z"))
    change(shop, "winding_down", day(1), LAST)
    tick(shop, day(1))
    shop.tell(order(id="3", fulfilled_at="2026-03-01T11:00:00Z"), order(id="4"))  # placed before, told after
    rest = Rest(shop)
    rest.post(f"/members/{rest.member()['id']}/adjustments", {"points": 7, "reason": "sorry"})
    tick(shop, day(2))
    assert {row.expires_at for row in rows(shop, lots)} == {END}
    shop.tell(order(updated_at=text_of(day(3)), fulfilled_at=text_of(day(3))))  # the event is seen before the end
    assert lot(shop).expires_at == END
    tick(shop, END)
    assert shop.balance() == {"issued": 4 * 399 + 7, "expired": 4 * 399 + 7}
    gone = order(id="4", updated_at=text_of(day(80)), cancelled_at=text_of(day(80)))
    shop.tell(gone, order(id="4", updated_at=text_of(day(81))))  # it still waits, and has lapsed
    tick(shop, END + timedelta(days=31))
    assert shop.balance() == {"issued": 5 * 399 + 7, "expired": 4 * 399 + 7, "reversed": 399}
    assert audit(tessera.engine) == []


def test_an_event_after_the_last_day_brings_nothing_back(tessera: Tessera) -> None:
    shop = tessera.shop(programme(pending_until="fulfilled"))
    shop.tell(order())
    change(shop, "winding_down", day(1), LAST)
    tick(shop, END)
    shop.tell(order(updated_at=text_of(day(90)), fulfilled_at=text_of(day(90))))
    assert shop.balance() == {"issued": 399, "expired": 399}
    shop.tell(order(updated_at=text_of(day(91)), cancelled_at=text_of(day(91))))
    assert shop.balance() == {"issued": 399, "reversed": 399}
    assert audit(tessera.engine) == []


def test_points_an_order_gains_after_its_points_have_lapsed_have_a_grace_of_their_own(tessera: Tessera) -> None:
    shop = tessera.shop(programme(pending_until="fulfilled"))
    shop.tell(order())
    change(shop, "winding_down", day(1), LAST)
    tick(shop, END)
    more = order(updated_at=text_of(day(60)), lines=[line(quantity=3)])
    shop.tell(more)
    assert shop.balance() == {"issued": 599, "expired": 399, "available": 200}
    tick(shop, END + timedelta(days=31))
    assert shop.balance() == {"issued": 599, "expired": 599}
    assert audit(tessera.engine) == []


def test_a_grace_ends_with_the_last_day_too(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry={"kind": "days", "days": 5}))
    shop.tell(order())
    tick(shop, day(10))
    change(shop, "winding_down", day(10), LAST)
    shop.tell(order(updated_at=text_of(day(11)), lines=[line(quantity=3)]))
    assert sorted(row.expires_at for row in rows(shop, lots))[-1] == END
    assert audit(tessera.engine) == []


def test_resuming_leaves_what_was_brought_forward(tessera: Tessera) -> None:
    shop = tessera.shop(programme(pending_until="fulfilled", expiry=DAYS_60))
    shop.tell(order())
    change(shop, "winding_down", day(1), LAST)
    tick(shop, day(1))
    change(shop, "running", day(2))
    shop.tell(order(updated_at=text_of(day(3)), fulfilled_at=text_of(day(2))))
    shop.tell(bought("2", day(2), fulfilled_at=text_of(day(2))))
    assert (lot(shop).expires_at, lot(shop, "2").expires_at) == (END, datetime(2026, 5, 2, 22, tzinfo=UTC))
    assert audit(tessera.engine) == []


def test_an_end_that_was_corrected_before_it_began_moves_no_dates(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    shop.publish(programme(expiry=DAYS_60, phase={"kind": "winding_down", "spend_until": LAST.isoformat()}), day(1))
    shop.publish(programme(expiry=DAYS_60), day(1))
    tick(shop, day(2))
    assert lot(shop).expires_at == LAPSES
    assert audit(tessera.engine) == []


def test_what_is_given_by_hand_after_the_last_day_stays(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    change(shop, "winding_down", day(1), LAST)
    tick(shop, END)
    rest = Rest(shop)
    rest.post(f"/members/{rest.member()['id']}/adjustments", {"points": 7, "reason": "sorry"})
    tick(shop, END + timedelta(days=90))
    assert shop.balance() == {"issued": 406, "expired": 399, "available": 7}
    assert not allowed(shop, END)
    assert audit(tessera.engine) == []


@pytest.mark.parametrize(
    ("kind", "spend_until", "now", "answer"),
    [
        ("paused", None, START, True),
        ("winding_down", LAST, END - timedelta(seconds=1), True),
        ("winding_down", LAST, END, False),
        ("ended", None, START, False),
    ],
)
def test_what_can_be_spent_when(
    tessera: Tessera, kind: str, spend_until: date | None, now: datetime, answer: bool
) -> None:
    shop = tessera.shop(programme())
    assert allowed(shop, START)
    change(shop, kind, START, spend_until)
    assert allowed(shop, now) is answer


def test_without_a_programme_nothing_can_be_spent(tessera: Tessera) -> None:
    shop = tessera.shop()
    assert not allowed(shop, START)
    with pytest.raises(NotFound):
        change(shop, "paused", START)


def test_a_phase_keeps_everything_else_of_the_version_in_effect(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60, rate={"points": "3", "per": "1"}))
    shop.publish(programme(), day(30))  # to come: the pause is made of the version that runs
    change(shop, "paused", START)
    with reading(tessera.engine) as connection:
        first, _, paused = programmes.versions(connection, shop.id)
    without = {key: value for key, value in paused.programme.to_document().items() if key != "phase"}
    assert without == {key: value for key, value in first.programme.to_document().items() if key != "phase"}
    assert (paused.programme.phase.kind, paused.effective_from) == ("paused", START)


def test_only_what_makes_sense_follows(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    with pytest.raises(Conflict):
        change(shop, "running", START)
    change(shop, "paused", START)
    with pytest.raises(Conflict):
        change(shop, "paused", START)
    change(shop, "winding_down", START, LAST)
    change(shop, "winding_down", START, date(2026, 4, 30))
    with pytest.raises(Conflict):
        change(shop, "paused", START)
    change(shop, "ended", START)
    with pytest.raises(Conflict):
        change(shop, "winding_down", START, LAST)
    change(shop, "running", START)
    with pytest.raises(Invalid):
        change(shop, "winding_down", START, date(2026, 2, 28))


def test_the_api_changes_the_phase(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    rest = Rest(shop)
    assert rest.post("/programme/resume", {}).status_code == 409
    paused = rest.post("/programme/pause", {})
    assert (paused.status_code, paused.json) == (201, {"version": 2, "effective_from": text_of(START)})
    assert rest.get("/programme")["phase"] == {"kind": "paused", "spend_until": None}
    assert rest.post("/programme/resume", {}).json["version"] == 3
    missing = rest.post("/programme/wind-down", {})
    assert (missing.status_code, missing.json["errors"][0]["field"]) == (422, "spend_until")
    over = rest.post("/programme/wind-down", {"spend_until": "2026-02-01"})
    assert (over.status_code, over.json["errors"][0]["field"]) == (422, "phase.spend_until")
    assert rest.post("/programme/wind-down", {"spend_until": "2026-12-31"}).status_code == 201
    assert rest.get("/programme")["phase"] == {"kind": "winding_down", "spend_until": "2026-12-31"}
    assert rest.post("/programme/end", {}).status_code == 201
    assert rest.post("/programme/end", {}).status_code == 409


def test_a_life_ends_before_the_last_day_where_it_would_have_anyway(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    change(shop, "winding_down", START, date(2026, 12, 31))
    tick(shop, day(1))
    assert lot(shop).expires_at == LAPSES
