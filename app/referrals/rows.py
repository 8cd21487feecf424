"""Referrals in the database: whom they concern, loaded, and written back whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from app.db import write_rows
from app.desk import Desk
from app.intake.told import Told
from app.models import activities, fingerprints, referral_codes, referrals
from app.rules.referrals import read_code
from connectors.contract import OrderTold


@dataclass(slots=True, kw_only=True)
class Referral:
    """A friend whom a member has brought. The columns of its table, by name."""

    id: str
    code: str
    referrer_id: str
    friend_id: str
    at: datetime
    source: str
    version: int
    state: str = "open"
    signs: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    order_id: str | None = None
    qualified_at: datetime | None = None
    due_at: datetime | None = None
    rewarded_at: datetime | None = None
    decision: str | None = None
    decided_at: datetime | None = None
    note: str | None = None
    gifts: list[dict[str, str]] = field(default_factory=list)
    network_ref: str | None = None

    @property
    def award_id(self) -> str:
        return f"referral:{self.id}"

    @property
    def welcome_id(self) -> str:
        return f"referred_friend:{self.id}"


_NAMES = tuple(each.name for each in fields(Referral))


def select_rows(
    connection: Connection, shop_id: str, chosen: ColumnElement[bool], limit: int | None = None
) -> list[Referral]:
    """Return the chosen referrals in id order."""
    statement = select(referrals).where(referrals.c.shop_id == shop_id, chosen).order_by(referrals.c.id).limit(limit)
    rows = connection.execute(statement).mappings()
    return [Referral(**{name: row[name] for name in _NAMES}) for row in rows]


def points_of(connection: Connection, shop_id: str, rows: Iterable[Referral]) -> dict[str, int]:
    """Return what the ledger says of both awards of each referral, by the award's id."""
    ids = [name for row in rows for name in (row.award_id, row.welcome_id)]
    mine = and_(activities.c.shop_id == shop_id, activities.c.id.in_(ids))
    return {row.id: row.posted for row in connection.execute(select(activities.c.id, activities.c.posted).where(mine))}


def save(connection: Connection, shop_id: str, changed: Iterable[Referral]) -> None:
    rows = [{"shop_id": shop_id, **{name: getattr(each, name) for name in _NAMES}} for each in changed]
    write_rows(connection, referrals, rows, update=[name for name in _NAMES if name != "id"])


def offered(desk: Desk) -> bool:
    """Tell whether the shop ever published referrals; without them nothing here costs a query."""
    return any(version.programme.referrals is not None for version in desk.versions)


def codes_told(told: Sequence[Told]) -> set[str]:
    """Return the codes that orders carry."""
    states = [one.fact.state for one in told if isinstance(one.fact, OrderTold)]
    return {code for state in states if state.referral_code and (code := read_code(state.referral_code))}


def members_of(connection: Connection, shop_id: str, codes: Iterable[str]) -> dict[str, str]:
    """Return whose codes these are, as they were made: merges are not followed."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    mine = and_(referral_codes.c.shop_id == shop_id, referral_codes.c.code.in_(wanted))
    return {row.code: row.member_id for row in connection.execute(select(referral_codes).where(mine))}


def referrers(connection: Connection, desk: Desk, told: Sequence[Told], order_ids: Iterable[str]) -> set[str]:
    """Return the members whose accounts a batch may touch besides its buyers': who brought them."""
    if not offered(desk):
        return set()
    found = set(members_of(connection, desk.shop.id, codes_told(told)).values())
    wanted = sorted(order_ids)
    if wanted:
        mine = and_(referrals.c.shop_id == desk.shop.id, referrals.c.order_id.in_(wanted))
        found |= set(connection.execute(select(referrals.c.referrer_id).where(mine)).scalars())
    return found


def alike(connection: Connection, shop_id: str, chains: Mapping[str, tuple[str, str]]) -> dict[str, set[str]]:
    """Return the fingerprints that referrer and friend of each link share, as signs."""
    wanted = sorted({member for pair in chains.values() for member in pair})
    known: dict[str, set[tuple[str, str]]] = {member: set() for member in wanted}
    mine = and_(fingerprints.c.shop_id == shop_id, fingerprints.c.member_id.in_(wanted))
    for row in connection.execute(select(fingerprints).where(mine)):
        known[row.member_id].add((row.kind, row.value))
    return {
        link: {f"same_{kind}" for kind, _ in known[referrer] & known[friend]} if referrer != friend else set()
        for link, (referrer, friend) in chains.items()
    }


def rings(connection: Connection, shop_id: str, chains: Mapping[str, tuple[str, str]]) -> set[str]:
    """Return which of the links close a ring: (referrer, friend) where the friend once brought the referrer.

    Whoever brought the referrer is followed upwards, a step for all links at once.
    """
    above = {link: {referrer} for link, (referrer, _) in chains.items()}
    seen: dict[str, set[str]] = {link: set() for link in chains}
    closed: set[str] = set()
    while frontier := sorted({member for link in above for member in above[link]}):
        brought_by: dict[str, set[str]] = {}
        mine = and_(
            referrals.c.shop_id == shop_id, referrals.c.friend_id.in_(frontier), referrals.c.state != "rejected"
        )
        for row in connection.execute(select(referrals.c.friend_id, referrals.c.referrer_id).where(mine)):
            brought_by.setdefault(row.friend_id, set()).add(row.referrer_id)
        for link, members in above.items():
            seen[link] |= members
            up: set[str] = set().union(*(brought_by.get(member, set()) for member in members))
            if chains[link][1] in up:
                closed.add(link)
            above[link] = up - seen[link]
    return closed


def signs(connection: Connection, shop_id: str, chains: Mapping[str, tuple[str, str]]) -> dict[str, set[str]]:
    """Return the signs of each link (referrer, friend) that lie beyond the two members: fingerprints and rings."""
    if not chains:
        return {}
    closed = rings(connection, shop_id, chains)
    found = alike(connection, shop_id, chains)
    return {link: found[link] | ({"ring"} if link in closed else set()) for link in chains}


def awarded(connection: Connection, shop_id: str, members: Iterable[str]) -> dict[str, list[datetime]]:
    """Return when each of the members was awarded."""
    wanted = sorted(set(members))
    mine = and_(
        referrals.c.shop_id == shop_id,
        referrals.c.referrer_id.in_(wanted),
        referrals.c.state == "rewarded",
    )
    found: dict[str, list[datetime]] = {member: [] for member in wanted}
    for row in connection.execute(select(referrals.c.referrer_id, referrals.c.rewarded_at).where(mine)):
        found[row.referrer_id].append(row.rewarded_at)
    return found
