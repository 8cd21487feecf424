"""Perks of tiers as coupons, one for each tier, good for the e-mail addresses of its members alone.

https://developer.woocommerce.com/docs/apis/rest-api/v3/coupons. A coupon without addresses is good for everyone: where
nobody is in the tier there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from connectors.contract import PlatformRefused, Unauthorized
from connectors.contract.installing import Credentials
from connectors.contract.perks import Perk
from connectors.neutral.calling import Caller
from connectors.woocommerce.client import Client
from connectors.woocommerce.coupons import NOTE, delete_coupon, fit_email, needs_method, put_coupon
from connectors.woocommerce.install import client


class TierCoupons:
    by_email: bool = True

    def cannot(self, scopes: Collection[str]) -> str | None:
        return None  # a key that we accept reads and writes

    def keep(
        self, caller: Caller, ref: str, credentials: Credentials, perks: Sequence[Perk], dropped: Sequence[str]
    ) -> None:
        shop = client(caller, ref, credentials)
        refused: list[PlatformRefused] = []
        todo = [*(partial(_delete, shop, code) for code in dropped), *(partial(_put, shop, perk) for perk in perks)]
        for work in todo:
            try:
                work()
            except Unauthorized:
                raise
            except PlatformRefused as error:  # it stands in the way of no other
                refused.append(error)
        if refused:
            raise refused[0]
        if any(perk.free_shipping for perk in perks):
            needs_method(shop)


def _delete(shop: Client, code: str) -> None:
    delete_coupon(shop, code, _note(code))


def _put(shop: Client, perk: Perk) -> None:
    """Make a tier's coupon. WooCommerce leaves out addresses that it does not like: it must not be left with none."""
    emails = [one for one in perk.emails if fit_email(one)]
    if not emails:
        return _delete(shop, perk.code)
    for kept in put_coupon(shop, perk.code, _note(perk.code), _body(perk, emails)):
        if not kept.get("email_restrictions"):
            _delete(shop, perk.code)
            raise PlatformRefused(f"the shop keeps no addresses for the coupon {perk.code}")
    return None


def _note(code: str) -> str:
    return f"perk:{code}"


def _body(perk: Perk, emails: Sequence[str]) -> dict[str, Any]:
    kind = {"discount_type": "percent", "amount": f"{perk.percent:f}"} if perk.percent else {"amount": "0"}
    return {
        "code": perk.code.lower(),
        "description": perk.title[:200],
        "discount_type": "fixed_cart",
        **kind,
        "free_shipping": perk.free_shipping,
        "individual_use": False,
        "email_restrictions": list(emails),
        "meta_data": [{"key": NOTE, "value": _note(perk.code)}],
    }
