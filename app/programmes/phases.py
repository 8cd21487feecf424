"""Whether the programme runs, is paused, winds down or has ended; each change is a version of its own."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app import programmes, shops
from app.errors import Conflict, NotFound
from app.points.lot_dates import end_of_spending
from app.programmes import Version, effective
from app.rules.document import Phase

_FROM = {
    "running": ("paused", "winding_down", "ended"),
    "paused": ("running",),
    "winding_down": ("running", "paused", "winding_down"),
    "ended": ("running", "paused", "winding_down"),
}


def spending_allowed(version: Version | None, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether points can be spent now under the version in effect; `zone` is the shop's.

    A pause stops earning alone. Winding down ends with the last day to spend.
    """
    if version is None or version.programme.phase.kind == "ended":
        return False
    end = end_of_spending(version, zone)
    return end is None or now < end


def change(connection: Connection, shop_id: str, kind: str, now: datetime, spend_until: date | None = None) -> Version:
    """Publish the version in effect again in another phase, from now on.

    Raises: NotFound without a version in effect, Conflict where the phase does not lead there, Invalid.
    """
    shops.hold(connection, shop_id, exclusive=True)
    running = effective(programmes.versions(connection, shop_id), now)
    if running is None:
        raise NotFound("no programme is in effect yet")
    before = running.programme.phase.kind
    if before not in _FROM[kind]:
        raise Conflict(f"the programme is {before.replace('_', ' ')}")
    phase = Phase.model_validate({"kind": kind, "spend_until": spend_until})
    document = {**running.programme.to_document(), "phase": phase.model_dump(mode="json")}
    return programmes.publish(connection, shop_id, document, None, now)
