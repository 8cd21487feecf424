"""What the shop tells arrives, whatever happens on the way."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import requests

from connectors.sandbox.shop.goods import GOODS
from tests.sandbox.builders import Browser, Ear, open_shop, refusing


def test_the_first_start_tells_of_goods_and_customers_and_later_ones_do_not(tmp_path: Path) -> None:
    ear = Ear()
    for _ in range(2):
        with open_shop(tmp_path, ear):
            ear.wait(lambda: len(ear.heard) >= len(GOODS) + 3)
    assert Counter(one["tessera-topic"] for one in ear.heard) == {"product": len(GOODS), "customer": 3}
    assert {one["url"] for one in ear.heard} == {"http://127.0.0.1:9/webhooks/sandbox/s1"}


def test_a_failed_delivery_is_tried_again_under_its_own_id(tmp_path: Path) -> None:
    ear = Ear(answers=[503, requests.ConnectionError()])
    with open_shop(tmp_path, ear):
        ear.wait(lambda: len(ear.heard) == len(GOODS) + 3 + 2)
    tries = Counter(one["tessera-delivery"] for one in ear.heard)
    assert sorted(tries.values())[-3:] == [1, 2, 2]
    bodies = {(one["tessera-delivery"], one["body"]) for one in ear.heard}
    assert len(bodies) == len(tries)


def test_what_was_not_sent_is_sent_after_a_restart(tmp_path: Path) -> None:
    with open_shop(tmp_path, refusing) as shop:
        number = Browser(shop).buy("morning-cup-sea")
    ear = Ear()
    with open_shop(tmp_path, ear):
        ear.wait(ear.documents)
    assert ear.documents()[0]["id"] == str(number)


def test_three_times_is_twice_under_one_id_and_once_under_another(tmp_path: Path) -> None:
    ear = Ear()
    with open_shop(tmp_path, ear) as shop:
        browser = Browser(shop)
        browser.post("/back-office/switches", page="/back-office/", thrice="on")
        browser.buy("morning-cup-sea")
        ear.wait(lambda: len(ear.documents()) == 3)
    orders = [one for one in ear.heard if one["tessera-topic"] == "order"]
    assert sorted(Counter(one["tessera-delivery"] for one in orders).values()) == [1, 2]
    assert len({one["body"] for one in orders}) == 1


def test_in_disorder_every_delivery_still_arrives(tmp_path: Path) -> None:
    ear = Ear()
    with open_shop(tmp_path, ear) as shop:
        browser = Browser(shop)
        number = browser.buy("morning-cup-sea", "morning-cup-sea", "morning-cup-sea")
        browser.post("/back-office/switches", page="/back-office/", disorder="on")
        for _ in range(3):
            browser.desk(number, "refund-unit", line=f"{number}-1")
        ear.wait(lambda: len(ear.documents()) == 4, timeout_s=20)
    assert sorted(len(told["refunds"]) for told in ear.documents()) == [0, 1, 2, 3]


def test_a_delivery_can_be_sent_again_by_hand(tmp_path: Path) -> None:
    ear = Ear()
    with open_shop(tmp_path, ear) as shop:
        browser = Browser(shop)
        ear.wait(lambda: len(ear.heard) == len(GOODS) + 3)
        browser.post("/back-office/deliveries/1/again", page="/back-office/")
        ear.wait(lambda: len(ear.heard) == len(GOODS) + 4)
    assert ear.heard[-1]["tessera-delivery"] == ear.heard[0]["tessera-delivery"]
