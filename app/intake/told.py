"""A fact on its way to its effect, parted from the personal data that came with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.activities.evidence import digests, to_seal
from app.members.emails import NO_TRAITS, Traits, email_ref, traits_of, without_email
from app.shops import Shop
from app.vault import Vault
from connectors.contract import (
    ActivityTold,
    CustomerDeleted,
    CustomerRef,
    CustomerTold,
    Fact,
    FulfilmentTold,
    OrderDeleted,
    OrderState,
    OrderTold,
    PrivacyAsked,
    ProductTold,
    RefundTold,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fact on its way to its effect, already without personal data; that travels beside it, to be sealed."""

    fact: Fact
    sha256: str = ""  # of the raw body
    email_ref: str | None = None
    traits: Traits = NO_TRAITS
    sealed_email: bytes | None = None
    sealed_phone: bytes | None = None
    birthday: date | None = None
    sealed_evidence: bytes | None = None
    member_id: str | None = None  # whose fact it is, where a member of ours is named
    self_reported: bool = False  # by a shopper's browser

    def kept(self) -> dict[str, object]:
        """Return what the journal keeps beside the fact; `with_kept` reads it again."""
        alike = self.traits.ref if self.traits.ref != self._ref else None
        kept: dict[str, object] = {"sha256": self.sha256, "email_ref": self.email_ref, "alike": alike}
        kept |= {"disposable": self.traits.disposable, "member": self.member_id, "self_reported": self.self_reported}
        return kept

    def with_kept(self, body: Mapping[str, Any]) -> Told:
        """Return the fact as it was told, by what the journal kept."""
        told = replace(
            self,
            sha256=body.get("sha256", ""),
            email_ref=body.get("email_ref"),
            member_id=body.get("member"),
            self_reported=bool(body.get("self_reported")),
        )
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
            fact=replace(fact, email=None, phone=None, birthday=None, profile=_filled_in(fact)),
            sha256=sha256,
            email_ref=email_ref(pepper, fact.email),
            traits=traits_of(pepper, fact.email),
            sealed_email=_seal(shop, vault, fact.email),
            sealed_phone=_seal(shop, vault, fact.phone),
            birthday=fact.birthday,
        )
    if isinstance(fact, PrivacyAsked):
        return Told(fact=replace(fact, email=None), sha256=sha256, email_ref=email_ref(pepper, fact.email))
    if isinstance(fact, ActivityTold):
        return Told(
            fact=faceless(fact, pepper), sha256=sha256, sealed_evidence=seal_evidence(shop, vault, fact.evidence)
        )
    return Told(fact=fact, sha256=sha256)


def faceless(fact: ActivityTold, pepper: bytes) -> ActivityTold:
    """Return an activity with digests instead of what was written or shown."""
    customer = without_email(fact.customer, pepper) or fact.customer
    return replace(fact, customer=customer, evidence={}, digests=digests(pepper, fact.evidence))


def seal_evidence(shop: Shop, vault: Vault, evidence: Mapping[str, Any]) -> bytes | None:
    kept = to_seal(evidence)
    return None if kept is None else vault.seal(shop.id, kept)


def _filled_in(fact: CustomerTold) -> tuple[str, ...]:
    """Name the fields of the profile that are filled in."""
    filled = {"birthday": fact.birthday, "phone": fact.phone and fact.phone.strip(), "address": fact.country}
    return tuple(sorted({*fact.profile, *(name for name, value in filled.items() if value)}))


def _faceless(state: OrderState | None) -> OrderState | None:
    return None if state is None else replace(state, customer=None)


def _seal(shop: Shop, vault: Vault, text: str | None) -> bytes | None:
    return vault.seal(shop.id, text.strip().encode()) if text and text.strip() else None


def order_ids_of(facts: Sequence[Fact]) -> set[str]:
    ids = {fact.state.id for fact in facts if isinstance(fact, OrderTold)}
    return ids | {fact.order_id for fact in facts if isinstance(fact, RefundTold | FulfilmentTold | OrderDeleted)}


def customers_told(told: Sequence[Told]) -> list[CustomerRef]:
    refs = [one.fact.state.customer for one in told if isinstance(one.fact, OrderTold) and one.fact.state.customer]
    refs += [one.fact.customer for one in told if isinstance(one.fact, ActivityTold) and one.member_id is None]
    return refs + [
        CustomerRef(id=one.fact.id, email_ref=one.email_ref)
        for one in told
        if isinstance(one.fact, CustomerTold | CustomerDeleted)
    ]


def product_ids_of(facts: Sequence[Fact], held: Iterable[OrderState | None]) -> set[str]:
    """Return the products that lines may be frozen with: of what is told, and of what waits for its first version."""
    told = [fact.state for fact in facts if isinstance(fact, OrderTold)]
    lines = (line for state in (*told, *held) if state is not None for line in state.lines)
    ids = {line.product_id for line in lines if line.product_id}
    return ids | {fact.id for fact in facts if isinstance(fact, ProductTold)}
