"""Which connector reads a delivery: the shop's platform, or the review app that made the call."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import Connector, CustomerTold, Fact, OrderTold, ShopSettings
from connectors.contract.syncing import FILE_AWARD, FILE_CUSTOMER, FILES, PAST, PAST_AWARD, PAST_CUSTOMER
from connectors.neutral import facts as neutral
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
    """Read what an import found, in the platform's own shape or in a file's neutral one, and mark it as past."""
    what, choice = ("customer", None) if topic in (PAST_CUSTOMER, FILE_CUSTOMER) else ("order", _choice(topic))
    if topic in FILES:
        told = neutral.translate(what, document, settings)
    else:
        told = connector.translate(connector.told_as[what], document, settings)
    return tuple(_marked(fact, choice) for fact in told)


def _choice(topic: str) -> Literal["award", "tiers"]:
    return "award" if topic in (PAST_AWARD, FILE_AWARD) else "tiers"


def _marked(fact: Fact, choice: Literal["award", "tiers"] | None) -> Fact:
    if isinstance(fact, OrderTold):
        return replace(fact, past=choice)
    return replace(fact, past=True) if isinstance(fact, CustomerTold) else fact
