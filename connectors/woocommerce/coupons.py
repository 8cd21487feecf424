"""Rewards as coupons: https://developer.woocommerce.com/docs/apis/rest-api/v3/coupons

WooCommerce folds codes to lower case and has no unique index on them: calls at the same time can make two of one code,
so whatever carries our code is looked after, all of it. An order that is cancelled gives its coupon back, so that a
coupon is put out of date before anything else happens to it. What a coupon is worth beyond its basket is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.contract import PlatformDown, PlatformRefused
from connectors.contract.installing import Credentials
from connectors.contract.rewarding import Ended, Grant, Made, only_looking
from connectors.neutral.calling import Caller
from connectors.woocommerce.client import Client
from connectors.woocommerce.install import client

NOTE = "_tessera_redemption"  # whose coupon it is
LIMIT = "_tessera_max_discount"  # WooCommerce knows no most for a percentage: our plugin enforces it

_EMAIL = re.compile(r"[a-z0-9._+'-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_TAKEN = "woocommerce_rest_coupon_code_already_exists"
_PAST = "2000-01-01T00:00:00"
_MONEY = ("amount_off", "pay_with_points", "gift_card", "store_credit")
_KINDS = (*_MONEY, "percent_off", "free_shipping", "free_product")


class Coupons:
    counts_late: timedelta = timedelta(0)

    def cannot(self, kind: str, value: Mapping[str, Any], scopes: Collection[str]) -> str | None:
        if kind not in _KINDS:
            return "WooCommerce cannot make rewards of this kind."
        for name in ("product", "products"):
            told = value.get(name) or ()
            wrong = [one for one in ([told] if isinstance(told, str) else told) if not _is_id(one)]
            if wrong:
                return f"{wrong[0]} is no product of WooCommerce: its ids are numbers."
        return None

    def make(self, caller: Caller, ref: str, credentials: Credentials, grant: Grant, *, unsure: bool) -> Made:
        shop = client(caller, ref, credentials)
        if unsure:
            with only_looking():
                if _ours(shop, grant.code, grant.id):
                    _mend(shop, grant.code, grant.id, _body(shop, grant))
                    return Made(grant.code)
        _make(shop, grant.code, grant.id, _body(shop, grant))
        return Made(grant.code)

    def end(self, caller: Caller, ref: str, credentials: Credentials, grant: Grant) -> Ended:
        shop = client(caller, ref, credentials)
        found = _ours(shop, grant.code, grant.id)
        dead = [shop.put(f"coupons/{one['id']}", {"date_expires_gmt": _PAST}) for one in found]
        if any(_uses(one) for one in dead):
            return Ended(used=True)  # out of date it stays: the order's page leads to it
        for one in dead:
            shop.delete(f"coupons/{one['id']}")
        return Ended(used=False)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _uses(coupon: Mapping[str, Any]) -> int:
    try:
        return int(coupon["usage_count"])
    except (KeyError, TypeError, ValueError):
        raise PlatformDown("a coupon was asked for, and something else was answered", acted=None) from None


def fit_email(address: str) -> bool:
    """Tell whether a coupon may name an address: WooCommerce drops others, and takes some signs for patterns."""
    return _EMAIL.fullmatch(address) is not None


def put_coupon(shop: Client, code: str, note: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Make a coupon what it should be, there or not; return it as it then is. Raises: PlatformDown, PlatformRefused."""
    if not _mend(shop, code, note, body):
        _make(shop, code, note, body)
    return _ours(shop, code, note)


def delete_coupon(shop: Client, code: str, note: str) -> None:
    """Delete a coupon of ours; what is not there is deleted. Raises: PlatformDown, PlatformRefused."""
    for one in _ours(shop, code, note):
        shop.delete(f"coupons/{one['id']}")


def _make(shop: Client, code: str, note: str, body: Mapping[str, Any]) -> None:
    try:
        shop.post("coupons", body)
    except PlatformRefused as error:
        if error.code != _TAKEN or not _mend(shop, code, note, body):
            raise


def _ours(shop: Client, code: str, note: str) -> list[dict[str, Any]]:
    """Return what carries our code, oldest first. Raises: PlatformRefused: somebody else's coupon does."""
    found = [one for page in shop.everything("coupons", code=code.lower()) for one in page]
    for one in found:
        notes = {meta.get("key"): meta.get("value") for meta in one.get("meta_data") or ()}
        if notes.get(NOTE) != note:
            raise PlatformRefused(f"the shop has a coupon {code} of its own")
    return sorted(found, key=lambda one: int(one["id"]))


def _mend(shop: Client, code: str, note: str, body: Mapping[str, Any]) -> bool:
    """Make what is there already what it should be, once; tell whether there was any."""
    found = _ours(shop, code, note)
    for one in found[:1]:
        shop.put(f"coupons/{one['id']}", body)
    for double in found[1:]:
        shop.delete(f"coupons/{double['id']}")
    return bool(found)


def _body(shop: Client, grant: Grant) -> dict[str, Any]:
    value, notes = grant.value, {NOTE: grant.id}
    if value.get("personal") and not (grant.email and fit_email(grant.email)):
        raise PlatformRefused("a code for one member alone needs an e-mail address that the shop can compare")
    products = [int(one) for one in value.get("products", ())]
    body: dict[str, Any] = {
        "code": grant.code.lower(),
        "description": grant.title[:200],
        "usage_limit": 1,
        "individual_use": value.get("combines") is False,
        "email_restrictions": [grant.email] if grant.email and fit_email(grant.email) and _is_personal(grant) else [],
        "product_ids": products,
        "product_categories": _categories(shop, value.get("collections", ())),
        "minimum_amount": grant.money("min_basket") if "min_basket" in value else "0",
        "date_expires_gmt": _time(grant.ends_at) if grant.ends_at else None,
        **_discount(grant, narrow=bool(products or value.get("collections"))),
    }
    if grant.kind == "percent_off" and "max_amount" in value:
        most = Decimal(grant.money("max_amount"))
        notes[LIMIT] = str(most)
        # without the plugin: no basket that is so large that the discount would pass its most
        body["maximum_amount"] = str((most * 100 / Decimal(value["percent"])).quantize(Decimal("0.01")))
    if grant.kind == "free_shipping":
        needs_method(shop)
    return {**body, "meta_data": [{"key": key, "value": told} for key, told in notes.items()]}


def _is_personal(grant: Grant) -> bool:
    return grant.kind != "gift_card" and grant.value.get("personal") is not False


def _discount(grant: Grant, *, narrow: bool) -> dict[str, Any]:
    """Return what the coupon takes off. An amount for certain products alone comes off one of them."""
    if grant.kind in _MONEY:
        told = {"amount": grant.money("amount")}
        if narrow:
            return {**told, "discount_type": "fixed_product", "limit_usage_to_x_items": 1}
        return {**told, "discount_type": "fixed_cart"}
    if grant.kind == "percent_off":
        return {"amount": str(grant.value["percent"]), "discount_type": "percent"}
    if grant.kind == "free_product":
        one = {"product_ids": [int(grant.value["product"])], "limit_usage_to_x_items": 1}
        return {"amount": "100", "discount_type": "percent", **one}
    return {"amount": "0", "discount_type": "fixed_cart", "free_shipping": True}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _categories(shop: Client, slugs: tuple[str, ...]) -> list[int]:
    """Return the ids of categories: rules know them by their slugs. Raises: PlatformRefused."""
    found = []
    for slug in slugs:
        rows = shop.get("products/categories", slug=slug, _fields="id")
        if not rows:
            raise PlatformRefused(f"the shop has no category {slug}")
        found.append(int(rows[0]["id"]))
    return found


def needs_method(shop: Client) -> None:
    """A coupon ships for free only where a shipping method asks for one. Raises: PlatformRefused."""
    for zone in shop.get("shipping/zones"):
        for method in shop.get(f"shipping/zones/{int(zone['id'])}/methods"):
            asks = ((method.get("settings") or {}).get("requires") or {}).get("value")
            if method.get("method_id") == "free_shipping" and method.get("enabled") and asks in ("coupon", "either"):
                return
    raise PlatformRefused("no shipping zone has the method Free shipping that asks for a coupon")
