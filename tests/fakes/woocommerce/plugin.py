"""Our plugin in a WooCommerce shop, as far as we call it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, request

from tests.fakes.woocommerce.rest import Error, enter
from tests.fakes.woocommerce.state import Doc, State


@dataclass
class Plugin:
    """`server`: the installation it belongs to; empty: it is not installed."""

    shop: State
    server: str = ""
    told: list[Doc] = field(default_factory=list)
    tables: list[Doc] = field(default_factory=list)
    refuses: bool = False  # a firewall stands before it

    def blueprint(self) -> Blueprint:
        pages = Blueprint("plugin", __name__, url_prefix="/wp-json/tessera/v1")
        pages.post("/pair")(self.pair)
        pages.post("/table")(self.table)
        return pages

    def pair(self) -> Doc:
        if not self.server:
            raise Error(404, "rest_no_route", "No route was found matching the URL and request method.")
        enter(self.shop)
        told = request.get_json()
        if told["app_url"] != self.server:
            raise Error(409, "tessera_other_server", "This shop has agreed to another server.")
        self.told.append(told)
        return {"paired": True, "version": "1.0.0"}

    def table(self) -> Doc:
        if not self.server:
            raise Error(404, "rest_no_route", "No route was found matching the URL and request method.")
        if self.refuses:
            raise Error(403, "rest_forbidden", "Sorry, you are not allowed to do that.")
        enter(self.shop)
        self.tables.append(request.get_json()["table"])
        return {"kept": True}
