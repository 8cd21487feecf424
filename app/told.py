"""A fact on its way to its effect, parted from the personal data that came with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.emails import NO_TRAITS, Traits, email_ref, traits_of, without_email
from app.shops import Shop
from app.vault import Vault
from connectors.contract import CustomerTold, Fact, OrderState, OrderTold


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact on its way to its effect, already without personal data; that travels beside it, to be sealed."""

    fact: Fact
    sha256: str = ""  # of the raw body
    email_ref: str | None = None
    traits: Traits = NO_TRAITS
    sealed_email: bytes | None = None
    sealed_phone: bytes | None = None

    def kept(self) -> dict[str, object]:
        """Return what the journal keeps beside the fact; `with_kept` reads it again."""
        alike = self.traits.ref if self.traits.ref != self._ref else None
        kept = {"sha256": self.sha256, "email_ref": self.email_ref}
        return {**kept, "alike": alike, "disposable": self.traits.disposable}

    def with_kept(self, body: Mapping[str, Any]) -> Told:
        """Return the fact as it was told, by what the journal kept."""
        told = replace(self, sha256=body.get("sha256", ""), email_ref=body.get("email_ref"))
        traits = Traits(body.get("alike") or told._ref, bool(body.get("disposable")))
        return replace(told, traits=traits)

    @property
    def _ref(self) -> str | None:
        if isinstance(self.fact, OrderTold) and self.fact.state.customer is not None:
            return self.fact.state.customer.email_ref
        return self.email_ref


def pseudonymise(fact: Fact, sha256: str, shop: Shop, vault: Vault, pepper: bytes) -> Told:
    """Split a fact into what the ledger may keep for ever and what is sealed for the merchant's eyes."""
    if isinstance(fact, OrderTold):
        customer = fact.state.customer
        email = customer.email if customer else None
        state = replace(
            fact.state,
            customer=without_email(customer, pepper),
            in_shop_money=_faceless(fact.state.in_shop_money),
        )
        return Told(
            fact=replace(fact, state=state),
            sha256=sha256,
            traits=traits_of(pepper, email),
            sealed_email=_seal(shop, vault, email),
        )
    if isinstance(fact, CustomerTold):
        return Told(
            fact=replace(fact, email=None, phone=None, birthday=None),
            sha256=sha256,
            email_ref=email_ref(pepper, fact.email),
            traits=traits_of(pepper, fact.email),
            sealed_email=_seal(shop, vault, fact.email),
            sealed_phone=_seal(shop, vault, fact.phone),
        )
    return Told(fact=fact, sha256=sha256)


def _faceless(state: OrderState | None) -> OrderState | None:
    return None if state is None else replace(state, customer=None)


def _seal(shop: Shop, vault: Vault, text: str | None) -> bytes | None:
    return vault.seal(shop.id, text.strip().encode()) if text and text.strip() else None
