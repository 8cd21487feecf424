"""A Shopify product: https://shopify.dev/docs/api/admin-rest/latest/resources/product

A webhook names neither the collections nor the cost: both are read through GraphQL. A collection goes by its handle
and by its number alike.
"""

from __future__ import annotations

from connectors.contract import ProductTold, Variant
from connectors.neutral.reading import Doc, each, maybe, need, to_ident, to_text, to_time
from connectors.shopify.money import to_amount
from connectors.shopify.tags import tags


def product_told(doc: Doc) -> ProductTold:
    """Read a products/create or products/update body. Raises: BadField."""
    return ProductTold(
        id=need(doc, "id", to_ident),
        updated_at=need(doc, "updated_at", to_time),
        variants=each(doc, "variants", _variant),
        tags=tags(doc),
        collections=None if doc.get("collections") is None else _collections(doc),
        vendor=maybe(doc, "vendor", to_text) or None,
    )


def _variant(doc: Doc) -> Variant:
    return Variant(
        id=need(doc, "id", to_ident), price=maybe(doc, "price", to_amount), cost=maybe(doc, "cost", to_amount)
    )


def _collections(doc: Doc) -> tuple[str, ...]:
    named = each(doc, "collections", lambda one: (need(one, "handle", to_text), need(one, "id", to_ident)))
    return tuple(name for pair in named for name in pair)
