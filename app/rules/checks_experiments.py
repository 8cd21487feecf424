"""Checks of experiments: shares that leave somebody to compare with, and one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from app.rules.raw import Problem, number, rows, time

_NEVER = datetime.max.replace(tzinfo=UTC)
_ZERO = Decimal(0)


def experiment_checks(document: object) -> Iterator[Problem]:
    """Yield what is wrong with experiments, read as they were sent."""
    spans: list[tuple[datetime, datetime, str]] = []
    for place, row in rows(document, "experiments"):
        yield from _shares(place, number(row.get("share")), number(row.get("holdout", "0")))
        begins, ends = time(row.get("from")), _NEVER if row.get("to") is None else time(row["to"])
        if begins is None or ends is None:
            continue
        if begins >= ends:
            yield Problem(f"{place}.to", "empty_period", "Write a time after from; to is exclusive.")
            continue
        spans.append((begins, ends, place))
    yield from _overlaps(sorted(spans))


def _shares(place: str, share: Decimal | None, holdout: Decimal | None) -> Iterator[Problem]:
    if share is None or holdout is None or max(share, holdout) > 1:
        return
    if share + holdout > 1:
        yield Problem(f"{place}.holdout", "too_large", "Write shares that are 1 at most together.")
    elif [share, holdout, 1 - share - holdout].count(_ZERO) > 1:
        yield Problem(f"{place}.share", "no_comparison", "Write shares that leave somebody to compare with.")


def _overlaps(spans: list[tuple[datetime, datetime, str]]) -> Iterator[Problem]:
    for (_, ends, _), (begins, _, place) in pairwise(spans):
        if begins < ends:
            yield Problem(f"{place}.from", "overlap", "Write a time from which no other experiment of the kind runs.")
