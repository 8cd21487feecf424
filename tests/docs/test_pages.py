"""What the pages on referrals and identity show is what is sent and answered."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from app.rules.programme import parse_programme
from app.rules.table import Occasions, earn_table
from app.web.api import identity, referrals

DOCS = Path(__file__).parent.parent.parent / "docs"


def blocks(page: str) -> list[dict]:
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", (DOCS / page).read_text(), re.S)]


def test_the_referrals_page_shows_a_programme_an_answer_and_a_request() -> None:
    programme, answer, request = blocks("referrals.md")
    assert parse_programme(programme).referrals is not None
    TypeAdapter(referrals.MemberReferral).validate_python(answer)
    referrals.NewReferral.model_validate(request)


def test_the_identity_page_shows_requests_and_an_answer() -> None:
    wish, answer, merge = blocks("identity.md")
    identity.NewVerification.model_validate(wish)
    TypeAdapter(identity.Verification).validate_python(answer)
    identity.Merge.model_validate(merge)


@pytest.mark.parametrize("sign", sorted(referrals.State.__args__))
def test_every_state_is_told(sign: str) -> None:
    assert f"`{sign}`" in (DOCS / "referrals.md").read_text()


def test_the_earn_tables_page_shows_the_table_of_its_programme() -> None:
    programme, table = blocks("earn-table.md")
    november = Occasions(datetime(2026, 11, 22, tzinfo=UTC), ZoneInfo("Europe/Paris"))
    assert earn_table(1, parse_programme(programme), november, ("en",)) == table
