"""The JSON a shop sends us itself (interfaces.md, "Custom connector"), as types: the schema follows from them.

Required fields have no default. Unknown keys are ignored, so that a sender may tell more than we read; null
counts as absent.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, WithJsonSchema, model_validator
from pydantic.json_schema import models_json_schema

from connectors.contract import ZERO
from connectors.neutral import reading
from connectors.neutral.reading import BadField

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # fromisoformat also reads 19840229 and 1984-W09-3

M = TypeVar("M", bound=BaseModel)


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("must be a day such as 1990-12-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a day such as 1990-12-31") from None


_ID_SCHEMA = {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 255}, {"type": "integer"}]}

Ident = Annotated[str, PlainValidator(reading.to_ident), WithJsonSchema(_ID_SCHEMA)]
Money = Annotated[
    Decimal,
    PlainValidator(reading.to_positive_money),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,15}(\.[0-9]{1,30})?$", "examples": ["19.99"]}),
]
Moment = Annotated[datetime, PlainValidator(reading.to_time), WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Code = Annotated[str, PlainValidator(reading.to_currency), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]
Country = Annotated[
    str, PlainValidator(reading.to_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})
]
Arm = Annotated[str, PlainValidator(reading.to_arm), WithJsonSchema({"type": "string", "maxLength": 130})]
Units = Annotated[int, Field(strict=True, ge=0, le=reading.MAX_UNITS)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]
Texts = tuple[Text, ...]

Financial = Literal["pending", "authorized", "partially_paid", "paid", "refunded", "voided"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def null_is_absent(cls, document: object) -> object:
        if not isinstance(document, dict):
            return document
        if None not in document.values():
            return document
        return {key: value for key, value in document.items() if value is not None}


class OrderCustomer(Shape):
    id: Ident | None = None
    email: Text | None = None
    email_verified: Flag = False


class OrderLine(Shape):
    id: Ident
    quantity: Units
    unit_price: Money
    product_id: Ident | None = None
    variant_id: Ident | None = None
    discount: Money = Field(default=ZERO, description="of the whole line")
    tax: Money = Field(default=ZERO, description="of the whole line")
    gift_card: Flag = False
    tags: Texts = ()
    collections: Texts = ()
    vendor: Text | None = None


class OrderRefundLine(Shape):
    line_id: Ident
    quantity: Units = 0
    amount: Money | None = Field(default=None, description="taken back, without tax where prices exclude tax")


class OrderRefund(Shape):
    id: Ident
    at: Moment | None = None
    lines: tuple[OrderRefundLine, ...] = ()
    shipping: Money = ZERO
    amount: Money | None = Field(
        default=None,
        description="money given back without items; passed over beside `lines`",
    )


class CodeLine(Shape):
    line_id: Ident
    amount: Money


class OrderDiscountCode(Shape):
    code: Text
    lines: tuple[CodeLine, ...] = ()
    shipping: Money = ZERO


class Order(Shape):
    """Topic `order`: the full state each time."""

    id: Ident
    placed_at: Moment
    updated_at: Moment
    currency: Code
    financial_status: Financial
    prices_include_tax: Flag = False
    customer: OrderCustomer | None = None
    paid_amount: Money | None = None
    paid_at: Moment | None = None
    fulfilled_at: Moment | None = None
    delivered_at: Moment | None = None
    cancelled_at: Moment | None = None
    test: Flag = False
    country: Country | None = Field(
        default=None, description="where it goes, else where it is billed: ISO 3166-1 alpha-2"
    )
    lines: tuple[OrderLine, ...] = ()
    shipping: Money = ZERO
    tip: Money = ZERO
    discount_codes: tuple[OrderDiscountCode, ...] = ()
    refunds: tuple[OrderRefund, ...] = ()
    referral_code: Text | None = Field(default=None, description="of the member whose link brought the buyer")
    experiment_arm: Arm | None = Field(
        default=None, description='"experiment:arm" as the shopper\'s browser told; what is none counts as absent'
    )


class Customer(Shape):
    """Topic `customer`."""

    id: Ident
    updated_at: Moment
    email: Text | None = None
    email_verified: Flag = False
    birthday: Day | None = None
    tags: Texts | None = Field(default=None, description="absent: as they were")
    country: Country | None = None
    customer_groups: Texts | None = Field(default=None, description="roles or groups; absent: as they were")
    accepts_marketing: Flag | None = None
    deleted: Flag = False


class ProductVariant(Shape):
    id: Ident
    price: Money | None = None
    cost: Money | None = None


class Product(Shape):
    """Topic `product`."""

    id: Ident
    updated_at: Moment
    variants: tuple[ProductVariant, ...] = ()
    tags: Texts = ()
    collections: Texts = ()
    vendor: Text | None = None
    deleted: Flag = False


class ActivityCustomer(Shape):
    id: Ident | None = None
    email: Text | None = None


class Evidence(Shape):
    """What proves an activity. Further keys are kept, sealed, for the merchant's eyes."""

    model_config = ConfigDict(extra="allow")

    amount: Money | None = Field(default=None, description="money spent, for rules with a rate: a receipt's total")
    currency: Code | None = None
    text: Text | None = Field(default=None, description="what was written; the same text again goes to review")
    picture_url: Text | None = None
    picture_sha256: Text | None = None


class Activity(Shape):
    """Topic `activity`: one effect per `id`."""

    id: Ident
    customer: ActivityCustomer
    kind: Annotated[Text, Field(min_length=1, max_length=100)]
    at: Moment
    subject: Annotated[Text, Field(min_length=1, max_length=255)] | None = None
    evidence: Evidence | None = None


TOPICS: dict[str, type[Shape]] = {"order": Order, "customer": Customer, "product": Product, "activity": Activity}


def read_as(shape: type[M], document: object) -> M:
    """Return the document as that shape. Raises: BadField, naming the first wrong field."""
    try:
        return shape.model_validate(document)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in first["loc"]).lstrip(".")
        reason = first["msg"].removeprefix("Value error, ")
        raise BadField(path or "the body", reason) from None


def custom_events_schema() -> dict[str, Any]:
    """Return the JSON Schema of all custom events; `$defs` holds one entry per topic."""
    _, schema = models_json_schema([(shape, "validation") for shape in TOPICS.values()])
    refs = {topic: {"$ref": f"#/$defs/{shape.__name__}"} for topic, shape in TOPICS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tessera custom events",
        "description": "The body of POST /webhooks/custom/<shop_id>, by Tessera-Topic: see $defs.<topic>.",
        "anyOf": list(refs.values()),
        "$defs": {**refs, **schema["$defs"]},
    }
