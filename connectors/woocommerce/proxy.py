"""Our plugin says who is logged in: hex HMAC-SHA256 over the name of the call, the shop, the customer and the time.

It asks from the shop's own server, so that neither its signature nor what we answer is anything a browser sees; what
was signed is good for a minute.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qs

from connectors.contract import BadSignature
from connectors.contract.visiting import Visitor
from connectors.woocommerce.plugin import plugin_secret

FRESH_S = 60
_NAMES = ("shop", "customer_id", "timestamp", "signature")
_SHOP = re.compile(r"[A-Za-z0-9._~:/-]{1,300}")


class PluginSession:
    def visitor(
        self,
        unverified_query: str,
        settings: Mapping[str, str],
        now: datetime,
        secrets: Callable[[str], Sequence[str]],
    ) -> Visitor:
        shop, customer_id, timestamp, signature = _read(unverified_query)
        message = "\n".join(("session", shop, customer_id, timestamp)).encode(errors="replace")
        right = [hmac.new(plugin_secret(each).encode(), message, hashlib.sha256).hexdigest() for each in secrets(shop)]
        given = signature.encode(errors="replace")
        if True not in [hmac.compare_digest(each.encode(), given) for each in right]:
            raise BadSignature("the call is not signed by the shop's plugin")
        if not _is_whole(timestamp) or abs(now.timestamp() - int(timestamp)) > FRESH_S:
            raise BadSignature("the call is too old, or the clocks differ by more than a minute")
        return Visitor(shop, customer_id if _is_whole(customer_id) and customer_id != "0" else None)

    def customer(self, unverified_token: str, settings: Mapping[str, str], now: datetime) -> Visitor:
        raise BadSignature("this platform gives its customers' pages no session of their own")


def _read(unverified_query: str) -> tuple[str, str, str, str]:
    try:
        told = parse_qs(unverified_query, keep_blank_values=True, max_num_fields=10)
    except ValueError:
        raise BadSignature("too many parameters") from None
    if set(told) != set(_NAMES) or any(len(told[name]) != 1 for name in _NAMES):
        raise BadSignature("these are not the parameters of a session")
    shop, customer_id, timestamp, signature = (told[name][0] for name in _NAMES)
    if not _SHOP.fullmatch(shop):
        raise BadSignature("this is no shop's name")
    return shop, customer_id, timestamp, signature


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
