"""Experiments: the arms visitors are in, and which one runs. Nothing here touches points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.rules.document import Experiment

POINTS, NONE, HOLDOUT = "points", "none", "holdout"


class Arm(NamedTuple):
    key: str
    share: Decimal


def arms_of(experiment: Experiment) -> list[Arm]:
    """Return the arms somebody can be in; their shares are 1 together."""
    share, holdout = experiment.share, experiment.holdout
    arms = (Arm(POINTS, share), Arm(NONE, 1 - share - holdout), Arm(HOLDOUT, holdout))
    return [arm for arm in arms if arm.share]


def tokens_of(experiment: Experiment) -> set[str]:
    """Return what an order may say of its shopper: "key:arm"."""
    return {f"{experiment.key}:{arm.key}" for arm in arms_of(experiment)}


def running(experiments: Sequence[Experiment], at: datetime) -> Experiment | None:
    """Return the one that runs: never two at once, the document's checks see to it."""
    on = (each for each in experiments if each.from_ <= at and (each.to is None or at < each.to))
    return next(on, None)


def drawn(experiments: Sequence[Experiment], at: datetime) -> dict[str, Any] | None:
    """Return the one that runs, with the arms that a browser draws from."""
    found = running(experiments, at)
    if found is None:
        return None
    return {"key": found.key, "arms": [{"key": arm.key, "share": f"{arm.share:f}"} for arm in arms_of(found)]}


def clash(known: Experiment, wanted: Experiment, now: datetime) -> str | None:
    """Name what an experiment of the same key may not change; its end may move, its beginning until it has begun."""
    for name in ("kind", "share", "holdout"):
        if getattr(known, name) != getattr(wanted, name):
            return name
    return "from" if known.from_ != wanted.from_ and known.from_ <= now else None
