"""What docs/activities.md says holds: its JSON is taken, its table names every kind, its reasons are the code's."""

from __future__ import annotations

import json
import re
from pathlib import Path

from app.rules import activities
from app.rules.fields import ACTIVITY_KINDS
from app.rules.programme import parse_programme
from connectors import CONNECTORS
from connectors.contract import ShopSettings
from connectors.review_apps import REVIEW_APPS

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "activities.md").read_text()
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S)]


def test_its_programme_is_one_that_can_be_published() -> None:
    parse_programme(BLOCKS[0])


def test_its_custom_event_is_understood() -> None:
    told = next(block for block in BLOCKS if "customer" in block)
    assert CONNECTORS["custom"].translate("activity", told, ShopSettings(platform_ref="x", currency="EUR"))


def test_it_names_every_kind_every_reason_and_every_review_app() -> None:
    reasons = [value for name, value in vars(activities).items() if name.isupper() and isinstance(value, str)]
    shown_elsewhere = {"rejected", "no_longer_due", "merged"}
    for word in (*ACTIVITY_KINDS, *REVIEW_APPS, *(set(reasons) - shown_elsewhere)):
        assert f"`{word}`" in PAGE, word
