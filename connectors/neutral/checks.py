"""What a whole order must satisfy to be believed, whichever platform told it (semantics §10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from connectors.contract import OrderState
from connectors.neutral.reading import BadField


def check_unique(key: str, ids: Sequence[str]) -> None:
    """Refuse an id that occurs twice. Raises: BadField."""
    if len(set(ids)) != len(ids):
        twice = next(one for one, times in Counter(ids).items() if times > 1)
        raise BadField(key, f"the id {twice!r} occurs twice")


def check_units(state: OrderState) -> None:
    """Refuse more units gone than were ordered, and refunds of a line that is not there. Raises: BadField."""
    ordered = {line.id: line.quantity for line in state.lines}
    gone = Counter({line.id: line.removed for line in state.lines})
    for index, refund in enumerate(state.refunds):
        for back in refund.lines:
            if back.line_id not in ordered:
                raise BadField(f"refunds[{index}]", f"names line {back.line_id!r}, which the order does not have")
            gone[back.line_id] += back.quantity
    for line_id, units in gone.items():
        if units > ordered[line_id]:
            raise BadField("refunds", f"{units} units of line {line_id!r} are taken back, {ordered[line_id]} ordered")


def check_order(state: OrderState) -> OrderState:
    """Return the state once its lines and refunds fit together. Raises: BadField."""
    check_unique("lines", [line.id for line in state.lines])
    check_unique("refunds", [refund.id for refund in state.refunds])
    check_units(state)
    return state
