"""A member's tier as read from outside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from app.programmes import Version
from app.rules.document import Perks
from app.rules.explain import ENGLISH
from app.rules.money import text_of
from app.rules.projection import Projection, sentence
from app.rules.words import Words
from app.shops import Shop
from app.tiers.perks import perk_code
from app.tiers.ranks import Tier


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def tier_document(tier: Tier | None, version: Version, shop: Shop, in_words: Words = ENGLISH) -> dict[str, Any] | None:
    """Tell a member's tier: since when, for how long, what is missing, and what it brings."""
    if tier is None:
        return None
    known = next((each for each in version.programme.tiers if each.key == tier.key), None)
    return {
        "key": tier.key,
        "name": (known.name if known else None) or tier.key,
        "since": _time(tier.since),
        "keeps_until": _time(tier.keeps_until),
        "source": tier.source,
        **_projected(tier.projection),
        "sentence": sentence(tier.projection, version.programme, tier.key, shop.zone, in_words)
        if tier.projection
        else None,
        "perks": perks_document(known.perks) if known else {},
        "perk_code": perk_code(shop, known) if known else None,
    }


def _projected(told: Projection | None) -> dict[str, Any]:
    if told is None:
        return {"points_to_next": None, "next": None, "to_keep": None}
    further, keep = told.next, told.to_keep
    return {
        "points_to_next": further.points if further else None,
        "next": {"key": further.key, "name": further.name, "by": told.by, "missing": text_of(further.missing)}
        if further
        else None,
        "to_keep": {
            "by": told.by,
            "missing": text_of(keep.missing),
            "from": _time(keep.begins),
            "until": _time(keep.until),
            "keeps_until_then": _time(keep.keeps_until_then),
        }
        if keep
        else None,
    }


def perks_document(perks: Perks) -> dict[str, Any]:
    """Tell what a tier gives beside its multiplier."""
    return perks.model_dump(mode="json")


def change_document(row: RowMapping) -> dict[str, Any]:
    """Tell one change of a member's history."""
    return {
        "n": row["n"],
        "tier": row["tier"],
        "at": _time(row["at"]),
        "keeps_until": _time(row["keeps_until"]),
        "source": row["source"],
        "reason": row["reason"],
    }
