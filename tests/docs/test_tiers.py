"""What docs/tiers.md says holds: its programme can be published, its example is what the rules do."""

from __future__ import annotations

import json
import re
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.rules.programme import parse_programme
from app.rules.tiers import Event, measured
from app.web.api.answers import MemberTier
from app.web.api.tiers import NewTier

PAGE = (Path(__file__).parent.parent.parent / "docs" / "tiers.md").read_text()
PROGRAMME, BY_HAND, READ = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S))
PARIS = ZoneInfo("Europe/Paris")


def test_its_programme_is_one_that_can_be_published() -> None:
    assert parse_programme(PROGRAMME)


def test_its_requests_and_answers_are_the_apis() -> None:
    NewTier.model_validate(BY_HAND)
    MemberTier.model_validate({**READ, "perks": {}})


@pytest.mark.parametrize(("spent", "last"), [(400, "2028-12-31"), (399, "2028-01-30")])
def test_its_example_of_a_term_is_what_the_rules_do(spent: int, last: str) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=PARIS)

    told = [Event(at("2026-03-01"), Fraction(500)), Event(at("2027-06-01"), Fraction(spent))]
    tier, until, _ = measured(parse_programme(PROGRAMME).ladder, told, at("2028-01-02"), PARIS)
    assert tier == "gold"
    assert until is not None
    assert (until.astimezone(PARIS).date() - at(last).date()).days == 1
