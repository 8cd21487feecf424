"""What is held of one order, and how states merge: pure, whatever the order of arrival.

Source: semantics 1.4, "State is merged, not replaced".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from connectors.contract import (
    STATUS_RANK,
    ZERO,
    Fulfilment,
    FulfilmentTold,
    OrderDeleted,
    OrderState,
    OrderTold,
    Refund,
    RefundTold,
)

OrderFact = OrderTold | RefundTold | FulfilmentTold | OrderDeleted
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Held:
    """The winning full state, and what was told alone and waits for or outlives it."""

    full: OrderState | None = None
    sha256: str = ""  # of the winner's raw body
    reread: bool = False  # the winner was read at the platform by us
    ambiguous: bool = False  # two bodies of one second and rank: to be read again
    refunds: dict[str, RefundTold] = field(default_factory=dict)
    fulfilments: dict[str, Fulfilment] = field(default_factory=dict)
    deletions: int = 0
    restores: int = 0
    deleted_at: datetime | None = None  # programme time of the newest deletion's receipt
    final: bool = False
    past: str | None = None  # what an import chose for it, should it be from before the first programme

    def tell(self, fact: OrderFact, sha256: str, received_at: datetime) -> None:
        """Merge one fact in. Once: telling it again changes nothing (deletions are counted by the inbox)."""
        if isinstance(fact, OrderTold):
            self.restores += fact.restored
            self.past = self.past or fact.past
            self._offer(fact, sha256)
        elif isinstance(fact, RefundTold):
            self.refunds[fact.refund.id] = fact
        elif isinstance(fact, FulfilmentTold):
            known = self.fulfilments.get(fact.fulfilment.id)
            if known is None or known.updated_at <= fact.fulfilment.updated_at:
                self.fulfilments[fact.fulfilment.id] = fact.fulfilment
        else:
            self.deletions += 1
            self.final = self.final or fact.final
            self.deleted_at = max(self.deleted_at or received_at, received_at)

    def _offer(self, told: OrderTold, sha256: str) -> None:
        """Let a full state win by update time, then a re-read, then rank, then the body's hash."""
        if self.full is None:
            self.full, self.sha256, self.reread = told.state, sha256, told.reread
            self._decide_deletion(told)
            return
        mine = (self.full.updated_at, self.reread, STATUS_RANK[self.full.status], self.sha256)
        theirs = (told.state.updated_at, told.reread, STATUS_RANK[told.state.status], sha256)
        if theirs[:3] == mine[:3] and sha256 != self.sha256 and not told.reread:
            self.ambiguous = True
        # what is read later at the same second is newer: a refund that is deleted leaves the time as it was
        if theirs > mine or (told.reread and theirs[0] == mine[0]):
            self.full, self.sha256, self.reread = told.state, sha256, told.reread
        if told.reread:
            self.ambiguous = False
        self._decide_deletion(told)

    def _decide_deletion(self, told: OrderTold) -> None:
        """Let a re-read decide over deletions: the platform still has the order, or has it back."""
        if told.reread and not self.final:
            self.restores = self.deletions

    @property
    def deleted(self) -> bool:
        if self.final:
            return True
        newer = self.full is not None and self.deleted_at is not None and self.full.updated_at > self.deleted_at
        return self.deletions > self.restores and not newer

    def effective(self) -> OrderState | None:
        """Return the order as it stands, with what was told alone joined in; None before any full state."""
        if self.full is None:
            return None
        state = self._join(self.full, shop_money=False)
        if state.in_shop_money is not None:
            state = replace(state, in_shop_money=self._join(state.in_shop_money, shop_money=True))
        return replace(state, status="deleted") if self.deleted else state

    def _join(self, state: OrderState, shop_money: bool) -> OrderState:
        refunds = tuple(self._refunds_told_alone(state, shop_money))
        fulfilments = self._fulfilments(state)
        if not refunds and fulfilments == state.fulfilments:
            return state
        return replace(state, refunds=state.refunds + refunds, fulfilments=fulfilments)

    def _refunds_told_alone(self, state: OrderState, shop_money: bool) -> list[Refund]:
        known = {refund.id for refund in state.refunds}
        waiting = [
            (told.in_shop_money or told.refund) if shop_money else told.refund
            for told in self.refunds.values()
            if told.refund.id not in known
        ]
        # a full state that is later than a refund and does not name it has the last word
        joined = [refund for refund in waiting if refund.at is None or state.updated_at <= refund.at]
        return [
            _as_displayed(refund, state)
            for refund in sorted(joined, key=lambda refund: refund.id)
            if units_too_many(refund, state) is None
        ]

    def _fulfilments(self, state: OrderState) -> tuple[Fulfilment, ...]:
        merged = {fulfilment.id: fulfilment for fulfilment in state.fulfilments}
        for told in self.fulfilments.values():
            known = merged.get(told.id)
            if (known is None and state.updated_at <= told.updated_at) or (
                known is not None and known.updated_at < told.updated_at
            ):
                merged[told.id] = told
        return tuple(merged[key] for key in sorted(merged)) if self.fulfilments else state.fulfilments

    def changed_at(self) -> datetime:
        """Return the update time of what the order now stands by."""
        if self.full is None:
            return _EARLIEST
        moments = [self.full.updated_at]
        moments += [refund.at for refund in self._refunds_told_alone(self.full, False) if refund.at is not None]
        moments += [told.updated_at for told in self.fulfilments.values() if told in self._fulfilments(self.full)]
        if self.deleted and self.deleted_at is not None:
            moments.append(self.deleted_at)
        return max(moments)


def units_too_many(refund: Refund, state: OrderState) -> str | None:
    """Name the line of which a refund told alone takes more units than the order ever had; None where all fit."""
    ordered = {line.id: line.quantity - line.removed for line in state.lines}
    for back in refund.lines:
        if back.quantity > ordered.get(back.line_id, back.quantity):
            return back.line_id
    return None


def _as_displayed(refund: Refund, state: OrderState) -> Refund:
    """Count the tax of money given back in, where the order's prices do: a refund told alone cannot know."""
    if not (state.prices_include_tax and refund.money_tax):
        return refund
    return replace(refund, money=refund.money + refund.money_tax, money_tax=ZERO)


_HELD = TypeAdapter(Held)


def dump(held: Held) -> dict[str, Any]:
    document: dict[str, Any] = _HELD.dump_python(held, mode="json", exclude_defaults=True)
    return document


def load(document: Mapping[str, Any]) -> Held:
    return _HELD.validate_python(dict(document))
