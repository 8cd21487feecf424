"""The programme document: what is accepted, what is refused and how it is said."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.rules.programme import InvalidProgramme, parse_programme, programme_schema
from tests.rules.builders import document
from tests.rules.strategies import documents

FULL = {
    "name": "Club",
    "currency": "EUR",
    "earning": {
        "rate": {"points": "10", "per": "1"},
        "rates": {"JPY": {"points": "1", "per": "2"}},
        "rounding": "floor",
        "stacking": "add",
        "earn_on": "paid",
        "delivered_after_days": 7,
        "pending_days": 0,
        "basis": {
            "tax": "displayed",
            "shipping": False,
            "tips": False,
            "duties": False,
            "gift_cards": False,
            "fees": False,
        },
        "products": [
            {
                "key": "shoes",
                "match": {"tag": "shoes"},
                "rate": {"points": "20", "per": "1"},
                "multiplier": "2",
                "exclude": False,
                "bonus": 0,
                "priority": 0,
            }
        ],
        "caps": {"order": None, "member": {"period": "day", "points": 500}},
    },
    "campaigns": [
        {
            "key": "weekend",
            "multiplier": "3",
            "bonus": 0,
            "from": "2026-01-01T00:00:00Z",
            "to": None,
            "weekdays": ["sat", "sun"],
            "hours": ["09:00", "18:00"],
            "min_basis": "50.00",
        }
    ],
    "tiers": [{"key": "entry", "enter": "0", "multiplier": "1"}, {"key": "gold", "enter": "500", "multiplier": "2"}],
    "tier_measure": {"by": "spend", "window": "lifetime"},
    "expiry": {"kind": "never"},
    "deficit": "carry",
    "rewards": [{"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}],
}
MISSING = object()


def changed(path: str, value: object, base: dict = FULL) -> dict:
    """Return the full document with one place changed; MISSING removes it."""
    whole = copy.deepcopy(base)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = whole
    for part in way:
        place = place[part]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return whole


def problems(text: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidProgramme) as caught:
        parse_programme(text)
    return [(each.field, each.code) for each in caught.value.problems]


EXPIRY_NEVER = {"kind": "never", "days": None, "months": None, "after": None}


def without_additions(document: Any, known: Any) -> Any:
    """Leave out the keys that a document has gained and `known` does not write."""
    if isinstance(document, dict) and isinstance(known, dict):
        return {key: without_additions(value, known[key]) for key, value in document.items() if key in known}
    if isinstance(document, list) and isinstance(known, list):
        return [without_additions(mine, theirs) for mine, theirs in zip(document, known, strict=True)]
    return document


def test_the_documents_of_the_interface_is_read_and_written_unchanged():
    assert without_additions(parse_programme(FULL).to_document(), FULL) == FULL


def test_only_name_currency_and_rate_are_needed():
    least = {"name": "Club", "currency": "EUR", "earning": {"rate": {"points": "10", "per": "1"}}}
    normalised = parse_programme(least).to_document()
    earning = without_additions(normalised["earning"], FULL["earning"] | dict.fromkeys(("rates", "products", "caps")))
    varying: dict[str, Any] = dict.fromkeys(("rates", "products", "caps"))
    assert earning | varying == FULL["earning"] | varying
    assert (normalised["campaigns"], normalised["tiers"], normalised["rewards"]) == ([], [], [])
    assert (normalised["deficit"], normalised["expiry"]) == ("carry", EXPIRY_NEVER)
    assert parse_programme(normalised) == parse_programme(least)


@given(documents)
def test_a_normalised_document_is_the_same_programme(text):
    once = parse_programme(text)
    again = parse_programme(json.loads(json.dumps(once.to_document())))
    assert again == once
    assert again.to_document() == once.to_document()


@pytest.mark.parametrize(
    "path", ["name", "currency", "earning", "earning.rate", "earning.rate.points", "earning.rate.per"]
)
def test_what_is_needed_is_missed(path):
    assert problems(changed(path, MISSING)) == [(path, "missing")]


@pytest.mark.parametrize(
    "place",
    [
        "",
        "earning.",
        "earning.rate.",
        "earning.rates.JPY.",
        "earning.basis.",
        "earning.products.0.",
        "earning.products.0.match.",
        "earning.caps.",
        "earning.caps.member.",
        "campaigns.0.",
        "tiers.0.",
        "tier_measure.",
        "expiry.",
        "rewards.0.",
        "rewards.0.amount.",
    ],
)
def test_an_unknown_key_is_an_error_everywhere(place):
    assert problems(changed(f"{place}surprise", 1)) == [(f"{place}surprise", "unknown_key")]


@pytest.mark.parametrize("text", [None, 3, "x", [], [FULL], True])
def test_a_document_is_an_object(text):
    assert problems(text) == [("", "wrong_type")]


@pytest.mark.parametrize(
    "wrong",
    [10, 10.0, "1e3", "-1", "+1", "NaN", "Infinity", "1,50", "", " 1", "1.", ".5", "١", "1_0", None, True, "9" * 21],
)
@pytest.mark.parametrize("path", ["earning.rate.points", "earning.products.0.rate.per", "rewards.0.amount.amount"])
def test_a_decimal_is_an_exact_string(path, wrong):
    assert problems(changed(path, wrong)) == [(path, "not_a_decimal")]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("name", "", "too_short"),
        ("name", "x" * 201, "too_long"),
        ("name", "Club ", "not_printable"),
        ("tiers.1.key", "gold\n", "not_printable"),
        ("name", "a\x00b", "not_printable"),
        ("name", "a\ud800", "not_printable"),
        ("name", 7, "wrong_type"),
        ("currency", "eur", "unknown_currency"),
        ("currency", "XXX", "unknown_currency"),
        ("earning.rate.per", "0", "not_above_zero"),
        ("earning.rate.points", "9223372036854775808", "too_large"),
        ("earning.rates", {"ABC": {"points": "1", "per": "1"}}, "unknown_currency"),
        ("earning.rates", [], "wrong_type"),
        ("earning.rounding", "up", "unknown_value"),
        ("earning.stacking", "max", "unknown_value"),
        ("earning.earn_on", "placed", "unknown_value"),
        ("earning.pending_days", -1, "out_of_range"),
        ("earning.pending_days", "3", "wrong_type"),
        ("earning.pending_days", True, "wrong_type"),
        ("earning.pending_days", 3.0, "wrong_type"),
        ("earning.delivered_after_days", 10**9, "out_of_range"),
        ("earning.basis.tax", True, "unknown_value"),
        ("earning.basis.fees", 1, "wrong_type"),
        ("earning.products", {}, "wrong_type"),
        ("earning.products.0", "x", "wrong_type"),
        ("earning.products.0.match.tag", "", "too_short"),
        ("earning.products.0.match.tag", 5, "wrong_type"),
        ("earning.products.0.multiplier", "-1", "not_a_decimal"),
        ("earning.products.0.bonus", -1, "out_of_range"),
        ("earning.products.0.bonus", 2**63, "out_of_range"),
        ("earning.products.0.priority", 2**31, "out_of_range"),
        ("earning.caps.order", -1, "out_of_range"),
        ("earning.caps.member.period", "hour", "unknown_value"),
        ("campaigns.0.from", "2026-01-01", "not_a_time"),
        ("campaigns.0.from", "2026-01-01T00:00:00", "not_a_time"),
        ("campaigns.0.from", "2026-02-30T00:00:00Z", "not_a_time"),
        ("campaigns.0.to", "0001-01-01T00:00:00+01:00", "not_a_time"),
        ("campaigns.0.from", 1767225600, "not_a_time"),
        ("campaigns.0.hours", ["9:00", "18:00"], "not_a_clock_time"),
        ("campaigns.0.hours", ["09:00", "24:01"], "not_a_clock_time"),
        ("campaigns.0.hours", ["09:00"], "missing"),
        ("campaigns.0.weekdays", ["sat", "sat"], "repeated"),
        ("campaigns.0.weekdays", ["saturday"], "unknown_value"),
        ("tiers.1.enter", 500, "not_a_decimal"),
        ("tier_measure.by", "visits", "unknown_value"),
        ("deficit", "forgive", "unknown_value"),
        ("deficit", None, "unknown_value"),
        ("rewards.0.kind", "car", "unknown_value"),
        ("rewards.0.points", -1, "out_of_range"),
        ("rewards.0.amount.amount", "0", "not_above_zero"),
        ("rewards.0.amount.currency", "EURO", "unknown_currency"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(path, value, code):
    assert [seen for _, seen in problems(changed(path, value))] == [code]
    assert problems(changed(path, value))[0][0].startswith(path)


@pytest.mark.parametrize("path", ["earning.products", "campaigns", "tiers", "rewards"])
def test_keys_are_unique_within_their_list(path):
    rows = copy.deepcopy(FULL["earning"]["products"] if path == "earning.products" else FULL[path])
    twin = copy.deepcopy(rows[-1]) | ({"enter": "900"} if path == "tiers" else {})
    assert problems(changed(path, [*rows, twin])) == [(f"{path}.{len(rows)}.key", "duplicate_key")]


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        ("earning.products.0.match", {"tag": "a", "vendor": "b"}, "earning.products.0.match", "too_many"),
        ("earning.rates", {"EUR": {"points": "1", "per": "1"}}, "earning.rates.EUR", "duplicate_rate"),
        ("campaigns.0.to", "2026-01-01T01:00:00+01:00", "campaigns.0.to", "empty_period"),
        ("campaigns.0.hours", ["09:00", "09:00"], "campaigns.0.hours", "empty_period"),
        ("campaigns.0.hours", ["24:00", "00:00"], "campaigns.0.hours", "empty_period"),
        ("points_name", {"English": {"other": "stars"}}, "points_name.English", "not_a_language"),
        ("tiers.0.enter", "1", "tiers.0.enter", "no_entry_tier"),
        ("tiers.1.enter", "0.00", "tiers.1.enter", "not_ascending"),
        ("rewards.0.amount.amount", "5.001", "rewards.0.amount.amount", "too_many_decimals"),
        ("rewards.0.amount", {"amount": "5.0", "currency": "JPY"}, "rewards.0.amount.amount", "too_many_decimals"),
    ],
)
def test_values_that_contradict_each_other_are_named(path, value, field, code):
    assert problems(changed(path, value)) == [(field, code)]


def test_every_problem_is_told_at_once_and_says_what_to_do():
    wrong = changed("currency", "EURO")
    wrong = changed("earning.rate.per", "0", wrong)
    wrong = changed("tiers.0.enter", "1", wrong)
    wrong = changed("campaigns.0.surprise", 1, wrong)
    with pytest.raises(InvalidProgramme) as caught:
        parse_programme(wrong)
    assert {(each.field, each.message) for each in caught.value.problems} == {
        ("currency", 'Write an ISO 4217 currency in capitals, such as "EUR".'),
        ("earning.rate.per", "Write a number above 0."),
        ("tiers.0.enter", 'Write "0": everyone starts in the first tier.'),
        ("campaigns.0.surprise", "Remove this key: a programme has no such setting."),
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Le Club\u00a0! باشگاه\u200cمن 👩\u200d👧"),
        ("earning.rate.points", "0"),
        ("earning.products.0.multiplier", "0"),
        ("earning.products.0.multiplier", None),
        ("earning.products.0.rate", None),
        ("earning.products.0.match", {}),
        ("earning.products.0.match", {"tag": None, "vendor": "a\u00a0b"}),
        ("earning.caps.order", 0),
        ("campaigns.0.hours", ["22:00", "02:00"]),
        ("campaigns.0.hours", ["18:00", "24:00"]),
        ("campaigns.0.from", "2026-01-01T00:00:00.5+14:00"),
        ("campaigns.0.min_basis", "0"),
        ("tiers", []),
        ("tier_measure", None),
        ("rewards.0.amount", {"amount": "5.001", "currency": "KWD"}),
    ],
)
def test_the_edges_of_what_is_right_are_right(path, value):
    parse_programme(changed(path, value))


def test_ten_thousand_product_rules_are_accepted_and_no_more():
    rows = [{"key": str(number), "multiplier": "1"} for number in range(10_001)]
    parse_programme(changed("earning.products", rows[:-1]))
    assert problems(changed("earning.products", rows)) == [("earning.products", "too_long")]


@pytest.mark.parametrize("nothing", [MISSING, None, "empty"])
def test_null_absent_and_empty_are_fine(nothing):
    text = FULL
    optional = {"earning.caps.member": {}, "campaigns.0.weekdays": [], "campaigns.0.hours": [], "expiry": {}}
    for path, empty in optional.items():
        text = changed(path, empty if nothing == "empty" else nothing, text)
    parse_programme(text)


def test_never_expiring_has_no_settings():
    assert problems(changed("expiry", {"kind": "never", "days": 3})) == [("expiry.days", "unknown_key")]


def test_a_programme_cannot_be_changed():
    rules = parse_programme(FULL)
    with pytest.raises(ValidationError):
        rules.name = "Other"
    assert rules.compiled is rules.compiled


class TestSchema:
    SCHEMA = programme_schema()
    JUDGE = jsonschema.Draft202012Validator(SCHEMA)

    def test_it_is_a_json_schema_that_describes_itself(self):
        jsonschema.Draft202012Validator.check_schema(self.SCHEMA)
        assert json.loads(json.dumps(self.SCHEMA)) == self.SCHEMA
        assert "description" in self.SCHEMA["properties"]["currency"]

    @given(documents)
    def test_it_accepts_what_the_parser_accepts(self, text):
        self.JUDGE.validate(text)
        self.JUDGE.validate(parse_programme(text).to_document())

    def test_it_accepts_the_documents_of_the_interface(self):
        self.JUDGE.validate(FULL)
        self.JUDGE.validate(FULL | {"expiry": None, "tier_measure": None})

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("surprise", 1),
            ("earning.rate.points", 10),
            ("earning.rate.points", "1e3"),
            ("tiers.0.enter", MISSING),
            ("campaigns.0.from_", None),
            ("earning.rounding", "up"),
            ("campaigns.0.hours", ["25:00", "26:00"]),
        ],
    )
    def test_it_refuses_what_the_parser_refuses(self, path, value):
        with pytest.raises(jsonschema.ValidationError):
            self.JUDGE.validate(changed(path, value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PLACES = """name currency earning earning.rates earning.products earning.products.0 earning.products.0.match
earning.products.0.key earning.caps campaigns campaigns.0.hours campaigns.0.weekdays campaigns.0.to tiers tiers.0
tiers.0.enter expiry expiry.kind rewards.0 rewards.0.amount tier_measure"""


@given(st.sampled_from(PLACES.split()), json_values)
def test_whatever_stands_in_a_place_it_is_a_programme_or_a_list_of_problems(path, value):
    with suppress(InvalidProgramme):
        assert parse_programme(changed(path, value)).compiled
        return
    assert all(code and field for field, code in problems(changed(path, value)))


def test_the_builders_document_is_a_programme():
    assert parse_programme(document()).name == "Club"
