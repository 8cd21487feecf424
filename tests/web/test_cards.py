"""A member's card: its number for the counter, its picture, and whom it finds."""

from __future__ import annotations

import re
from typing import Any

import pytest
import segno
from sqlalchemy import select

from app.db import reading
from app.members import cards
from app.models import member_cards
from tests.app.test_erasing import erase
from tests.app.test_referrals import member_of, merge
from tests.edge import Door, open_door
from tests.web.test_shopper_settings import ask


@pytest.fixture
def pair(custom: Door) -> tuple[Door, str, str]:
    """A shop with ada and bob."""
    for name in ("ada", "bob"):
        custom.deliver(custom.order(id=name, customer={"id": name}))
    custom.shop.drain()
    return custom, member_of(custom.shop, "ada"), member_of(custom.shop, "bob")


def card(door: Door, member_id: str, method: str = "GET") -> str:
    return str(ask(door, member_id, method, "card").get_json()["number"])


def at_the_counter(door: Door, number: str, status: int = 200) -> Any:
    key = {"Authorization": f"Bearer {door.shop.keys.api_key}"}
    answer = door.client.get("/api/v1/members", query_string={"card": number}, headers=key)
    assert answer.status_code == status
    return [each["id"] for each in answer.get_json()["data"]] if status == 200 else answer.get_json()


def test_staff_finds_the_member_by_the_number_however_it_is_written(pair: tuple[Door, str, str]) -> None:
    door, ada, bob = pair
    number = card(door, ada)
    assert re.fullmatch(r"[1-9]\d{3} \d{4} \d{4}", number)
    for written in (number, number.replace(" ", ""), number.replace(" ", "-")):
        assert at_the_counter(door, written) == [ada]
    assert card(door, ada) == number
    assert at_the_counter(door, card(door, bob)) == [bob]


def test_a_wrong_digit_is_told(pair: tuple[Door, str, str]) -> None:
    door, ada, _ = pair
    number = card(door, ada).replace(" ", "")
    for place in range(12):
        wrong = number[:place] + str((int(number[place]) + 1) % 10 or 1) + number[place + 1 :]
        if wrong != number:
            assert at_the_counter(door, wrong, 422)["errors"][0]["field"] == "card"
    for wrong in ("", "1", number + "0", "٤" * 12, "0" * 12, "%00" * 4, f"{number}\x00"):
        assert at_the_counter(door, wrong, 422)["errors"][0]["code"]
    assert at_the_counter(door, cards.make_number()) == []


def test_numbers_end_in_their_check_digit() -> None:
    assert cards.read_number("4729 1830 5520") is None
    assert cards.read_number("4992 7398 7164") is None
    assert cards.read_number("499273987168") == "499273987168"
    made = {cards.make_number() for _ in range(500)}
    assert len(made) == 500
    assert {cards.read_number(number) for number in made} == made


def test_a_new_card_ends_the_old_one(pair: tuple[Door, str, str]) -> None:
    door, ada, bob = pair
    lost, bobs = card(door, ada), card(door, bob)
    new = card(door, ada, "POST")
    assert new != lost
    assert card(door, ada) == new
    assert at_the_counter(door, lost) == []
    assert [at_the_counter(door, new), at_the_counter(door, bobs)] == [[ada], [bob]]


def test_the_picture_is_the_numbers_qr_code(pair: tuple[Door, str, str]) -> None:
    door, ada, _ = pair
    told = ask(door, ada, "GET", "card").get_json()
    path, size = told["qr"]["path"], told["qr"]["size"]
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", path)
    drawn = [[0] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)", path):
        for column in range(int(x), int(x) + int(width)):
            drawn[int(y)][column] = 1
    expected = segno.make_qr(told["number"].replace(" ", ""), error="m", boost_error=False)
    assert drawn == [[int(bool(module)) for module in row] for row in expected.matrix_iter(border=4)]


def test_after_a_merge_the_survivors_card_is_shown_and_the_other_number_finds_the_survivor(
    pair: tuple[Door, str, str],
) -> None:
    door, ada, bob = pair
    adas, bobs = card(door, ada), card(door, bob)
    merge(door.shop, bob, ada)
    assert card(door, ada) == adas
    assert card(door, bob) == adas
    assert [at_the_counter(door, number) for number in (adas, bobs)] == [[ada], [ada]]
    new = card(door, ada, "POST")
    assert [at_the_counter(door, number) for number in (adas, bobs, new)] == [[], [], [ada]]


def test_a_survivor_without_a_card_takes_over_the_other_one(pair: tuple[Door, str, str]) -> None:
    door, ada, bob = pair
    bobs = card(door, bob)
    merge(door.shop, bob, ada)
    assert card(door, ada) == bobs


def test_an_erased_members_card_finds_nobody(pair: tuple[Door, str, str]) -> None:
    door, ada, _ = pair
    number = card(door, ada)
    erase(door.shop, ada)
    assert at_the_counter(door, number) == []
    assert ask(door, ada, "GET", "card").status_code == 409
    with reading(door.tessera.engine) as connection:
        assert connection.execute(select(member_cards).where(member_cards.c.shop_id == door.shop.id)).all() == []


def test_a_card_finds_nobody_in_another_shop(pair: tuple[Door, str, str]) -> None:
    door, ada, _ = pair
    assert at_the_counter(open_door(door.tessera), card(door, ada)) == []
    assert ask(open_door(door.tessera), ada, "POST", "card").status_code == 401
