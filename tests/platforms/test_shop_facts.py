"""What themes show of a shop stands at its platform: after publishing, when the earn table ends, and once a day."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from app.db import reading as reading_from
from app.orders.earn_tables import earn_table_of
from app.platforms import shop_facts
from tests.fakes.shopify import schema
from tests.fakes.wire import in_turn, never
from tests.platforms.at_shopify import ShopLife
from tests.platforms.world import OURS, World


class Told:
    """A shop at Shopify, and what it keeps for its theme."""

    def __init__(self, world: World) -> None:
        self.life, self.world = ShopLife(world), world

    def look(self, **span: float) -> int:
        self.world.pass_time(**span)
        return shop_facts.run_due(self.life.services)

    def read(self, key: str = "table") -> Any:
        owner = "gid://shopify/AppInstallation/1"
        found = self.life.platform.shop.metafields.get((owner, "tessera", key))
        return json.loads(found["value"]) if found else None


@pytest.fixture
def told(world: World, admin_schema: schema.Admin) -> Told:
    return Told(world)


def test_the_table_and_where_our_script_is_stand_at_the_platform(told: Told) -> None:
    assert told.look() == 1
    table = told.read()
    assert (table["version"], table["rates"], table["ask"]) == (1, {"EUR": [1, 10]}, False)
    script = f"{OURS}/widgets/v1/tessera.js"
    assert told.read("shop") == {"id": told.life.shop_id, "script": script, "announcement": {}}
    with told.world.open(told.read("shop")["script"]) as script:
        assert script.status_code == 200


def test_it_is_told_again_only_when_it_changes_or_a_day_is_over(told: Told) -> None:
    assert [told.look(), told.look(minutes=1), told.look(hours=23)] == [1, 0, 0]
    assert told.look(hours=1) == 1
    told.life.publish(rate={"points": "20", "per": "1"})
    assert (told.look(), told.read()["rates"]) == (1, {"EUR": [1, 5]})


def test_a_version_that_is_awaited_is_told_when_its_moment_comes(told: Told) -> None:
    told.look()
    told.life.publish(told.world.real + timedelta(hours=3), rate={"points": "20", "per": "1"})
    assert (told.look(), told.read()["version"]) == (1, 1)
    assert told.read()["until"] == int((told.world.real + timedelta(hours=3)).timestamp())
    assert (told.look(hours=2), told.read()["version"]) == (0, 1)
    assert (told.look(hours=1), told.read()["version"], told.read()["until"]) == (1, 2, None)


def test_a_campaign_that_begins_and_ends_is_told_at_both_moments(told: Told) -> None:
    start, end = (told.world.real + timedelta(hours=hours) for hours in (2, 5))
    weekend = {"key": "w", "multiplier": "2", "from": start.isoformat(), "to": end.isoformat()}
    told.life.publish(campaigns=[weekend])
    factors = []
    for hours in (0, 2, 3):
        assert told.look(hours=hours) == 1
        factors.append(told.read()["factors"][""])
    assert factors == [[[1, 1]], [[2, 1]], [[1, 1]]]


def test_what_the_programme_announces_stands_there_with_its_times(told: Told) -> None:
    weekend = {"text": {"en": "Twice", "fr": "Double"}, "link": "https://mugs.example/now"}
    weekend["to"] = "2027-01-01T00:00:00Z"
    told.life.publish(display={"announcement": weekend})
    told.look()
    texts = {"default": "Twice", "en": "Twice", "fr": "Double"}
    announced = {"text": texts, "link": weekend["link"], "from": None, "until": 1798761600}
    assert told.read("shop")["announcement"] == announced
    told.life.publish(display={"announcement": {"text": "For all"}})
    assert (told.look(), told.read("shop")["announcement"]["text"]) == (1, {"default": "For all"})


def test_an_announcement_too_long_for_the_platform_is_left_to_the_element(told: Told) -> None:
    long = {f"{first}{second}": "ж" * 300 for first in "abcde" for second in "abcdefgh"}
    told.life.publish(display={"announcement": {"text": long}})
    assert told.look() == 1
    assert "announcement" not in told.read("shop")


def test_tiers_that_not_everyone_may_know_of_stand_there_too(told: Told) -> None:
    hidden = {"key": "black", "enter": "9", "multiplier": "5", "hidden": True}
    told.life.publish(tiers=[{"key": "entry", "enter": "0"}, hidden])
    told.look()
    assert told.read()["factors"]["black"] == [[5, 1]]


def test_a_platform_that_does_not_answer_is_told_later(told: Told) -> None:
    told.world.wire.choose = in_turn(*["fail"] * 8)
    assert (told.look(), told.read()) == (0, None)
    told.world.wire.choose = never
    assert [told.look(minutes=1), told.look(minutes=4)] == [0, 1]


def test_what_changes_while_it_is_told_is_told_once_more(told: Told) -> None:
    real, published = told.world.wire._act, []

    def meanwhile(request: Any) -> Any:
        if not published:
            published.append(True)
            told.life.publish(rate={"points": "20", "per": "1"})
        return real(request)

    told.world.wire._act = meanwhile  # type: ignore[method-assign]
    told.look()
    assert told.read()["rates"] == {"EUR": [1, 10]}
    assert (told.look(), told.read()["rates"]) == (1, {"EUR": [1, 5]})


def test_two_who_look_at_once_tell_once_and_the_slow_one_has_it_told_again(told: Told) -> None:
    real, others = told.world.wire._act, []

    def meanwhile(request: Any) -> Any:
        if not others:
            others.append(told.look())  # another worker, at the same moment
            told.world.pass_time(minutes=11)  # the turn is over before the answer
            others.append(told.look())
        return real(request)

    told.world.wire._act = meanwhile  # type: ignore[method-assign]
    told.look()
    assert others == [0, 1]
    assert told.look() == 1  # nobody knows whose table came last
    assert told.look() == 0


def test_a_shop_that_connects_again_is_told_again(told: Told) -> None:
    told.look()
    told.life.platform.shop.metafields.clear()  # Shopify forgets them with the installation
    told.life.platform.uninstall()
    told.life.told()
    told.life.platform.install()
    assert told.life.shopify.open_admin().status_code == 200
    assert (told.look(), told.read()["version"]) == (1, 1)


def test_it_is_the_table_that_everyone_may_read_apart_from_hidden_tiers(told: Told) -> None:
    told.look()
    with reading_from(told.life.services.engine) as connection:
        own = earn_table_of(connection, told.life.shop, told.world.real)
    assert told.read() == json.loads(json.dumps(own))
