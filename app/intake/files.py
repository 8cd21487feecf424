"""Files of past orders and customers: JSON lines in the neutral shape, or CSV.

A CSV of orders has a row for each line; rows with one `id` that follow each other are one order. Without line columns
`total` is one line. What neither names has the neutral shape's default; an order is `paid`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TextIO

_LINE = ("product_id", "variant_id", "quantity", "unit_price", "discount", "tax", "vendor")
_ORDER = ("id", "placed_at", "updated_at", "currency", "financial_status", "cancelled_at", "shipping", "country")
_CUSTOMER = ("id", "updated_at", "email", "email_verified", "birthday", "country", "accepts_marketing")
_FLAGS = ("email_verified", "accepts_marketing", "prices_include_tax")
COLUMNS = {
    "orders": {*_ORDER, *_LINE, "customer_id", "email", "email_verified", "total", "prices_include_tax"},
    "customers": {*_CUSTOMER, "tags"},
}


class BadRow(Exception):
    """A row that cannot be read; the message names its column."""


@dataclass(frozen=True, slots=True)
class Row:
    """A document of a file, or why there is none. `line`: where it begins."""

    line: int
    document: Mapping[str, Any] | None
    wrong: str = ""


def rows(file: TextIO, kind: str, *, is_csv: bool) -> Iterator[Row]:
    """Yield a file's orders or customers in the neutral shape. Raises: BadRow, for a header that cannot be."""
    if is_csv:
        yield from _csv(file, kind)
        return
    for number, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            yield Row(number, None, "it is no JSON")
            continue
        yield Row(number, document) if isinstance(document, dict) else Row(number, None, "it is no JSON object")


def _csv(file: TextIO, kind: str) -> Iterator[Row]:
    told = csv.DictReader(file)
    unknown = sorted(set(told.fieldnames or ()) - COLUMNS[kind])
    if unknown or "id" not in (told.fieldnames or ()):
        wrong = f"there is no column {unknown[0]}" if unknown else "the column id is missing"
        raise BadRow(f"{wrong}; the columns are {', '.join(sorted(COLUMNS[kind]))}")
    numbered = ((told.line_num, {name: text for name, text in row.items() if name and text}) for row in told)
    for _, group in groupby(numbered, key=lambda pair: pair[1].get("id")):
        line, first = (members := list(group))[0]
        try:
            document = _order([row for _, row in members]) if kind == "orders" else _customer(first)
        except BadRow as error:
            yield Row(line, None, str(error))
        else:
            yield Row(line, document)


def _order(members: list[dict[str, str]]) -> dict[str, Any]:
    first = members[0]
    order: dict[str, Any] = {name: first[name] for name in _ORDER if name in first}
    order.setdefault("financial_status", "paid")
    order.setdefault("updated_at", first.get("placed_at"))
    if "prices_include_tax" in first:
        order["prices_include_tax"] = _flag(first, "prices_include_tax")
    if "customer_id" in first or "email" in first:
        order["customer"] = {"id": first.get("customer_id"), "email": first.get("email")}
        order["customer"] |= {"email_verified": True} if _flag(first, "email_verified") else {}
    whole = "total" in first and len(members) == 1 and "unit_price" not in first
    lines: Iterable[dict[str, str]] = [{"unit_price": first["total"]}] if whole else members
    order["lines"] = [_line(number, row) for number, row in enumerate(lines, 1)]
    return order


def _line(number: int, row: Mapping[str, str]) -> dict[str, Any]:
    if "unit_price" not in row:
        raise BadRow("unit_price (or total, for an order of one row) is missing")
    try:
        quantity = int(row.get("quantity", "1"))
    except ValueError:
        raise BadRow("quantity must be a whole number") from None
    told = {name: row[name] for name in _LINE if name in row and name != "quantity"}
    return {"id": str(number), "quantity": quantity, **told}


def _customer(row: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {name: row[name] for name in _CUSTOMER if name in row and name not in _FLAGS}
    told |= {name: _flag(row, name) for name in _FLAGS if name in row}
    told.setdefault("updated_at", "1970-01-01T00:00:00Z")  # anything that is told later is newer
    return told | ({"tags": [tag.strip() for tag in row["tags"].split(";")]} if "tags" in row else {})


def _flag(row: Mapping[str, str], name: str) -> bool:
    text = row.get(name, "false").strip().lower()
    if text not in ("true", "false", "yes", "no", "1", "0"):
        raise BadRow(f"{name} must be true or false")
    return text in ("true", "yes", "1")
