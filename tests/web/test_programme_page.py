"""What anybody may read of a programme: how it looks, what it says, what it gives; in the page's language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.rules.words import LANGUAGES
from tests.build import START, Tessera, programme
from tests.edge import Door, open_door

FIVE = {"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}
DISPLAY = {
    "accent": "#ffd700",
    "accent_dark": "#663399",
    "logo": "https://shop.example/logo.svg",
    "radius": 8,
    "launcher": {"label": {"en": "Rewards", "fr": "Avantages"}, "side": "left"},
    "announcement": {
        "text": {"en": "Double points", "fr": "Points doublés"},
        "link": "https://shop.example/now",
        "from": "2026-03-01T00:00:00Z",
        "to": "2026-03-08T00:00:00Z",
    },
    "faq": [{"question": {"fr": "Quoi ?", "sk": "Čo?"}, "answer": "That."}],
}
WHOLE = {
    **programme(
        tiers=[
            {"key": "entry", "name": "Friend", "enter": "0"},
            {"key": "gold", "enter": "500", "multiplier": "2", "perks": {"customer_tag": "secret-tag"}},
            {"key": "black", "enter": "9000", "hidden": True},
        ],
        expiry={"kind": "end_of_year", "after": 0},
        activities=[
            {"key": "join", "kind": "sign_up", "points": 100},
            {"key": "vip", "kind": "review", "points": 50, "who": {"any_tag": ["vip"]}},
            {"key": "past", "kind": "survey", "points": 50, "when": {"to": "2026-02-01T00:00:00Z"}},
            {"key": "away", "kind": "win_back", "points": 50, "win_back": {"days_without_order": 90}},
        ],
        rewards=[FIVE, {**FIVE, "key": "named", "name": "A fiver", "cost": FIVE["amount"], "stock": 7}],
    ),
    "points_name": {"en": {"one": "star", "other": "stars"}},
    "referrals": {"referrer_points": 300, "friend_reward": "five", "min_basis": "20.00"},
    "display": DISPLAY,
}


@pytest.fixture
def shop(tessera: Tessera) -> Door:
    door = open_door(tessera, published=False)
    door.shop.publish(WHOLE, START - timedelta(days=30))
    return door


def page(shop: Door, lang: str | None = None) -> Any:
    query = {} if lang is None else {"lang": lang}
    return shop.client.get(f"/widget/v1/{shop.shop.id}/programme", query_string=query).get_json()


def test_a_page_tells_the_look_with_a_text_colour_that_can_be_read(shop: Door) -> None:
    assert page(shop)["look"] == {
        "accent": "#ffd700",
        "accent_text": "#000000",
        "accent_dark": "#663399",
        "accent_dark_text": "#ffffff",
        "logo": "https://shop.example/logo.svg",
        "radius": 8,
        "launcher": {"label": "Rewards", "side": "left", "icon": "gift"},
    }


def test_texts_are_told_in_the_pages_language_or_the_nearest(shop: Door) -> None:
    french, polish = page(shop, "fr"), page(shop, "pl")
    assert (french["language"], french["look"]["launcher"]["label"]) == ("fr", "Avantages")
    assert french["announcement"]["text"] == "Points doublés"
    assert french["faq"] == [{"question": "Quoi ?", "answer": "That."}]
    assert (polish["language"], polish["look"]["launcher"]["label"]) == ("pl", "Rewards")
    assert polish["faq"][0]["question"] == "Quoi ?"
    assert page(shop, "xx") == page(shop, "") == page(shop)


def test_points_have_the_merchants_name_and_rewards_a_title(shop: Door) -> None:
    told = page(shop)
    assert told["points_name"] == {"one": "star", "other": "stars"}
    assert [reward["title"] for reward in told["rewards"]] == ["€5 off", "A fiver"]
    assert "few" in page(shop, "ru")["points_name"]


def test_an_announcement_is_told_while_it_is_in_force(shop: Door) -> None:
    known = {
        "text": "Double points",
        "link": "https://shop.example/now",
        "until": "2026-03-08T00:00:00Z",
        "close": "Close",
    }
    try:
        for days, expected in ((-2, None), (0, known), (6.4, known), (6.5, None)):
            shop.tessera.set_clock(START + timedelta(days=days))
            assert page(shop)["announcement"] == expected, days
    finally:
        shop.tessera.set_clock(START)


def test_what_it_gives_is_told_for_everyone_and_no_secret(shop: Door) -> None:
    told = page(shop)
    assert [(way["key"], way["name"], way["points"]) for way in told["ways"]] == [
        ("join", "Joining the programme", 100)
    ]
    assert [(tier["key"], tier["name"], tier["multiplier"]) for tier in told["tiers"]] == [
        ("entry", "Friend", None),
        ("gold", "gold", "2"),
    ]
    assert told["referral"] == {
        "referrer": {"points": 300, "reward": None},
        "friend": {"points": 0, "reward": "€5 off"},
        "min_basis": "20.00",
        "window_days": 30,
    }
    assert told["rate"] == {"points": "10", "per": "1"}
    assert told["phase"] == {"kind": "running", "spend_until": None}
    for secret in ("secret-tag", "black", "vip", "cost", "stock", "win_back"):
        assert secret not in str(told)


@pytest.mark.parametrize(
    ("expiry", "sentence"),
    [
        ({"kind": "never"}, "Points do not expire"),
        ({"kind": "end_of_year", "after": 0}, "Points that can be spent today are good until December 31, 2026"),
        ({"kind": "days", "days": 10}, "Points that can be spent today are good until March 11, 2026"),
        ({"kind": "inactivity", "months": 1}, "Without another order, points are good until April 1, 2026"),
    ],
)
def test_how_long_points_are_good_is_one_sentence(tessera: Tessera, expiry: dict[str, Any], sentence: str) -> None:
    assert page(open_door(tessera, expiry=expiry))["expiry"] == {"kind": expiry["kind"], "sentence": sentence}


def test_a_paused_programme_tells_so_and_no_way_to_earn(tessera: Tessera) -> None:
    ways = [{"key": "join", "kind": "sign_up", "points": 100}]
    told = page(open_door(tessera, activities=ways, phase={"kind": "paused"}))
    assert (told["phase"]["kind"], told["ways"]) == ("paused", [])


def test_a_bare_programme_has_a_page_in_every_language(tessera: Tessera) -> None:
    door = open_door(tessera)
    told = [page(door, language) for language in LANGUAGES]
    assert [each["language"] for each in told] == list(LANGUAGES)
    assert (told[0]["announcement"], told[0]["faq"], told[0]["referral"]) == (None, [], None)
    assert told[0]["look"]["accent"] is told[0]["look"]["accent_text"] is None


def test_hostile_words_come_back_as_the_text_they_are(tessera: Tessera) -> None:
    hostile = "<img src=x onerror=alert(1)> {{ shop.secret }} \u202egnp.exe 𝕏" + "w" * 200
    door = open_door(tessera, published=False)
    display = {"faq": [{"question": hostile, "answer": hostile}], "announcement": {"text": hostile}}
    door.shop.publish({**programme(), "display": display}, START)
    answer = door.client.get(f"/widget/v1/{door.shop.id}/programme")
    assert answer.content_type == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.get_json()["faq"] == [{"question": hostile, "answer": hostile}]
    for lang in ("\x00", "<b>", "a" * 9_000, "fr\u202e", "fr,de;q=0.5"):
        assert page(door, lang)["announcement"]["text"] == hostile
