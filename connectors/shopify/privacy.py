"""What Shopify asks for: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance

and customers/merge: https://shopify.dev/docs/api/webhooks (two customers were made one in the admin)
"""

from __future__ import annotations

from typing import Literal

from connectors.contract import PrivacyAsked
from connectors.neutral.reading import BadField, Doc, maybe, need, part, to_ident, to_text

Kind = Literal["export", "erase_customer"]


def asked(doc: Doc, kind: Kind) -> PrivacyAsked:
    """Read a customers/data_request or customers/redact body. Raises: BadField."""
    customer = part(doc, "customer", lambda told: (maybe(told, "id", to_ident), maybe(told, "email", to_text)))
    if customer is None or customer == (None, None):
        raise BadField("customer", "names nobody")
    customer_id, email = customer
    request = part(doc, "data_request", lambda told: maybe(told, "id", to_ident))
    return PrivacyAsked(id=f"{kind}:{request or customer_id or email}", kind=kind, customer_id=customer_id, email=email)


def merged(doc: Doc) -> PrivacyAsked:
    """Read a customers/merge body: who lives on, and who is gone. Raises: BadField."""
    lives = _number(need(doc, "admin_graphql_api_customer_kept_id", to_text))
    gone = _number(need(doc, "admin_graphql_api_customer_deleted_id", to_text))
    return PrivacyAsked(id=f"merge:{gone}:{lives}", kind="merge_customers", customer_id=gone, into_id=lives)


def _number(gid: str) -> str:
    number = gid.rpartition("/")[2]
    if not (number.isascii() and number.isdigit()):
        raise BadField("admin_graphql_api_customer_kept_id", "must be the id of a customer")
    return number
