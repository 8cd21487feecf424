"""Members whom the merchant, or a link, makes one: their awards become one person's, as by any other proof."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.audit import audit
from app.members import verifying
from tests.app.test_referrals import member_of, merge, working
from tests.build import Shop, Tessera, order, programme

BOB = {"id": "bob"}
GUEST = {"id": None, "email": "gus@example.com"}
NEWS = [{"key": "news", "kind": "newsletter", "points": 50}]
EVERY_THIRD = [{"key": "third", "kind": "order_count_milestone", "milestone": {"every": "3"}, "points": 50}]
SECOND = [{"key": "second", "kind": "order_count_milestone", "milestone": {"at": "2"}, "points": 50}]
TWO_LARGE = [
    {
        "key": "large",
        "kind": "min_spend",
        "min_amount": "20.00",
        "points": 50,
        "caps": [{"period": "lifetime", "times": 2}],
    }
]


def shop_with(tessera: Tessera, rules: list[dict[str, Any]]) -> Shop:
    """Make a shop whose orders earn nothing by themselves."""
    return tessera.shop(programme(rate={"points": "0", "per": "1"}, activities=rules))


def bought(shop: Shop, customer: dict[str, Any], *days: int) -> None:
    """Let a customer buy on these days of February."""
    for day in days:
        at = f"2026-02-{day:02}T10:00:00Z"
        shop.tell(order(id=f"{customer['id']}-{day}", placed_at=at, updated_at=at, customer=customer))


def available(shop: Shop) -> int:
    return sum(balance.get("available", 0) for balance in shop.balances())


def by_merchant(shop: Shop) -> None:
    merge(shop, member_of(shop, "ada"), member_of(shop, "bob"))


def test_of_two_equal_one_time_awards_the_later_is_taken_back_when_the_merchant_merges(tessera: Tessera) -> None:
    shop = shop_with(tessera, NEWS)
    for customer in ("ada", "bob"):
        shop.tell({"id": customer, "updated_at": "2026-02-01T10:00:00Z", "accepts_marketing": True}, topic="customer")
    assert available(shop) == 100
    by_merchant(shop)
    assert available(shop) == 50
    assert audit(tessera.engine, shop.id) == []


@pytest.mark.parametrize(
    ("rules", "adas", "bobs", "before", "after"),
    [
        (SECOND, (1,), (2,), 0, 50),
        (EVERY_THIRD, (1, 3, 5), (2, 4, 6), 100, 100),
        (EVERY_THIRD, (1, 3, 5), (2, 4), 50, 50),
        (TWO_LARGE, (1, 3), (2,), 150, 100),
    ],
)
def test_what_follows_from_orders_is_counted_anew_when_the_merchant_merges(
    tessera: Tessera, rules: list[dict[str, Any]], adas: tuple[int, ...], bobs: tuple[int, ...], before: int, after: int
) -> None:
    shop = shop_with(tessera, rules)
    bought(shop, {"id": "ada"}, *adas)
    bought(shop, BOB, *bobs)
    assert available(shop) == before
    by_merchant(shop)
    assert available(shop) == after
    assert audit(tessera.engine, shop.id) == []


def test_an_order_taken_back_after_the_merge_takes_the_milestone_it_was_for(tessera: Tessera) -> None:
    shop = shop_with(tessera, EVERY_THIRD)
    bought(shop, {"id": "ada"}, 1, 3, 5)
    bought(shop, BOB, 2, 4, 6)
    by_merchant(shop)
    at = "2026-02-06T10:00:00Z"
    gone = {"updated_at": "2026-02-07T10:00:00Z", "cancelled_at": "2026-02-07T10:00:00Z"}
    shop.tell(order(**{"id": "bob-6", "placed_at": at, "customer": BOB, **gone}))
    assert available(shop) == 50
    assert audit(tessera.engine, shop.id) == []


def test_a_guest_claimed_by_a_link_has_bought_what_the_member_has_bought(tessera: Tessera) -> None:
    shop = shop_with(tessera, SECOND)
    bought(shop, {"id": "ada"}, 1)
    bought(shop, GUEST, 2)
    assert available(shop) == 0
    prove(shop, member_of(shop, "ada"), "gus@example.com")
    assert available(shop) == 50
    assert audit(tessera.engine, shop.id) == []


def prove(shop: Shop, member_id: str, email: str) -> None:
    """Follow a link that proves an e-mail."""
    vault, key, real = shop.tessera.services.vault, "a secret", datetime.now(UTC)

    def make(connection: Any, held: Any, _: datetime) -> verifying.Made:
        return verifying.make(connection, vault, held, member_id, email, secret_key=key, now=real)

    made = working(shop, make)
    claims = verifying.read(key, made.token, real)

    def confirm(connection: Any, held: Any, now: datetime) -> str:
        return verifying.confirm(connection, vault, held, claims, real=real, now=now)

    working(shop, confirm)
