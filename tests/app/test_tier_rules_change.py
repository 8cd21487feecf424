"""When other tier rules take effect everyone is reviewed; before that, the draft shows who would move."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text

from app import programmes, schedules, shops
from app.db import reading
from app.models import facts, tier_sweeps
from app.rules.programme import parse_programme
from app.tiers import preview
from app.tiers import ticks as tier_ticks
from tests.app.tiers import LADDER, YEAR, Club, document, moment, open_club
from tests.build import Tessera, line, open_tessera, order
from tests.servers import Postgres

LOWER = [LADDER[0], {**LADDER[1], "enter": "100"}, LADDER[2]]


def crowd(club: Club, count: int = 7) -> None:
    """Let so many buy for 100, 200, 300 …"""
    club.sleep_until("2026-03-01")
    for number in range(1, count + 1):
        lines = [line(quantity=1, unit_price=f"{number}00.00")]
        club.shop.deliver(order(id=str(number), lines=lines, customer={"id": f"c{number}"}))
    club.shop.drain()


def reached(club: Club) -> dict[str, int]:
    with reading(club.tessera.engine) as connection:
        shop, now = shops.get(connection, club.shop.id), club.tessera.services.clock.now(connection)
        version = programmes.current(connection, shop.id, now)
        counts: dict[str, int] = preview.moves(connection, shop, version.programme, now)["before"]
    return counts


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tier_ticks, "BATCH", 3)
    monkeypatch.setattr(preview, "CHUNK", 3)


def test_other_rules_move_everyone_at_the_moment_they_take_effect(tessera: Tessera) -> None:
    club = open_club(tessera)
    crowd(club)
    club.shop.publish(document(tiers=LOWER), moment("2026-05-01T00:00:00"))
    club.tick("2026-04-30")
    assert reached(club) == {"entry": 4, "gold": 3}
    club.tick("2026-06-01")
    assert reached(club) == {"gold": 7}
    assert club.history().count(("gold", "2026-05-01", None, "programme")) == 4
    club.tick("2026-06-02")
    assert len(club.history()) == 7
    club.proved()


def test_rules_that_change_nothing_about_tiers_review_nobody(tessera: Tessera) -> None:
    club = open_club(tessera)
    crowd(club, 2)
    club.tick()
    club.shop.publish(document(name="Another name"))
    before = _count(club, "tiers")
    club.tick("2026-06-01")
    assert _count(club, "tiers") == before == 0
    club.proved()


def _count(club: Club, kind: str) -> int:
    with reading(club.tessera.engine) as connection:
        mine = select(facts.c.seq).where(facts.c.shop_id == club.shop.id, facts.c.kind == kind)
        return len(list(connection.execute(mine)))


def test_after_downtime_terms_and_rules_take_effect_in_the_order_of_time(tessera: Tessera) -> None:
    club = open_club(tessera, tier_measure=YEAR)
    club.buy("1", "2026-03-01", "1000.00")
    club.shop.publish(document(tiers=LADDER[:2], tier_measure=YEAR), moment("2027-06-01T00:00:00"))
    club.tick("2028-03-01")
    assert club.history() == [
        ("platinum", "2026-03-01", "2027-12-31", "measure"),
        ("gold", "2027-06-01", "2027-12-31", "programme"),
        ("entry", "2027-12-31", None, "measure"),
    ]
    club.proved()


def test_an_order_under_new_rules_does_not_wait_for_the_sweep(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01", "200.00")
    club.shop.publish(document(tiers=LOWER), moment("2026-04-01T00:00:00"))
    club.buy("2", "2026-05-01", "10.00")
    assert club.shop.order("2").target == 200
    assert club.history() == [("gold", "2026-04-01", None, "programme")]
    club.tick()
    assert len(club.history()) == 1
    club.proved()


def test_newcomers_under_later_rules_are_replayed_as_they_came(tessera: Tessera) -> None:
    """Replay takes in one batch what came in several."""
    club = open_club(tessera)
    club.shop.publish(document(tiers=LOWER))
    for number in ("1", "2", "3"):
        club.buy(number, f"2026-04-0{number}", "10.00")
    assert club.history() == []
    club.proved()


def test_an_entry_tier_by_another_name_moves_nobody_who_never_moved(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01", "10.00")
    club.shop.publish(document(tiers=[{**LADDER[0], "key": "bronze"}, LADDER[1]]), moment("2026-04-01T00:00:00"))
    club.tick("2026-05-01")
    assert (club.now().key, club.history()) == ("bronze", [])
    club.proved()


def test_a_pin_on_a_tier_that_is_gone_gives_way_to_the_measure(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01")
    club.by_hand("platinum")
    club.shop.publish(document(tiers=LADDER[:2]), moment("2026-04-01T00:00:00"))
    club.tick("2026-05-01")
    assert club.history()[-1] == ("gold", "2026-04-01", None, "programme")
    club.proved()


def test_gifts_given_under_the_old_rules_stay(tessera: Tessera) -> None:
    gold = {**LADDER[1], "perks": {"entry_points": 100}}
    club = open_club(tessera, tiers=[LADDER[0], gold])
    club.buy("1", "2026-03-01")
    club.shop.publish(document(tiers=[LADDER[0], {**gold, "enter": "9000"}]), moment("2026-04-01T00:00:00"))
    club.tick("2026-05-01")
    assert (club.now().key, club.gifts()) == ("entry", [100])
    club.proved()


def test_two_ticks_at_once_share_a_sweep(tessera: Tessera) -> None:
    club = open_club(tessera)
    crowd(club, 9)
    club.shop.publish(document(tiers=LOWER), moment("2026-05-01T00:00:00"))
    club.sleep_until("2026-06-01")
    ticks = [
        threading.Thread(target=schedules.tick, args=(tessera.engine, tessera.services.clock), name=f"tick-{n}")
        for n in range(3)
    ]
    for each in ticks:
        each.start()
    for each in ticks:
        each.join()
    assert reached(club) == {"gold": 9}
    assert len(club.history()) == 9
    with reading(tessera.engine) as connection:
        assert connection.execute(select(tier_sweeps.c.finished_at)).scalar_one() is not None
    club.proved()


def test_the_draft_shows_who_would_move_and_moves_nobody(tessera: Tessera) -> None:
    club = open_club(tessera)
    crowd(club)
    with reading(tessera.engine) as connection:
        shop, now = shops.get(connection, club.shop.id), moment("2026-06-01T00:00:00")
        draft = parse_programme(document(tiers=[LADDER[0], {**LADDER[1], "enter": "300"}, LADDER[2]]))
        told = preview.moves(connection, shop, draft, now)
        by_points = parse_programme(document(tier_measure={"by": "points"}, tiers=LADDER))
        other = preview.moves(connection, shop, by_points, now)
    assert (told["members"], told["before"], told["after"]) == (7, {"entry": 4, "gold": 3}, {"entry": 2, "gold": 5})
    (move,) = told["moves"]
    assert (move["before"], move["after"], move["members"], len(move["first"])) == ("entry", "gold", 2, 2)
    assert other["after"] == {"platinum": 7}
    assert reached(club) == {"entry": 4, "gold": 3}


def test_terms_that_end_are_found_by_their_index(postgres: Postgres) -> None:
    with postgres.database() as url:
        tessera = open_tessera(url)
        _plan_of_due_members(tessera)
        tessera.engine.dispose()


def _plan_of_due_members(tessera: Tessera) -> None:
    shop = tessera.shop(document())
    statement = tier_ticks.due_members(shop.id, moment("2026-01-01T00:00:00"))
    with tessera.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO standings (shop_id, member_id, tier, source, changes, review_at) "
                "SELECT :shop, 'm' || n, 'gold', 'measure', 1, timestamptz '2026-01-01' + n * interval '1 minute' "
                "FROM generate_series(1, 20000) AS n"
            ),
            {"shop": shop.id},
        )
        connection.execute(text("ANALYZE standings"))
        plan = "\n".join(
            row[0]
            for row in connection.execute(
                text("EXPLAIN " + str(statement.compile(connection, compile_kwargs={"literal_binds": True})))
            )
        )
    assert "ix_standings_due" in plan
    assert "Seq Scan" not in plan
