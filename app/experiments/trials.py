"""What a shop's versions say of its experiments: since when, until when, and what may not change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from app.errors import FieldError, Invalid
from app.rules.document import Experiment
from app.rules.experiments import clash, tokens_of
from app.rules.programme import Programme

if TYPE_CHECKING:
    from app.programmes import Version

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Trial:
    """An experiment as the latest version that has it says, and when it ran."""

    experiment: Experiment
    begins: datetime
    ends: datetime  # FOREVER: nothing ends it yet

    def state(self, now: datetime) -> str:
        if now < self.begins:
            return "planned"
        return "running" if now < self.ends else "ended"


def trials(versions: Sequence[Version]) -> list[Trial]:
    """Return a shop's experiments, the latest to begin first.

    One runs while it says so itself, from the first version that has it to the first one that has it no more.
    """
    found: dict[str, tuple[Experiment, datetime, datetime]] = {}
    for version, until in _reigns(versions):
        for each in version.programme.experiments:
            since = found[each.key][1] if each.key in found else version.effective_from
            found[each.key] = (each, since, until)
    told = [
        Trial(each, max(each.from_, since), min(each.to or FOREVER, until)) for each, since, until in found.values()
    ]
    ever = [trial for trial in told if trial.begins < trial.ends]
    return sorted(ever, key=lambda trial: trial.begins, reverse=True)


def _reigns(versions: Iterable[Version]) -> list[tuple[Version, datetime]]:
    """Return each version that is ever in effect, with the moment the next one is."""
    ordered = sorted(versions, key=lambda version: (version.effective_from, version.number))
    pairs = [(one, after.effective_from) for one, after in pairwise(ordered)]
    pairs += [(one, FOREVER) for one in ordered[-1:]]
    return [(one, until) for one, until in pairs if one.effective_from < until]


def is_known(versions: Iterable[Version], token: str) -> bool:
    """Tell whether some version has an experiment with that arm."""
    return any(token in tokens_of(each) for version in versions for each in version.programme.experiments)


def check(versions: Sequence[Version], programme: Programme, now: datetime) -> None:
    """Refuse a programme that uses an experiment's key again for something else.

    Raises: Invalid. Arms are only comparable while nobody moves between them.
    """
    known = {each.key: each for version in versions for each in version.programme.experiments}
    problems = []
    for number, wanted in enumerate(programme.experiments):
        name = clash(known[wanted.key], wanted, now) if wanted.key in known else None
        if name is not None:
            message = f"Give this experiment a key of its own: {wanted.key} has been published with another {name}."
            problems.append(FieldError(f"experiments.{number}.{name}", "key_used", message))
    if problems:
        raise Invalid("the programme is not valid: " + "; ".join(each.message for each in problems), tuple(problems))
