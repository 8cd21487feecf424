"""What the page on programmes shows is JSON, and every setting it shows is one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.rules.programme import parse_programme
from tests.build import programme

PAGE = (Path(__file__).parent.parent.parent / "docs" / "programmes.md").read_text()
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S)]
EXPIRIES = [json.loads(cell) for cell in re.findall(r'`(\{"kind": "\w+".*?\})`', PAGE)]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: "-".join(list(block)[:2]))
def test_every_programme_or_part_of_one_that_it_shows_is_right(block: dict[str, Any]) -> None:
    if "earning" in block:
        parse_programme(block)
    elif "display" in block:
        parse_programme({**programme(), **block})
    elif "rate" in block:
        parse_programme(programme(**block))
    elif "member" in block:
        parse_programme(programme(caps=block))


@pytest.mark.parametrize("expiry", EXPIRIES, ids=lambda expiry: expiry["kind"])
def test_every_expiry_it_shows_is_one(expiry: dict[str, Any]) -> None:
    parse_programme(programme(expiry=expiry))


def test_it_shows_every_kind() -> None:
    shown = {expiry["kind"] for expiry in EXPIRIES}
    assert shown >= {"never", "days", "months", "end_of_month", "inactivity"}
