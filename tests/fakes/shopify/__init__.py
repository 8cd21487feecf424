"""A Shopify that is not there: its real Admin schema over shops that live, with tokens, costs and bad days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request
from werkzeug.wrappers import Response as Answer

from tests.fakes.shopify import automatic, documents, reading, redeeming  # noqa: F401  they answer fields
from tests.fakes.shopify.endpoint import Endpoint
from tests.fakes.shopify.hooks import Hooks, Post
from tests.fakes.shopify.oauth import App
from tests.fakes.shopify.orders import Orders
from tests.fakes.shopify.state import Node, Shop


class Platform:
    """One shop and our app at Shopify: `app` is what the network sees, the methods are what people do."""

    def __init__(
        self,
        domain: str,
        app: App,
        post: Post,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        **options: Any,
    ) -> None:
        self.shop, self.registered = Shop(domain, clock=clock, **options), app
        self.hooks = Hooks(self.shop, post, app.secret)
        self.orders = Orders(self.shop, self.hooks)
        self.endpoint = Endpoint(self.shop)
        self.app = Flask(__name__)
        self.app.add_url_rule("/admin/oauth/authorize", view_func=self._authorize, methods=["GET", "POST"])
        self.app.add_url_rule("/admin/oauth/access_token", view_func=self._access_token, methods=["POST"])
        graphql = "/admin/api/<version>/graphql.json"
        self.app.add_url_rule(graphql, view_func=self.endpoint.answer, methods=["POST"])
        self.app.add_url_rule("/bulk/<name>", view_func=self._file)

    @property
    def hosts(self) -> Mapping[str, Flask]:
        """What this shop answers under: its own domain, and the storage that bulk results lie in."""
        return {self.shop.domain: self.app, "storage.googleapis.com": self.app}

    def _authorize(self) -> Answer | str | tuple[str, int]:
        return self.registered.authorize(self.shop, request)

    def _access_token(self) -> Response | tuple[Response, int]:
        given = request.get_json(silent=True) or request.form.to_dict()
        return self.registered.access_token(self.shop, given)

    def _file(self, name: str) -> Response:
        body = self.shop.files.get(f"/bulk/{name}")
        if body is None:
            return Response(status=404)
        return Response(body).make_conditional(request, accept_ranges=True, complete_length=len(body))

    def install(self) -> str:
        """The merchant installs in the admin, with the scopes of the app's configuration; returns a session token."""
        self.shop.scopes = self.registered.scopes
        return self.registered.session_token(self.shop)

    def allow(self, *scopes: str) -> None:
        """The merchant allows more: the tokens that are out may do it at once."""
        before, self.shop.scopes = self.shop.scopes, self.shop.scopes | set(scopes)
        for token in self.shop.tokens:
            token.scopes = self.shop.scopes
        told = {"id": 1, "previous": sorted(before), "current": sorted(self.shop.scopes)}
        self.hooks.fire({"app/scopes_update": told})

    def uninstall(self) -> None:
        """Every token is dead before the webhook is sent."""
        self.shop.scopes, self.shop.tokens = frozenset(), []
        self.hooks.fire({"app/uninstalled": {"myshopify_domain": self.shop.domain, "id": 1}})

    def customer(self, email: str | None, verified: bool = True, tags: tuple[str, ...] = ()) -> Node:
        now = self.shop.stamp()
        node = {
            "id": self.shop.gid("Customer"),
            "email": email,
            "defaultEmailAddress": {"emailAddress": email} if email else None,
            "verifiedEmail": verified,
            "firstName": None,
            "lastName": None,
            "state": "ENABLED",
            "tags": list(tags),
            "createdAt": now,
            "updatedAt": now,
        }
        self.shop.customers[node["id"]] = node
        self.hooks.fire({"customers/create": documents.customer(self.shop, node)})
        return node

    def product(
        self, title: str, price: str, cost: str | None = None, tags: tuple[str, ...] = (), vendor: str = "Mugs & Co"
    ) -> Node:
        """Make a product of one variant; returns the variant."""
        now = self.shop.stamp()
        product: Node = {
            "id": self.shop.gid("Product"),
            "title": title,
            "handle": title.lower().replace(" ", "-"),
            "vendor": vendor,
            "tags": list(tags),
            "status": "ACTIVE",
            "collections": [],
            "createdAt": now,
            "updatedAt": now,
        }
        money = {"amount": cost, "currencyCode": self.shop.currency} if cost else None
        variant: Node = {
            "id": self.shop.gid("ProductVariant"),
            "title": "Default Title",
            "price": price,
            "product": product,
            "inventoryItem": {"id": self.shop.gid("InventoryItem"), "unitCost": money},
            "updatedAt": now,
        }
        product["variants"] = [variant]
        self.shop.products[product["id"]] = product
        self.shop.variants[variant["id"]] = variant
        self.hooks.fire({"products/create": documents.product(self.shop, product)})
        return variant
