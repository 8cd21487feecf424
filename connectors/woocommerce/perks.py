"""Perks of tiers as coupons, one for each tier, good for the e-mail addresses of its members alone.

https://developer.woocommerce.com/docs/apis/rest-api/v3/coupons. A coupon without addresses is good for everyone: where
nobody is in the tier there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from connectors.contract.installing import Credentials
from connectors.contract.perks import Perk
from connectors.neutral.calling import Caller
from connectors.woocommerce.coupons import NOTE, delete_coupon, needs_method, put_coupon
from connectors.woocommerce.install import client


class TierCoupons:
    by_email: bool = True

    def cannot(self, scopes: Collection[str]) -> str | None:
        return None  # a key that we accept reads and writes

    def keep(
        self, caller: Caller, ref: str, credentials: Credentials, perks: Sequence[Perk], dropped: Sequence[str]
    ) -> None:
        shop = client(caller, ref, credentials)
        for code in [*dropped, *(perk.code for perk in perks if not perk.emails)]:
            delete_coupon(shop, code, _note(code))
        for perk in perks:
            if perk.emails:
                put_coupon(shop, perk.code, _note(perk.code), _body(perk))
        if any(perk.free_shipping for perk in perks):
            needs_method(shop)


def _note(code: str) -> str:
    return f"perk:{code}"


def _body(perk: Perk) -> dict[str, Any]:
    kind = {"discount_type": "percent", "amount": f"{perk.percent:f}"} if perk.percent else {"amount": "0"}
    return {
        "code": perk.code.lower(),
        "description": perk.title[:200],
        "discount_type": "fixed_cart",
        **kind,
        "free_shipping": perk.free_shipping,
        "individual_use": False,
        "email_restrictions": list(perk.emails),
        "meta_data": [{"key": NOTE, "value": _note(perk.code)}],
    }
