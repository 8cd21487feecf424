"""Facts of customers as their user's meta: https://developer.woocommerce.com/docs/apis/rest-api/v3/customers

A batch answers 200 with an error for each customer that is not there. WooCommerce has no customer tags, and keeps no
facts of the shop itself: our plugin does, where there is one. A network of WordPress sites has one table of users for
all of its shops: `shop` says which of them is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from connectors.contract import NotThere, PlatformRefused, Unauthorized
from connectors.contract.installing import Credentials
from connectors.contract.telling import CustomerFacts
from connectors.neutral.calling import Caller
from connectors.woocommerce.install import client

META = "_tessera_member"


class CustomerMeta:
    def may(self, scopes: Collection[str]) -> bool:
        return True  # a key that we accept reads and writes

    def tell(self, caller: Caller, ref: str, credentials: Credentials, facts: Sequence[CustomerFacts]) -> None:
        told = [
            {"id": int(one.customer_id), "meta_data": [{"key": META, "value": {"shop": ref, **one.document}}]}
            for one in facts
            if one.customer_id.isascii() and one.customer_id.isdigit()
        ]
        if told:
            client(caller, ref, credentials).put("customers/batch", {"update": told})


class PluginFacts:
    def tell(self, caller: Caller, ref: str, credentials: Credentials, facts: Mapping[str, Mapping[str, Any]]) -> None:
        try:
            client(caller, ref, credentials).tell_plugin("tessera/v1/table", dict(facts))
        except NotThere:
            return  # no plugin: nothing draws points there
        except Unauthorized as error:  # a firewall before that one address does not lock us out of the shop
            raise PlatformRefused(str(error), code=error.code, status=error.status) from None
