"""Which connector reads a delivery: the shop's platform, or the review app that made the call."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import Connector, CustomerTold, Fact, OrderTold, ShopSettings
from connectors.contract.syncing import PAST, PAST_AWARD, PAST_CUSTOMER
from connectors.review_apps import app_of


def translated(shop: Shop, topic: str, document: object) -> tuple[Fact, ...]:
    """Put one delivery into neutral facts. Raises: Ignored, BadFact."""
    review_app = app_of(topic)
    if review_app is not None:
        return review_app.translate(document)
    connector = CONNECTORS[shop.platform]
    if topic in PAST:
        return _past(connector, topic, document, shop.settings)
    return connector.translate(topic, document, shop.settings)


def _past(connector: Connector, topic: str, document: object, settings: ShopSettings) -> tuple[Fact, ...]:
    """Read what an import found in the platform's own shape, and mark it as past."""
    told = connector.translate(connector.told_as["customer" if topic == PAST_CUSTOMER else "order"], document, settings)
    choice: Literal["award", "tiers"] = "award" if topic == PAST_AWARD else "tiers"
    return tuple(
        replace(fact, past=choice)
        if isinstance(fact, OrderTold)
        else replace(fact, past=True)
        if isinstance(fact, CustomerTold)
        else fact
        for fact in told
    )
