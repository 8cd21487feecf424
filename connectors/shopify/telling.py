"""Facts of customers and of the shop as metafields that belong to the app alone, and tags of customers.

https://shopify.dev/docs/apps/build/custom-data/ownership (`$app`: no other app and no merchant can write there; what
belongs to the app's installation is read by its theme extension as `app.metafields`, and by nobody else)
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from connectors.contract import PlatformRefused
from connectors.contract.installing import Credentials
from connectors.contract.telling import CustomerFacts
from connectors.neutral.calling import Caller
from connectors.shopify.answers import done
from connectors.shopify.client import Client
from connectors.shopify.documents import ADD_TAGS, INSTALLATION, REMOVE_TAGS, SET_FACTS
from connectors.shopify.shop import client


class Metafields:
    def may(self, scopes: Collection[str]) -> bool:
        return "write_customers" in scopes

    def tell(self, caller: Caller, ref: str, credentials: Credentials, facts: Sequence[CustomerFacts]) -> None:
        shop = client(caller, ref, credentials)
        _set(shop, facts)
        for one in facts:
            for document, tags in ((ADD_TAGS, one.tags), (REMOVE_TAGS, one.not_tags)):
                if tags:
                    shop.ask(document, id=_gid(one), tags=sorted(tags))


def _gid(facts: CustomerFacts) -> str:
    return f"gid://shopify/Customer/{facts.customer_id}"


def _set(shop: Client, facts: Sequence[CustomerFacts]) -> None:
    """Set all or none; where one of several is gone, each by itself."""
    told = [
        {"ownerId": _gid(one), "namespace": "$app", "key": "member", "type": "json", "value": json.dumps(one.document)}
        for one in facts
    ]
    errors = shop.ask(SET_FACTS, facts=told)["metafieldsSet"]["userErrors"]
    if not errors:
        return
    if len(facts) > 1:
        for one in facts:
            _set(shop, [one])
    elif errors[0]["code"] not in ("INVALID", "INVALID_VALUE", "BLANK", None):
        raise PlatformRefused(f"Shopify refused: {errors[0]['message']}", code=str(errors[0]["code"]))


class AppMetafields:
    def tell(self, caller: Caller, ref: str, credentials: Credentials, facts: Mapping[str, Mapping[str, Any]]) -> None:
        shop = client(caller, ref, credentials)
        owner = shop.ask(INSTALLATION)["currentAppInstallation"]["id"]
        names = {"ownerId": owner, "namespace": "tessera", "type": "json"}
        told = [{**names, "key": key, "value": _written(document)} for key, document in facts.items()]
        done(shop.ask(SET_FACTS, facts=told), "metafieldsSet")


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
