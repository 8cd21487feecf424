"""A Shopify customer: https://shopify.dev/docs/api/admin-rest/latest/resources/customer

Since 2025-01 webhook bodies lack tags, totals and marketing consent.
"""

from __future__ import annotations

from connectors.contract import CustomerDeleted, CustomerTold
from connectors.neutral.reading import Doc, maybe, need, part, to_country_told, to_flag, to_ident, to_text, to_time
from connectors.shopify.tags import tags


def customer_told(doc: Doc) -> CustomerTold:
    """Read a customers/create, update, enable or disable body. Raises: BadField."""
    return CustomerTold(
        id=need(doc, "id", to_ident),
        updated_at=maybe(doc, "updated_at", to_time) or need(doc, "created_at", to_time),
        email=maybe(doc, "email", to_text) or None,
        email_verified=maybe(doc, "verified_email", to_flag) or False,
        phone=maybe(doc, "phone", to_text) or None,
        tags=None if doc.get("tags") is None else tags(doc),
        country=part(doc, "default_address", lambda told: maybe(told, "country_code", to_country_told)),
        accepts_marketing=_accepts_marketing(doc),
    )


def _accepts_marketing(doc: Doc) -> bool | None:
    """Tell whether the customer subscribed to e-mails; None where the body is silent."""
    state = part(doc, "email_marketing_consent", lambda told: maybe(told, "state", to_text))
    return maybe(doc, "accepts_marketing", to_flag) if state is None else state == "subscribed"


def customer_deleted(doc: Doc) -> CustomerDeleted:
    return CustomerDeleted(id=need(doc, "id", to_ident))
