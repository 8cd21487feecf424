"""What a rule gives for something that happened: once for each id, within who, when, caps and budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.activities.mechanism import Activity
from app.db import transaction
from app.models import members
from app.settling import Settling
from app.shops import get
from tests.build import START, Shop, Tessera, order, programme


def rule(**changes: Any) -> dict[str, Any]:
    return {"key": "gift", "kind": "manual", "points": 50, **changes}


def shop_with(tessera: Tessera, **changes: Any) -> Shop:
    shop = tessera.shop(programme(activities=[rule(**changes)]))
    shop.tell(order(financial_status="pending"))
    return shop


def award(shop: Shop, activity_id: str, at: datetime = START, **told: Any) -> Activity:
    with transaction(shop.tessera.engine) as connection:
        work = Settling(connection, get(connection, shop.id), START)
        member = connection.execute(select(members.c.id).where(members.c.shop_id == shop.id)).scalar_one()
        work.desk.people.load([], [member])
        work.desk.purchases.load([member])
        version = work.desk.version_at(at)
        assert version is not None
        made = work.activities.award(member, version.programme.activities[0], version, activity_id, at, **told)
        work.flush()
        return made


def test_an_award_is_given_once_for_each_id(tessera: Tessera) -> None:
    shop = shop_with(tessera)
    assert [award(shop, "manual:a").target for _ in range(2)] == [50, 50]
    award(shop, "manual:b")
    assert [entry.key for entry in shop.entries()] == ["manual:a", "manual:b"]
    assert shop.balance() == {"issued": 100, "available": 100}


def test_a_cap_on_times_refuses_and_leaves_no_trace(tessera: Tessera) -> None:
    shop = shop_with(tessera, caps=[{"period": "day", "times": 1}])
    award(shop, "manual:a")
    late = award(shop, "manual:b")
    assert (late.state, late.reason, late.target) == ("refused", "cap_reached", 0)
    assert award(shop, "manual:c", START + timedelta(days=1)).state == "awarded"
    assert shop.balance()["issued"] == 100


def test_a_cap_on_points_gives_what_room_is_left(tessera: Tessera) -> None:
    shop = shop_with(tessera, caps=[{"period": "lifetime", "points": 70}])
    assert [award(shop, f"manual:{name}").target for name in "abc"] == [50, 20, 0]


def test_a_budget_holds_for_its_period_and_never_cuts_an_award_short(tessera: Tessera) -> None:
    shop = shop_with(tessera, budget={"points": 120, "period": "month"})
    assert [award(shop, f"manual:{name}").reason for name in "abc"] == [None, None, "budget_spent"]
    assert award(shop, "manual:d", datetime(2026, 4, 1, tzinfo=UTC)).state == "awarded"


def test_who_and_when_are_asked(tessera: Tessera) -> None:
    shop = shop_with(tessera, who={"any_tag": ["vip"]})
    assert award(shop, "manual:a").reason == "not_for_this_member"
    shop = shop_with(tessera, when={"to": "2026-03-01T12:00:00Z"})
    assert award(shop, "manual:a").reason == "not_now"
    assert award(shop, "manual:b", START - timedelta(seconds=1)).state == "awarded"


def test_points_wait_and_lapse_as_the_rule_says(tessera: Tessera) -> None:
    shop = shop_with(tessera, pending_days=2, expiry={"kind": "months", "months": 1})
    made = award(shop, "manual:a")
    assert made.points.available_from == datetime(2026, 3, 3, 23, tzinfo=UTC)
    assert made.points.expires_at == datetime(2026, 4, 4, 22, tzinfo=UTC)
    assert shop.balance() == {"issued": 50, "pending": 50}
