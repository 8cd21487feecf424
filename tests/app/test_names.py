"""What members are called on leaderboards is what others can read, in one line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.members import names


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Ada L.", "Ada L."),
        ("  Ada \t\n L. ", "Ada L."),
        ("Zoe\u0308", "Zo\u00eb"),
        ("Nguyễn", "Nguyễn"),
        ("\u202egnol\u202c", "gnol"),
        ("a\u2066b\u2069\u200e\u200f\u061cc", "abc"),
        ("a\x00\x07\x1bb", "ab"),
        ("A\u2028B\u00a0C", "A B C"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Ada 👩\u200d🚀", "Ada 👩\u200d🚀"),
        ("\u200dAda\u200d", "Ada"),
        ("a" + "\u0335" * 30, "a" + "\u0335" * 3),
        ("x" * 40, "x" * 40),
        ("<b>Ada</b>", "<b>Ada</b>"),  # text, wherever it stands
    ],
)
def test_a_name_is_kept_without_what_does_not_show(told: str, kept: str) -> None:
    assert names.clean(told) == kept


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("", "blank"),
        (" \u202e ", "blank"),
        ("\u200d", "blank"),
        ("\u3164\u2800", "blank"),
        ("…", "blank"),
        ("x" * 41, "too_long"),
        ("x" * 100_000, "too_long"),
    ],
)
def test_what_is_no_name_is_refused(told: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.clean(told)
    assert [(each.field, each.code) for each in refused.value.errors] == [("leaderboards.name", code)]


@given(st.text(max_size=60))
def test_whatever_is_told_is_one_short_line_and_stays_so(told: str) -> None:
    try:
        kept = names.clean(told)
    except Invalid:
        return
    assert 0 < len(kept) <= names.LONGEST
    assert kept == names.clean(kept) == unicodedata.normalize("NFC", kept)
    assert not {unicodedata.bidirectional(each) for each in kept} & {
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
        "PDI",
    }
    assert not {unicodedata.category(each) for each in kept} & {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
