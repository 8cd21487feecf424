"""Visitors counted by arm: whoever writes at once, whatever is away, nothing is lost and nothing invented."""

from __future__ import annotations

from sqlalchemy import select

from app import counters
from app.db import reading, transaction
from app.experiments.exposures import MOST, Exposures, Seen
from app.models import exposures
from tests.build import Shop, Tessera, programme
from tests.worker.together import together

SPRING = {"key": "spring", "kind": "points_display", "share": "0.5", "from": "2026-03-01T00:00:00Z"}


def experimenting(tessera: Tessera) -> Shop:
    return tessera.shop(programme(experiments=[SPRING]))


def by_arm(shop: Shop) -> dict[str, int]:
    with reading(shop.tessera.engine) as connection:
        mine = select(exposures.c.arm, exposures.c.visitors).where(exposures.c.shop_id == shop.id)
        return {row.arm: row.visitors for row in connection.execute(mine)}


def test_visitors_are_counted_once_however_many_write_at_once(tessera: Tessera) -> None:
    one, two = experimenting(tessera), experimenting(tessera)
    services, waiting = tessera.services, []
    processes = [Exposures(later=waiting.append) for _ in range(4)]

    def work(number: int) -> None:
        mine = processes[number % 4]
        for turn in range(50):
            for shop in (one, two):
                mine.add(Seen(shop.id, "spring", "points" if turn % 5 else "none"), tessera.engine, services.clock)
            if turn % 10 == number % 10:
                mine.flush(tessera.engine, services.clock)

    errors = [each for each in together([lambda number=number: work(number) for number in range(12)]) if each]
    for each in processes:
        each.flush(tessera.engine, services.clock)
    assert errors == []
    assert by_arm(one) == by_arm(two) == {"points": 480, "none": 120}
    with reading(tessera.engine) as connection:
        assert len(connection.execute(select(exposures)).all()) == 4


def test_a_writing_is_on_its_way_once_and_again_for_who_comes_later(tessera: Tessera) -> None:
    shop, waiting = experimenting(tessera), []
    mine, seen = Exposures(later=waiting.append), Seen(shop.id, "spring", "points")
    mine.add(seen, tessera.engine, tessera.services.clock)
    mine.add(seen, tessera.engine, tessera.services.clock)
    assert len(waiting) == 1
    waiting.pop()()
    mine.add(seen, tessera.engine, tessera.services.clock)
    waiting.pop()()
    assert by_arm(shop)["points"] == 3
    mine.flush(tessera.engine, tessera.services.clock)
    assert (by_arm(shop)["points"], waiting) == (3, [])


def test_while_the_database_is_away_nothing_counted_is_lost(tessera: Tessera) -> None:
    shop, waiting = experimenting(tessera), []
    mine, seen = Exposures(later=waiting.append), Seen(shop.id, "spring", "points")
    mine.add(seen, tessera.engine, tessera.services.clock)
    with transaction(tessera.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE exposures RENAME TO away")
    waiting.pop()()
    with transaction(tessera.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO exposures")
    mine.add(seen, tessera.engine, tessera.services.clock)
    waiting.pop()()
    assert by_arm(shop)["points"] == 2


def test_made_up_shops_take_no_room_for_ever(tessera: Tessera) -> None:
    counters._counts.clear()
    shop = experimenting(tessera)
    mine = Exposures(later=lambda work: None)
    for number in range(MOST + 5):
        mine.add(Seen(f"s{number}", "spring", "points"), tessera.engine, tessera.services.clock)
    mine.flush(tessera.engine, tessera.services.clock)
    mine.add(Seen(shop.id, "spring", "points"), tessera.engine, tessera.services.clock)
    mine.flush(tessera.engine, tessera.services.clock)
    assert by_arm(shop)["points"] == 1
    told = counters.text()
    assert 'exposures_ignored_total{label="too_many"} 5' in told
    assert f'exposures_ignored_total{{label="unknown"}} {MOST}' in told
