"""The merchant's pages. Forms work without scripts; inside a platform's admin a script sends them with its session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from app import programmes, shops
from app.db import reading, retrying
from app.errors import TesseraError
from app.intake import deliveries
from app.outbox import rows as outbox
from app.platforms import agreeing, comparing, connections, importing, leaving, links, perks
from app.programmes import templates
from app.shops import Shop
from app.web import sessions
from app.web.gates import caller, services
from app.web.merchant.overview import overview
from app.web.pages import page
from connectors import CONNECTORS

merchant = Blueprint("merchant", __name__)
files = Blueprint("merchant_files", __name__)

Work = Callable[[Connection, Shop], object]


@merchant.get("/")
def home() -> Response:
    """Show how the shop stands."""
    return _home()


def _home(wrong: str | None = None, status: int = 200) -> Response:
    shop = caller().shop
    installer, settings = CONNECTORS[shop.platform].installer, services().config.connectors
    with reading(services().engine) as connection:
        told = overview(connection, services(), shops.get(connection, shop.id))
    return page(
        "home.html",
        status,
        frames=installer.frames(shop.ref) if installer else (),
        embedding=installer.embedding(settings) if installer else None,
        script="/admin/files/admin.js",
        o=told,
        wrong=wrong,
        app_url=services().config.app_url,
        places=installer.places(shop.ref, settings) if installer else (),
        again=f"/install/{shop.platform}",
        rights=[right for right in installer.rights if told.lacks(right.scopes)] if installer else (),
        by_mail=bool(services().config.smtp_url) and installer is not None and installer.asks_for_shop,
        ends_here=installer is not None and installer.asks_for_shop,  # elsewhere the platform removes the app
    )


@files.get("/admin.js")
def script() -> Response:
    """Send forms by script, with the session that the platform's admin adds. It is asked for without one."""
    return Response(_script(), content_type="text/javascript; charset=utf-8")


@cache
def _script() -> str:
    return (Path(__file__).parent / "admin.js").read_text()


def _change(work: Work) -> Response:
    """Do what a form asks for, and show the page anew. The session's cookie is not sent from other sites (SameSite)."""
    shop_id = caller().shop.id
    try:
        retrying(
            services().engine, lambda connection: work(connection, shops.hold(connection, shop_id, exclusive=True))
        )
    except TesseraError as error:
        return _home(error.detail, error.status)
    services().ring(shop_id)
    return Response("", 303, {"Location": "/admin/"})


@merchant.post("/programme")
def publish() -> Response:
    """Publish one of the templates, in the shop's currency. It can be changed later."""
    key = request.form.get("template", "")

    def work(connection: Connection, shop: Shop) -> None:
        now = services().clock.now(connection)
        programmes.publish(connection, shop.id, templates.document(key, shop.currency), None, now)

    return _change(work)


@merchant.post("/import")
def begin_import() -> Response:
    choice: Literal["award", "tiers"] = "award" if request.form.get("orders") == "award" else "tiers"
    return _change(lambda connection, shop: importing.begin(connection, shop, choice, services().clock.real()))


@merchant.post("/import/stop")
def stop_import() -> Response:
    return _change(lambda connection, shop: importing.stop(connection, shop, services().clock.real()))


@merchant.post("/import/continue")
def continue_import() -> Response:
    return _change(importing.go_on)


@merchant.post("/reconcile")
def reconcile() -> Response:
    return _change(lambda connection, shop: comparing.soon(connection, shop.id))


@merchant.post("/deliveries/<int:delivery_id>/replay")
def replay(delivery_id: int) -> Response:
    return _change(lambda connection, shop: deliveries.replay(connection, shop.id, delivery_id))


@merchant.post("/effects/<int:effect_id>/retry")
def retry(effect_id: int) -> Response:
    return _change(lambda connection, shop: outbox.again(connection, shop.id, effect_id))


@merchant.post("/perks")
def retry_perks() -> Response:
    return _change(perks.again)


@merchant.get("/rights/<key>")
def ask_right(key: str) -> Response:
    """Send the merchant where she allows more; inside a platform's admin its own script asks instead."""
    shop = caller().shop
    with reading(services().engine) as connection:
        granted = connections.scopes(connection, shops.get(connection, shop.id)) or ()
    begun = agreeing.ask_right(services(), shop, granted, key)
    response = Response("", 303, {"Location": begun.leave_for})
    sessions.remember_browser(response, services().config, begun.browser)
    return response


@merchant.post("/owner")
def keep_owner() -> Response:
    """Note where links to these pages are sent."""
    email = request.form.get("email", "").strip()
    return _change(lambda connection, shop: links.keep_owner(connection, services(), shop, email))


@merchant.post("/disconnect")
def disconnect() -> Response:
    """Disconnect the shop."""
    shop = caller().shop
    left = leaving.leave(services(), shop)
    response = page("disconnected.html", shop=shop.ref, left=left, again=f"/install/{shop.platform}")
    sessions.end(response, services().config)
    return response
