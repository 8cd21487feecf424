"""What orders saw of the catalogue. It is journalled with the fact that froze it: another worker may be changing the
product at the same moment, and nobody waits for that, so the journal's order alone does not tell what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.rules.earning import ProductFacts

Lines = Mapping[str, Mapping[str, Any] | None]  # line id → facts; None: as the order itself says


@dataclass(slots=True)
class Seen:
    """`given` is what a replay was told, by order; `told` what was frozen since the caller emptied it."""

    given: Mapping[str, Lines] = field(default_factory=dict)
    told: dict[str, dict[str, Mapping[str, Any] | None]] = field(default_factory=dict)

    def begin(self, given: Mapping[str, Lines] | None) -> None:
        """Begin a fact: in a replay with what was seen then."""
        self.given, self.told = given or {}, {}

    def ask(self, order_id: str, line_id: str, own: ProductFacts, found: ProductFacts) -> ProductFacts:
        """Return what a line freezes: `found` by the catalogue now, or then, where `own` is what the order says."""
        then = self.given.get(order_id, {})
        if line_id in then:
            known = then[line_id]
            found = own if known is None else load(known)
        self.told.setdefault(order_id, {})[line_id] = None if found == own else dump(found)
        return found


def dump(facts: ProductFacts) -> dict[str, Any]:
    """Write down what a line froze of its product."""
    told = {"tags": list(facts.tags), "collections": list(facts.collections), "vendor": facts.vendor}
    return told if facts.band is None else {**told, "band": facts.band}


def load(told: Mapping[str, Any]) -> ProductFacts:
    """Read what a line froze of its product."""
    return ProductFacts(tuple(told["tags"]), tuple(told["collections"]), told["vendor"], told.get("band"))
