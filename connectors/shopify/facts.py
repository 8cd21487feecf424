"""Shopify's webhooks as neutral facts: https://shopify.dev/docs/api/webhooks (list of topics)"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.contract import (
    BadFact,
    Fact,
    Ignored,
    OrderDeleted,
    OrderTold,
    PrivacyAsked,
    ScopesTold,
    ShopSettings,
    ShopUninstalled,
)
from connectors.contract.syncing import ORDER_GONE, READ_ORDER, READ_PRODUCT
from connectors.neutral.reading import Doc, need, to_ident, to_text
from connectors.shopify.customers import customer_deleted, customer_told
from connectors.shopify.fulfilments import fulfilment_told
from connectors.shopify.orders import read_order
from connectors.shopify.privacy import asked, merged
from connectors.shopify.products import product_told
from connectors.shopify.refunds import refund_told

Read = Callable[[Doc, ShopSettings], Fact]


def _order(doc: Doc, settings: ShopSettings) -> Fact:
    return OrderTold(state=read_order(doc, settings))


def _order_read(doc: Doc, settings: ShopSettings) -> Fact:
    return OrderTold(state=read_order(doc, settings), reread=True)


def _order_deleted(doc: Doc, settings: ShopSettings) -> Fact:
    return OrderDeleted(order_id=need(doc, "id", to_ident), final=True)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of texts")
    return tuple(sorted(to_text(one) for one in value))


TOPICS: Mapping[str, Read] = {
    READ_ORDER: _order_read,
    ORDER_GONE: _order_deleted,
    READ_PRODUCT: lambda doc, _: product_told(doc),
    "orders/create": _order,
    "orders/paid": _order,
    "orders/updated": _order,
    "orders/fulfilled": _order,
    "orders/partially_fulfilled": _order,
    "orders/cancelled": _order,
    "orders/delete": _order_deleted,
    "refunds/create": lambda doc, _: refund_told(doc),
    "fulfillments/create": lambda doc, _: fulfilment_told(doc),
    "fulfillments/update": lambda doc, _: fulfilment_told(doc),
    "customers/create": lambda doc, _: customer_told(doc),
    "customers/update": lambda doc, _: customer_told(doc),
    "customers/enable": lambda doc, _: customer_told(doc),
    "customers/disable": lambda doc, _: customer_told(doc),
    "customers/delete": lambda doc, _: customer_deleted(doc),
    "products/create": lambda doc, _: product_told(doc),
    "products/update": lambda doc, _: product_told(doc),
    "app/uninstalled": lambda doc, _: ShopUninstalled(),
    "customers/merge": lambda doc, _: merged(doc),
    "customers/data_request": lambda doc, _: asked(doc, "export"),
    "customers/redact": lambda doc, _: asked(doc, "erase_customer"),
    "shop/redact": lambda doc, _: PrivacyAsked(id="shop_redact", kind="erase_shop"),
    "app/scopes_update": lambda doc, _: ScopesTold(scopes=need(doc, "current", _texts)),
}

# Topics we know and do not use, with the reason that the delivery keeps.
UNUSED: Mapping[str, str] = {
    "orders/edited": "tells what changed, not the order; orders/updated follows with its whole state",
    "products/delete": "a product that is gone is in no new order; past orders keep the facts they froze",
}


def translate(topic: str, document: object, settings: ShopSettings) -> tuple[Fact, ...]:
    """Put one webhook into neutral facts. Raises: Ignored, BadFact."""
    if topic in UNUSED:
        raise Ignored(f"{topic}: {UNUSED[topic]}")
    if topic not in TOPICS:
        raise Ignored(f"the topic {topic[:80]!r} has no use here")
    if not isinstance(document, dict):
        raise BadFact("the body must be an object")
    _refuse_another_shop(document, settings)
    return (TOPICS[topic](document, settings),)


def _refuse_another_shop(doc: Doc, settings: ShopSettings) -> None:
    """The header that chose the shop is not signed; some bodies name their shop, and that is."""
    for key in ("myshopify_domain", "shop_domain"):
        named = doc.get(key)
        if named is not None and str(named).casefold() != settings.platform_ref.casefold():
            raise BadFact(f"{key}: the body belongs to another shop")
