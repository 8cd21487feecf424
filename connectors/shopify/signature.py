"""How Shopify signs: base64 HMAC-SHA256 over the raw body with the app's secret.

https://shopify.dev/docs/apps/build/webhooks/subscribe/https (verify the webhook; the headers)
https://shopify.dev/docs/apps/build/events (the successor names the same headers without `X-`)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from connectors.contract import BadSignature, Envelope, VerifiedBody

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")  # for fullmatch: `$` would let a line break through
_TOPIC = re.compile(r"[A-Za-z0-9_/.-]{1,128}")
_DELIVERY = re.compile(r"[A-Za-z0-9_:.-]{1,128}")


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header of either family, or nothing."""
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or ""


def shop_ref(unverified_headers: Mapping[str, str]) -> str:
    """Return the shop's permanent domain; unsigned, it only chooses whose inbox. Raises: BadSignature."""
    shop = header(unverified_headers, "shop-domain")
    if len(shop) > 255 or not _SHOP.fullmatch(shop):
        raise BadSignature("the shop header is missing or not a myshopify.com domain")
    return shop


def secrets_of(settings: Mapping[str, str]) -> list[str]:
    """Return the app's secrets: after a rotation the old one counts for a while."""
    return [settings[name] for name in ("SHOPIFY_API_SECRET", "SHOPIFY_API_SECRET_OLD") if settings.get(name)]


def check_time(stamp: str, now: datetime, most: timedelta) -> None:
    """Check when something was signed. `stamp`: Unix seconds, as it came. Raises: BadSignature."""
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        raise BadSignature("it does not say when it was signed")
    if abs(now.timestamp() - int(stamp)) > most.total_seconds():
        raise BadSignature("it was signed too long ago")


def verify(unverified_headers: Mapping[str, str], unverified_body: bytes, secrets: Sequence[str]) -> VerifiedBody:
    """Return the body once its signature holds. After a rotation the old secret signs for up to an hour."""
    try:
        given = header(unverified_headers, "hmac-sha256").encode("ascii")
    except UnicodeEncodeError:
        raise BadSignature("the signature is not base64") from None
    matches = [hmac.compare_digest(_base64(secret, unverified_body), given) for secret in secrets if secret]
    if True not in matches:
        raise BadSignature("the signature does not match")
    return VerifiedBody(unverified_body)


def envelope(headers: Mapping[str, str], body: VerifiedBody) -> Envelope:
    """Name the delivery. The event id is shared by all deliveries of one action, so it never deduplicates."""
    delivery, topic = header(headers, "webhook-id"), header(headers, "topic")
    if not _DELIVERY.fullmatch(delivery):
        delivery = "sha256:" + hashlib.sha256(topic.encode(errors="replace") + b"\n" + body).hexdigest()
    return Envelope(
        key=delivery,
        topic=topic if _TOPIC.fullmatch(topic) else "unknown",
        event_id=header(headers, "event-id")[:128] or None,
    )


def sign(topic: str, delivery_id: str, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers of a genuine delivery, but for the shop's domain, which the caller knows."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Webhook-Id": delivery_id,
        "X-Shopify-Hmac-Sha256": _base64(secret, body).decode(),
    }


def _base64(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
