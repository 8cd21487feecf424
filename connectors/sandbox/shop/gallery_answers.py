"""The gallery's made-up server: what Tessera would answer in a state. Its sentences are in gallery.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from connectors.sandbox.shop.gallery_states import LONG, State

Sentences = Mapping[str, Any]

_FAR = "2031-03-31T22:00:00Z"
_HOSTILE = f'<img src=x onerror="alert(1)"> {{{{ 7*7 }}}} \u202egnol 👩‍👩‍👧‍👦 {LONG}'
_ALL: Mapping[str, Sentences] = json.loads((Path(__file__).parent / "gallery.json").read_text(encoding="utf-8"))
LANGUAGES = tuple(_ALL)

TIERS = (
    {"key": "friend", "name": "Friend", "enter": "0", "multiplier": None, "perks": {"entry_points": 50}},
    {"key": "silver", "name": "Silver", "enter": "150", "multiplier": "1.5", "perks": {"birthday_points": 100}},
    {
        "key": "gold",
        "name": "Gold",
        "enter": "400",
        "multiplier": "2",
        "perks": {"birthday_points": 200, "discount_percent": "5", "free_shipping": True, "early_access_days": 2},
    },
)


def sentences(language: str | None) -> Sentences:
    """Return the sentences of a language tag; English for one we have not."""
    return _ALL.get((language or "en")[:2], _ALL["en"])


def answer(state: State, path: str, method: str, said: Sentences) -> Any:
    """Return what the server answers in a state; None for what it does not know, and where it is down."""
    name = path.partition("/")[0]
    known = _ANSWERS.get(f"{method} {name}")
    return (
        None
        if state.scene == "down" or known is None
        else known(state, _hostile(said) if state.scene == "hostile" else said)
    )


def _hostile(said: Sentences) -> Sentences:
    names = ("earn", "times", "way", "use", "five", "ten", "ship", "announced", "asked", "available", "tier")
    return {**said, **dict.fromkeys(names, _HOSTILE)}


def _product(state: State, said: Sentences) -> dict[str, Any]:
    texts = {"double": "earn_double", "campaign": "earn_double", "about": "earn_about", "log-in": "earn_log_in"}
    points = {"double": 798, "campaign": 798, "nothing": 0}.get(state.scene, 399)
    text = said[texts.get(state.scene, "earn")] if points else ""
    return {
        "points": points,
        "about": state.scene == "about",
        "text": text,
        "note": said["times"] if state.scene == "double" else "",
    }


def _cart(state: State, said: Sentences) -> dict[str, Any]:
    can = state.scene in ("use", "hostile")
    way = {"part": 1.0, "text": said["enough"]} if can else {"part": 0.76, "text": said["way"]}
    use = {"reward": "five", "title": said["five"], "text": said["use"]} if can else None
    return {"points": 480, "about": False, "text": said["cart"], "next_reward": None, "way": way, "use": use}


def _me(state: State, said: Sentences) -> dict[str, Any]:
    gold = state.who == "gold"
    waiting, owed = state.scene == "pending", state.scene == "owed"
    note = said["pending"] if waiting else said["owed"] if owed else ""
    available = said["available" if gold else "available_none" if owed else "available_low"]
    tier = TIERS[2] if gold else TIERS[1]
    return {
        "points": {
            "available": 1240 if gold else 0 if owed else 380,
            "pending": 399 if waiting else 0,
            "coming": [{"points": 399, "at": _FAR}] if waiting else [],
            "expiring": [{"points": 120, "at": _FAR}] if gold else [],
        },
        "text": {"available": available, "note": note},
        "tier": {
            "key": tier["key"],
            "name": tier["name"],
            "keeps_until": _FAR if gold else None,
            "sentence": None if gold else said["tier"],
        },
        "next_reward": None,
        "way": {"part": 1.0, "text": said["enough"]} if gold else {"part": 0.76, "text": said["way"]},
    }


def _rewards(state: State, said: Sentences) -> list[dict[str, Any]]:
    have = 1240 if state.who == "gold" else 380
    kinds = (("five", "amount_off", 500), ("ship", "free_shipping", 300), ("ten", "percent_off", 1500))
    return [
        {
            "key": key,
            "name": None,
            "kind": kind,
            "title": said[key],
            "points": points,
            "rate": None,
            "min_basket": {"amount": "30.00", "currency": "EUR"} if key == "five" else None,
            "missing_points": max(0, points - have),
            "available": points <= have,
            "reasons": [] if points <= have else [{"code": "insufficient_points", "message": ""}],
            "why": said["missing"].get(str(points - have)),
        }
        for key, kind, points in kinds
    ]


def _redemptions(state: State, said: Sentences) -> list[dict[str, Any]]:
    code = {
        "id": "r1",
        "state": "issued",
        "usable": True,
        "code": "TES-8KQ2",
        "title": said["ten"],
        "value": {"min_basket": None},
        "lapses_at": _FAR,
    }
    return [code] if state.who == "gold" else []


def _ways(state: State, said: Sentences) -> list[dict[str, Any]]:
    done = state.scene == "done"
    return [
        {
            "key": kind,
            "kind": kind,
            "subject": None,
            "name": name,
            "do": said["do"].get(kind),
            "points": 50,
            "rate": None,
            "text": said["worth"],
            "currency": "EUR",
            "self_reported": kind in ("question", "social_share", "wishlist_add", "survey"),
            "open": not done,
            "reason": "cap_reached" if done else None,
            "left": None,
        }
        for kind, name in said["kinds"].items()
    ]


def _programme(state: State, said: Sentences) -> dict[str, Any]:
    hostile = state.scene == "hostile"
    announced = {"text": said["announced"], "link": "#", "until": _FAR, "close": said["close"]}
    return {
        "name": _HOSTILE if hostile else "Aloni Circle",
        "currency": "EUR",
        "language": "en",
        "points_name": said["names"],
        "phase": {"kind": "running"},
        "look": {},
        "announcement": None if state.scene == "nothing" else announced,
        "faq": [{"question": said["asked"], "answer": said["expiry"]}],
        "rate": {"points": "10", "per": "1"},
        "ways": _ways(state, said),
        "rewards": _rewards(state, said),
        "tiers": [{**tier, "name": _HOSTILE} if hostile else tier for tier in TIERS],
        "tier_measure": {"by": "spend", "window": "calendar_year", "sentence": said["window"]},
        "referral": {"referrer": {"points": 500, "reward": None}, "friend": {"points": 200, "reward": said["five"]}},
        "expiry": {"kind": "days", "sentence": said["expiry"]},
    }


def _entries(state: State, said: Sentences) -> list[dict[str, Any]]:
    return [
        {"at": "2026-03-01T10:00:00Z", "kind": "earn", "points": 399, "title": said["moved"], "sentence": said["why"]}
    ]


def _gate(state: State, said: Sentences) -> dict[str, Any]:
    if state.who == "gold":
        return {"open": True, "opens_at": None, "text": "", "note": "", "enter": None}
    early = state.scene == "early"
    text = said["gate_early" if early else "gate_gold"]
    return {
        "open": False,
        "opens_at": None,
        "text": text,
        "note": "",
        "enter": said["enter"] if state.who == "guest" else None,
    }


def _order(state: State, said: Sentences) -> dict[str, Any]:
    if state.scene == "waiting":
        return {
            "id": "1001",
            "state": "waiting",
            "points": 0,
            "at": None,
            "text": said["waiting"],
            "note": "",
            "why": "",
        }
    soon = state.scene == "coming"
    text, note = said["earned_soon" if soon else "earned"], said["spent_from"] if soon else ""
    return {
        "id": "1001",
        "state": "coming" if soon else "earned",
        "points": 399,
        "at": None,
        "text": text,
        "note": note,
        "why": said["why"],
    }


def _referral(state: State, said: Sentences) -> dict[str, Any]:
    if state.who != "guest":
        return {
            "code": "KXW3N-T7PQ9",
            "url": "https://shop.example/?ref=KXW3N-T7PQ9",
            "counts": {"open": 1, "waiting": 0, "rewarded": 3},
        }
    good = state.scene != "nothing"
    return {"code": "KXW3N-T7PQ9" if good else None, "text": said["friend"] if good else ""}


def _listed(tell: Callable[[State, Sentences], list[dict[str, Any]]]) -> Callable[[State, Sentences], Any]:
    return lambda state, said: {"data": tell(state, said), "next": None}


def _settings(state: State, said: Sentences) -> dict[str, Any]:
    mail = {"programme": True, "reminders": True, "summary": False, "promotions": False}
    push = {"points": True, "tier": True, "expiry": True}
    return {"birthday": None, "birthday_changeable": True, "language": None, "mail": mail, "push": push}


_ANSWERS: Mapping[str, Callable[[State, Sentences], Any]] = {
    "GET product": _product,
    "POST cart": _cart,
    "GET programme": _programme,
    "GET me": _me,
    "GET rewards": _listed(_rewards),
    "GET redemptions": _listed(_redemptions),
    "POST redemptions": lambda state, said: {"id": "r2", "state": "issued", "code": "TES-4M7D", "title": said["five"]},
    "GET activities": _listed(_ways),
    "POST activities": lambda state, said: {"state": "awarded", "points": 50, "text": said["got"]},
    "GET entries": _listed(_entries),
    "GET leaderboards": _listed(lambda state, said: []),
    "GET gate": _gate,
    "GET orders": _order,
    "GET referral": _referral,
    "GET settings": _settings,
    "PATCH settings": _settings,
}
