"""The rules that the page on scheduled rules shows can be published."""

from __future__ import annotations

import json
import re
from pathlib import Path

from app.rules.programme import parse_programme
from app.rules.usual import SCHEDULED
from tests.build import programme

PAGE = (Path(__file__).parents[2] / "docs" / "scheduled-rules.md").read_text()


def test_every_rule_of_the_page_can_be_published_and_every_kind_is_told() -> None:
    rules = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S)]
    assert len(rules) == 7
    parse_programme(programme(activities=rules))
    assert all(f"`{kind}`" in PAGE for kind in SCHEDULED)
