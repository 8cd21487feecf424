"""Discounts, gift cards and store credit as the Admin API makes them. None of these calls can be repeated safely."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.fakes.shopify.resolving import on, page
from tests.fakes.shopify.state import Node, Shop

KINDS = {
    "discountCodeBasicCreate": ("basicCodeDiscount", "DiscountCodeBasic"),
    "discountCodeFreeShippingCreate": ("freeShippingCodeDiscount", "DiscountCodeFreeShipping"),
    "discountCodeBxgyCreate": ("bxgyCodeDiscount", "DiscountCodeBxgy"),
}


def error(code: str, message: str, *field: str) -> Node:
    return {"code": code, "message": message, "field": list(field), "extraInfo": None}


def combines_wrongly(argument: str) -> Node:
    return error("INVALID_COMBINES_WITH_FOR_DISCOUNT_CLASS", "Combines with is invalid", argument, "combinesWith")


def _create(shop: Shop, name: str, given: Node) -> Node:
    argument, kind = KINDS[name]
    code = given.get("code") or ""
    wrong = _wrong(shop, given, argument)
    if wrong:
        return {"codeDiscountNode": None, "userErrors": wrong}
    node_id = shop.gid("DiscountCodeNode")
    discount = {
        "__typename": kind,
        "title": given.get("title"),
        "status": "ACTIVE",
        "startsAt": given["startsAt"],
        "endsAt": given.get("endsAt"),
        "usageLimit": given.get("usageLimit"),
        "appliesOncePerCustomer": given.get("appliesOncePerCustomer") or False,
        "codes": [_redeem_code(shop, code)],
        "given": given,
    }
    node = {"__typename": "DiscountCodeNode", "id": node_id, "codeDiscount": discount}
    shop.discounts[node_id] = node
    shop.codes[code.upper()] = node_id
    return {"codeDiscountNode": node, "userErrors": []}


def _redeem_code(shop: Shop, code: str) -> Node:
    row = {"__typename": "DiscountRedeemCode", "id": shop.gid("DiscountRedeemCode"), "code": code}
    return {**row, "uses": [], "made": shop.now()}


def _wrong(shop: Shop, given: Node, argument: str) -> list[Node]:
    code = given.get("code") or ""
    if not code:
        return [error("BLANK", "Code can't be blank", argument, "code")]
    if code.upper() in shop.codes:
        return [error("TAKEN", "Code must be unique. Please try a different code.", argument, "code")]
    if not given.get("startsAt"):
        return [error("BLANK", "Starts at can't be blank", argument, "startsAt")]
    if given.get("endsAt") and given["endsAt"] <= given["startsAt"]:
        return [error("END_DATE_BEFORE_START_DATE", "Ends at must be after starts at", argument, "endsAt")]
    if argument.startswith("freeShipping") and (given.get("combinesWith") or {}).get("shippingDiscounts"):
        return [combines_wrongly(argument)]
    if "context" in given and len(given["context"]) != 1:
        return [error("INVALID", "Context must name exactly one", argument, "context")]
    customers = ((given.get("context") or {}).get("customers") or {}).get("add") or ()
    if missing := [one for one in customers if one not in shop.customers]:
        return [error("INVALID", f"Customer {missing[0]} does not exist", argument, "context")]
    return []


for _name, (_argument, _) in KINDS.items():

    @on("Mutation", _name)
    def _made(shop: Shop, _source: Any, name: str = _name, argument: str = _argument, **given: Any) -> Node:
        return _create(shop, name, given[argument])


def counted(shop: Shop, source: Node, **_: Any) -> int:
    """A use is counted a minute after it happened."""
    return sum(shop.now() - at >= timedelta(minutes=1) for code in source.get("codes", [source]) for at in code["uses"])


def codes_of(shop: Shop, source: Node, query: str | None = None, **given: Any) -> Node:
    """Searched by a part of the code; one that was added just now is not known to the search yet."""
    known = [one for one in source["codes"] if query is None or shop.now() - one["made"] >= timedelta(minutes=1)]
    return page([one for one in known if (query or "").upper() in one["code"].upper()], **given)


for _kind in ("DiscountCodeBasic", "DiscountCodeFreeShipping", "DiscountCodeBxgy"):
    on(_kind, "asyncUsageCount")(counted)
    on(_kind, "codes")(codes_of)
    on(_kind, "codesCount")(lambda _shop, source: {"count": len(source["codes"]), "precision": "EXACT"})
on("DiscountRedeemCode", "asyncUsageCount")(counted)


@on("QueryRoot", "codeDiscountNode")
def by_id(shop: Shop, _source: Any, id: str) -> Node | None:
    return shop.discounts.get(id)


@on("QueryRoot", "codeDiscountNodeByCode")
def by_code(shop: Shop, _source: Any, code: str) -> Node | None:
    return shop.discounts.get(shop.codes.get(code.upper(), ""))


@on("Mutation", "discountCodeDeactivate")
def deactivate(shop: Shop, _source: Any, id: str) -> Node:
    node = shop.discounts.get(id)
    if node is None:
        return {"codeDiscountNode": None, "userErrors": [error("INVALID", "Code discount does not exist.", "id")]}
    node["codeDiscount"] |= {"status": "EXPIRED", "endsAt": shop.stamp()}
    return {"codeDiscountNode": node, "userErrors": []}


@on("Mutation", "discountCodeDelete")
def delete(shop: Shop, _source: Any, id: str) -> Node:
    node = shop.discounts.pop(id, None)
    if node is None:
        return {"deletedCodeDiscountId": None, "userErrors": [error("INVALID", "Code discount does not exist.", "id")]}
    shop.codes = {code: owner for code, owner in shop.codes.items() if owner != id}
    return {"deletedCodeDiscountId": id, "userErrors": []}


@on("Mutation", "discountRedeemCodeBulkAdd")
def bulk_add(shop: Shop, _source: Any, discountId: str, codes: list[Node]) -> Node:
    """Asked for now, done later: each code fails for itself."""
    node = shop.discounts.get(discountId)
    if node is None or not 1 <= len(codes) <= 250:
        return {"bulkCreation": None, "userErrors": [error("INVALID", "Code discount or codes are invalid.", "codes")]}
    job = {
        "id": shop.gid("DiscountRedeemCodeBulkCreation"),
        "createdAt": shop.stamp(),
        "codesCount": len(codes),
        "done": False,
        "importedCount": 0,
        "failedCount": 0,
        "discountCode": node,
        "codes": [{"code": one["code"], "errors": []} for one in codes],
    }
    shop.bulk_codes[job["id"]] = job
    return {"bulkCreation": job, "userErrors": []}


@on("QueryRoot", "discountRedeemCodeBulkCreation")
def bulk_status(shop: Shop, _source: Any, id: str) -> Node | None:
    """The first look still finds it at work, and finishes it."""
    job = shop.bulk_codes.get(id)
    if job is None or job["done"]:
        return job
    seen = dict(job)
    for row in job["codes"]:
        if row["code"].upper() in shop.codes:
            row["errors"] = [error("TAKEN", "Code must be unique. Please try a different code.")]
            continue
        shop.codes[row["code"].upper()] = job["discountCode"]["id"]
        listed = job["discountCode"]["codeDiscount"]["codes"]
        listed.append(_redeem_code(shop, row["code"]))
    failed = sum(bool(row["errors"]) for row in job["codes"])
    job |= {"done": True, "failedCount": failed, "importedCount": len(job["codes"]) - failed}
    return seen


@on("Mutation", "discountCodeRedeemCodeBulkDelete")
def bulk_delete(shop: Shop, _source: Any, discountId: str, ids: list[str] | None = None, **_: Any) -> Node:
    discount = shop.discounts[discountId]["codeDiscount"]
    for row in [one for one in discount["codes"] if one["id"] in (ids or ())]:
        discount["codes"].remove(row)
        del shop.codes[row["code"].upper()]
    return {"job": {"id": shop.gid("Job"), "done": True}, "userErrors": []}


@on("Mutation", "giftCardCreate")
def gift_card(shop: Shop, _source: Any, input: Node) -> Node:
    code = (input.get("code") or f"{next(shop.ids):016d}").replace("-", "").replace(" ", "").lower()
    wrong = []
    if not 8 <= len(code) <= 20:
        wrong = [error("TOO_SHORT" if len(code) < 8 else "TOO_LONG", "Code length is wrong", "input", "code")]
    elif not code.isalnum():
        wrong = [error("INVALID", "Code can only contain letters and numbers", "input", "code")]
    elif code in {one["code"] for one in shop.gift_cards.values()}:
        wrong = [error("TAKEN", "Code has already been taken", "input", "code")]
    elif input.get("customerId") and input["customerId"] not in shop.customers:
        wrong = [error("CUSTOMER_NOT_FOUND", "The customer could not be found.", "input", "customerId")]
    if wrong:
        return {"giftCard": None, "giftCardCode": None, "userErrors": wrong}
    amount = {"amount": str(input["initialAmount"]["amount"]), "currencyCode": input["initialAmount"]["currencyCode"]}
    card = {
        "id": shop.gid("GiftCard"),
        "code": code,
        "enabled": True,
        "initialValue": amount,
        "balance": dict(amount),
        "lastCharacters": code[-4:],
        "maskedCode": f"•••• •••• •••• {code[-4:]}",
        "note": input.get("note"),
        "expiresOn": input.get("expiresOn"),
        "createdAt": shop.stamp(),
        "customer": shop.customers.get(input.get("customerId") or ""),
    }
    shop.gift_cards[card["id"]] = card
    return {"giftCard": card, "giftCardCode": code, "userErrors": []}


@on("QueryRoot", "giftCards")
def gift_cards(shop: Shop, _source: Any, query: str | None = None, **_: Any) -> list[Node]:
    """Searched by a code's last characters alone: the whole code is told once."""
    last = (query or "").rpartition(":")[2].strip("'\" ").lower()
    return [card for card in shop.gift_cards.values() if card["code"].endswith(last)]


@on("Mutation", "giftCardDeactivate")
def deactivate_card(shop: Shop, _source: Any, id: str) -> Node:
    card = shop.gift_cards.get(id)
    if card is None:
        return {"giftCard": None, "userErrors": [error("INVALID", "The gift card could not be found.", "id")]}
    card |= {"enabled": False, "deactivatedAt": shop.stamp()}
    return {"giftCard": card, "userErrors": []}


def _account(shop: Shop, owner: str, currency: str) -> Node | None:
    for account in shop.credits.values():
        if owner in (account["id"], account["owner"]["id"]) and account["balance"]["currencyCode"] == currency:
            return account
    if owner not in shop.customers:
        return None
    made = {
        "id": shop.gid("StoreCreditAccount"),
        "balance": {"amount": "0.00", "currencyCode": currency},
        "owner": shop.customers[owner] | {"__typename": "Customer"},
        "transactions": [],
    }
    shop.credits[made["id"]] = made
    return made


def _move(shop: Shop, owner: str, money: Node, sign: int, what: str, **more: Any) -> Node:
    account = _account(shop, owner, money["currencyCode"])
    if account is None:
        wrong = error("ACCOUNT_NOT_FOUND", "The store credit account could not be found.", "id")
        return {"storeCreditAccountTransaction": None, "userErrors": [wrong]}
    after = Decimal(account["balance"]["amount"]) + sign * Decimal(str(money["amount"]))
    if after < 0:
        wrong = error("INSUFFICIENT_FUNDS", "The store credit account does not have sufficient funds.", "debitInput")
        return {"storeCreditAccountTransaction": None, "userErrors": [wrong]}
    account["balance"] = {"amount": str(after), "currencyCode": money["currencyCode"]}
    signed = Decimal(str(money["amount"])) * sign
    row = {
        "__typename": f"StoreCreditAccount{what}Transaction",
        "id": shop.gid(f"StoreCreditAccount{what}Transaction"),
        "amount": {"amount": str(signed), "currencyCode": money["currencyCode"]},
        "balanceAfterTransaction": dict(account["balance"]),
        "createdAt": shop.stamp(),
        "event": "ADJUSTMENT",
        "account": account,
        **more,
    }
    account["transactions"].append(row)
    return {"storeCreditAccountTransaction": row, "userErrors": []}


@on("Mutation", "storeCreditAccountCredit")
def credit(shop: Shop, _source: Any, id: str, creditInput: Node) -> Node:
    ends = creditInput.get("expiresAt")
    if ends is not None and ends <= shop.stamp():
        wrong = error("EXPIRES_AT_IN_PAST", "The expires at date must be in the future.", "creditInput", "expiresAt")
        return {"storeCreditAccountTransaction": None, "userErrors": [wrong]}
    return _move(shop, id, creditInput["creditAmount"], 1, "Credit", expiresAt=ends)


@on("Mutation", "storeCreditAccountDebit")
def debit(shop: Shop, _source: Any, id: str, debitInput: Node) -> Node:
    return _move(shop, id, debitInput["debitAmount"], -1, "Debit")


@on("Customer", "storeCreditAccounts")
def accounts(shop: Shop, source: Node, **_: Any) -> list[Node]:
    return [one for one in shop.credits.values() if one["owner"]["id"] == source["id"]]
