"""Bodies of deliveries with the shopper taken out: enough to see what is wrong, nobody to recognise.

What is shown is listed, not what is hidden: keys that are known to hold amounts, ids, states and times, and only
values that look like these. Everything else keeps its place and loses its value.
"""

from __future__ import annotations

import re

from app.errors import BadRequest
from app.strictjson import read

HIDDEN = "[redacted]"
DEEPEST = 32

_SHOWN_KEY = re.compile(
    r"(id|(order|line|line_item|product|variant|parent|refund|fulfillment|location|rate)_id|ids|currency(_code)?"
    r"|presentment_currency|quantity|current_quantity|fulfillable_quantity|price|unit_price|amount(_set)?|paid_amount"
    r"|subtotal|subtotal_tax|total|total_tax|discount|discount_total|discount_tax|tax|tip|cost|shipping|shipping_total"
    r"|shipping_tax|cart_tax|status|financial_status|fulfillment_status|shipment_status|kind|type|test|deleted"
    r"|gift_card|taxable|prices_include_tax|taxes_included|email_verified|verified_email|version|number_decimals"
    r"|[a-z_]*(price|total|subtotal|discounts|tax|outstanding|duties|refunds)(_set)?|[a-z_]+_at"
    r"|date_[a-z]+(_gmt)?)",
    re.IGNORECASE,
)
_SHOWN_TEXT = re.compile(r"[A-Za-z0-9:._/+-]{0,80}")
_KEY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_PERSON = re.compile(
    r".*(customer|billing|address|client|browser|buyer|person|user|name|mail|phone|contact|payment|card_|note).*",
    re.IGNORECASE,
)


def redacted(body: bytes) -> object:
    """Return the tree of a body without personal data; None where it cannot be read."""
    try:
        return _tree(read(body), "", 0)
    except BadRequest:
        return None


def _tree(node: object, key: str, depth: int) -> object:
    if depth > DEEPEST:
        return HIDDEN
    if isinstance(node, dict):
        hide = _PERSON.fullmatch(key) is not None
        return {_key(name): _tree(each, "name" if hide else name, depth + 1) for name, each in node.items()}
    if isinstance(node, list):
        return [_tree(each, key, depth + 1) for each in node]
    return node if node is None or _may_show(key, node) else HIDDEN


def _key(name: str) -> str:
    return name if _KEY.fullmatch(name) else HIDDEN


def _may_show(key: str, value: object) -> bool:
    if not _SHOWN_KEY.fullmatch(key):
        return False
    return not isinstance(value, str) or _SHOWN_TEXT.fullmatch(value) is not None
