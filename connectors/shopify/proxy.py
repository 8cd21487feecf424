"""The app proxy: calls to a shop's own address that Shopify passes on, with the customer who is logged in.

https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies: hex HMAC-SHA256 over the other
parameters, decoded, sorted, joined by nothing; several values of one name by a comma. Good for a minute and a half, as
the official libraries have it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from connectors.contract import BadSignature
from connectors.contract.installing import BadShop
from connectors.contract.visiting import Visitor
from connectors.shopify import sessions
from connectors.shopify.install import shop_domain
from connectors.shopify.signature import check_time, secrets_of

FRESH = timedelta(seconds=90)
_ONCE = ("shop", "timestamp", "logged_in_customer_id", "signature")


class AppProxy:
    def visitor(
        self,
        unverified_query: str,
        settings: Mapping[str, str],
        now: datetime,
        secrets: Callable[[str], Sequence[str]],
    ) -> Visitor:
        try:
            told = parse_qs(unverified_query, keep_blank_values=True, max_num_fields=50)
        except ValueError:
            raise BadSignature("too many parameters") from None
        if any(len(told.get(name, [""])) > 1 for name in _ONCE):
            raise BadSignature("a parameter comes twice")
        given = told.pop("signature", [""])[0]
        joined = [f"{name}={','.join(values)}" for name, values in sorted(told.items())]
        message = "".join(joined).encode(errors="replace")
        ours = secrets_of(settings)
        right = [hmac.new(secret.encode(), message, hashlib.sha256).hexdigest().encode() for secret in ours]
        if True not in [hmac.compare_digest(one, given.encode(errors="replace")) for one in right]:
            raise BadSignature("the call is not signed by Shopify")
        check_time(told.get("timestamp", [""])[0], now, FRESH)
        try:
            ref = shop_domain(told.get("shop", [""])[0])
        except BadShop as error:
            raise BadSignature(str(error)) from None
        return Visitor(ref, told.get("logged_in_customer_id", [""])[0] or None)

    def customer(self, unverified_token: str, settings: Mapping[str, str], now: datetime) -> Visitor:
        return sessions.read_customer(unverified_token, settings, now)
