"""A programme as anybody may read of it: what it gives, how it looks, what it says. Nothing secret is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app import programmes
from app.activities import views
from app.members.views import time_text
from app.points import sentences
from app.programmes import Version, colours
from app.rewards.titles import title
from app.rules.document import Announcement, Display, Referrals, Reward, Tier, TierMeasure
from app.rules.experiments import drawn
from app.rules.expiry import expires_at
from app.rules.spoken import said
from app.rules.words import Words
from app.shops import Shop

# of a reward: its secret, and the merchant's own business
_NOT_FOR_ALL = {"content", "cost", "budget", "stock", "who"}
_TICK = timedelta(microseconds=1)
_NO_PERKS = {"customer_tag", "products", "content"}


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is made of: one version, read at one moment in one language."""

    shop: Shop
    version: Version
    now: datetime
    tag: str
    words: Words

    def document(self) -> dict[str, Any]:
        """Return everything that a page may tell."""
        programme = self.version.programme
        display = programme.display or Display()
        return {
            "name": programme.name,
            "currency": programme.currency,
            "zone": str(self.shop.zone),
            "rewards": [self._reward(reward) for reward in programme.rewards],
            "language": self.words.language,
            "points_name": dict(self.words.names),
            "phase": programme.phase.model_dump(mode="json"),
            "look": self._look(display),
            "announcement": self._announcement(display.announcement),
            "faq": [
                {"question": said(each.question, self.tag), "answer": said(each.answer, self.tag)}
                for each in display.faq
            ],
            "rate": programme.earning.rate.model_dump(mode="json"),
            "ways": views.ways_for_all(self.shop, self.version, self.now, self.words),
            "tiers": [_tier(tier) for tier in programme.tiers if not tier.hidden],
            "tier_measure": self._measure(programme.tier_measure),
            "referral": self._referral(programme.referrals) if programme.referrals else None,
            "experiment": drawn(programme.experiments, self.now) if self.version.effective_from <= self.now else None,
            "expiry": {"kind": programme.expiry.kind, "sentence": self._expiry()},
        }

    def _reward(self, reward: Reward) -> dict[str, Any]:
        told = reward.model_dump(mode="json", by_alias=True, exclude=_NOT_FOR_ALL)
        return {**told, "title": title(reward, self.words)}

    def _look(self, display: Display) -> dict[str, Any]:
        dark = display.accent_dark or display.accent
        label = display.launcher.label
        return {
            "accent": display.accent,
            "accent_text": _text_on(display.accent),
            "accent_dark": dark,
            "accent_dark_text": _text_on(dark),
            "logo": display.logo,
            "radius": display.radius,
            "launcher": {
                "label": said(label, self.tag) if label else None,
                "side": display.launcher.side,
                "icon": display.launcher.icon,
            },
        }

    def _announcement(self, told: Announcement | None) -> dict[str, Any] | None:
        """Return the announcement that is in force now."""
        if told is None or (told.from_ and self.now < told.from_) or (told.to and self.now >= told.to):
            return None
        return {
            "text": said(told.text, self.tag),
            "link": told.link,
            "until": time_text(told.to),
            "close": self.words.say("widget.close"),
        }

    def _measure(self, measure: TierMeasure) -> dict[str, Any]:
        """Say over which time it is counted; of a whole life nothing needs to be said."""
        lasting = measure.window == "lifetime"
        sentence = "" if lasting else self.words.say(f"page.{measure.window}")
        return {"by": measure.by, "window": measure.window, "sentence": sentence}

    def _referral(self, rules: Referrals) -> dict[str, Any]:
        return {
            "referrer": self._gift(rules.referrer_points, rules.referrer_reward),
            "friend": self._gift(rules.friend_points, rules.friend_reward),
            "min_basis": f"{rules.min_basis:f}" if rules.min_basis is not None else None,
            "window_days": rules.window_days,
        }

    def _gift(self, points: int, key: str | None) -> dict[str, Any]:
        reward = next((each for each in self.version.programme.rewards if each.key == key), None)
        return {"points": points, "reward": title(reward, self.words) if reward else None}

    def _expiry(self) -> str:
        """Say how long points are good that can be spent from today on."""
        policy = self.version.programme.expiry
        end = expires_at(policy, self.now, self.shop.zone)
        if end is None:
            return self.words.say("page.never")
        last = self.words.day(end - _TICK, self.shop.zone)  # ends are exclusive: name the last day
        return self.words.say("page.inactivity" if policy.kind == "inactivity" else "page.expiry", day=last)


def document(connection: Connection, shop: Shop, now: datetime, language: str | None) -> Mapping[str, Any]:
    """Return the public page of the programme in effect. Raises: NotFound."""
    version = programmes.current(connection, shop.id, now)
    words = sentences.in_language(language, version)
    return Page(shop, version, now, language or words.language, words).document()


def _text_on(colour: str | None) -> str | None:
    return colours.text_on(colour) if colour else None


def _tier(tier: Tier) -> dict[str, Any]:
    return {
        "key": tier.key,
        "name": tier.name or tier.key,
        "enter": f"{tier.enter:f}" if tier.enter is not None else None,
        "multiplier": f"{tier.multiplier:f}" if tier.multiplier is not None else None,
        "perks": tier.perks.model_dump(mode="json", exclude=_NO_PERKS),
    }
