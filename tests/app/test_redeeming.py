"""Spending points: holds, codes, orders that use them, what comes back."""

from __future__ import annotations

from app.audit import audit
from tests.build import Tessera
from tests.spending import FIVE, open_till


def test_a_reward_is_redeemed_used_and_committed(tessera: Tessera) -> None:
    till = open_till(tessera, FIVE)
    made = till.redeem("five")
    assert (made["state"], made["points"], till.points()) == ("issued", 200, {"available": 199, "held": 200})
    till.buy("1002", code=made["code"])
    assert till.state(made) == ("committed", "1002")
    assert till.points()["redeemed"] == 200
    assert audit(tessera.engine, till.shop.id) == []
