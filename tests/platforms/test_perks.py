"""What tiers give with every order works at both platforms' checkouts, for their members and for nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db import reading as reading_from
from app.db import transaction
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
    def __init__(self, world: World, **given: Any) -> None:
        self.life = Life(world, **{"tiers": tiers(), **given})

    def pays(self, *, other: bool = False, **given: Any) -> str:
        """Buy with the tier's code, where the checkout takes it."""
        try:
            order = self.life.buy(8 if other else 7, codes=[code_at(self.life.shop, "gold")], **given)
        except Refused:
            order = self.life.buy(8 if other else 7, **given)
        return str(order["total"])

    def there(self) -> int:
        return len(self.life.store.state.coupons)


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


def test_two_workers_make_a_perk_once(place: Place) -> None:
    """The merchant presses the button while a worker is at it."""
    for _ in range(2):
        place.life.buy()
    place.life.told()
    look_at = place.life.world.wire
    real, calls = look_at._act, []

    def meanwhile(request: Any) -> Any:
        calls.append(request.url)
        if len(calls) in (1, 2, 3):
            with transaction(place.life.services.engine) as connection:
                perks.again(connection, place.life.shop)
            perks.run_due(place.life.services)
        return real(request)

    look_at._act = meanwhile  # type: ignore[method-assign]
    look(place)
    look_at._act = real  # type: ignore[method-assign]
    look(place)
    assert (place.pays(), place.there()) == ("31.50", 2 if isinstance(place, AtShopify) else 1)


def test_what_is_published_while_a_worker_is_at_it_is_made_next(place: Place) -> None:
    enter_gold(place)
    place.life.publish(tiers=tiers(discount_percent="15"))
    look_at = place.life.world.wire
    real, done = look_at._act, []

    def meanwhile(request: Any) -> Any:
        if not done:
            done.append(True)
            place.life.publish(tiers=tiers(discount_percent="20"))
        return real(request)

    look_at._act = meanwhile  # type: ignore[method-assign]
    perks.run_due(place.life.services)
    perks.run_due(place.life.services)
    assert (done, place.pays()) == ([True], "28.00")


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


def test_no_two_discounts_are_called_the_same(world: World, admin_schema: schema.Admin) -> None:
    place = AtShopify(world)
    perks = {"discount_percent": "10", "free_shipping": True}
    gold, more = tiers()[1], {"key": "more", "enter": "90", "name": "Gold", "perks": perks}
    place.life.publish(tiers=[tiers()[0], gold, more])
    look(place)
    titles = [one["automaticDiscount"]["title"] for one in place.life.platform.shop.automatic.values()]
    assert sorted(titles) == [f"Club: Gold ({key}){end}" for key in ("gold", "more") for end in ("", " −10 %")]
    assert _reason(place) is None


def test_a_discount_of_the_merchants_own_is_left_alone(world: World, admin_schema: schema.Admin) -> None:
    place = AtShopify(world)
    own = {"title": "Sale", "status": "ACTIVE", "tags": ["tessera-gold", "tessera-perk-x"], "given": {"startsAt": "9"}}
    gid, kind = "gid://shopify/DiscountAutomaticNode/1", {"__typename": "DiscountAutomaticBasic", "segments": []}
    place.life.platform.shop.automatic[gid] = {"id": gid, "automaticDiscount": {**own, **kind}}
    enter_gold(place)
    place.life.publish(tiers=tiers(discount_percent=None, free_shipping=False))
    look(place)
    assert list(place.life.platform.shop.automatic) == [gid]


def test_a_tag_that_a_programme_no_longer_uses_is_the_shops_again(world: World, admin_schema: schema.Admin) -> None:
    place = AtShopify(world)
    place.life.publish(tiers=tiers(customer_tag="wholesale"))
    enter_gold(place)
    assert "wholesale" in place.life.ada["tags"]
    place.life.publish(tiers=tiers(customer_tag="VIP"))
    look(place)
    assert place.life.ada["tags"] == ["VIP"]
    look(place, days=2)
    place.life.ada["tags"] = ["VIP", "wholesale"]
    place.life.buy()
    place.life.told()
    look(place)
    assert place.life.ada["tags"] == ["VIP", "wholesale"]


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
    calls = len(place.life.world.wire.calls)
    look(place, hours=2)
    assert "Free shipping" in str(_reason(place))
    assert len(place.life.world.wire.calls) == calls  # nothing has changed: it is tried again tomorrow


def test_a_coupon_is_never_there_for_nobody(world: World) -> None:
    """A coupon without addresses would be good for everyone."""
    place = AtWooCommerce(world)
    look(place)
    assert place.there() == 0
    enter_gold(place)
    (coupon,) = place.life.store.state.coupons.values()
    assert coupon["email_restrictions"] == ["c7@example.com"]
    assert coupon["individual_use"] is False


@pytest.mark.parametrize("email", ["*@gmail.com", "|x@y.zz", "walk-in", "a b@c.d", "用户@例子.广告"])
def test_an_address_that_is_a_pattern_or_none_opens_the_coupon_to_nobody(world: World, email: str) -> None:
    place = AtWooCommerce(world)
    life = place.life
    mug = life.mug
    for _ in range(2):
        life.store.orders.checkout([(mug, 6)], email=email, customer_id=9)
    life.told()
    look(place)
    assert place.there() == 0


def test_a_shop_that_keeps_no_addresses_gets_no_coupon(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    place = AtWooCommerce(world)
    add = place.life.store.coupons.add
    monkeypatch.setattr(place.life.store.coupons, "add", lambda given: add({**given, "email_restrictions": []}))
    enter_gold(place)
    assert place.there() == 0
    assert "keeps no addresses" in str(_reason(place))


def test_a_coupon_of_the_shops_own_is_left_alone_and_holds_up_no_other(world: World) -> None:
    place = AtWooCommerce(world)
    entry = {"key": "entry", "enter": "0", "perks": {"discount_percent": "5"}}
    place.life.publish(tiers=[entry, tiers()[1]])
    own = place.life.store.coupons.add({"code": code_at(place.life.shop, "entry").lower(), "amount": "1"})
    enter_gold(place)
    assert "of its own" in str(_reason(place))
    assert place.pays() == "31.50"
    assert own in place.life.store.state.coupons.values()


def test_an_address_that_changes_or_is_erased_leaves_the_coupon(world: World) -> None:
    place = AtWooCommerce(world)
    life = place.life
    customer = life.store.customer("c7@example.com", id=7)
    enter_gold(place)
    customer["email"] = "ada@new.example"
    life.store.hooks.fire("customer.updated", 7)
    life.told()
    look(place)
    (coupon,) = life.store.state.coupons.values()
    assert coupon["email_restrictions"] == ["ada@new.example"]
    assert life.api("POST", f"/members/{life.member(7)}/erasure", {}).status_code == 200
    look(place)
    assert place.there() == 0


def test_a_programme_that_has_not_begun_gives_nothing(world: World) -> None:
    everyone = [{"key": "all", "enter": "0", "perks": {"discount_percent": "10"}}]
    begins = max(world.real, datetime.now(UTC)) + timedelta(hours=5)
    place = AtWooCommerce(world, begins=begins, tiers=everyone)
    assert place.life.api("POST", "/members", {"email": "ada@example.com"}).status_code == 201
    look(place)
    assert place.there() == 0
    look(place, hours=6)
    look(place)
    assert place.there() == 1
