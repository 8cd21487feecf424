"""WooCommerce's webhooks as neutral facts.

https://developer.woocommerce.com/docs/apis/rest-api/v3/webhooks (topics) and class-wc-webhook.php (build_payload):
the body is the REST v3 resource as the webhook's user may see it when the delivery runs, `{"id"}` when it was deleted,
and `{"action", "arg"}` for topics `action.<hook>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from connectors.contract import (
    BadFact,
    CustomerDeleted,
    CustomerTold,
    Disconnected,
    Fact,
    Ignored,
    OrderDeleted,
    OrderTold,
    ProductTold,
    ShopSettings,
    Variant,
)
from connectors.contract.syncing import ORDER_GONE, READ_ORDER, READ_PRODUCT
from connectors.neutral.reading import (
    Doc,
    each,
    maybe,
    need,
    part,
    to_country_told,
    to_ident,
    to_money,
    to_text,
    to_utc_time,
)
from connectors.woocommerce.money import amount
from connectors.woocommerce.orders import read_order
from connectors.woocommerce.reviews import read_review

Read = Callable[[Doc, ShopSettings], Fact]


def _order(doc: Doc, settings: ShopSettings) -> Fact:
    return OrderTold(state=read_order(doc, settings))


def _order_read(doc: Doc, settings: ShopSettings) -> Fact:
    return OrderTold(state=read_order(doc, settings), reread=True)


def _order_restored(doc: Doc, settings: ShopSettings) -> Fact:
    return OrderTold(state=read_order(doc, settings), restored=True)


def _order_trashed(doc: Doc, settings: ShopSettings) -> Fact:
    return OrderDeleted(order_id=need(doc, "id", to_ident), final=False)


def _order_deleted_for_good(doc: Doc, settings: ShopSettings) -> Fact:
    """`DELETE …?force=true` sends no order.deleted; this hook is how it is told."""
    return OrderDeleted(order_id=need(doc, "arg", to_ident), final=False)


def _customer(doc: Doc, settings: ShopSettings) -> Fact:
    """A customer's role is its group; WooCommerce itself knows neither tags nor a newsletter."""
    role = maybe(doc, "role", to_text)
    return CustomerTold(
        id=need(doc, "id", to_ident),
        updated_at=maybe(doc, "date_modified_gmt", to_utc_time) or need(doc, "date_created_gmt", to_utc_time),
        email=maybe(doc, "email", to_text) or None,
        phone=part(doc, "billing", lambda billing: maybe(billing, "phone", to_text)) or None,
        country=part(doc, "billing", lambda billing: maybe(billing, "country", to_country_told)),
        customer_groups=(role,) if role else None,
    )


def _customer_deleted(doc: Doc, settings: ShopSettings) -> Fact:
    return CustomerDeleted(id=need(doc, "id", to_ident))


def _product(doc: Doc, settings: ShopSettings) -> Fact:
    """Tags and categories go by their slugs: names change and carry HTML entities."""
    product_id = need(doc, "id", to_ident)
    return ProductTold(
        id=product_id,
        updated_at=maybe(doc, "date_modified_gmt", to_utc_time) or need(doc, "date_created_gmt", to_utc_time),
        variants=_variants(doc) or (_variant(doc),),
        tags=each(doc, "tags", _slug),
        collections=each(doc, "categories", _slug),
    )


def _variants(doc: Doc) -> tuple[Variant, ...]:
    """Return the variations: their numbers, or, where we have read them, with prices and costs."""
    told = doc.get("variations") or []
    if isinstance(told, list) and all(isinstance(one, dict) for one in told):
        return tuple(_variant(one) for one in told)
    return tuple(Variant(id=one) for one in maybe(doc, "variations", _idents) or ())


def _variant(doc: Doc) -> Variant:
    price = None if doc.get("price") in (None, "") else amount(doc, "price")
    return Variant(id=need(doc, "id", to_ident), price=price, cost=part(doc, "cost_of_goods_sold", _cost))


def _cost(doc: Doc) -> Decimal | None:
    """Return what a product costs the shop; shops that have switched that on tell it as a number."""
    told = doc.get("total_value")
    if isinstance(told, bool) or not isinstance(told, int | float | str) or told in ("", 0):
        return None
    return maybe({"total_value": str(told)}, "total_value", to_money)


def _idents(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of ids")
    return tuple(to_ident(one) for one in value)


def _slug(doc: Doc) -> str:
    return need(doc, "slug", to_text)


def _review(doc: Doc, settings: ShopSettings) -> Fact:
    return read_review(doc)


TOPICS: Mapping[str, Read] = {
    READ_ORDER: _order_read,
    ORDER_GONE: _order_trashed,
    READ_PRODUCT: _product,
    "review.created": _review,
    "review.updated": _review,
    "order.created": _order,
    "order.updated": _order,
    "order.restored": _order_restored,
    "order.deleted": _order_trashed,
    "action.woocommerce_delete_order": _order_deleted_for_good,
    "customer.created": _customer,
    "customer.updated": _customer,
    "customer.deleted": _customer_deleted,
    "product.created": _product,
    "product.updated": _product,
    "product.restored": _product,
}

# Topics we know and do not use, with the reason that the delivery keeps.
UNUSED: Mapping[str, str] = {
    "product.deleted": "a product that is gone is in no new order; past orders keep the facts they froze",
    "coupon.created": "coupons are ours; what one took off is told by the order",
    "coupon.updated": "coupons are ours; what one took off is told by the order",
    "coupon.deleted": "coupons are ours; what one took off is told by the order",
    "coupon.restored": "coupons are ours; what one took off is told by the order",
}


def translate(topic: str, document: object, settings: ShopSettings) -> tuple[Fact, ...]:
    """Put one webhook into neutral facts. Raises: Ignored, BadFact, Disconnected."""
    if topic not in TOPICS and topic not in UNUSED:
        raise Ignored(f"the topic {topic[:80]!r} has no use here")
    if not isinstance(document, dict):
        raise BadFact("the body must be an object")
    _refuse_an_error(document)
    if topic in UNUSED:
        raise Ignored(f"{topic}: {UNUSED[topic]}")
    return (TOPICS[topic](document, settings),)


def _refuse_an_error(doc: Doc) -> None:
    """A webhook runs with its user's rights: once they are gone, WooCommerce signs and sends the error instead."""
    if "id" in doc or not isinstance(doc.get("code"), str) or "message" not in doc:
        return
    data = doc.get("data")
    gone = isinstance(data, dict) and data.get("status") in (404, 410)
    reason = f"WooCommerce sent the error {doc['code'][:80]} instead of the resource"
    raise BadFact(f"{reason}: it no longer exists") if gone else Disconnected(reason)
