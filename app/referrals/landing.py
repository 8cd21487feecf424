"""A friend who comes by a code: what waits for them. Whose code it is, nobody is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app import programmes
from app.points import sentences
from app.programmes import Version
from app.referrals import rows
from app.rewards.titles import title
from app.rules.document import Referrals
from app.rules.referrals import read_code, show_code
from app.rules.words import Words
from app.shops import Shop


def document(connection: Connection, shop: Shop, text: str, now: datetime, language: str | None) -> dict[str, Any]:
    """Tell whether a code is good, and what it brings the friend: the same answer for every code that is."""
    version = programmes.current_or_none(connection, shop.id, now)
    rules = version.programme.referrals if version is not None else None
    code = read_code(text)
    if version is None or rules is None or code is None or not rows.members_of(connection, shop.id, [code]):
        return {"code": None, "text": ""}
    return {"code": show_code(code), "text": _gift(rules, version, sentences.in_language(language, version))}


def _gift(rules: Referrals, version: Version, words: Words) -> str:
    reward = next((each for each in version.programme.rewards if each.key == rules.friend_reward), None)
    gifts = [words.points(rules.friend_points)] if rules.friend_points else []
    gifts += [title(reward, words)] if reward is not None else []
    return words.say("widget.friend", gift=" + ".join(gifts)) if gifts else ""
