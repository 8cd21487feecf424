"""The custom connector's other events, and the schema it publishes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from connectors import CONNECTORS
from connectors.contract import ActivityTold, BadFact, CustomerDeleted, ShopSettings, Variant
from connectors.neutral import custom_events_schema
from tests.payloads.custom import SAMPLES, activity, customer, order, product

CUSTOM = CONNECTORS["custom"]
SETTINGS = ShopSettings(platform_ref="custom-shop", currency="EUR")


def refusal(document: Any, topic: str = "order") -> str:
    with pytest.raises(BadFact) as refused:
        CUSTOM.translate(topic, document, SETTINGS)
    return str(refused.value)


def test_a_customer_and_its_end() -> None:
    (told,) = CUSTOM.translate("customer", customer(), SETTINGS)
    assert (told.id, told.email, told.email_verified) == ("cust-31", "grace@shop.example", True)
    assert told.birthday == date(1984, 2, 29)
    assert CUSTOM.translate("customer", customer(deleted=True), SETTINGS) == (CustomerDeleted(id="cust-31"),)


@pytest.mark.parametrize("birthday", ["1984-02-30", "29.02.1984", "19840229", "1984-W09-3", 1984])
def test_a_birthday_is_a_day(birthday: Any) -> None:
    assert refusal(customer(birthday=birthday), "customer").startswith("birthday: ")


def test_a_product() -> None:
    (told,) = CUSTOM.translate("product", product(), SETTINGS)
    assert told.variants == (Variant(id="lamp-1-brass", price=Decimal("19.99"), cost=Decimal("7.50")),)
    assert (told.tags, told.collections, told.vendor) == (("light",), ("living",), "Lumen")


def test_an_activity() -> None:
    (told,) = CUSTOM.translate("activity", activity(evidence={"amount": "45.00", "text": "Lovely"}), SETTINGS)
    assert isinstance(told, ActivityTold)
    assert (told.id, told.kind, told.amount) == (activity()["id"], activity()["kind"], Decimal("45.00"))
    assert told.evidence == {"text": "Lovely"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"customer": {}}, "customer: must name an id or an email"),
        ({"kind": ""}, "kind: "),
        ({"evidence": {"amount": 45}}, "evidence.amount: "),
        ({"evidence": {"currency": "EURO"}}, "evidence.currency: "),
    ],
)
def test_an_activity_that_says_nothing_usable_is_refused(fields: dict[str, Any], why: str) -> None:
    assert refusal(activity(**fields), "activity").startswith(why)


def validator(topic: str) -> Draft202012Validator:
    schema = custom_events_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator({"$ref": f"#/$defs/{topic}", "$defs": schema["$defs"]})


@pytest.mark.parametrize(("topic", "document"), SAMPLES.items())
def test_the_schema_accepts_what_we_accept(topic: str, document: Any) -> None:
    validator(topic).validate(document)


@pytest.mark.parametrize("fields", [{"id": ""}, {"shipping": 4.9}, {"shipping": "-1"}, {"financial_status": "Paid"}])
def test_the_schema_refuses_what_we_refuse(fields: dict[str, Any]) -> None:
    assert refusal(order(**fields))
    with pytest.raises(ValidationError):
        validator("order").validate(order(**fields))


def test_the_schema_requires_exactly_the_documented_fields() -> None:
    defs = custom_events_schema()["$defs"]
    assert defs["Order"]["required"] == ["id", "placed_at", "updated_at", "currency", "financial_status"]
    assert defs["OrderLine"]["required"] == ["id", "quantity", "unit_price"]
