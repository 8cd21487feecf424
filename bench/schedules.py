"""A day of scheduled rules over very many members: what a quiet day costs, and what each award does. By hand:

    python -m bench.schedules            # 1,000,000 members
    python -m bench.schedules 100000

State the members, the awards, and the seconds. On PostgreSQL only.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from app import schedules
from app.db import transaction
from tests.build import Tessera, open_tessera
from tests.scheduled.crowd import analyse, fill
from tests.scheduled.play import play, rule
from tests.servers import postgres_server

START = datetime(2026, 5, 30, 12, tzinfo=UTC)
DAILY = (
    rule("birthday"),
    rule("member_anniversary"),
    rule("first_purchase_anniversary"),
    rule("win_back", win_back={"days_without_order": 30}),
    rule("win_back", key="rhythm", win_back={"rhythm": "1.5"}),
    rule("streak", streak={"of": "visit", "period": "day", "length": 7}),
)
MONTHLY = (
    rule("leaderboard_prize", contest={"by": "spend", "period": "month", "prizes": [500, 200, 100]}),
    rule("surprise", surprise={"period": "month", "members": 100, "seed": "s", "active_within_days": 365}),
)


def run(count: int = 1_000_000) -> dict[str, Any]:
    with postgres_server(durable=True) as server, server.database() as url:
        tessera = open_tessera(url)
        shop = play(tessera, *DAILY, *MONTHLY, since=START, now=START.isoformat()[:16])
        with transaction(tessera.engine) as connection:
            fill(connection, shop.shop.id, START, count)
        with tessera.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            analyse(connection)
        told = {
            "members": count,
            "day": _day(tessera, 1),
            "month_end": _day(tessera, 2),
            "nothing_due": _day(tessera, 2),
        }
        tessera.engine.dispose()
    return told


def _day(tessera: Tessera, days: int) -> dict[str, Any]:
    tessera.set_clock(START + timedelta(days=days))
    began = time.perf_counter()
    given = schedules.tick(tessera.engine, tessera.services.clock).scheduled
    seconds = time.perf_counter() - began
    return {"awards": given, "seconds": round(seconds, 2), "awards_per_second": round(given / seconds, 1)}


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:2])), indent=1))
