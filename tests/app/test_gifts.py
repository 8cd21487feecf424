"""Rewards that rules give: with the activity, taken back with it while unused, given again when it stands again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audit import audit
from app.db import reading
from app.models import redemptions
from tests.build import Shop, Tessera, order, programme

MUG = {"key": "mug", "kind": "free_product", "product": "mug"}


def given(shop: Shop) -> list[Any]:
    with reading(shop.tessera.engine) as connection:
        mine = select(redemptions).where(redemptions.c.shop_id == shop.id).order_by(redemptions.c.held_at)
        return list(connection.execute(mine))


def orders(count: int, first: int = 1) -> list[dict[str, Any]]:
    days = range(first, first + count)
    return [
        order(id=str(day), placed_at=f"2026-03-{day:02}T10:00:00Z", updated_at=f"2026-03-{day:02}T10:00:05Z")
        for day in days
    ]


def cancelled(told: dict[str, Any], at: str, cancelled_at: str | None) -> dict[str, Any]:
    return {**told, "updated_at": at, "cancelled_at": cancelled_at}


def test_a_small_gift_comes_with_the_fourth_order_and_a_bigger_one_with_every_tenth(tessera: Tessera) -> None:
    rules = [
        {"key": "fourth", "kind": "order_count_milestone", "milestone": {"at": "4"}, "reward": "mug"},
        {"key": "tenth", "kind": "order_count_milestone", "milestone": {"every": "10"}, "reward": "pot"},
    ]
    pot = {"key": "pot", "kind": "free_product", "product": "pot"}
    shop = tessera.shop(programme(activities=rules, rewards=[MUG, pot]))
    shop.tell(*orders(3))
    assert given(shop) == []
    shop.tell(*orders(7, first=4))
    assert [(gift.reward, gift.state, gift.points, gift.given) for gift in given(shop)] == [
        ("mug", "issued", 0, True),
        ("pot", "issued", 0, True),
    ]
    assert audit(tessera.engine, shop.id) == []


def test_a_gift_goes_with_the_order_it_came_for_and_comes_back_with_it(tessera: Tessera) -> None:
    rule = {"key": "first", "kind": "order_count_milestone", "milestone": {"at": "1"}, "reward": "mug"}
    shop = tessera.shop(programme(activities=[rule], rewards=[MUG]))
    (told,) = orders(1)
    shop.tell(told)
    assert [gift.state for gift in given(shop)] == ["issued"]
    code = given(shop)[0].code
    shop.tell(cancelled(told, "2026-03-02T10:00:00Z", "2026-03-02T09:00:00Z"))
    assert [gift.state for gift in given(shop)] == ["voided"]
    shop.tell(cancelled(told, "2026-03-03T10:00:00Z", None))
    assert [(gift.state, gift.code) for gift in given(shop)] == [("issued", code)]
    assert audit(tessera.engine, shop.id) == []


def test_a_tier_brings_its_gift_when_it_is_entered_and_a_refund_takes_it_back(tessera: Tessera) -> None:
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "30", "perks": {"entry_reward": "mug"}}]
    shop = tessera.shop(programme(tiers=tiers, rewards=[MUG]))
    (told,) = orders(1)
    shop.tell(told)
    assert [(gift.reward, gift.state) for gift in given(shop)] == [("mug", "issued")]
    shop.tell(cancelled(told, "2026-03-02T10:00:00Z", "2026-03-02T09:00:00Z"))
    assert [gift.state for gift in given(shop)] == ["voided"]
    assert audit(tessera.engine, shop.id) == []


def test_a_gift_card_that_was_issued_stays_like_points_that_were_spent(tessera: Tessera) -> None:
    card = {"key": "card", "kind": "gift_card", "amount": {"amount": "5.00", "currency": "EUR"}}
    rule = {"key": "first", "kind": "order_count_milestone", "milestone": {"at": "1"}, "reward": "card"}
    shop = tessera.shop(programme(activities=[rule], rewards=[card]))
    (told,) = orders(1)
    shop.tell(told, cancelled(told, "2026-03-02T10:00:00Z", "2026-03-02T09:00:00Z"))
    assert [gift.state for gift in given(shop)] == ["committed"]
    assert audit(tessera.engine, shop.id) == []
