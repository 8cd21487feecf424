"""WooCommerce's own product reviews, in the shape of `GET wc/v3/products/reviews`.

https://woocommerce.github.io/woocommerce-rest-api-docs/#product-reviews. WooCommerce has no webhook of its own for
them: the plugin registers the topics `review.created` and `review.updated`, which are signed like all others.
"""

from __future__ import annotations

import re

from connectors.contract import ActivityTold, BadFact, CustomerRef, Ignored
from connectors.neutral.reading import Doc, maybe, need, to_ident, to_text, to_utc_time

_TAG = re.compile(r"<[^<>]{0,500}>")  # the text comes as HTML


def read_review(doc: Doc) -> ActivityTold:
    """Put one review into the neutral fact. Raises: Ignored (not approved), BadFact (of nobody)."""
    review_id = need(doc, "id", to_ident)
    status = maybe(doc, "status", to_text) or "approved"
    if status != "approved":
        raise Ignored(f"the review is not approved: {status[:40]}")
    email = maybe(doc, "reviewer_email", to_text)
    if not (email or "").strip():
        raise BadFact("reviewer_email: is missing")
    text = _TAG.sub(" ", maybe(doc, "review", to_text) or "").strip()
    return ActivityTold(
        id=f"review:{review_id}",
        customer=CustomerRef(email=email),
        kind="review",
        at=maybe(doc, "date_created_gmt", to_utc_time),
        subject=need(doc, "product_id", to_ident),
        evidence={"text": text} if text else {},
        first_counts=True,
    )
