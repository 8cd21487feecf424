"""WooCommerce. signature: who sent it · facts: what it says, orders and refunds beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from connectors.contract import BadSignature, Envelope, Fact, ShopSettings, VerifiedBody
from connectors.contract.companion import Companion
from connectors.contract.installing import Installer
from connectors.contract.perks import PerkKeeper
from connectors.contract.rewarding import Rewarder
from connectors.contract.syncing import READ_ORDER, Reader
from connectors.contract.telling import ShopTeller, Teller
from connectors.contract.visiting import Proxy
from connectors.woocommerce import facts, signature
from connectors.woocommerce.coupons import Coupons
from connectors.woocommerce.install import Install
from connectors.woocommerce.perks import TierCoupons
from connectors.woocommerce.plugin import WordPressPlugin
from connectors.woocommerce.proxy import PluginSession
from connectors.woocommerce.reader import OrderReader
from connectors.woocommerce.telling import CustomerMeta, PluginFacts


class WooCommerce:
    name: str = "woocommerce"
    signed_by: Literal["app", "shop"] = "shop"
    settings: tuple[str, ...] = ()
    secret_settings: tuple[str, ...] = ()
    told_as: Mapping[str, str] = MappingProxyType({"order": READ_ORDER, "customer": "customer.updated"})
    delivery_header: str = "X-WC-Webhook-Delivery-ID"
    issues_codes: Literal["here", "platform"] = "platform"
    vouches_for_shoppers: bool = False
    installer: Installer | None = Install()
    reader: Reader | None = OrderReader()
    rewarder: Rewarder | None = Coupons()
    teller: Teller | None = CustomerMeta()
    shop_teller: ShopTeller | None = PluginFacts()
    perks: PerkKeeper | None = TierCoupons()
    proxy: Proxy | None = PluginSession()
    companion: Companion | None = WordPressPlugin()
    tells_old_states: bool = True

    def default_origins(self, ref: str, app_url: str) -> tuple[str, ...]:
        return (ref if "://" in ref else f"https://{ref}",)

    def naming(self, ref: str) -> dict[str, str]:
        return {}

    def shop_ref(self, unverified_headers: Mapping[str, str]) -> str:
        raise BadSignature("the shop is named by the path, not by a header")

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


CONNECTOR = WooCommerce()
