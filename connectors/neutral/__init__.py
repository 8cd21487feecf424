"""What platforms share: the strict JSON parser, typed readers, and the signature and shape of custom shops.

    parsing     bytes → tree, refusing what two parsers could read differently
    reading     one field of a tree, or the reason why not
    checks      a whole order, or the reason why not
    signature   Tessera-Signature
    events      the JSON shape of custom shops, and its schema
    facts       that shape → neutral facts

`custom` and `sandbox` are `NeutralConnector` under two names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connectors.contract import BadSignature, Envelope, Fact, ShopSettings, VerifiedBody
from connectors.contract.companion import Companion
from connectors.contract.installing import Installer
from connectors.contract.perks import PerkKeeper
from connectors.contract.rewarding import Rewarder
from connectors.contract.syncing import Reader
from connectors.contract.telling import ShopTeller, Teller
from connectors.contract.visiting import Proxy
from connectors.neutral import facts, signature
from connectors.neutral.events import custom_events_schema
from connectors.neutral.parsing import parse_json

__all__ = ["NeutralConnector", "custom_events_schema", "parse_json"]


@dataclass(kw_only=True)
class NeutralConnector:
    """A shop that signs with `Tessera-Signature` and speaks our own JSON."""

    name: str
    signed_by: Literal["app", "shop"] = "shop"
    settings: tuple[str, ...] = ()
    secret_settings: tuple[str, ...] = ()
    told_as: Mapping[str, str] = field(default_factory=lambda: {"order": "order", "customer": "customer"})
    delivery_header: str = "Tessera-Delivery"
    issues_codes: Literal["here", "platform"] = "here"
    vouches_for_shoppers: bool = True
    installer: Installer | None = None
    reader: Reader | None = None
    rewarder: Rewarder | None = None
    teller: Teller | None = None
    shop_teller: ShopTeller | None = None
    perks: PerkKeeper | None = None
    proxy: Proxy | None = None
    companion: Companion | None = None
    tells_old_states: bool = False
    lives_with_us: bool = False  # its pages are served by the app itself

    def default_origins(self, ref: str, app_url: str) -> tuple[str, ...]:
        return (app_url,) if self.lives_with_us else ()

    def naming(self, ref: str) -> dict[str, str]:
        return {}

    def shop_ref(self, unverified_headers: Mapping[str, str]) -> str:
        raise BadSignature("this shop is named by the path, not by a header")

    def verify(
        self, unverified_headers: Mapping[str, str], unverified_body: bytes, secrets: Sequence[str], now_s: int
    ) -> VerifiedBody:
        return signature.verify(unverified_headers, unverified_body, secrets, now_s)

    def envelope(self, headers: Mapping[str, str], body: VerifiedBody) -> Envelope:
        return signature.envelope(headers, body)

    def translate(self, topic: str, document: object, settings: ShopSettings) -> tuple[Fact, ...]:
        return facts.translate(topic, document, settings)

    def sign(self, topic: str, delivery_id: str, body: bytes, secret: str, now_s: int) -> dict[str, str]:
        return signature.sign(topic, delivery_id, body, secret, now_s)
