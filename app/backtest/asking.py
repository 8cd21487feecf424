"""Asking for a back-test: everything in one transaction that only reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.backtest import Backtest, Progress, Question
from app.backtest.estimates import life_of
from app.backtest.others import others_of
from app.backtest.report import report
from app.rules.programme import Programme
from app.shops import Shop


def _silent(_done: int, _whole: int) -> None:
    """Tell nobody."""


def ask(
    connection: Connection,
    shop: Shop,
    programme: Programme,
    now: datetime,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    at_most: int | None = None,
    progress: Progress = _silent,
) -> dict[str, Any]:
    """Return the report on a draft programme. Writes nothing."""
    question = Question(
        shop=shop,
        programme=programme,
        now=now,
        start=start,
        end=end,
        at_most=at_most,
        old_after=life_of(programme.expiry),
    )
    tally = Backtest(connection, question).run(progress)
    return report(question, tally, others_of(connection, shop, now))
