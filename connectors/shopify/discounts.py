"""Which code took how much off which line.

https://shopify.dev/docs/api/admin-rest/latest/resources/order (discount_applications, discount_allocations):
`discount_codes` holds each code and its whole amount; an application of type `discount_code` names the code, and every
allocation on a line or a shipping line names its application by index.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.contract import ZERO, DiscountCode
from connectors.neutral.reading import Doc, exact_sum, maybe, need, to_ident, to_text, to_units
from connectors.shopify.money import Purse, amount, items


def discount_codes(order: Doc, purse: Purse) -> tuple[DiscountCode, ...]:
    """Return the codes of an order with what each took off. Raises: BadField."""
    return tuple(_code(order, code, purse) for code in items(order, "discount_codes"))


def _code(order: Doc, doc: Doc, purse: Purse) -> DiscountCode:
    code = need(doc, "code", to_text)
    indexes = {
        index
        for index, application in enumerate(items(order, "discount_applications"))
        if (maybe(application, "code", to_text) or "").casefold() == code.casefold() != ""
    }
    lines = {need(line, "id", to_ident): _allocated(line, indexes, purse) for line in items(order, "line_items")}
    shipping = exact_sum(*(_allocated(line, indexes, purse) for line in items(order, "shipping_lines")))
    lines = {line_id: taken for line_id, taken in lines.items() if taken}
    split = bool(lines or shipping)
    return DiscountCode(
        code=code,
        lines=lines,
        shipping=shipping,
        total=None if split or not purse.plain else amount(doc, "amount", purse),
    )


def _allocated(line: Doc, indexes: set[int], purse: Purse) -> Decimal:
    return exact_sum(
        *(
            amount(allocation, "amount", purse) or ZERO
            for allocation in items(line, "discount_allocations")
            if maybe(allocation, "discount_application_index", to_units) in indexes
        )
    )
