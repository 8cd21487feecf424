"""The resources under `/wp-json/wc/v3` that Tessera calls."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

from tests.fakes.woocommerce import shapes
from tests.fakes.woocommerce.coupons import Coupons
from tests.fakes.woocommerce.hooks import Hooks
from tests.fakes.woocommerce.orders import Orders
from tests.fakes.woocommerce.rest import Error, enter, listed, one
from tests.fakes.woocommerce.state import Doc, State

DATES = {
    "after": "date_created",
    "before": "date_created",
    "modified_after": "date_modified",
    "modified_before": "date_modified",
}


def blueprint(shop: State, orders: Orders, hooks: Hooks, coupons: Coupons) -> Blueprint:
    pages = Blueprint("wc", __name__, url_prefix="/wp-json/wc/v3")
    pages.before_request(lambda: enter(shop) and None)
    _orders(pages, shop, orders)
    _Coupons(shop, hooks, coupons).on(pages)
    _goods(pages, shop)
    _customers(pages, shop, hooks)
    _webhooks(pages, shop, hooks)
    _about(pages, shop)
    return pages


def _sort(doc: Doc) -> tuple[str, int]:
    name = {"modified": "date_modified_gmt", "date": "date_created_gmt"}.get(request.args.get("orderby", "date"))
    return (str(doc.get(name) or "") if name else "", doc["id"])


def _orders(pages: Blueprint, shop: State, orders: Orders) -> None:
    @pages.get("/orders")
    def all_orders() -> Response:
        wanted = set(request.args.get("status", "any").split(","))
        rows = [orders.read(number) or {} for number in shop.orders]
        shown = [row for row in rows if row["status"] in wanted or ("any" in wanted and row["status"] != "trash")]
        return listed(shown, _sort, DATES)

    @pages.get("/orders/<int:number>")
    def order(number: int) -> Response:
        return one(orders.read(number), "shop_order")

    @pages.put("/orders/<int:number>")
    def change_order(number: int) -> Response:
        if orders.read(number) is None:
            raise Error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        given = request.get_json()
        shop.orders[number]["meta_data"] += given.get("meta_data", [])
        orders.set_status(number, given.get("status", shop.orders[number]["status"]))
        return one(orders.read(number), "shop_order")

    @pages.get("/orders/<int:number>/refunds")
    def refunds(number: int) -> Response:
        if number not in shop.orders:
            raise Error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return listed(shop.refunds.get(number, []), _sort, DATES)

    @pages.get("/refunds")
    def all_refunds() -> Response:
        if int(shop.version.partition(".")[0]) < 9:
            raise Error(404, "rest_no_route", "No route was found matching the URL and request method.")
        return listed([one for each in shop.refunds.values() for one in each], _sort, DATES)


@dataclass
class _Coupons:
    shop: State
    hooks: Hooks
    coupons: Coupons

    def on(self, pages: Blueprint) -> None:
        pages.add_url_rule("/coupons", "coupons", self.all)
        pages.add_url_rule("/coupons", "make_coupon", self.make, methods=["POST"])
        pages.add_url_rule("/coupons/<int:number>", "coupon", self.one)
        pages.add_url_rule("/coupons/<int:number>", "change_coupon", self.change, methods=["PUT"])
        pages.add_url_rule("/coupons/<int:number>", "remove_coupon", self.remove, methods=["DELETE"])

    def all(self) -> Response:
        code = request.args.get("code", "").lower()
        live = [row for row in self.shop.coupons.values() if row["status"] != "trash"]
        return listed([row for row in live if not code or row["code"] == code], _sort, DATES)

    def make(self) -> tuple[Response, int]:
        given = request.get_json()
        if not given.get("code"):
            raise Error(400, "woocommerce_rest_empty_coupon_code", "The coupon code cannot be empty.")
        if self.coupons.by_code(given["code"]) and not self.shop.parallel_creates:
            raise Error(400, "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists")
        made = self.coupons.add(_known(given))
        self.hooks.fire("coupon.created", made["id"])
        return jsonify(made), 201

    def one(self, number: int) -> Response:
        return one(self._row(number), "shop_coupon")

    def change(self, number: int) -> Response:
        row = self._row(number)
        row |= _known(request.get_json())
        self.shop.stamp(row, "date_modified")
        self.hooks.fire("coupon.updated", number)
        return one(row, "shop_coupon")

    def remove(self, number: int) -> Response:
        row = self._row(number)
        if request.args.get("force") == "true":
            del self.shop.coupons[number]  # silently
        else:
            row["status"] = "trash"
            self.hooks.fire("coupon.deleted", number)
        return jsonify(row)

    def _row(self, number: int) -> Doc:
        """An unknown id is 400 here and nowhere else."""
        if number not in self.shop.coupons:
            raise Error(400, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")
        return self.shop.coupons[number]


def _known(given: Doc) -> Doc:
    """Keep what a coupon has; codes are folded to lower case, and a wrong type is refused."""
    template = shapes.coupon(State("nowhere"), "x")
    for name, value in given.items():
        if name in ("amount", "minimum_amount", "maximum_amount", "code", "discount_type") and not isinstance(
            value, str
        ):
            raise Error(400, "rest_invalid_param", f"Invalid parameter(s): {name}")
    kept = {name: value for name, value in given.items() if name in template and name != "id"}
    if "date_expires_gmt" in kept:
        kept["date_expires"] = kept["date_expires_gmt"]
    return kept | ({"code": kept["code"].lower()} if "code" in kept else {})


def _goods(pages: Blueprint, shop: State) -> None:
    @pages.get("/products")
    def products() -> Response:
        return listed(shop.products.values(), _sort, DATES)

    @pages.get("/products/categories")
    def categories() -> Response:
        found = {one["id"]: one for row in shop.products.values() for one in row["categories"]}
        slug = request.args.get("slug")
        return listed([one for one in found.values() if slug in (None, one["slug"])], lambda one: one["id"], {})

    @pages.get("/products/<int:number>")
    def product(number: int) -> Response:
        return one(shop.products.get(number), "product")

    @pages.get("/products/<int:number>/variations")
    def variations(number: int) -> Response:
        return listed(shop.variations.get(number, []), _sort, DATES)


def _customers(pages: Blueprint, shop: State, hooks: Hooks) -> None:
    @pages.get("/customers")
    def customers() -> Response:
        role = request.args.get("role", "customer")
        shown = [row for row in shop.customers.values() if role == "all" or row["role"] == role]
        return listed(shown, _sort, {})

    @pages.put("/customers/batch")
    @pages.post("/customers/batch")
    def change_customers() -> Response:
        given = request.get_json().get("update", [])
        if len(given) > 100:
            raise Error(413, "woocommerce_rest_request_entity_too_large", "Unable to accept more than 100 items.")
        return jsonify({"update": [_changed(one) for one in given]})

    def _changed(given: Doc) -> Doc:
        row = shop.customers.get(given["id"])
        if row is None:
            wrong = {"code": "woocommerce_rest_invalid_id", "message": "Invalid resource ID.", "data": {"status": 400}}
            return {"id": 0, "error": wrong}
        new = {meta["key"]: meta for meta in [*row["meta_data"], *given.get("meta_data", [])]}
        row["meta_data"] = list(new.values())
        hooks.fire("customer.updated", row["id"])
        return row

    @pages.get("/customers/<int:number>")
    def customer(number: int) -> Response:
        return one(shop.customers.get(number), "customer")

    @pages.put("/customers/<int:number>")
    def change_customer(number: int) -> Response:
        row = shop.customers.get(number)
        if row is not None:
            new = {meta["key"]: meta for meta in row["meta_data"]} | {
                meta["key"]: meta for meta in request.get_json().get("meta_data", [])
            }
            row["meta_data"] = list(new.values())
        return one(row, "customer")


def _webhooks(pages: Blueprint, shop: State, hooks: Hooks) -> None:
    def shown(row: Doc) -> Doc:
        return {key: value for key, value in row.items() if key not in ("secret", "failure_count", "user")}

    @pages.get("/webhooks")
    def all_webhooks() -> Response:
        return listed(map(shown, shop.webhooks.values()), _sort, {})

    @pages.post("/webhooks")
    def make_webhook() -> tuple[Response, int]:
        given = request.get_json()
        topic = given.get("topic", "")
        if "." not in topic or (topic.startswith("action.") and not topic[7:].startswith(("woocommerce_", "wc_"))):
            raise Error(400, "woocommerce_rest_invalid_webhook_topic", "Webhook topic is required and must be valid.")
        fields = ("name", "topic", "delivery_url", "secret", "status")
        row = shapes.webhook(shop, user=enter(shop).user, **{key: given[key] for key in fields if key in given})
        shop.webhooks[row["id"]] = row
        hooks.ping(row)
        return jsonify(shown(row)), 201

    @pages.put("/webhooks/<int:number>")
    def change_webhook(number: int) -> Response:
        row = shop.webhooks.get(number)
        if row is None:
            raise Error(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        given = request.get_json()
        row |= {key: given[key] for key in ("name", "status", "secret", "delivery_url", "topic") if key in given}
        return jsonify(shown(row))

    @pages.delete("/webhooks/<int:number>")
    def remove_webhook(number: int) -> Response:
        if request.args.get("force") != "true":
            raise Error(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        row = shop.webhooks.pop(number, None)
        if row is None:
            raise Error(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        return jsonify(shown(row))


def _about(pages: Blueprint, shop: State) -> None:
    @pages.get("/system_status")
    def system_status() -> Response:
        environment = {"home_url": shop.url, "site_url": shop.url, "version": shop.version, "wp_version": "6.8.7"}
        return jsonify({"environment": environment, "settings": {"currency": shop.currency}})

    @pages.get("/settings/<group>")
    def settings(group: str) -> Response:
        told = {
            "general": {"woocommerce_currency": shop.currency, "woocommerce_default_country": "DE:DE-BE"},
            "tax": {"woocommerce_prices_include_tax": "yes" if shop.prices_include_tax else "no"},
        }
        if group not in told:
            raise Error(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
        return jsonify([{"id": name, "value": value} for name, value in told[group].items()])

    @pages.get("/shipping/zones")
    def zones() -> Response:
        return jsonify([{"id": 0, "name": "Everywhere", "order": 0}])

    @pages.get("/shipping/zones/<int:zone>/methods")
    def methods(zone: int) -> Response:
        flat = {"id": 1, "instance_id": 1, "method_id": "flat_rate", "enabled": True, "settings": {}}
        free = {
            "id": 2,
            "instance_id": 2,
            "method_id": "free_shipping",
            "enabled": True,
            "settings": {"requires": {"id": "requires", "value": "coupon"}},
        }
        return jsonify([flat, free] if shop.free_shipping_by_coupon else [flat])


def resource(shop: State, orders: Orders, name: str, number: int) -> Doc | None:
    """Return a resource as a webhook tells it."""
    tables = {"product": shop.products, "customer": shop.customers, "coupon": shop.coupons}
    return orders.read(number) if name == "order" else copy.deepcopy(tables[name].get(number))
