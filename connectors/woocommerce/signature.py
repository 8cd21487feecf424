"""How WooCommerce signs: base64 HMAC-SHA256 over the raw body with the webhook's secret; our plugin with its own.

https://developer.woocommerce.com/docs/best-practices/urls-and-routing/webhooks and class-wc-webhook.php
(deliver, generate_signature, deliver_ping, get_new_delivery_id). No time is signed: content tells replays apart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from connectors.contract import BadSignature, Envelope, Ping, VerifiedBody
from connectors.woocommerce.plugin import plugin_secret

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")
_TOPIC = re.compile(r"[A-Za-z0-9_.-]{1,200}")  # action.<hook> can be long


def verify(unverified_headers: Mapping[str, str], unverified_body: bytes, secrets: Sequence[str]) -> VerifiedBody:
    """Return the body once its signature holds. A new webhook is tried out unsigned. Raises: BadSignature, Ping."""
    header = unverified_headers.get("x-wc-webhook-signature", "")
    if not header and _PING.fullmatch(unverified_body):
        raise Ping("WooCommerce tries the address out")
    try:
        given = header.encode("ascii")
    except UnicodeEncodeError:
        raise BadSignature("the signature is not base64") from None
    known = [each for secret in secrets if secret for each in (secret, plugin_secret(secret))]
    matches = [hmac.compare_digest(_base64(secret, unverified_body), given) for secret in known]
    if True not in matches:
        raise BadSignature("the signature does not match")
    return VerifiedBody(unverified_body)


def envelope(headers: Mapping[str, str], body: VerifiedBody) -> Envelope:
    """Name the delivery. WooCommerce's delivery id is a hash of hook and second: only the body makes it unique."""
    hook = headers.get("x-wc-webhook-id", "")[:20]
    delivery = headers.get("x-wc-webhook-delivery-id", "")[:64]
    topic = headers.get("x-wc-webhook-topic", "")
    return Envelope(
        key=f"{hook}:{delivery}:{hashlib.sha256(body).hexdigest()}",
        topic=topic if _TOPIC.fullmatch(topic) else "unknown",
    )


def sign(topic: str, delivery_id: str, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers of a genuine delivery."""
    resource, _, event = topic.partition(".")
    return {
        "Content-Type": "application/json",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-ID": "1",
        "X-WC-Webhook-Delivery-ID": delivery_id,
        "X-WC-Webhook-Signature": _base64(secret, body).decode(),
    }


def _base64(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
