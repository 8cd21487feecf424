"""Shopify. signature: who sent it · facts: what it says, a file per subject beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from connectors.contract import Envelope, Fact, ShopSettings, VerifiedBody
from connectors.contract.companion import Companion
from connectors.contract.installing import Installer
from connectors.contract.perks import PerkKeeper
from connectors.contract.rewarding import Rewarder
from connectors.contract.syncing import READ_ORDER, Reader
from connectors.contract.telling import ShopTeller, Teller
from connectors.contract.visiting import Proxy
from connectors.shopify import facts, signature
from connectors.shopify.install import Install
from connectors.shopify.perks import SegmentDiscounts
from connectors.shopify.proxy import AppProxy
from connectors.shopify.reader import OrderReader
from connectors.shopify.rewards import Rewards
from connectors.shopify.telling import AppMetafields, Metafields


class Shopify:
    name: str = "shopify"
    signed_by: Literal["app", "shop"] = "app"
    settings: tuple[str, ...] = (
        "SHOPIFY_API_KEY",
        "SHOPIFY_API_SECRET",
        "SHOPIFY_API_SECRET_OLD",
        "SHOPIFY_API_VERSION",
    )
    secret_settings: tuple[str, ...] = ("SHOPIFY_API_SECRET", "SHOPIFY_API_SECRET_OLD")
    told_as: Mapping[str, str] = MappingProxyType({"order": READ_ORDER, "customer": "customers/update"})
    delivery_header: str = "X-Shopify-Webhook-Id"
    issues_codes: Literal["here", "platform"] = "platform"
    vouches_for_shoppers: bool = False
    installer: Installer | None = Install()
    reader: Reader | None = OrderReader()
    rewarder: Rewarder | None = Rewards()
    teller: Teller | None = Metafields()
    shop_teller: ShopTeller | None = AppMetafields()
    perks: PerkKeeper | None = SegmentDiscounts()
    proxy: Proxy | None = AppProxy()
    companion: Companion | None = None
    tells_old_states: bool = False

    def default_origins(self, ref: str, app_url: str) -> tuple[str, ...]:
        return (f"https://{ref}",)

    def naming(self, ref: str) -> dict[str, str]:
        return {"x-shopify-shop-domain": ref}

    def shop_ref(self, unverified_headers: Mapping[str, str]) -> str:
        return signature.shop_ref(unverified_headers)

    def verify(
        self, unverified_headers: Mapping[str, str], unverified_body: bytes, secrets: Sequence[str], now_s: int
    ) -> VerifiedBody:
        return signature.verify(unverified_headers, unverified_body, secrets)

    def envelope(self, headers: Mapping[str, str], body: VerifiedBody) -> Envelope:
        return signature.envelope(headers, body)

    def translate(self, topic: str, document: object, settings: ShopSettings) -> tuple[Fact, ...]:
        return facts.translate(topic, document, settings)

    def sign(self, topic: str, delivery_id: str, body: bytes, secret: str, now_s: int) -> dict[str, str]:
        return signature.sign(topic, delivery_id, body, secret)


CONNECTOR = Shopify()
