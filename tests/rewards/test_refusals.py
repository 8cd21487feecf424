"""A shopper reads in one sentence why a reward cannot be had now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.rules.words import LANGUAGES
from tests.build import START, Tessera
from tests.rewards.builders import FIVE, Till, open_till
from tests.rewards.test_shopper import ask

TIERS = [
    {"key": "entry", "name": "Friend", "enter": "0"},
    {"key": "silver", "name": "Silver", "enter": "5000"},
    {"key": "gold", "name": "Gold", "enter": "9000"},
    {"key": "inner", "name": "The inner circle", "enter": "99000", "hidden": True},
]
VIP = [{"key": "vip", "any_tag": ["vip"]}]
DAY = timedelta(days=1)


def reward(**changes: Any) -> dict[str, Any]:
    return {**FIVE, "points": 100, **changes}


def when(**window: Any) -> dict[str, Any]:
    told = {name.rstrip("_"): at.isoformat() if hasattr(at, "isoformat") else at for name, at in window.items()}
    return reward(when=told)


def why(till: Till, language: str = "en") -> dict[str, str | None]:
    return {one["key"]: one["why"] for one in ask(till, "GET", f"/rewards?lang={language}").json["data"]}


REASONS: list[tuple[dict[str, Any], str | None]] = [
    (reward(), None),
    (reward(points=500), "101 points to go"),
    (reward(who={"tiers": ["gold", "silver"]}), "For Silver members"),
    (reward(who={"tiers": ["gold"]}, points=900), "For Gold members"),
    (reward(who={"tiers": ["inner"]}), "For certain members only"),
    (reward(who={"segments": ["vip"]}), "For certain members only"),
    (reward(who={"segments": ["vip"], "tiers": ["entry"]}), "For certain members only"),
    (reward(stock=0), "None are left"),
    (reward(budget={"points": 50}), "None are left"),
    (reward(budget={"points": 50, "period": "month"}), "All given out for now"),
    (reward(kind="gift_card", points=0), "Not available at the moment"),
    (when(to=START - DAY), "No longer available"),
    (when(from_=START + 9 * DAY), "From March 10, 2026"),
    (when(hours=["18:00", "20:00"]), "From 6:00\u202fPM"),
    (when(weekdays=["tue"]), "From March 3, 2026"),
    (when(weekdays=["tue"], to=START + DAY), "No longer available"),
    (when(weekdays=["fri"], from_=START + 2 * DAY), "From March 6, 2026"),
]


def test_each_reason_has_its_sentence(tessera: Tessera) -> None:
    """START is noon on a Sunday."""
    offered = [{**given, "key": f"r{n}"} for n, (given, _) in enumerate(REASONS)]
    till = open_till(tessera, *offered, tiers=TIERS, segments=VIP)
    assert list(why(till).values()) == [said for _, said in REASONS]


def test_who_has_had_it_is_told_so(tessera: Tessera) -> None:
    till = open_till(tessera, {**reward(per_member=1), "key": "once"}, {**reward(per_member=2), "key": "twice"})
    for key in ("once", "twice", "twice"):
        till.redeem(key)
    assert why(till) == {"once": "You have had it already", "twice": "You have reached the limit"}


def test_a_programme_that_has_ended_says_that_points_cannot_be_spent(tessera: Tessera) -> None:
    till = open_till(tessera, reward(), phase={"kind": "ended"})
    assert why(till) == {"five": "Points cannot be spent at the moment"}


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "Ab dem 10. März 2026"), ("ru", "С 10 марта 2026\u202fг."), ("fi", "10. maaliskuuta 2026 alkaen")],
)
def test_it_is_said_in_the_pages_language(tessera: Tessera, language: str, said: str) -> None:
    assert why(open_till(tessera, when(from_=START + 9 * DAY)), language) == {"five": said}


def test_missing_points_are_counted_as_the_language_does(tessera: Tessera) -> None:
    till = open_till(tessera, *({**FIVE, "key": f"r{n}", "points": 399 + n} for n in (1, 2, 5)))
    assert list(why(till, "ru").values()) == ["Ещё 1 балл", "Ещё 2 балла", "Ещё 5 баллов"]
    assert list(why(till, "pl").values()) == ["Jeszcze 1 punkt", "Jeszcze 2 punkty", "Jeszcze 5 punktów"]


def test_every_language_says_something_of_its_own(tessera: Tessera) -> None:
    till = open_till(tessera, reward(stock=0))
    assert len({why(till, language)["five"] for language in LANGUAGES}) == len(LANGUAGES)
