"""A WooCommerce shop that is not there: REST v3, key granting, coupons and webhooks with the real one's oddities.

Built from deliveries and answers of WooCommerce 10.5; what is odd about each part stands in its file.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from tests.fakes.woocommerce import granting, plugin, resources, rest, shapes
from tests.fakes.woocommerce.coupons import Coupons
from tests.fakes.woocommerce.hooks import Hooks, Post
from tests.fakes.woocommerce.orders import Orders
from tests.fakes.woocommerce.state import Doc, Key, State


class Store:
    """One shop: `app` is what the network sees, the methods are what people do in it."""

    def __init__(
        self, host: str, post: Post, clock: Callable[[], datetime] = lambda: datetime.now(UTC), **options: Any
    ) -> None:
        self.state = State(host, clock=clock, **options)
        self.hooks = Hooks(
            self.state, lambda name, number: resources.resource(self.state, self.orders, name, number), post
        )
        self.coupons = Coupons(self.state)
        self.orders = Orders(self.state, self.hooks, self.coupons)
        self.app = Flask(__name__)
        self.app.secret_key = "of the fake shop"
        rest.install(self.app, self.state)
        self.app.register_blueprint(resources.blueprint(self.state, self.orders, self.hooks, self.coupons))
        self.app.register_blueprint(granting.Granting(self.state, post).blueprint())
        self.plugin = plugin.Plugin(self.state)
        self.app.register_blueprint(self.plugin.blueprint())

    def product(self, name: str, price: str, **given: Any) -> Doc:
        made = shapes.product(self.state, name, price, **given)
        self.state.products[made["id"]] = made
        self.hooks.fire("product.created", made["id"])
        return made

    def variation(self, of: Doc, price: str) -> Doc:
        made = shapes.product(self.state, of["name"], price, parent_id=of["id"], type="variation")
        made["categories"], made["tags"] = of["categories"], of["tags"]
        self.state.variations.setdefault(of["id"], []).append(made)
        of["variations"].append(made["id"])
        self.hooks.fire("product.updated", of["id"])
        return made

    def customer(self, email: str, **given: Any) -> Doc:
        made = shapes.customer(self.state, email, **given)
        self.state.customers[made["id"]] = made
        self.hooks.fire("customer.created", made["id"])
        return made

    def delete_customer(self, number: int) -> None:
        if self.state.customers.pop(number)["role"] == "customer":  # other roles are deleted silently
            self.hooks.fire("customer.deleted", number)

    def grant(self, permissions: str = "read_write", user: str = "boss") -> Key:
        """Make a key as the settings page does, to be typed in by hand."""
        key = granting.new_key(self.state, user, permissions)
        self.state.keys.append(key)
        return key
