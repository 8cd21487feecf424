"""What review apps send, made up after their documentation."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

Doc = dict[str, Any]


def judgeme(**fields: Any) -> Doc:
    review = {
        "id": 1231,
        "title": "Lovely shoes",
        "body": "They fit at once.",
        "rating": 5,
        "product_external_id": 7281,
        "reviewer": {"id": 9, "external_id": 6940095564, "name": "Ada L.", "email": "ada@example.com", "phone": None},
        "source": "web",
        "curated": "ok",
        "hidden": False,
        "verified": "buyer",
        "created_at": "2026-03-01T10:00:00+00:00",
        "updated_at": "2026-03-01T10:00:00+00:00",
        "pictures": [],
        **fields,
    }
    return {"shop_domain": "shop.example", "platform": "shop", "review": review}


def loox(**fields: Any) -> Doc:
    review = {
        "id": "rv_42",
        "product_id": "7281",
        "rating": 5,
        "title": "Great!",
        "body": "Loved it.",
        "reviewer_name": "Ada L.",
        "reviewer_email": "ada@example.com",
        "photos": [{"url": "https://images.example/x.png"}],
        "created_at": "2026-03-01T10:00:00Z",
        **fields,
    }
    return {"event": "review.created", "shop_domain": "shop.example", "review": review}


def yotpo(**fields: Any) -> Doc:
    data = {
        "id": 219,
        "title": "Review title",
        "content": "Review content",
        "score": 5,
        "deleted": False,
        "archived": False,
        "app_key": "StmYvzud6bHL",
        "created_at": "2026-03-01T10:00:00.000Z",
        "updated_at": "2026-03-01T10:00:00.000Z",
        "new": True,
        "user_type": "AnonymousUser",
        "customer_email": "ada@example.com",
        "external_order_id": "1001",
        "external_product_id": "7281",
        **fields,
    }
    return {"event": "review_create", "data": data}


def stamped(**fields: Any) -> Doc:
    return {
        "customerEmail": "ada@example.com",
        "productUrl": "https://shop.example/shoes",
        "id": 123456,
        "author": "Ada L.",
        "reviewTitle": "I love them",
        "reviewMessage": "Seamless delivery.",
        "reviewRating": 5,
        "reviewDate": None,
        "reviewUserPhotos": None,
        "reviewVerifiedType": 2,
        "productId": 7281,
        "productName": "Shoes",
        "dateCreated": "2026-03-01T10:00:00.34",
        "reviewOptionsList": [],
        **fields,
    }


SAMPLES = {"judgeme": judgeme(), "loox": loox(), "yotpo": yotpo(), "stamped": stamped()}


def signed(app: str, secret: str, body: bytes) -> dict[str, str]:
    """Return the headers of a genuine call."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256)
    return {
        "judgeme": {"JUDGEME-HMAC-SHA256": digest.hexdigest()},
        "loox": {"X-Loox-Hmac-Sha256": base64.b64encode(digest.digest()).decode()},
        "yotpo": {},
        "stamped": {"X-Stamped-Webhook-Secret": secret},
    }[app]
