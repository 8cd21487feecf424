"""Limited campaigns with many workers at once: exactly so many orders share in them."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import func, select

from app.db import reading
from app.models import campaign_counts, entries
from tests.build import Tessera, order
from tests.edge import open_door
from tests.worker.test_parallel import agrees, draining, no_error
from tests.worker.together import together


def test_of_many_orders_at_once_the_first_so_many_get_a_place(tessera: Tessera) -> None:
    campaigns: list[dict[str, Any]] = [
        {"key": key, "bonus": bonus, "coupon": "go", "max_orders": most}
        for key, bonus, most in (("a", 1000, 10), ("b", 100_000, 7))
    ]
    door = open_door(tessera, campaigns=campaigns)
    bought = [
        order(id=str(number), customer={"id": f"c{number}"}, discount_codes=[{"code": "GO"}]) for number in range(60)
    ]
    door.shop.deliver(*bought)
    assert no_error(together([partial(draining, door)] * 4))
    with reading(tessera.engine) as connection:
        points = connection.execute(
            select(func.sum(entries.c.points)).where(entries.c.shop_id == door.shop.id)
        ).scalar()
        counted = connection.execute(select(campaign_counts.c.campaign, campaign_counts.c.orders)).all()
    assert int(points) == 60 * 399 + 10 * 1000 + 7 * 100_000
    assert sorted(map(tuple, counted)) == [("a", 10), ("b", 7)]
    assert agrees(door)
