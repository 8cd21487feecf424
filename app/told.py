"""A fact on its way to its effect, parted from the personal data that came with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from app.emails import email_ref, without_email
from app.shops import Shop
from app.vault import Vault
from connectors.contract import CustomerTold, Fact, OrderState, OrderTold


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact on its way to its effect, already without personal data; that travels beside it, to be sealed."""

    fact: Fact
    sha256: str = ""  # of the raw body
    email_ref: str | None = None
    sealed_email: bytes | None = None
    sealed_phone: bytes | None = None
    birthday: date | None = None


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
        return Told(fact=replace(fact, state=state), sha256=sha256, sealed_email=_seal(shop, vault, email))
    if isinstance(fact, CustomerTold):
        return Told(
            fact=replace(fact, email=None, phone=None, birthday=None),
            sha256=sha256,
            email_ref=email_ref(pepper, fact.email),
            sealed_email=_seal(shop, vault, fact.email),
            sealed_phone=_seal(shop, vault, fact.phone),
            birthday=fact.birthday,
        )
    return Told(fact=fact, sha256=sha256)


def _faceless(state: OrderState | None) -> OrderState | None:
    return None if state is None else replace(state, customer=None)


def _seal(shop: Shop, vault: Vault, text: str | None) -> bytes | None:
    return vault.seal(shop.id, text.strip().encode()) if text and text.strip() else None
