"""Redemptions: rewards that members have taken or were given, as one transaction works on them.

held → issued → committed | voided. Kinds that need no order are committed when they are issued. What the shop's
platform has to make is asked for by an effect and stays held until it is there (`at_platform`). Source: semantics 4.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection

from app import programmes
from app.errors import NotFound
from app.models import redemptions
from app.outbox import rows as effects
from app.outbox.rows import Put
from app.rewards import rows, vouchers
from app.rewards.rows import Redemption
from app.rules.document import Reward
from app.rules.expiry import pending_until
from app.rules.money import exact
from app.rules.rewards import BY_ORDER, BY_PLATFORM, CODED, ENTITLING, code_of, money, value_of
from app.shops import Shop
from connectors import CONNECTORS

if TYPE_CHECKING:
    from app.desk import Desk
    from app.programmes import Version


MAKE, END = "reward.make", "reward.end"  # effects


def reward_of(version: Version, key: str) -> Reward | None:
    return next((reward for reward in version.programme.rewards if reward.key == key), None)


def made_there(shop: Shop, kind: str) -> bool:
    """Tell whether the shop's platform makes rewards of this kind; else we hand them out ourselves."""
    return kind in BY_PLATFORM and CONNECTORS[shop.platform].issues_codes == "platform"


def ask(redemption: Redemption, reward: Reward, shop: Shop) -> Put:
    """Return the effect that has the platform make a reward. Its code and its end are known from now on."""
    if redemption.kind in CODED:
        redemption.code = code_for(shop, redemption.id)
    if redemption.kind in BY_ORDER:
        redemption.lapses_at = pending_until(redemption.held_at, reward.valid_days, shop.zone)
    return Put(kind=MAKE, subject=redemption.id)


def issue(redemption: Redemption, reward: Reward, shop: Shop, at: datetime) -> None:
    """Hand the reward out: with its code, until it lapses. What needs no order has ended well by that."""
    if redemption.kind in CODED and redemption.code is None:
        redemption.code = code_for(shop, redemption.id)
    if redemption.kind in BY_ORDER | ENTITLING and redemption.lapses_at is None:
        redemption.lapses_at = pending_until(at, reward.valid_days, shop.zone)
    redemption.state, redemption.issued_at = "issued", at
    if redemption.kind not in BY_ORDER:
        redemption.state, redemption.ended_at = "committed", at


def code_for(shop: Shop, redemption_id: str) -> str:
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
        self.effects: list[Put] = []

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
        found = [self.by_id.get(one.id) or one for one in rows.read(self.connection, self.desk.shop.id, condition)]
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
        if made_there(shop, reward.kind):
            self.effects.append(ask(made, reward, shop))
        elif made.voucher is not None or reward.kind != "partner_voucher":
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
        rows.write(self.connection, self.desk.shop.id, changed)
        effects.put(self.connection, self.desk.shop.id, self.effects)
        self._changed, self.effects = {}, []

    def end(self, redemption: Redemption, why: str) -> None:
        """Have the platform end a code, unless that is asked for already."""
        if redemption.ending is None:
            redemption.ending = why
            self.effects.append(Put(kind=END, subject=redemption.id))
            self.change(redemption)

    def make_again(self, redemption: Redemption) -> None:
        """Have the platform make a code that was taken back."""
        redemption.dead_at = None
        self.effects.append(Put(kind=MAKE, subject=redemption.id))


def reward_then(connection: Connection, shop_id: str, version: int, key: str) -> Reward:
    """Return a reward as a version had it. Raises: NotFound."""
    reward = reward_of(programmes.versions(connection, shop_id)[version - 1], key)
    if reward is None:
        raise NotFound(f"version {version} has no reward {key}")
    return reward
