"""What tiers give with every order works at both platforms' checkouts, for their members and for nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db import reading as reading_from
from app.models import connections
from app.platforms import leaving, perks, telling
from app.tiers.perks import code_at
from connectors.shopify import install
from tests.fakes.shopify import schema
from tests.fakes.shopify.state import legacy
from tests.fakes.wire import FAULTS, by_chance, in_turn, never
from tests.fakes.woocommerce.coupons import Refused
from tests.platforms.at_shopify import ShopLife
from tests.platforms.life import Life
from tests.platforms.world import World


def tiers(**gold: Any) -> list[dict[str, Any]]:
    perks = {"discount_percent": "10", "free_shipping": True, **gold}
    return [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "50", "name": "Gold", "perks": perks}]


class AtShopify:
    """Ada's orders of 35.00 + 4.90 in a shop of Shopify."""

    def __init__(self, world: World, scopes: tuple[str, ...] = install.SCOPES) -> None:
        self.life = ShopLife(world, scopes=scopes, tiers=tiers())
        self.other = self.life.platform.customer("bob@example.com")

    def pays(self, *, other: bool = False, **given: Any) -> str:
        order = self.life.buy(self.other if other else None, **given)
        return str(order["totalPriceSet"]["shopMoney"]["amount"])

    def there(self) -> int:
        return len(self.life.platform.shop.automatic)

    def end(self) -> None:
        for node in self.life.platform.shop.automatic.values():
            node["automaticDiscount"]["status"] = "EXPIRED"


class AtWooCommerce:
    def __init__(self, world: World) -> None:
        self.life = Life(world, tiers=tiers())

    def pays(self, *, other: bool = False, **given: Any) -> str:
        """Buy with the tier's code, where the checkout takes it."""
        try:
            order = self.life.buy(8 if other else 7, codes=[code_at(self.life.shop, "gold")], **given)
        except Refused:
            order = self.life.buy(8 if other else 7, **given)
        return str(order["total"])

    def there(self) -> int:
        return len(self.life.store.state.coupons)

    def end(self) -> None:
        raise NotImplementedError


Place = AtShopify | AtWooCommerce


@pytest.fixture(params=[AtShopify, AtWooCommerce], ids=["shopify", "woocommerce"])
def place(request: pytest.FixtureRequest, world: World, admin_schema: schema.Admin) -> Place:
    made: Place = request.param(world)
    return made


def look(place: Place, **span: float) -> None:
    """Let time pass, members be told, and perks be looked after."""
    world = place.life.world
    world.real = max(world.real, datetime.now(UTC)) + timedelta(**(span or {"minutes": 2}))
    telling.run_due(place.life.services)
    perks.run_due(place.life.services)
    world.pass_time(minutes=2)
    perks.run_due(place.life.services)


def enter_gold(place: Place) -> None:
    for _ in range(2):
        place.life.buy()
    place.life.told()
    look(place)


def test_members_of_the_tier_pay_less_and_others_do_not(place: Place) -> None:
    look(place)
    assert place.pays() == "39.90"
    enter_gold(place)
    assert place.pays() == "31.50"  # 10 % off 35.00, and nothing for shipping
    assert place.pays(other=True) == "39.90"
    place.life.told()
    place.life.sound()


def test_looking_again_changes_nothing(place: Place) -> None:
    enter_gold(place)
    there, calls = place.there(), len(place.life.world.wire.calls)
    look(place, hours=2)
    assert (place.there(), len(place.life.world.wire.calls)) == (there, calls)
    look(place, hours=25)
    assert (place.there(), place.pays()) == (there, "31.50")


def test_other_perks_take_the_place_of_the_old_ones(place: Place) -> None:
    enter_gold(place)
    place.life.publish(tiers=tiers(discount_percent="20", free_shipping=False))
    look(place)
    assert place.pays() == "32.90"
    place.life.publish(tiers=tiers(discount_percent=None, free_shipping=False))
    look(place)
    assert (place.pays(), place.there()) == ("39.90", 0)


def test_a_programme_that_ended_gives_nothing_any_more(place: Place) -> None:
    enter_gold(place)
    place.life.publish(tiers=tiers(), phase={"kind": "ended"})
    look(place)
    assert place.there() == 0


def test_a_version_for_a_day_to_come_changes_perks_on_that_day(place: Place) -> None:
    """Its tiers may carry other tags, so that its members are told anew too."""
    enter_gold(place)
    life = place.life
    life.publish(life.world.real + timedelta(hours=5), tiers=tiers(discount_percent="20", customer_tag="vip"))
    look(place)
    assert place.pays() == "31.50"
    look(place, hours=5, minutes=5)
    look(place)
    assert place.pays() == "28.00"


def test_who_leaves_the_tier_pays_the_whole_price(place: Place) -> None:
    enter_gold(place)
    member = place.life.member(7 if isinstance(place, AtWooCommerce) else legacy(place.life.ada["id"]))
    path = f"/members/{member}/tier"
    assert place.life.api("POST", path, {"key": "entry", "reason": "asked for it"}).status_code == 200
    look(place)
    assert place.pays() == "39.90"


def test_perks_are_taken_back_when_the_merchant_leaves(place: Place) -> None:
    enter_gold(place)
    assert place.there()
    assert leaving.leave(place.life.services, place.life.shop) is None
    assert place.there() == 0


def test_what_could_not_be_taken_back_is_told(place: Place) -> None:
    enter_gold(place)
    place.life.world.wire.choose = by_chance(1, before=1.0)
    left = leaving.leave(place.life.services, place.life.shop)
    assert left is not None
    assert "discounts of tiers" in left


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_to_a_call_perks_are_there_once(place: Place, fault: str) -> None:
    enter_gold(place)
    place.life.publish(tiers=tiers(discount_percent="20"))
    place.life.world.wire.choose = in_turn("", *[fault] * 3)
    for _ in range(4):
        look(place, minutes=6)
    place.life.world.wire.choose = never
    look(place, minutes=6)
    assert (place.pays(), place.there()) == ("28.00", 2 if isinstance(place, AtShopify) else 1)


# --- Shopify ----------------------------------------------------------------------------------------------------------


def _reason(place: Place) -> str | None:
    with reading_from(place.life.services.engine) as connection:
        mine = connections.c.shop_id == place.life.shop_id
        return connection.execute(select(connections.c.perks_reason).where(mine)).scalar_one()


def test_without_the_permission_the_merchant_is_told(world: World, admin_schema: schema.Admin) -> None:
    place = AtShopify(world, tuple({*install.SCOPES} - {"write_customers"}))
    look(place)
    assert (_reason(place), place.there()) == ("The app lacks the permission write_customers in this shop.", 0)


def test_a_discount_that_the_merchant_ended_stays_ended_and_she_is_told(
    world: World, admin_schema: schema.Admin
) -> None:
    place = AtShopify(world)
    enter_gold(place)
    place.end()
    look(place, hours=25)
    assert "activate or delete it" in str(_reason(place))
    assert place.pays() == "39.90"
    place.life.platform.shop.automatic.clear()
    look(place, hours=25)
    assert (_reason(place), place.pays()) == (None, "31.50")


def test_a_shop_with_25_automatic_discounts_tells_so(world: World, admin_schema: schema.Admin) -> None:
    place = AtShopify(world)
    told = {"title": "Sale", "status": "ACTIVE", "tags": [], "given": {"startsAt": "9"}, "segments": []}
    kind = {"__typename": "DiscountAutomaticBasic"}
    for number in range(25):
        gid = f"gid://shopify/DiscountAutomaticNode/{number}"
        place.life.platform.shop.automatic[gid] = {"id": gid, "automaticDiscount": {**told, **kind}}
    look(place)
    assert "Only 25" in str(_reason(place))


def test_a_reward_that_does_not_combine_comes_without_the_perk(world: World, admin_schema: schema.Admin) -> None:
    place = AtShopify(world)
    five = {"kind": "amount_off", "points": 10, "amount": {"amount": "5.00", "currency": "EUR"}}
    rewards = [{**five, "key": "alone"}, {**five, "key": "beside", "combines": True}]
    place.life.publish(tiers=tiers(), rewards=rewards)
    enter_gold(place)
    alone, beside = (place.life.redeem(key, legacy(place.life.ada["id"])) for key in ("alone", "beside"))
    place.life.work()
    assert place.pays(codes=[str(place.life.now(alone).code)]) == "34.90"
    assert place.pays(codes=[str(place.life.now(beside).code)]) == "26.50"
    place.life.told()
    assert [place.life.now(one).state for one in (alone, beside)] == ["committed", "committed"]
    place.life.sound()


# --- WooCommerce ------------------------------------------------------------------------------------------------------


def test_free_shipping_without_a_method_is_told(world: World) -> None:
    place = AtWooCommerce(world)
    place.life.store.state.free_shipping_by_coupon = False
    enter_gold(place)
    assert "Free shipping" in str(_reason(place))
    assert place.pays() == "36.40"  # the discount stands all the same


def test_a_coupon_is_never_there_for_nobody(world: World) -> None:
    """A coupon without addresses would be good for everyone."""
    place = AtWooCommerce(world)
    look(place)
    assert place.there() == 0
    enter_gold(place)
    (coupon,) = place.life.store.state.coupons.values()
    assert coupon["email_restrictions"] == ["c7@example.com"]
    assert coupon["individual_use"] is False
