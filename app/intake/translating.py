"""Which connector reads a delivery: the shop's platform, or the review app that made the call."""

from __future__ import annotations

from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import Fact
from connectors.review_apps import app_of


def translated(shop: Shop, topic: str, document: object) -> tuple[Fact, ...]:
    """Put one delivery into neutral facts. Raises: Ignored, BadFact."""
    review_app = app_of(topic)
    if review_app is not None:
        return review_app.translate(document)
    return CONNECTORS[shop.platform].translate(topic, document, shop.settings)
