"""Discount codes of Shopify: of one discount that a reward's codes share, or each a discount of its own.

https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/discountCodeBasicCreate, /discountRedeemCodeBulkAdd

None of these calls can be repeated by Shopify's own means. Codes are ours: one that is TAKEN has been made. A shared
discount is found by a code of its own that nobody is told; its limit of one use is for each of its codes
(https://community.shopify.dev/t/12269), and they end by being taken out of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.contract import PlatformDown, PlatformRefused
from connectors.contract.rewarding import Ended, Grant
from connectors.shopify.answers import done, is_id, time_text
from connectors.shopify.client import Client, Document
from connectors.shopify.reward_documents import (
    ADD_CODE,
    ADDED,
    CODES_OF,
    COLLECTION,
    DELETE_CODE,
    END_CODE,
    FIND_CODE,
    FIND_SHARED,
    MAKE_CODE,
    MAKE_SHIPPING_CODE,
    REMOVE_CODE,
    WHICH,
)

_EARLY = timedelta(minutes=1)  # Shopify's clock may be behind ours
_ENDED = "the shop has ended the discount that this reward's codes share"
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0)  # adding codes and taking them out happens soon, not at once


def make(shop: Client, grant: Grant) -> None:
    """Make a code. Once: one that is TAKEN has been made. Raises: PlatformDown, PlatformRefused."""
    place = _add if grant.shared else _make
    if place(shop, grant) and not alive(shop, grant):
        place(shop, grant)


def alive(shop: Client, grant: Grant) -> bool:
    """Tell whether our code is there and works; one that was taken back makes room for a new one."""
    node, used = _found(shop, grant)
    if node is None:
        return False
    if used or node["codeDiscount"].get("status") != "EXPIRED":
        return True
    if _is_shared(node):
        raise PlatformRefused(_ENDED)
    done(shop.ask(DELETE_CODE, id=node["id"]), "discountCodeDelete")
    return False


def end(shop: Client, grant: Grant) -> Ended:
    """End first, count then: what is counted late belongs to an order from before."""
    node, used = _found(shop, grant)
    if node is None:
        return Ended(used)
    if _is_shared(node) and _is_used(node, grant):
        return Ended(used=True)  # its one use is spent; taken out, nothing would tell so until its order is known
    if not _is_shared(node):
        done(shop.ask(END_CODE, id=node["id"]), "discountCodeDeactivate")
        return Ended(used or _found(shop, grant)[1])
    told = shop.ask(REMOVE_CODE, discount=node["id"], ids=[_id_in(shop, node, grant)])
    done(told, "discountCodeRedeemCodeBulkDelete")
    for pause in _PAUSES_S:
        node, used_since = _found(shop, grant)
        if node is None:
            return Ended(used or used_since)
        shop.sleep(pause)
    raise PlatformDown("Shopify has not taken the code out yet", acted=None)


def _found(shop: Client, grant: Grant) -> tuple[dict[str, Any] | None, bool]:
    """Return the discount of our code, and whether an order has used it."""
    told = shop.ask(FIND_CODE, code=grant.code, search=f"discount_code:'{grant.code}'")
    node = told["codeDiscountNodeByCode"]
    codes = [code.upper() for order in told["orders"]["nodes"] for code in order["discountCodes"]]
    return node, grant.code.upper() in codes or (node is not None and _is_used(node, grant))


def _is_used(node: Mapping[str, Any], grant: Grant) -> bool:
    listed = [one for one in node["codeDiscount"]["codes"]["nodes"] if one["code"].upper() == grant.code.upper()]
    if _is_shared(node):
        return any(one["asyncUsageCount"] for one in listed)
    return bool(node["codeDiscount"].get("asyncUsageCount"))


def _is_shared(node: Mapping[str, Any]) -> bool:
    return bool(node["codeDiscount"]["codesCount"]["count"] > 1)


# --- a discount that codes share --------------------------------------------------------------------------------------


def _add(shop: Client, grant: Grant) -> str | None:
    """Add a code to the discount of its reward; return what Shopify has against it, where that is expected."""
    told = shop.ask(ADD_CODE, discount=_shared(shop, grant), codes=[{"code": grant.code}])
    done(told, "discountRedeemCodeBulkAdd")
    job = told["discountRedeemCodeBulkAdd"]["bulkCreation"]["id"]
    for pause in _PAUSES_S:
        shop.sleep(pause)
        state = shop.ask(ADDED, id=job)["discountRedeemCodeBulkCreation"]
        if state is not None and state["done"]:
            errors = [error for row in state["codes"]["nodes"] for error in row["errors"]]
            return done({"it": {"userErrors": errors}}, "it", "TAKEN")
    raise PlatformDown("Shopify has not added the code yet", acted=None)


def _shared(shop: Client, grant: Grant) -> str:
    """Return the discount that all codes of a reward share, made where it is missing.

    Raises: PlatformRefused: the merchant has ended it; its codes would not work.
    """
    found = shop.ask(FIND_SHARED, code=grant.shared)["codeDiscountNodeByCode"]
    if found is None:
        _make(shop, replace(grant, code=str(grant.shared), ends_at=None))  # TAKEN: by another code's making
        found = shop.ask(FIND_SHARED, code=grant.shared)["codeDiscountNodeByCode"]
    if found is None:
        raise PlatformDown("Shopify does not show the discount that was just made", acted=None)
    if found["codeDiscount"].get("status") == "EXPIRED":
        raise PlatformRefused(_ENDED)
    return str(found["id"])


def _id_in(shop: Client, node: Mapping[str, Any], grant: Grant) -> str:
    """Return the id of a code in its discount: by Shopify's search, which may not know it yet, or by looking at all."""
    rows, after = node["codeDiscount"]["codes"]["nodes"], None
    more = True
    while True:
        for one in rows:
            if one["code"].upper() == grant.code.upper():
                return str(one["id"])
        if not more:
            raise PlatformDown("Shopify does not list the code", acted=False)
        page = shop.ask(CODES_OF, id=node["id"], after=after)["codeDiscountNode"]["codeDiscount"]["codes"]
        rows, after, more = page["nodes"], page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]


# --- a discount -------------------------------------------------------------------------------------------------------


def _make(shop: Client, grant: Grant) -> str | None:
    document, given, mutation = _code(shop, grant)
    return done(shop.ask(document, code=given), mutation, "TAKEN")


def _code(shop: Client, grant: Grant) -> tuple[Document, dict[str, Any], str]:
    given: dict[str, Any] = {
        "title": grant.title[:200],
        "code": grant.code,
        "startsAt": time_text(grant.starts_at - _EARLY),
        "endsAt": time_text(grant.ends_at) if grant.ends_at else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": grant.shared is None,  # a member may have several codes of one reward
        "context": _context(grant),
        "combinesWith": _combines(grant),
    }
    if "min_basket" in grant.value:
        least = grant.money("min_basket")
        given["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": least}}
    if grant.kind == "free_shipping":
        return MAKE_SHIPPING_CODE, {**given, "destination": {"all": True}}, "discountCodeFreeShippingCreate"
    return MAKE_CODE, {**given, "customerGets": _gets(shop, grant)}, "discountCodeBasicCreate"


def _context(grant: Grant) -> dict[str, Any]:
    if grant.customer_id is None or grant.shared or grant.value.get("personal") is False:
        return {"all": "ALL"}
    return {"customers": {"add": [f"gid://shopify/Customer/{grant.customer_id}"]}}


def _combines(grant: Grant) -> dict[str, bool]:
    """Tell what a code combines with; discounts of shipping never do with each other."""
    others = ("orderDiscounts", "productDiscounts", *(["shippingDiscounts"] if grant.kind != "free_shipping" else []))
    return dict.fromkeys(others, bool(grant.value.get("combines")))


def _gets(shop: Client, grant: Grant) -> dict[str, Any]:
    if grant.kind == "percent_off":
        return {"value": {"percentage": float(Decimal(grant.value["percent"]) / 100)}, "items": _items(shop, grant)}
    if grant.kind == "free_product":  # the price of one unit, whatever number of them is bought
        node = _which(shop, [grant.value["product"]])[0]
        return {"value": {"discountAmount": {"amount": _price(node), "appliesOnEachItem": False}}, "items": _of([node])}
    amount = {"amount": grant.money("amount"), "appliesOnEachItem": False}
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
    if is_id(named):
        return f"gid://shopify/Collection/{named}"
    found = shop.ask(COLLECTION, handle=named)["collectionByIdentifier"]
    if found is None:
        raise PlatformRefused(f"the shop has no collection {named}")
    return str(found["id"])
