"""What a run reads: ranges of indexes that hold who is due, whatever the number of members. Held on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from app.db import transaction
from tests.build import Tessera, open_tessera
from tests.scheduled.crowd import analyse, fill
from tests.scheduled.play import Play, moment, play, rule

MEMBERS = 20_000
OURS = re.compile(r"\b(FROM|JOIN) (members|rhythms|streaks|orders|activities|balances)\b")
RULES = (
    rule("birthday"),
    rule("member_anniversary"),
    rule("first_purchase_anniversary"),
    rule("win_back", win_back={"days_without_order": 30}),
    rule("win_back", key="rhythm", win_back={"rhythm": "1.5"}),
    rule("win_back", key="visit", win_back={"days_without_visit": 30}),
    rule("next_purchase_booster", 0, booster={"multiplier": "2", "valid_days": 9}),
    rule("streak", streak={"of": "visit", "period": "day", "length": 2}),
    rule("leaderboard_prize", contest={"by": "spend", "period": "month", "prizes": [500, 200]}),
    rule("leaderboard_prize", key="referrals", contest={"by": "referrals", "period": "week", "prizes": [50]}),
    rule("surprise", surprise={"period": "month", "members": 3, "seed": "s", "active_within_days": 40}),
)


@pytest.fixture
def crowded(postgres: Any) -> Iterator[Tessera]:
    with postgres.database() as url:
        opened = open_tessera(url)
        yield opened
        opened.engine.dispose()


def _statements(shop: Play, at: str) -> dict[str, tuple[str, Any]]:
    """Run a tick; return the statements that read members or what belongs to them."""
    seen: dict[str, tuple[str, Any]] = {}

    def note(_c: object, _cursor: object, statement: str, values: Any, _x: object, _many: bool) -> None:
        if statement.startswith(("SELECT", "WITH")) and OURS.search(statement):
            seen.setdefault(re.sub(r"%\(\w+\)s(::\w+)?(, )?", "", statement), (statement, values))

    event.listen(shop.tessera.engine, "before_cursor_execute", note)
    shop.tick(at)
    event.remove(shop.tessera.engine, "before_cursor_execute", note)
    return seen


def test_a_run_reads_only_ranges_of_indexes_and_only_who_is_due(crowded: Tessera) -> None:
    shop = play(crowded, *RULES, since=moment("2026-05-31"), now="2026-05-31")
    with transaction(crowded.engine) as connection:
        fill(connection, shop.shop.id, moment("2026-05-31"), MEMBERS)
    with transaction(crowded.engine) as connection:
        analyse(connection)
    seen = _statements(shop, "2026-06-01T12:00")
    assert len(seen) > 15
    assert {row.rule for row in shop.awards() if row.rule} == {each["key"] for each in RULES}
    with transaction(crowded.engine) as connection:
        for statement, values in seen.values():
            plan = "\n".join(connection.exec_driver_sql("EXPLAIN (ANALYZE) " + statement, values).scalars())
            assert "Seq Scan" not in plan, f"{statement}\n{plan}"
            read = [int(rows) for rows in re.findall(r"Index.* Scan.*actual .*rows=(\d+)", plan)]
            passed_over = [int(rows) for rows in re.findall(r"Removed by Filter: (\d+)", plan)]
            assert sum(read) + sum(passed_over) < MEMBERS / 10, f"{statement}\n{plan}"
