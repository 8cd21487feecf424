"""Rewards as discount codes, gift cards and store credit of Shopify.

https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/discountCodeBasicCreate (and the other documents' pages)

None of these calls can be repeated by Shopify's own means. Codes are ours: one that is TAKEN has been made. Store
credit takes no name, but an end: each credit gets one of its own, far away, and is found again by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.contract import PlatformRefused
from connectors.contract.installing import Credentials
from connectors.contract.rewarding import Ended, Grant, Made, only_looking
from connectors.neutral.calling import Caller
from connectors.shopify.client import Client, Document
from connectors.shopify.documents import (
    COLLECTION,
    CREDIT,
    CREDITS_OF,
    DELETE_CODE,
    END_CODE,
    FIND_CODE,
    MAKE_CODE,
    MAKE_GIFT_CARD,
    MAKE_SHIPPING_CODE,
    WHICH,
)
from connectors.shopify.shop import client

_AMOUNTS = ("amount_off", "pay_with_points")
_CODES = (*_AMOUNTS, "percent_off", "free_shipping", "free_product")
_NEEDS = {"gift_card": "write_gift_cards", "store_credit": "write_store_credit_account_transactions"}
_EARLY = timedelta(minutes=1)  # Shopify's clock may be behind ours
_NEVER = timedelta(days=20 * 365)  # after the redemption: when store credit ends


class Rewards:
    counts_late: timedelta = timedelta(minutes=2)  # asyncUsageCount, and the orders' search

    def cannot(self, kind: str, value: Mapping[str, Any], scopes: Collection[str]) -> str | None:
        if kind not in (*_CODES, *_NEEDS):
            return "Shopify cannot make rewards of this kind."
        if "max_amount" in value:
            return "Shopify knows no most for a percentage."
        if kind in _NEEDS and _NEEDS[kind] not in scopes:
            return f"The app lacks the permission {_NEEDS[kind]} in this shop."
        told = [*value.get("products", ()), *([value["product"]] if "product" in value else [])]
        wrong = [one for one in told if not _is_id(one)]
        return f"{wrong[0]} is no product of Shopify: its ids are numbers." if wrong else None

    def make(self, caller: Caller, ref: str, credentials: Credentials, grant: Grant, *, unsure: bool) -> Made:
        shop = client(caller, ref, credentials)
        if grant.kind == "gift_card":
            return _gift_card(shop, grant)
        if grant.kind == "store_credit":
            return _store_credit(shop, grant, unsure=unsure)
        if unsure:
            with only_looking():
                if _alive(shop, grant):
                    return Made(grant.code)
        _make_code(shop, grant)
        return Made(grant.code)

    def end(self, caller: Caller, ref: str, credentials: Credentials, grant: Grant) -> Ended:
        """Deactivate first, count then: what is counted late belongs to an order from before."""
        shop = client(caller, ref, credentials)
        node, used = _found(shop, grant)
        if node is None:
            return Ended(used)
        _done(shop.ask(END_CODE, id=node["id"]), "discountCodeDeactivate")
        node, used = _found(shop, grant)
        return Ended(used)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _done(told: Mapping[str, Any], mutation: str, *but: str) -> str | None:
    """Return the code of an error that is expected; None: it is done. Raises: PlatformRefused."""
    for error in told[mutation]["userErrors"]:
        code = str(error.get("code") or "")
        if code in but:
            return code
        raise PlatformRefused(f"Shopify refused: {str(error.get('message'))[:200]}", code=code)
    return None


# --- codes ------------------------------------------------------------------------------------------------------------


def _found(shop: Client, grant: Grant) -> tuple[dict[str, Any] | None, bool]:
    """Return the discount of our code, and whether an order has used it."""
    told = shop.ask(FIND_CODE, code=grant.code, search=f"discount_code:'{grant.code}'")
    node = told["codeDiscountNodeByCode"]
    codes = [code.upper() for order in told["orders"]["nodes"] for code in order["discountCodes"]]
    counted = bool(node) and bool(node["codeDiscount"].get("asyncUsageCount"))
    return node, counted or grant.code.upper() in codes


def _alive(shop: Client, grant: Grant) -> bool:
    """Tell whether our code is there and works; one that was taken back makes room for a new one."""
    node, used = _found(shop, grant)
    if node is None:
        return False
    if used or node["codeDiscount"].get("status") != "EXPIRED":
        return True
    _done(shop.ask(DELETE_CODE, id=node["id"]), "discountCodeDelete")
    return False


def _make_code(shop: Client, grant: Grant) -> None:
    document, given, mutation = _code(shop, grant)
    if _done(shop.ask(document, code=given), mutation, "TAKEN") and not _alive(shop, grant):
        _done(shop.ask(document, code=given), mutation, "TAKEN")


def _code(shop: Client, grant: Grant) -> tuple[Document, dict[str, Any], str]:
    given: dict[str, Any] = {
        "title": grant.title[:200],
        "code": grant.code,
        "startsAt": _time(grant.starts_at - _EARLY),
        "endsAt": _time(grant.ends_at) if grant.ends_at else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": _context(grant),
        "combinesWith": _combines(grant),
    }
    if "min_basket" in grant.value:
        least = _money(grant.value["min_basket"], grant)
        given["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": least}}
    if grant.kind == "free_shipping":
        return MAKE_SHIPPING_CODE, {**given, "destination": {"all": True}}, "discountCodeFreeShippingCreate"
    return MAKE_CODE, {**given, "customerGets": _gets(shop, grant)}, "discountCodeBasicCreate"


def _context(grant: Grant) -> dict[str, Any]:
    if grant.customer_id is None:
        return {"all": "ALL"}
    return {"customers": {"add": [f"gid://shopify/Customer/{grant.customer_id}"]}}


def _combines(grant: Grant) -> dict[str, bool]:
    return dict.fromkeys(("orderDiscounts", "productDiscounts", "shippingDiscounts"), bool(grant.value.get("combines")))


def _gets(shop: Client, grant: Grant) -> dict[str, Any]:
    if grant.kind == "percent_off":
        return {"value": {"percentage": float(Decimal(grant.value["percent"]) / 100)}, "items": _items(shop, grant)}
    if grant.kind == "free_product":  # the price of one unit, whatever number of them is bought
        node = _which(shop, [grant.value["product"]])[0]
        return {"value": {"discountAmount": {"amount": _price(node), "appliesOnEachItem": False}}, "items": _of([node])}
    amount = {"amount": _money(grant.value["amount"], grant), "appliesOnEachItem": False}
    return {"value": {"discountAmount": amount}, "items": _items(shop, grant)}


def _items(shop: Client, grant: Grant) -> dict[str, Any]:
    products, collections = grant.value.get("products", ()), grant.value.get("collections", ())
    if products and collections:
        raise PlatformRefused("a code of Shopify is for products or for collections, not for both")
    if products:
        return _of(_which(shop, products))
    if collections:
        return {"collections": {"add": [_collection(shop, one) for one in collections]}}
    return {"all": True}


def _which(shop: Client, ids: Collection[str]) -> list[dict[str, Any]]:
    """Return what the ids are of: rules name products and variants alike by a number."""
    asked = [f"gid://shopify/{kind}/{one}" for one in ids for kind in ("Product", "ProductVariant")]
    found = [node for node in shop.ask(WHICH, ids=asked)["nodes"] if node is not None]
    known = {node["id"].rpartition("/")[2] for node in found}
    if missing := [one for one in ids if one not in known]:
        raise PlatformRefused(f"the shop has no product {missing[0]}")
    return found


def _of(found: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    products = [node["id"] for node in found if node["__typename"] == "Product"]
    variants = [node["id"] for node in found if node["__typename"] == "ProductVariant"]
    told = {"productsToAdd": products, "productVariantsToAdd": variants}
    return {"products": {name: ids for name, ids in told.items() if ids}}


def _price(node: Mapping[str, Any]) -> str:
    """Return what one unit costs. Raises: PlatformRefused: the variants differ."""
    prices = [one["price"] for one in node["variants"]["nodes"]] if "variants" in node else [node["price"]]
    if len(set(map(Decimal, prices))) != 1:
        raise PlatformRefused("the variants of the free product cost differently: name one variant in the reward")
    return str(prices[0])


def _collection(shop: Client, named: str) -> str:
    if _is_id(named):
        return f"gid://shopify/Collection/{named}"
    found = shop.ask(COLLECTION, handle=named)["collectionByIdentifier"]
    if found is None:
        raise PlatformRefused(f"the shop has no collection {named}")
    return str(found["id"])


def _money(told: Mapping[str, str], grant: Grant) -> str:
    """Return an amount: a code's is always of the shop's currency. Raises: PlatformRefused."""
    if told["currency"] != grant.currency:
        raise PlatformRefused(f"the reward is worth {told['currency']}, and the shop sells in {grant.currency}")
    return told["amount"]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- money ------------------------------------------------------------------------------------------------------------


def _gift_card(shop: Client, grant: Grant) -> Made:
    """Make a gift card; its code is ours without the dashes, so that a second call finds it TAKEN."""
    code, value = grant.code.replace("-", ""), grant.value["amount"]
    card = {
        "code": code,
        "initialAmount": {"amount": _money(value, grant), "currencyCode": value["currency"]},
        "note": f"{grant.title[:150]} ({grant.id})",
    }
    _done(shop.ask(MAKE_GIFT_CARD, card=card), "giftCardCreate", "TAKEN")
    return Made(code)


def _store_credit(shop: Client, grant: Grant, *, unsure: bool) -> Made:
    if grant.customer_id is None:
        raise PlatformRefused("store credit needs a customer account in the shop")
    owner, ends = f"gid://shopify/Customer/{grant.customer_id}", _time(_end_of(grant))
    if unsure:
        with only_looking():
            if _has_credit(shop, owner, ends):
                return Made(None)
    value = grant.value["amount"]
    money = {"amount": _money(value, grant), "currencyCode": value["currency"]}
    credit = {"creditAmount": money, "expiresAt": ends}
    _done(shop.ask(CREDIT, id=owner, credit=credit), "storeCreditAccountCredit")
    return Made(None)


def _end_of(grant: Grant) -> datetime:
    """Return the end that only this redemption's credit has: some twenty years away, told apart by its second."""
    spread = int.from_bytes(hashlib.sha256(grant.id.encode()).digest()[:4])
    return (grant.starts_at + _NEVER).replace(microsecond=0) + timedelta(seconds=spread % (300 * 86_400))


def _has_credit(shop: Client, owner: str, ends: str) -> bool:
    found = shop.ask(CREDITS_OF, id=owner)["customer"]
    accounts = found["storeCreditAccounts"]["nodes"] if found else []
    given = [one for account in accounts for one in account["transactions"]["nodes"]]
    return any(_same_second(one.get("expiresAt"), ends) for one in given)


def _same_second(told: str | None, ends: str) -> bool:
    return told is not None and _time(datetime.fromisoformat(told)) == ends
