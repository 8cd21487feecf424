"""Every programme that the docs and the templates show is one, whatever currency it is asked in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.programmes import templates
from app.rules.programme import parse_programme

DOCS = Path(__file__).parent.parent.parent / "docs"
EXAMPLES = sorted((DOCS / "examples").glob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_programme_and_is_told_of(path: Path) -> None:
    programme = parse_programme(json.loads(path.read_text()))
    assert parse_programme(programme.to_document()) == programme
    assert f"]({path.name})" in (DOCS / "examples" / "README.md").read_text()


@pytest.mark.parametrize("currency", ["EUR", "USD", "JPY", "KWD"])
@pytest.mark.parametrize("template", templates.TEMPLATES, ids=lambda template: template.key)
def test_a_template_is_a_programme_in_any_currency(template: templates.Template, currency: str) -> None:
    document = templates.document(template.key, currency)
    assert parse_programme(document).currency == currency
    assert "EUR" not in json.dumps(document) or currency == "EUR"


def test_a_currency_without_decimals_has_prices_a_hundredfold() -> None:
    document = templates.document("fashion", "JPY")
    assert document["earning"]["rate"] == {"points": "5", "per": "100"}
    assert document["rewards"][1]["amount"] == {"amount": "500", "currency": "JPY"}
    assert document["tiers"][1]["enter"] == "30000"


def test_there_is_no_other_template() -> None:
    with pytest.raises(KeyError):
        templates.document("demo")
