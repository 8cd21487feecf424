"""The promise on a page: what a product or a cart earns, in figures and in the shopper's words.

Source: semantics 2, "Promise = award".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from app.orders import previews
from app.points import readouts, sentences
from app.programmes import Version
from app.rewards import shelf, titles
from app.rules.document import Reward, Tier
from app.rules.earning import Basket, Earned
from app.rules.eligibility import asks_of_people
from app.rules.experiments import drawn
from app.rules.words import Words
from app.shops import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a basket earns if bought now, by a member or by somebody nobody knows."""

    shop: Shop
    version: Version
    earned: Earned
    now: datetime
    words: Words
    tier: Tier | None
    member: Row[Any] | None

    def of_product(self) -> dict[str, Any]:
        """Tell the points, and the sentence for them; without points there is none."""
        return {**self._told("earn"), "note": self._note()}

    def of_cart(self, connection: Connection) -> dict[str, Any]:
        """Tell the points, and how far they bring the shopper, what a member has already counted in."""
        have, who = self.earned.target, None
        if self.member is not None:
            who = self.member.id
            have += readouts.points_now(connection, self.shop.id, who, self.member.claimed, self.now).available
        people = [] if self.member is None else [self.member]
        on_it = shelf.load(connection, self.shop, self.version, people, self.now)
        goal = previews.next_reward(on_it, who, have)
        return {**self._told("cart"), "next_reward": goal, "way": way(self.version, goal, have, self.words)}

    def _told(self, what: str) -> dict[str, Any]:
        points, about = self.earned.target, self.earned.about
        tried = drawn(self.version.programme.experiments, self.now)
        told = {"points": points, "about": about, "text": ""} | ({"experiment": tried} if tried else {})
        if not points:
            return told
        key = "log_in" if self._asks_who() else f"{what}_about" if about else what
        return told | {"text": self.words.say(f"widget.{key}", points=self.words.points(points))}

    def _asks_who(self) -> bool:
        return self.member is None and asks_of_people(self.version.programme.eligibility)

    def _note(self) -> str:
        """Say which tier multiplies, to a member of it."""
        if self.tier is None or self.member is None or self.tier.multiplier in (None, 1) or not self.earned.target:
            return ""
        name = self.tier.name or self.tier.key
        return self.words.say("widget.times", factor=self.words.number(self.tier.multiplier), tier=name)


def make(
    connection: Connection,
    shop: Shop,
    basket: Basket,
    now: datetime,
    *,
    language: str | None,
    member: Row[Any] | None = None,
) -> Promise:
    """Return what a basket earns for a member, or for a newcomer. Raises: NotFound, without a programme."""
    tier = previews.tier_key(connection, shop, member.id, member.enrolled_at, now) if member is not None else None
    who = None if member is None else member.id
    earned, version = previews.earn_preview(connection, shop, basket, now, tier=tier, member_id=who)
    of_tier = next((each for each in version.programme.tiers if each.key == tier), None)
    words = sentences.in_language(language, version)
    return Promise(shop=shop, version=version, earned=earned, now=now, words=words, tier=of_tier, member=member)


def way(version: Version, goal: dict[str, Any] | None, have: int, words: Words) -> dict[str, Any] | None:
    """Tell the way to the next reward: a sentence, and the part that is behind, from 0 to 1; None: nothing ahead.

    Units: `have` points.
    """
    if goal is None:
        enough = bool(have) and any(reward.points for reward in version.programme.rewards)
        return {"part": 1.0, "text": words.say("widget.enough")} if enough else None
    reward: Reward = next(each for each in version.programme.rewards if each.key == goal["key"])
    text = words.say("widget.missing_for", points=words.points(goal["missing"]), reward=titles.title(reward, words))
    return {"part": round(1 - goal["missing"] / goal["points"], 4), "text": text}
