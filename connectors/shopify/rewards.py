"""Rewards as discount codes, gift cards and store credit of Shopify.

https://shopify.dev/docs/api/admin-graphql/2026-10/mutations/discountCodeBasicCreate (and the other documents' pages)

None of these calls can be repeated by Shopify's own means. Codes are ours: one that is TAKEN has been made. Store
credit takes no name, but an end: each credit gets one of its own, far away, and is found again by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import PlatformRefused
from connectors.contract.installing import Credentials
from connectors.contract.rewarding import Ended, Grant, Made, only_looking
from connectors.neutral.calling import Caller
from connectors.shopify import codes
from connectors.shopify.answers import done, is_id, time_text
from connectors.shopify.client import Client
from connectors.shopify.reward_documents import CREDIT, CREDITS_OF, MAKE_GIFT_CARD
from connectors.shopify.shop import client

_AMOUNTS = ("amount_off", "pay_with_points")
_CODES = (*_AMOUNTS, "percent_off", "free_shipping", "free_product")
_NEEDS = {"gift_card": "write_gift_cards", "store_credit": "write_store_credit_account_transactions"}
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
        wrong = [one for one in told if not is_id(one)]
        return f"{wrong[0]} is no product of Shopify: its ids are numbers." if wrong else None

    def make(self, caller: Caller, ref: str, credentials: Credentials, grant: Grant, *, unsure: bool) -> Made:
        shop = client(caller, ref, credentials)
        if grant.kind == "gift_card":
            return _gift_card(shop, grant)
        if grant.kind == "store_credit":
            return _store_credit(shop, grant, unsure=unsure)
        if unsure:
            with only_looking():
                if codes.alive(shop, grant):
                    return Made(grant.code)
        codes.make(shop, grant)
        return Made(grant.code)

    def end(self, caller: Caller, ref: str, credentials: Credentials, grant: Grant) -> Ended:
        return codes.end(client(caller, ref, credentials), grant)


def _gift_card(shop: Client, grant: Grant) -> Made:
    """Make a gift card; its code is ours without the dashes, so that a second call finds it TAKEN."""
    code = grant.code.replace("-", "")
    card = {
        "code": code,
        "initialAmount": {"amount": grant.money("amount"), "currencyCode": grant.currency},
        "note": f"{grant.title[:150]} ({grant.id})",
    }
    done(shop.ask(MAKE_GIFT_CARD, card=card), "giftCardCreate", "TAKEN")
    return Made(code)


def _store_credit(shop: Client, grant: Grant, *, unsure: bool) -> Made:
    if grant.customer_id is None:
        raise PlatformRefused("store credit needs a customer account in the shop")
    owner, ends = f"gid://shopify/Customer/{grant.customer_id}", time_text(_end_of(grant))
    if unsure:
        with only_looking():
            if _has_credit(shop, owner, ends):
                return Made(None)
    money = {"amount": grant.money("amount"), "currencyCode": grant.currency}
    credit = {"creditAmount": money, "expiresAt": ends}
    done(shop.ask(CREDIT, id=owner, credit=credit), "storeCreditAccountCredit")
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
    return told is not None and time_text(datetime.fromisoformat(told)) == ends
