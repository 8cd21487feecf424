"""When lots lapse, and what moves their dates: a version that takes effect, an order or a redemption.

Order lots live by the version of their order. Where that one lets points live for ever and a later version does not,
they get one full period from its first moment. Source: semantics 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.ledger.account import SOMEDAY, Account, earliest
from app.programmes import Version, effective
from app.rules import expiry
from app.rules.document import Expiry


def expires_at(
    versions: Sequence[Version],
    version: Version | None,
    available_from: datetime | None,
    *,
    now: datetime,
    zone: ZoneInfo,
    override: Expiry | None = None,
) -> datetime | None:
    """Return when points lapse that can be spent from a moment on; None: never, as far as is known.

    `available_from` None: the moment is not known yet. `override`: a rule's own policy, instead of the version's.
    """
    found = None if available_from is None else _by_policy(versions, version, available_from, now, zone, override)
    return earliest(found, _end_of_spending(versions, now, zone))


def _by_policy(
    versions: Sequence[Version],
    version: Version | None,
    available_from: datetime,
    now: datetime,
    zone: ZoneInfo,
    override: Expiry | None,
) -> datetime | None:
    if override is not None:
        return expiry.expires_at(override, available_from, zone)
    if version is not None and expires(version):
        return expiry.expires_at(version.programme.expiry, available_from, zone)
    begins = version.effective_from if version is not None else None
    later = [s for s in switches(versions) if s.effective_from <= now and (begins is None or s.effective_from > begins)]
    return _after_switch(later[0], available_from, zone) if later else None


def _after_switch(switch: Version, available_from: datetime, zone: ZoneInfo) -> datetime | None:
    return expiry.expires_at(switch.programme.expiry, max(switch.effective_from, available_from), zone)


def expires(version: Version) -> bool:
    return version.programme.expiry.kind != "never"


def switches(versions: Sequence[Version]) -> list[Version]:
    """Return the versions that switch expiry on: where one takes effect, the one before let points live for ever."""
    begun = {version.effective_from: version for version in sorted(versions, key=lambda version: version.number)}
    in_turn = [begun[moment] for moment in sorted(begun)]  # of two that begin together the later counts
    before = [None, *in_turn]
    return [v for v, b in zip(in_turn, before, strict=False) if expires(v) and (b is None or not expires(b))]


def end_of_spending(version: Version | None, zone: ZoneInfo) -> datetime | None:
    """Return when the last day to spend ends, where a version winds the programme down."""
    day = version.programme.phase.spend_until if version is not None else None
    return expiry.end_of_day(day, zone) if day is not None else None


def _end_of_spending(versions: Sequence[Version], now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the end of spending that is still to come."""
    end = end_of_spending(effective(list(versions), now), zone)
    return end if end is not None and end > now else None


def before_the_end(versions: Sequence[Version], until: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment, or the end of spending where that comes first."""
    return earliest(until, _end_of_spending(versions, now, zone)) or until


def keep_alive(
    account: Account, versions: Sequence[Version], moment: datetime, *, now: datetime, zone: ZoneInfo
) -> None:
    """Let an order or a redemption move the open lots, where lots live by activity at its moment.

    What has expired stays expired, and no lot lapses earlier for it. The account's due transitions must be booked.
    """
    version = effective(list(versions), moment)
    if version is None or version.programme.expiry.kind != "inactivity":
        return
    until = expiry.expires_at(version.programme.expiry, moment, zone)
    until = before_the_end(versions, until, now, zone) if until is not None else SOMEDAY
    switched = max((s.effective_from for s in switches(versions) if s.effective_from <= moment), default=SOMEDAY)
    for lot in account.lots.values():
        waits = lot.expires_at is None and (lot.available_from == SOMEDAY or lot.opened_at > switched)
        if lot.remaining and not waits and (lot.expires_at is None or lot.expires_at < until):
            account.redate(lot, until)


def redates(versions: Sequence[Version], version: Version) -> bool:
    """Tell whether lots that are open when a version takes effect get other dates.

    One that was corrected by another of the same moment never takes effect.
    """
    if effective(list(versions), version.effective_from) != version:
        return False
    return version in switches(versions) or version.programme.phase.spend_until is not None


def redate(account: Account, versions: Sequence[Version], version: Version, zone: ZoneInfo) -> None:
    """Let a version that has taken effect move the dates of the open lots.

    One full period of grace where it switches expiry on; the last day to spend where it winds the programme down.
    """
    switch = version in switches(versions)
    end = end_of_spending(version, zone)
    for lot in account.lots.values():
        if not lot.remaining:
            continue
        until = lot.expires_at
        if switch and until is None and lot.available_from != SOMEDAY:
            until = _after_switch(version, lot.available_from, zone)
        account.redate(lot, earliest(until, end))
