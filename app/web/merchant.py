"""The merchant's pages."""

from __future__ import annotations

from flask import Blueprint, Response

from app.db import reading
from app.platforms import connections
from app.web.gates import caller, services
from app.web.pages import page
from connectors import CONNECTORS

merchant = Blueprint("merchant", __name__)


@merchant.get("/")
def home() -> Response:
    """Show how the shop is connected."""
    shop = caller().shop
    with reading(services().engine) as connection:
        connected = connections.find(connection, services().vault, shop.id)
    installer = CONNECTORS[shop.platform].installer
    return page("merchant.html", frames=installer.frames(shop.ref) if installer else (), shop=shop, connected=connected)
