"""The merchant's pages."""

from __future__ import annotations

from flask import Blueprint, Response

from app.db import reading
from app.platforms import connections, leaving
from app.web import sessions
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
    return page(
        "merchant.html",
        frames=installer.frames(shop.ref) if installer else (),
        embedding=installer.embedding(services().config.connectors) if installer else None,
        shop=shop,
        connected=connected,
        ends_here=installer is not None and installer.asks_for_shop,  # elsewhere the platform removes the app
    )


@merchant.post("/disconnect")
def disconnect() -> Response:
    """Disconnect the shop. The session's cookie is not sent from other sites (SameSite)."""
    shop = caller().shop
    left = leaving.leave(services(), shop)
    response = page("disconnected.html", shop=shop.ref, left=left, again=f"/install/{shop.platform}")
    sessions.end(response, services().config)
    return response
