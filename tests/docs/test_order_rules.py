"""Every part of a programme that the page on order rules shows is right, and can be published."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.rules.programme import parse_programme

PAGE = (Path(__file__).parent.parent.parent / "docs" / "order-rules.md").read_text()
PARTS = re.findall(r"^## (.+?)$.*?^```json\n(.*?)^```$", PAGE, re.M | re.S)


@pytest.mark.parametrize(("title", "text"), PARTS, ids=[title for title, _ in PARTS])
def test_a_part_fits_into_a_programme(title: str, text: str) -> None:
    part = json.loads(text)
    earning = {"rate": {"points": "10", "per": "1"}, **part.pop("earning", {})}
    parse_programme({"name": "Club", "currency": "EUR", "earning": earning, **part})


def test_the_page_shows_every_kind() -> None:
    assert len(PARTS) == 5
