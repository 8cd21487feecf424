"""Baskets as a page tells them: of one product in a query, of a cart in JSON. What is wrong is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from app.errors import FieldError, Invalid
from app.rules.earning import Basket, BasketLine
from app.rules.money import is_currency, parse_decimal
from app.strictjson import read_object

MAX_LINES = 500
_COUNTRY = re.compile("[A-Z]{2}")
_ASKED_AS = {"product_id": "product", "variant_id": "variant", "unit_price": "price"}  # as the query calls them


def of_query(query: Mapping[str, str]) -> Basket:
    """Read a basket of one product. An empty parameter counts as absent. Raises: Invalid, naming the parameter."""
    asked = {name.removesuffix("-id"): value for name, value in query.items() if value}  # product, or product-id
    line = _line(
        {
            "product_id": asked.get("product"),
            "variant_id": asked.get("variant"),
            "quantity": _whole(asked.get("quantity", "1")),
            "unit_price": asked.get("price"),
            "discount": asked.get("discount"),
            "tags": _split(asked.get("tags", "")),
            "collections": _split(asked.get("collections", "")),
            "vendor": asked.get("vendor"),
        },
        lambda key: _ASKED_AS.get(key, key),
    )
    return Basket(currency=_currency(asked.get("currency")), lines=[line], country=_country(asked.get("country")))


def of_cart(body: bytes) -> Basket:
    """Read a cart. Raises: BadRequest; Invalid, naming the field."""
    document = read_object(body)
    lines = document.get("lines")
    if not isinstance(lines, list) or len(lines) > MAX_LINES:
        raise _wrong("lines", f"send a list of {MAX_LINES} lines at most")
    return Basket(
        currency=_currency(document.get("currency")),
        lines=[_line_of_cart(i, line) for i, line in enumerate(lines)],
        country=_country(document.get("country")),
        discount_codes=_texts(document.get("discount_codes"), "discount_codes"),
        order_discount=_discount(document, "order_discount"),
    )


def _line_of_cart(index: int, given: object) -> BasketLine:
    if not isinstance(given, dict):
        raise _wrong(f"lines.{index}", "send an object")
    return _line(given, lambda key: f"lines.{index}.{key}")


def _line(given: Mapping[str, Any], field: Callable[[str], str]) -> BasketLine:
    """Read one line of a basket; `field` is what the sender calls a key. Raises: Invalid, naming the field."""
    quantity, gift_card = given.get("quantity", 1), given.get("gift_card")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 0 <= quantity <= 1_000_000:
        raise _wrong(field("quantity"), "send a whole number from 0 to 1,000,000")
    if not isinstance(gift_card, bool | None):
        raise _wrong(field("gift_card"), "send true or false")
    return BasketLine(
        product_id=_text(given.get("product_id"), field("product_id")),
        variant_id=_text(given.get("variant_id"), field("variant_id")),
        quantity=quantity,
        unit_price=_amount(given.get("unit_price"), field("unit_price")),
        discount=_discount(given, field("discount")),
        tags=_texts(given.get("tags"), field("tags")),
        collections=_texts(given.get("collections"), field("collections")),
        vendor=_text(given.get("vendor"), field("vendor")),
        gift_card=gift_card is True,
    )


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, "invalid", message),))


def _amount(text: object, field: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError as error:
        raise _wrong(field, f"send a decimal amount in a string: {error}") from error


def _discount(given: Mapping[str, Any], field: str) -> Decimal:
    told = given.get(field.rpartition(".")[2])
    return _amount("0" if told is None else told, field)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise _wrong("quantity", "send a whole number from 0 to 1,000,000")
    return int(text)


def _currency(code: object) -> str:
    if not isinstance(code, str) or not is_currency(code):
        raise _wrong("currency", "send an ISO 4217 currency")
    return code


def _country(code: object) -> str | None:
    if code in (None, ""):
        return None
    if not isinstance(code, str) or not _COUNTRY.fullmatch(code):
        raise _wrong("country", "send an ISO 3166-1 country in capitals, such as FR")
    return code


def _text(value: object, field: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 255 or "\x00" in value:
        raise _wrong(field, "send a text of 255 characters at most")
    return value


def _split(names: str) -> list[str]:
    return [name for name in names.split(",") if name]


def _texts(value: object, field: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > 250:
        raise _wrong(field, "send a list of 250 texts at most")
    if not all(isinstance(item, str) and "\x00" not in item for item in value):
        raise _wrong(field, "send a list of texts")
    return tuple(value)
