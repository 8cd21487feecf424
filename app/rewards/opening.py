"""Who may see what a page keeps for some: members of a tier, owners of a reward, the early ones before everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from app import programmes
from app.members.views import time_text
from app.orders import previews
from app.points import sentences
from app.programmes import Version
from app.rewards import views
from app.rules.document import Tier
from app.rules.words import Words
from app.shops import Shop
from app.tiers import perks

_OPEN = {"open": True, "opens_at": None, "text": "", "note": "", "enter": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What opens a part of a page: any of these. `early`: the moment it opens for everyone."""

    tier: str | None = None
    product: str | None = None
    content: str | None = None
    early: datetime | None = None


def document(
    connection: Connection, shop: Shop, gate: Gate, now: datetime, language: str | None, member: Row[Any] | None = None
) -> dict[str, Any]:
    """Tell whether a gate is open, to a member or to anybody; where it is not, for whom and from when.

    Raises: NotFound, without a programme.
    """
    version = programmes.current(connection, shop.id, now)
    access = perks.opened(_granted(connection, shop, version, member, now))
    opens_at = _opens_at(gate, access)
    if (opens_at is not None and opens_at <= now) or _admits(gate, access):
        return _OPEN
    if member is not None and _rewarded(connection, shop, gate, member.id, now):
        return _OPEN
    words = sentences.in_language(language, version)
    when = ""
    if opens_at is not None:
        key = "gate_opens" if opens_at == gate.early else "gate_early"
        when = words.say(f"widget.{key}", day=words.day(opens_at, shop.zone))
    text = "" if gate == Gate(early=gate.early) else _for_whom(gate, version, words)
    return {
        "open": False,
        "opens_at": time_text(opens_at),
        "text": text or when,
        "note": when if text else "",
        "enter": words.say("widget.enter") if member is None else None,
    }


def _opens_at(gate: Gate, access: Mapping[str, Any]) -> datetime | None:
    """Return when it opens without further ado; sooner to who has a perk for it."""
    return None if gate.early is None else gate.early - timedelta(days=access["early_access_days"])


def _granted(
    connection: Connection, shop: Shop, version: Version, member: Row[Any] | None, now: datetime
) -> tuple[Tier, ...]:
    """Return the tiers whose perks a member has: their own and those below."""
    if member is None:
        return ()
    key = previews.tier_key(connection, shop, member.id, member.enrolled_at, now)
    return perks.granted(version.programme, key)


def _admits(gate: Gate, access: Mapping[str, Any]) -> bool:
    return gate.tier in access["tiers"] or gate.product in access["products"] or gate.content in access["content"]


def _rewarded(connection: Connection, shop: Shop, gate: Gate, member_id: str, now: datetime) -> bool:
    """Tell whether a reward of the member's opens it."""
    wanted = {("product", gate.product), ("content", gate.content)}
    mine = views.entitlements(connection, shop, member_id, now)
    return any(one[name] is not None and (name, one[name]) in wanted for one in mine for name in ("product", "content"))


def _for_whom(gate: Gate, version: Version, words: Words) -> str:
    """Name the lowest tier that opens it, unless it is a hidden one."""
    lowest = next((each for each in version.programme.tiers if _admits(gate, perks.opened((each,)))), None)
    if lowest is None or lowest.hidden:
        return words.say("widget.gate_members")
    return words.say("widget.gate_tier", tier=lowest.name or lowest.key)
