"""The friend's code that an order of a theme tells: a shopper's browser wrote it, so it may be anything."""

from __future__ import annotations

import pytest

from connectors import CONNECTORS
from connectors.contract import OrderTold
from connectors.shopify.nodes import REFERRAL
from tests.connectors.test_arms import SETTINGS
from tests.payloads import shopify


def code_of(*notes: object) -> str | None:
    document = shopify.order(note_attributes=list(notes))
    (fact,) = CONNECTORS["shopify"].translate("orders/updated", document, SETTINGS)
    assert isinstance(fact, OrderTold)
    return fact.state.referral_code


def test_an_order_tells_who_brought_its_buyer() -> None:
    gift = {"name": "gift", "value": "For Ada"}
    assert code_of(gift, {"name": "_tessera_referral", "value": "KXW3N-T7PQ9"}) == "KXW3N-T7PQ9"
    assert code_of(gift) is None


@pytest.mark.parametrize("odd", ["", "a" * 65, "x" * 1_000_000, "a\x00", "<b>", "été", "a\n", 7, None, ["KXW3N"], {}])
def test_what_is_no_code_is_none_and_fails_no_order(odd: object) -> None:
    assert code_of({"name": REFERRAL, "value": odd}) is None
    assert code_of("odd", {"name": REFERRAL}, {"value": "KXW3N"}) is None
