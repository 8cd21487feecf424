"""The draft's back-test by REST."""

from __future__ import annotations

from tests.api.conftest import Api
from tests.build import order, programme


def test_the_draft_is_tried_on_past_orders(alice: Api) -> None:
    alice.shop.tell(order())
    assert alice.post("/programme/draft/backtest", {}).status_code == 404  # there is no draft yet
    alice.put("/programme/draft", programme(rate={"points": "20", "per": "1"}))
    told = alice.post("/programme/draft/backtest", {"orders_at_most": 10})
    assert told.status_code == 200
    assert told.json["draft"]["points"]["issued"] == 799
    assert told.json["actual"]["points"]["issued"] == 399
    assert alice.post("/programme/draft/backtest").json["sample"] == {"orders_at_most": 1000, "of": 1}
    later = alice.post("/programme/draft/backtest", {"from": "2026-03-01T10:00:01Z"})
    assert later.json["orders"]["replayed"] == 0


def test_too_much_at_once_is_refused(alice: Api) -> None:
    alice.put("/programme/draft", programme())
    for wrong in (
        {"orders_at_most": 5001},
        {"orders_at_most": 0},
        {"colour": "red"},
        {"from": "2026-03-01T10:00:00Z", "to": "2026-03-01T10:00:00Z"},
    ):
        assert alice.post("/programme/draft/backtest", wrong).status_code == 422, wrong
