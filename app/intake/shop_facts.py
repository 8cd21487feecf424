"""Facts about the shop itself and people's privacy, which move no points: each is followed by its own room."""

from __future__ import annotations

from sqlalchemy import Connection

from app.intake.told import Told
from app.platforms import connections
from app.privacy import asking
from connectors.contract import PrivacyAsked, ScopesTold, ShopUninstalled


def follow(connection: Connection, shop_id: str, told: Told) -> str:
    """Let such a fact take effect; return what it is about."""
    fact = told.fact
    if isinstance(fact, PrivacyAsked):
        asking.note(connection, shop_id, fact, told.email_ref)
        return fact.customer_id or shop_id
    if isinstance(fact, ShopUninstalled | ScopesTold):
        connections.follow(connection, shop_id, fact)
    return shop_id
