"""Redemptions: rewards that members have taken or were given, as one transaction works on them.

held → issued → committed | voided. Kinds that need no order are committed when they are issued. Source: semantics 4.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, select

from app import programmes
from app.db import write_rows
from app.errors import NotFound
from app.ledger.holds import Hold
from app.models import holds, redemptions
from app.rewards import vouchers
from app.rules.document import Reward
from app.rules.expiry import pending_until
from app.rules.money import exact
from app.rules.rewards import BY_ORDER, BY_PLATFORM, CODED, ENTITLING, code_of, money, value_of
from app.shops import Shop
from connectors import CONNECTORS

if TYPE_CHECKING:
    from app.desk import Desk
    from app.programmes import Version


@dataclass(slots=True, kw_only=True)
class Redemption:
    """One reward of one member. `hold` is what the ledger knows of it; a gift has none."""

    id: str
    key: str  # names the business fact
    member_id: str
    reward: str
    version: int
    kind: str
    points: int
    held_at: datetime
    given: bool = False
    state: str = "held"
    code: str | None = None
    voucher: int | None = None
    value: Mapping[str, Any] = field(default_factory=dict)
    explanation: Mapping[str, Any] = field(default_factory=dict)
    issued_at: datetime | None = None
    lapses_at: datetime | None = None
    ended_at: datetime | None = None
    order_id: str | None = None
    flags: tuple[str, ...] = ()
    hold: Hold | None = None

    @property
    def open(self) -> bool:
        return self.state in ("held", "issued")

    def flag(self, name: str) -> None:
        if name not in self.flags:
            self.flags = (*self.flags, name)


_PLAIN = (
    "id",
    "key",
    "member_id",
    "reward",
    "version",
    "kind",
    "points",
    "held_at",
    "given",
    "state",
    "code",
    "voucher",
    "value",
    "explanation",
    "issued_at",
    "lapses_at",
    "ended_at",
    "order_id",
)
_CHANGES = ("member_id", "state", "code", "voucher", "issued_at", "lapses_at", "ended_at", "order_id")
_HOLD_CHANGES = ("member_id", "state", "lots", "returned", "back", "moves")


def reward_of(version: Version, key: str) -> Reward | None:
    return next((reward for reward in version.programme.rewards if reward.key == key), None)


def issues_here(shop: Shop, kind: str) -> bool:
    """Tell whether we can hand this kind out ourselves; else the shop's platform has to make it first."""
    return kind not in BY_PLATFORM or CONNECTORS[shop.platform].issues_codes == "here"


def issue(redemption: Redemption, reward: Reward, shop: Shop, at: datetime) -> None:
    """Hand the reward out: with its code, until it lapses. What needs no order has ended well by that."""
    if redemption.kind in CODED:
        redemption.code = _code(shop, redemption.id)
    if redemption.kind in BY_ORDER | ENTITLING:
        redemption.lapses_at = pending_until(at, reward.valid_days, shop.zone)
    redemption.state, redemption.issued_at = "issued", at
    if redemption.kind not in BY_ORDER:
        redemption.state, redemption.ended_at = "committed", at


def _code(shop: Shop, redemption_id: str) -> str:
    """Make the code of a redemption: always the same, so that every call to a platform can be repeated."""
    secret: str = shop.row["code_secret"]
    return code_of(hmac.digest(secret.encode(), redemption_id.encode(), "sha256"))


def normal_code(text: str) -> str:
    return text.strip().upper()


def fixed_basket(reward: Reward) -> dict[str, str] | None:
    """Return the least basket that the programme itself names."""
    return money(exact(reward.min_basket.amount), reward.min_basket.currency) if reward.min_basket else None


def give(
    desk: Desk, member_id: str, reward: str, key: str, at: datetime, version: Version | None = None
) -> Redemption | None:
    """Give a member a reward free of points, because a rule says so. None where the programme has no such reward.

    `key` names the business fact ("birthday:m_…:2026"); the member must be loaded. Neither the reward's conditions nor
    its stock refuse a gift; one that waits for a partner's code gets it with the next upload.
    Once: later calls with the key return the first record. Units: `at` is the fact's moment.
    """
    version = version or desk.version_at(at)
    found = reward_of(version, reward) if version is not None else None
    if version is None or found is None:
        return None
    known = desk.redemptions.get(f"gift:{key}")
    return known or desk.redemptions.make_gift(member_id, found, version, f"gift:{key}", at)


class Redemptions:
    """The redemptions that one transaction works on."""

    def __init__(self, connection: Connection, desk: Desk) -> None:
        self.connection = connection
        self.desk = desk
        self.by_id: dict[str, Redemption] = {}
        self.by_code: dict[str, Redemption] = {}
        self._by_key: dict[str, Redemption | None] = {}
        self._changed: dict[str, Redemption] = {}

    def find(self, keys: Iterable[str]) -> None:
        """Load redemptions by what they are named by; one that is not there is remembered as missing."""
        wanted = sorted(set(keys) - self._by_key.keys())
        if wanted:
            self._by_key |= dict.fromkeys(wanted)
            self.load(redemptions.c.key.in_(wanted))

    def get(self, key: str) -> Redemption | None:
        self.find([key])
        return self._by_key[key]

    def load(self, condition: ColumnElement[bool]) -> list[Redemption]:
        """Load redemptions; those that are loaded already stay as they are here."""
        found = [self.by_id.get(one.id) or one for one in read(self.connection, self.desk.shop.id, condition)]
        for one in found:
            self._note(one)
        return found

    def _note(self, one: Redemption) -> None:
        self.by_id[one.id] = self._by_key[one.key] = one
        if one.code is not None:
            self.by_code[one.code] = one

    def make_gift(self, member_id: str, reward: Reward, version: Version, key: str, at: datetime) -> Redemption:
        shop = self.desk.shop
        currency = version.programme.currency
        made = Redemption(
            id="r_" + hashlib.sha256(f"{shop.id}\n{key}".encode()).hexdigest()[:20],
            key=key,
            member_id=self.desk.people.survivor(member_id),
            reward=reward.key,
            version=version.number,
            kind=reward.kind,
            points=0,
            given=True,
            held_at=at,
            value=value_of(reward, 0, currency, fixed_basket(reward)),
            explanation={"rule": "gift", "of": key.partition(":")[2]},
        )
        if reward.kind == "partner_voucher":
            made.voucher = vouchers.take(self.connection, shop.id, reward.key, made.id)
        if issues_here(shop, reward.kind) and (made.voucher is not None or reward.kind != "partner_voucher"):
            issue(made, reward, shop, at)
        self.change(made)
        return made

    def change(self, redemption: Redemption) -> None:
        """Note that a redemption has to be written."""
        self._note(redemption)
        self._changed[redemption.id] = redemption

    def flush(self) -> None:
        """Write what changed. Raises: IntegrityError where another transaction has made the same one."""
        changed = list(self._changed.values())
        for one in changed:
            if one.member_id in self.desk.people.people:
                one.member_id = self.desk.people.survivor(one.member_id)
        write(self.connection, self.desk.shop.id, changed)
        self._changed = {}


def read(connection: Connection, shop_id: str, condition: ColumnElement[bool]) -> list[Redemption]:
    """Return redemptions with their holds; two queries."""
    statement = select(redemptions).where(redemptions.c.shop_id == shop_id, condition).order_by(redemptions.c.id)
    found = [_redemption(row) for row in connection.execute(statement).mappings()]
    mine = and_(holds.c.shop_id == shop_id, holds.c.id.in_([one.id for one in found if one.points]))
    known = {row["id"]: row for row in connection.execute(select(holds).where(mine)).mappings()} if found else {}
    for one in found:
        one.hold = _hold(known[one.id]) if one.id in known else None
    return found


def _redemption(row: RowMapping) -> Redemption:
    return Redemption(flags=tuple(row["flags"]), **{name: row[name] for name in _PLAIN})


def _hold(row: RowMapping) -> Hold:
    return Hold(
        row["id"],
        row["points"],
        row["state"],
        [(lot, points) for lot, points in row["lots"]],
        [(lot, origin, points) for lot, origin, points in row["back"]],
        row["moves"],
    )


def write(connection: Connection, shop_id: str, changed: Sequence[Redemption]) -> None:
    """Write redemptions and their holds: one statement a table."""
    rows = [_row(shop_id, one) for one in changed]
    write_rows(connection, redemptions, rows, update=(*_CHANGES, "returned", "flags"))
    held = [_hold_row(shop_id, one, one.hold) for one in changed if one.hold is not None]
    write_rows(connection, holds, held, update=_HOLD_CHANGES)


def _row(shop_id: str, one: Redemption) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in _PLAIN}
    returned = one.hold.returned if one.hold is not None else 0
    return {"shop_id": shop_id, **plain, "returned": returned, "flags": list(one.flags)}


def _hold_row(shop_id: str, one: Redemption, hold: Hold) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "id": one.id,
        "member_id": one.member_id,
        "points": hold.points,
        "state": hold.state,
        "lots": hold.lots,
        "returned": hold.returned,
        "held_at": one.held_at,
        "lapses_at": one.lapses_at,
        "back": hold.back,
        "moves": hold.moves,
    }


def find(connection: Connection, shop_id: str, redemption_id: str) -> Redemption:
    """Return a redemption. Raises: NotFound."""
    found = read(connection, shop_id, redemptions.c.id == redemption_id)
    if not found:
        raise NotFound("there is no such redemption")
    return found[0]


def reward_then(connection: Connection, shop_id: str, version: int, key: str) -> Reward:
    """Return a reward as a version had it. Raises: NotFound."""
    reward = reward_of(programmes.versions(connection, shop_id)[version - 1], key)
    if reward is None:
        raise NotFound(f"version {version} has no reward {key}")
    return reward
