"""When points can be spent and when they lapse: events awaited, warnings first, grace, activity, and late runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from app import schedules, shops
from app.activities.mechanism import Grant
from app.audit import audit
from app.db import reading, transaction
from app.ledger.account import SOMEDAY
from app.ledger.book import Book
from app.models import balances, expiry_warnings, lots, redatings
from app.points import expiring
from app.rules.document import Expiry
from app.settling import Settling
from tests.build import START, Shop, Tessera, order, programme, refund
from tests.worker.together import together

DAYS_60 = {"kind": "days", "days": 60}
LAPSES = datetime(2026, 4, 30, 22, tzinfo=UTC)  # 60 days after 1 March, the local end of that day in Paris


def day(n: float) -> datetime:
    return START + timedelta(days=n)


def text_of(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def tick(shop: Shop, now: datetime) -> schedules.Ticked:
    shop.tessera.set_clock(now)
    return schedules.tick(shop.tessera.engine, shop.tessera.services.clock)


def bought(name: str, moment: datetime, **changes: Any) -> dict[str, Any]:
    when = text_of(moment)
    return order(id=name, placed_at=when, updated_at=when, **changes)


def rows(shop: Shop, table: Any) -> list[Any]:
    with reading(shop.tessera.engine) as connection:
        return list(connection.execute(select(table).where(table.c.shop_id == shop.id)))


def lot(shop: Shop, order_id: str = "1001") -> Any:
    (found,) = [row for row in rows(shop, lots) if row.key == f"order:{order_id}:1"]
    return found


def warned(shop: Shop) -> list[tuple[str, str, int, datetime]]:
    found = [(row.lot, row.kind, row.points, row.recorded_at) for row in rows(shop, expiry_warnings)]
    return sorted(found, key=lambda told: (told[3], told[0], told[1]))


class Rest:
    """The API as the shop's key sees it."""

    def __init__(self, shop: Shop) -> None:
        self.client = shop.tessera.client()
        self.headers = {"Authorization": f"Bearer {shop.keys.api_key}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers).json

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(f"/api/v1{path}", data=json.dumps(body), headers=self.headers)

    def member(self, at: str = "") -> Any:
        (found,) = self.get("/members")["data"]
        return self.get(f"/members/{found['id']}{at}")


# Expiry and its warnings


def test_points_lapse_after_two_warnings(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    assert lot(shop).expires_at == LAPSES
    assert tick(shop, day(10)).members == 0
    assert tick(shop, LAPSES - timedelta(days=30)).members == 1
    tick(shop, LAPSES - timedelta(days=7, microseconds=1))
    key = "order:1001:1"
    assert warned(shop) == [(key, "30d", 399, LAPSES - timedelta(days=30))]
    tick(shop, LAPSES - timedelta(days=7))
    assert warned(shop)[1:] == [(key, "7d", 399, LAPSES - timedelta(days=7))]
    tick(shop, LAPSES - timedelta(microseconds=1))
    assert shop.balance() == {"issued": 399, "available": 399}
    tick(shop, LAPSES)
    assert shop.balance() == {"issued": 399, "expired": 399}
    assert len(warned(shop)) == 2
    assert shop.entries()[-1].at == LAPSES
    assert audit(tessera.engine) == []


def test_a_run_that_comes_late_warns_first_and_the_date_does_not_move(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    late = LAPSES + timedelta(days=100)
    tick(shop, late)
    key = "order:1001:1"
    assert warned(shop) == [(key, "30d", 399, late), (key, "7d", 399, late)]
    assert (lot(shop).expires_at, shop.entries()[-1].at) == (LAPSES, LAPSES)
    assert shop.balance() == {"issued": 399, "expired": 399}
    assert tick(shop, late).members == 0
    assert audit(tessera.engine) == []


def test_what_is_due_is_warned_of_before_any_other_posting_books_it(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    late = LAPSES + timedelta(days=1)
    tessera.set_clock(late)
    shop.tell(bought("2", late))
    assert [kind for _, kind, _, _ in warned(shop)] == ["30d", "7d"]
    assert [entry.kind for entry in shop.entries()] == ["earn", "expiry", "earn"]
    assert shop.balance() == {"issued": 798, "expired": 399, "available": 399}
    assert audit(tessera.engine) == []


def test_a_lot_with_a_short_life_is_warned_of_as_well(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry={"kind": "days", "days": 3}))
    shop.tell(order())
    tick(shop, START)
    assert [kind for _, kind, _, _ in warned(shop)] == ["30d", "7d"]
    tick(shop, day(10))
    assert len(warned(shop)) == 2
    assert audit(tessera.engine) == []


def test_spent_points_are_not_warned_of(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    rest = Rest(shop)
    taken = rest.post(f"/members/{rest.member()['id']}/adjustments", {"points": -300, "reason": "spent"})
    assert taken.status_code == 201
    tick(shop, LAPSES - timedelta(days=8))
    assert [points for _, _, points, _ in warned(shop)] == [99]
    shop.tell(order(updated_at=text_of(LAPSES - timedelta(days=8)), refunds=[refund(quantity=2)]))
    tick(shop, LAPSES)
    assert len(warned(shop)) == 1
    assert audit(tessera.engine) == []


def test_warnings_are_read_with_the_member(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order(), order(id="2"))
    rest = Rest(shop)
    assert rest.member()["warnings"] == []
    first = LAPSES - timedelta(days=29)
    tick(shop, first)
    told = {"kind": "30d", "points": 798, "expires_at": text_of(LAPSES), "recorded_at": text_of(first)}
    assert rest.member()["warnings"] == [told]
    assert rest.member()["points"]["expiring"] == [{"points": 798, "at": text_of(LAPSES)}]
    assert rest.member(f"?at={text_of(day(3))}")["warnings"] == []
    tick(shop, LAPSES)
    assert rest.member()["warnings"] == []


def test_the_database_itself_refuses_to_change_a_warning(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    tick(shop, LAPSES)
    with pytest.raises(Exception, match="append-only"), transaction(tessera.engine) as connection:
        connection.execute(update(expiry_warnings).values(points=1))


def test_two_ticks_at_once_share_the_work(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.deliver(*(order(id=str(n), customer={"id": f"c{n}"}) for n in range(40)))
    shop.drain()
    shop.publish(programme(expiry=DAYS_60), day(1))
    tessera.set_clock(day(200))
    answers = together([partial(schedules.tick, tessera.engine, tessera.services.clock)] * 2)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert all(sums == {"issued": 399, "expired": 399} for sums in shop.balances())
    assert len(warned(shop)) == 80
    assert audit(tessera.engine) == []


def test_a_tick_finds_who_is_due_by_an_index(tessera: Tessera) -> None:
    if tessera.engine.dialect.name != "postgresql":
        pytest.skip("the plan of PostgreSQL")
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    with transaction(tessera.engine) as connection:
        many = (
            "INSERT INTO balances (shop_id, member_id, good_until) "
            "SELECT :shop, 'm_' || n, :due FROM generate_series(1, 20000) n"
        )
        connection.execute(text(many), {"shop": shop.id, "due": day(1000)})
    with tessera.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE balances"))
        due = "EXPLAIN SELECT member_id FROM balances WHERE shop_id = :shop AND good_until <= :now LIMIT 500"
        plan = "\n".join(connection.execute(text(due), {"shop": shop.id, "now": LAPSES - timedelta(days=20)}).scalars())
    assert "ix_balances_due" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert tick(shop, LAPSES - timedelta(days=20)).members == 1


# Whose rule a lot lives by


def test_an_order_lot_lives_by_the_version_of_its_order(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.publish(programme(expiry={"kind": "end_of_year"}), START)
    shop.tell(order(), bought("2", START))
    assert lot(shop).expires_at == LAPSES
    assert lot(shop, "2").expires_at == datetime(2026, 12, 31, 23, tzinfo=UTC)
    shop.tell(order(updated_at=text_of(day(1)), refunds=[refund()]), order(updated_at=text_of(day(2))))
    assert lot(shop).expires_at == LAPSES
    assert audit(tessera.engine) == []


def test_points_that_change_hands_keep_their_end(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    shop.tell(order(updated_at=text_of(day(5)), customer={"id": "bob"}))
    assert {row.expires_at for row in rows(shop, lots)} == {LAPSES}
    assert audit(tessera.engine) == []


def test_a_life_counts_from_the_moment_points_can_be_spent(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60, pending_days=14))
    shop.tell(order())
    available = datetime(2026, 3, 15, 23, tzinfo=UTC)  # the 16th in Paris
    assert (lot(shop).available_from, lot(shop).expires_at) == (available, datetime(2026, 5, 15, 22, tzinfo=UTC))
    assert audit(tessera.engine) == []


def test_adjustments_live_by_the_version_in_effect(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    rest = Rest(shop)
    member = rest.post("/members", {"platform_id": "ada"}).json
    rest.post(f"/members/{member['id']}/adjustments", {"points": 50, "reason": "sorry"})
    assert rest.member()["points"]["expiring"] == [{"points": 50, "at": text_of(LAPSES)}]
    assert audit(tessera.engine) == []


@pytest.mark.parametrize(
    ("grant", "until"),
    [
        ({}, LAPSES),
        ({"expiry": Expiry(kind="never")}, None),
        ({"expiry": Expiry(kind="days", days=1)}, datetime(2026, 3, 2, 23, tzinfo=UTC)),
        ({"expires_at": datetime(2027, 1, 1, tzinfo=UTC)}, datetime(2027, 1, 1, tzinfo=UTC)),
        ({"pending_days": 2}, datetime(2026, 5, 3, 22, tzinfo=UTC)),  # can be spent from the 4th on
    ],
)
def test_an_activity_lives_by_its_rule_else_by_the_version(tessera: Tessera, grant: Any, until: Any) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    member = shop.order().member_id
    with transaction(tessera.engine) as connection:
        settling = Settling(connection, shops.hold(connection, shop.id), START)
        settling.load([], member_ids=[member])
        settling.activities.grant(
            member, Grant(id="review:1", kind="review", at=START, points=5, explanation={}, **grant)
        )
        settling.flush()
    (made,) = [row for row in rows(shop, lots) if row.key == "review:1"]
    assert made.expires_at == until


# Switching expiry on


def test_switching_expiry_on_gives_open_lots_one_full_period(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(), order(id="2", customer={"id": "bob"}), order(id="3", customer={"id": "cy"}))
    shop.tell(order(id="3", customer={"id": "cy"}, updated_at=text_of(day(1)), cancelled_at=text_of(day(1))))
    shop.publish(programme(expiry=DAYS_60), day(100))
    tick(shop, day(99))
    assert {row.expires_at for row in rows(shop, lots)} == {None}
    assert tick(shop, day(130)).redated == 3  # a batch, the one that finds nobody, and once more from the beginning
    until = datetime(2026, 8, 8, 22, tzinfo=UTC)  # 60 days from day 100, however late the run
    assert [row.expires_at for row in sorted(rows(shop, lots), key=lambda row: row.key)] == [until, until, None]
    assert [(row.version, row.done) for row in rows(shop, redatings)] == [(2, True)]
    shop.tell(bought("4", day(101)))
    assert lot(shop, "4").expires_at == datetime(2026, 8, 9, 22, tzinfo=UTC)
    assert tick(shop, day(131)).redated == 0
    assert audit(tessera.engine) == []


def test_the_grace_of_points_that_cannot_be_spent_yet_begins_when_they_can(tessera: Tessera) -> None:
    shop = tessera.shop(programme(pending_days=14))
    shop.tell(order())
    shop.publish(programme(expiry=DAYS_60), START)
    tick(shop, day(1))
    assert lot(shop).expires_at == datetime(2026, 5, 15, 22, tzinfo=UTC)  # 60 days from 16 March
    assert audit(tessera.engine) == []


def test_points_that_wait_for_an_event_when_expiry_is_switched_on_live_from_that_event(tessera: Tessera) -> None:
    shop = tessera.shop(programme(pending_until="fulfilled"))
    shop.tell(order())
    shop.publish(programme(expiry=DAYS_60), START)
    tick(shop, day(10))
    assert (lot(shop).available_from, lot(shop).expires_at) == (SOMEDAY, None)
    shop.tell(order(updated_at=text_of(day(10)), fulfilled_at=text_of(day(10))))
    assert lot(shop).expires_at == datetime(2026, 5, 10, 22, tzinfo=UTC)
    assert audit(tessera.engine) == []


def test_an_order_of_before_the_switch_that_is_told_after_it_has_the_same_grace(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.publish(programme(expiry=DAYS_60), day(100))
    tick(shop, day(101))
    shop.tell(order())
    assert lot(shop).expires_at == datetime(2026, 8, 8, 22, tzinfo=UTC)
    assert audit(tessera.engine) == []


def test_a_version_that_only_changes_the_period_leaves_open_lots_alone(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry=DAYS_60))
    shop.tell(order())
    shop.publish(programme(expiry={"kind": "days", "days": 5}), day(1))
    tick(shop, day(2))
    assert lot(shop).expires_at == LAPSES
    shop.publish(programme(), day(3))
    tick(shop, day(4))
    assert lot(shop).expires_at == LAPSES
    assert audit(tessera.engine) == []


def test_the_grace_goes_on_where_it_was_interrupted(tessera: Tessera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "BATCH", 2)
    shop = tessera.shop(programme())
    shop.deliver(*(order(id=str(n), customer={"id": f"c{n}"}) for n in range(5)))
    shop.drain()
    shop.publish(programme(expiry=DAYS_60), day(1))
    tessera.set_clock(day(2))
    clock = tessera.services.clock
    with transaction(tessera.engine) as connection:  # one batch, and the process dies
        assert expiring.redate_due(connection, clock, shop.id) == 1
    assert sum(row.expires_at is not None for row in rows(shop, lots)) == 2
    assert tick(shop, day(2)).redated == 4
    assert all(row.expires_at == datetime(2026, 5, 1, 22, tzinfo=UTC) for row in rows(shop, lots))
    assert audit(tessera.engine) == []


def test_lots_that_a_merge_brings_to_whom_the_grace_has_passed_get_it_too(
    tessera: Tessera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "BATCH", 1)
    shop = tessera.shop(programme())
    shop.tell(*(order(id=str(n), customer={"id": None, "email": f"g{n}@x.example"}) for n in range(4)))
    shop.publish(programme(expiry=DAYS_60), day(1))
    tessera.set_clock(day(2))
    with transaction(tessera.engine) as connection:
        expiring.redate_due(connection, tessera.services.clock, shop.id)
    first, *_, last = sorted(row.member_id for row in rows(shop, balances))
    with transaction(tessera.engine) as connection:
        settling = Settling(connection, shops.hold(connection, shop.id), day(2))
        settling.load([], member_ids=[first, last])
        settling.desk.people.merge(last, first, day(2))
        settling.flush()
    tick(shop, day(2))
    assert {row.expires_at for row in rows(shop, lots)} == {datetime(2026, 5, 1, 22, tzinfo=UTC)}


# Inactivity


def test_each_order_moves_all_open_lots_where_points_live_by_activity(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry={"kind": "inactivity", "months": 2}))
    shop.tell(bought("1", START))
    assert lot(shop, "1").expires_at == datetime(2026, 5, 1, 22, tzinfo=UTC)
    tick(shop, datetime(2026, 4, 5, tzinfo=UTC))
    assert [kind for _, kind, _, _ in warned(shop)] == ["30d"]
    shop.tell(bought("2", datetime(2026, 4, 5, tzinfo=UTC)))
    until = datetime(2026, 6, 5, 22, tzinfo=UTC)
    assert {row.expires_at for row in rows(shop, lots)} == {until}
    tick(shop, until)
    assert shop.balance() == {"issued": 798, "expired": 798}
    assert len(warned(shop)) == 1 + 2 + 2  # the lot whose date has moved is warned of anew
    shop.tell(bought("3", until + timedelta(days=1)))
    assert shop.balance() == {"issued": 1197, "expired": 798, "available": 399}
    assert audit(tessera.engine) == []


def test_an_order_that_does_not_count_or_was_placed_before_moves_nothing(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry={"kind": "inactivity", "days": 60}))
    shop.tell(bought("1", START))
    until = lot(shop, "1").expires_at
    shop.tell(bought("2", day(20), financial_status="pending"), bought("0", day(-10)))
    assert lot(shop, "1").expires_at == until
    assert lot(shop, "0").expires_at == until  # told late, its points live as long as the others
    assert audit(tessera.engine) == []


def test_activity_never_brings_an_end_forward_nor_ends_what_lives_for_ever(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry={"kind": "inactivity", "days": 60}, pending_days=14))
    shop.tell(bought("1", START))
    later = datetime(2026, 5, 15, 22, tzinfo=UTC)
    assert lot(shop, "1").expires_at == later  # 60 days from the day it can be spent
    member = shop.order("1").member_id
    with transaction(tessera.engine) as connection:
        settling = Settling(connection, shops.hold(connection, shop.id), START)
        settling.load([], member_ids=[member])
        told = Grant(id="gift", kind="manual", at=START, points=5, explanation={}, expiry=Expiry(kind="never"))
        settling.activities.grant(member, told)
        settling.desk.keep_alive(member, day(1))
        settling.flush()
    assert {row.key: row.expires_at for row in rows(shop, lots)} == {"order:1:1": later, "gift": None}


def test_a_redemption_moves_the_lots_as_an_order_does(tessera: Tessera) -> None:
    shop = tessera.shop(programme(expiry={"kind": "inactivity", "days": 60}))
    shop.tell(bought("1", START))
    member = shop.order("1").member_id
    with transaction(tessera.engine) as connection:
        settling = Settling(connection, shops.hold(connection, shop.id), day(30))
        settling.load([], member_ids=[member])
        settling.desk.keep_alive(member, day(30))
        settling.flush()
    assert lot(shop, "1").expires_at == LAPSES + timedelta(days=30)


def test_activity_before_the_grace_was_given_is_not_lost(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order())
    shop.publish(programme(expiry={"kind": "inactivity", "days": 60}), day(10))
    tessera.set_clock(day(40))
    shop.tell(bought("2", day(40)))
    tick(shop, day(41))
    assert {row.expires_at for row in rows(shop, lots)} == {datetime(2026, 6, 9, 22, tzinfo=UTC)}
    assert audit(tessera.engine) == []


# Waiting for an event


def waiting(**changes: Any) -> dict[str, Any]:
    return programme(pending_until="fulfilled", expiry=DAYS_60, **changes)


def test_points_wait_until_the_order_is_sent(tessera: Tessera) -> None:
    shop = tessera.shop(waiting())
    shop.tell(order())
    assert shop.balance() == {"issued": 399, "pending": 399}
    assert (lot(shop).available_from, lot(shop).expires_at) == (SOMEDAY, None)
    tick(shop, day(400))
    assert shop.balance() == {"issued": 399, "pending": 399}
    rest = Rest(shop)
    assert rest.member()["points"] == {
        "available": 0,
        "pending": 399,
        "held": 0,
        "deficit": 0,
        "unclaimed": 0,
        "lifetime_earned": 399,
        "expiring": [],
    }
    sent = order(updated_at=text_of(day(402)), fulfilled_at=text_of(day(390)))
    shop.tell(sent)
    assert shop.balance() == {"issued": 399, "available": 399}
    assert (lot(shop).available_from, shop.entries()[-1].at) == (day(390), day(390))
    until = lot(shop).expires_at
    assert until == datetime(2027, 5, 25, 22, tzinfo=UTC)  # 60 days after it was sent
    shop.tell({**sent, "updated_at": text_of(day(403)), "fulfilled_at": text_of(day(395))})
    assert (lot(shop).available_from, lot(shop).expires_at) == (day(390), until)
    assert audit(tessera.engine) == []


def test_days_are_added_to_the_event(tessera: Tessera) -> None:
    shop = tessera.shop(waiting(pending_days=3))
    shop.tell(order())
    shop.tell(order(updated_at=text_of(day(1)), fulfilled_at=text_of(day(1))))
    assert lot(shop).available_from == datetime(2026, 3, 5, 23, tzinfo=UTC)
    assert shop.balance()["pending"] == 399
    tick(shop, day(5))
    assert shop.balance() == {"issued": 399, "available": 399}
    assert audit(tessera.engine) == []


def test_a_refund_while_points_wait_takes_pending_points_and_more_later_is_available_at_once(tessera: Tessera) -> None:
    shop = tessera.shop(waiting())
    shop.tell(order())
    half = [refund()]
    shop.tell(order(updated_at=text_of(day(1)), refunds=half))
    assert shop.balance() == {"issued": 399, "reversed": 200, "pending": 199}
    tessera.set_clock(day(3))
    shop.tell(order(updated_at=text_of(day(2)), refunds=half, fulfilled_at=text_of(day(2))))
    assert shop.balance()["available"] == 199
    shop.tell(order(updated_at=text_of(day(3)), fulfilled_at=text_of(day(2))))
    assert shop.balance() == {"issued": 599, "reversed": 200, "available": 399}
    assert len(rows(shop, lots)) == 1
    assert audit(tessera.engine) == []


def test_points_that_wait_go_with_an_order_that_changes_its_customer(tessera: Tessera) -> None:
    shop = tessera.shop(waiting())
    shop.tell(order())
    shop.tell(order(updated_at=text_of(day(1)), customer={"id": "bob"}))
    assert sorted(sums.get("pending", 0) for sums in shop.balances()) == [0, 399]
    tessera.set_clock(day(2))
    shop.tell(order(updated_at=text_of(day(2)), customer={"id": "bob"}, fulfilled_at=text_of(day(2))))
    assert sorted(sums.get("available", 0) for sums in shop.balances()) == [0, 399]
    assert audit(tessera.engine) == []


def test_a_deficit_is_filled_when_the_event_is_seen(tessera: Tessera) -> None:
    shop = tessera.shop(programme(pending_until="delivered"))
    gone = {"delivered_at": text_of(START)}
    shop.tell(bought("1", START, **gone))
    rest = Rest(shop)
    rest.post(f"/members/{rest.member()['id']}/adjustments", {"points": -399, "reason": "spent"})
    shop.tell(bought("2", START))
    shop.tell({**bought("1", START, **gone), "updated_at": text_of(day(1)), "refunds": [refund(quantity=2)]})
    assert rest.member()["points"]["deficit"] == 399
    tessera.set_clock(day(2))
    shop.tell({**bought("2", START), "updated_at": text_of(day(2)), "delivered_at": text_of(day(2))})
    assert rest.member()["points"]["deficit"] == 0
    assert rest.member()["points"]["pending"] == 0
    assert audit(tessera.engine) == []


def test_the_return_window_of_a_platform_that_tells_no_delivery_ends_by_date_alone(tessera: Tessera) -> None:
    from tests.payloads import woocommerce

    earning = {"pending_until": "return_window", "return_days": 10, "delivered_after_days": 5}
    shop = tessera.shop(programme(**earning), platform="woocommerce")
    done = woocommerce.order(status="completed", date_completed_gmt="2026-02-27T12:00:00")
    shop.tell(done, topic="order.updated")
    name = str(done["id"])
    assert shop.order(name).look_again_at == datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert shop.balance()["pending"] == shop.order(name).target > 0
    assert tick(shop, datetime(2026, 3, 4, 12, tzinfo=UTC)).orders == 1
    assert lot(shop, name).available_from == datetime(2026, 3, 14, 23, tzinfo=UTC)
    tick(shop, datetime(2026, 3, 15, tzinfo=UTC))
    assert shop.balance()["available"] == shop.order(name).target
    assert audit(tessera.engine) == []


def test_balances_that_wait_for_an_event_have_no_date(tessera: Tessera) -> None:
    shop = tessera.shop(waiting())
    shop.tell(order())
    with reading(tessera.engine) as connection:
        mine = select(func.count()).where(balances.c.shop_id == shop.id, balances.c.good_until.is_not(None))
        assert connection.execute(mine).scalar_one() == 0
    with transaction(tessera.engine) as connection:
        account = Book(connection, shop.id, day(4000)).open(shop.order().member_id)
        assert account.sums["pending"] == 399
