"""Two schedulers at once, crashes, and what comes in between."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.db import transaction
from app.scheduled import walking
from tests.build import Tessera, open_tessera
from tests.scheduled.play import Play, moment, play, rule

MEMBERS = 30


@pytest.fixture
def together(postgres: Any) -> Iterator[Tessera]:
    with postgres.database() as url:
        opened = open_tessera(url)
        yield opened
        opened.engine.dispose()


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "PAGE", 4)


def crowd(tessera: Tessera) -> Play:
    budget = {"points": 100 * 20, "period": "year"}
    shop = play(
        tessera,
        rule("birthday", 100, budget=budget),
        rule("win_back", 10, win_back={"days_without_order": 3}, booster={"multiplier": "2", "valid_days": 2}),
        rule("leaderboard_prize", 0, contest={"by": "orders", "period": "month", "prizes": [5]}),
    )
    for number in range(MEMBERS):
        shop.enrol(f"c{number}", f"1990-05-{number % 3 + 1:02}")
    for number in range(MEMBERS // 2):
        shop.buy(f"c{number}", "2026-04-20")
    return shop


def test_two_schedulers_at_once_give_everything_exactly_once(together: Tessera) -> None:
    shop = crowd(together)
    shop.tessera.set_clock(moment("2026-05-10"))
    with ThreadPoolExecutor(4) as pool:
        given = sum(ticked.scheduled for ticked in pool.map(lambda _: shop.tick(), range(4)))
    awards = shop.awards()
    assert given == len(awards) == 20 + MEMBERS // 2 + MEMBERS // 2
    assert sum(row.posted for row in shop.awards("birthday")) == 2000  # the budget holds
    assert shop.tick().scheduled == 0
    shop.agrees()


def test_orders_that_come_while_the_scheduler_runs_and_the_audit_agree(together: Tessera) -> None:
    shop = crowd(together)
    shop.tessera.set_clock(moment("2026-05-10"))
    with ThreadPoolExecutor(3) as pool:
        ticks = [pool.submit(shop.tick) for _ in range(2)]
        for number in range(0, MEMBERS, 3):
            told = {"placed_at": "2026-04-24T12:00:00Z", "customer": {"id": f"c{number}"}}
            shop.tell_order(f"late{number}", **told)
        assert sum(tick.result().scheduled for tick in ticks) == len(shop.awards())
    shop.agrees()


def test_a_run_that_is_cut_off_goes_on_where_it_was(tessera: Tessera, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = crowd(tessera)
    shop.tessera.set_clock(moment("2026-05-10"))
    pages = iter(range(4))
    give = walking.awarding.give

    def fail(*given: Any) -> int:
        if next(pages, None) is None:
            raise OSError("the power went")
        return give(*given)

    monkeypatch.setattr(walking.awarding, "give", fail)
    with pytest.raises(OSError, match="power"):
        shop.tick()
    before = len(shop.awards())
    assert before == 4 + 4 + 4 + 3
    monkeypatch.undo()
    with transaction(tessera.engine) as connection:
        walking.walk(connection, tessera.services.clock, shop.shop.id)
    shop.tick()
    assert len(shop.awards()) == 20 + MEMBERS // 2 + MEMBERS // 2
    shop.agrees()
