"""Rewards that a shop's platform makes and ends: the effects of `app.rewards.at_platform`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from app import programmes
from app.db import reading
from app.members.views import member_row
from app.models import identities
from app.outbox import rows
from app.outbox.rows import Taken
from app.outbox.working import Effect, NotYet, Told
from app.platforms import reading as orders_read
from app.platforms import tokens
from app.rewards import at_platform
from app.rewards.redemptions import END, MAKE, code_for, reward_then
from app.rewards.rows import Redemption, find
from app.rules.rewards import FIXED
from app.services import Services
from app.shops import Shop
from connectors import CONNECTORS
from connectors.contract import PlatformDown, PlatformRefused, Unauthorized, Unclear
from connectors.contract.rewarding import Grant, Rewarder

AWAITED = timedelta(minutes=15)  # an order that has used a code is known by then


def _rewarder(shop: Shop) -> Rewarder:
    rewarder = CONNECTORS[shop.platform].rewarder
    if rewarder is None:
        raise PlatformRefused("this platform makes no rewards")
    return rewarder


def _grant(services: Services, connection: Connection, shop: Shop, one: Redemption) -> Grant:
    row = member_row(connection, shop.id, one.member_id)
    return Grant(
        id=one.id,
        kind=one.kind,
        code=one.code or code_for(shop, one.id),
        shared=_shared(connection, shop, one),
        title=_title(connection, shop, one),
        currency=shop.currency,
        value=one.value,
        starts_at=one.held_at,
        ends_at=one.lapses_at,
        customer_id=_customer_of(connection, shop.id, row),
        email=services.vault.open(shop.id, row.email).decode() if row.email is not None else None,
    )


def _shared(connection: Connection, shop: Shop, one: Redemption) -> str | None:
    """Return what all codes of a reward have in common; None: each is worth something else, or is the member's own."""
    reward = reward_then(connection, shop.id, one.version, one.reward)
    if one.kind not in FIXED or reward.personal or reward.min_above_average_percent is not None:
        return None
    alike = json.dumps([one.reward, one.kind, one.value, shop.currency], sort_keys=True)
    return code_for(shop, f"shared:{alike}")


def _title(connection: Connection, shop: Shop, one: Redemption) -> str:
    programme = programmes.versions(connection, shop.id)[one.version - 1].programme
    names = {reward.key: reward.name for reward in programme.rewards}
    return f"{programme.name}: {names.get(one.reward) or one.reward}"


def _customer_of(connection: Connection, shop_id: str, row: Row[Any]) -> str | None:
    """Return the platform's newest id of a member."""
    mine = and_(identities.c.shop_id == shop_id, identities.c.member_id == row.id, identities.c.kind == "customer")
    found = select(identities.c.value).where(mine, identities.c.closed_at.is_(None))
    return max(connection.execute(found).scalars(), key=lambda value: (len(value), value), default=None)


class MakeReward:
    def call(self, services: Services, shop: Shop, taken: Taken) -> Told | None:
        with reading(services.engine) as connection:
            one = find(connection, shop.id, taken.subject)
            if one.state != "held" or one.ending is not None:
                return None  # given up before anybody made it
            grant = _grant(services, connection, shop, one)
        access = tokens.live(services, shop)
        try:
            made = _rewarder(shop).make(services.caller, shop.ref, access, grant, unsure=taken.unsure)
        except PlatformDown as error:
            if grant.kind == "store_credit" and error.acted is None:  # before it is looked for, let it have happened
                raise PlatformDown(str(error), acted=None, after_s=rows.LATER.total_seconds()) from error
            raise
        return {"code": made.code}

    def done(self, connection: Connection, services: Services, shop: Shop, subject: str, told: Told) -> None:
        if told:
            at_platform.made(connection, shop, subject, told["code"], services.clock.now(connection))

    def refused(self, connection: Connection, services: Services, shop: Shop, subject: str) -> None:
        at_platform.refused(connection, shop, subject, services.clock.now(connection))

    def by_hand(self, connection: Connection, shop: Shop, subject: str) -> Told:
        return {"code": find(connection, shop.id, subject).code}


class EndReward:
    def call(self, services: Services, shop: Shop, taken: Taken) -> Told | None:
        with reading(services.engine) as connection:
            one = find(connection, shop.id, taken.subject)
            if one.ending is None:
                return None
            grant = _grant(services, connection, shop, one)
        try:
            ended = _rewarder(shop).end(services.caller, shop.ref, tokens.live(services, shop), grant)
        except Unauthorized:
            raise
        except PlatformRefused as error:  # what cannot be ended may still be used: no points come back by themselves
            raise Unclear(str(error)) from error
        if ended.used and one.open:
            self._await_order(services, shop, taken)
        late = _rewarder(shop).counts_late
        if not ended.used and services.clock.real() - taken.tried_at < late:
            raise NotYet("the platform may still count a use of this code", late)
        return {"ended": True}

    def _await_order(self, services: Services, shop: Shop, taken: Taken) -> None:
        """Keep the points of a code that an order has used until that order is known. Raises: NotYet."""
        with reading(services.engine) as connection:
            if find(connection, shop.id, taken.subject).open:
                orders_read.soon(services, [shop.id])
                raise NotYet("an order has used this code, and that order is not known yet", AWAITED)

    def done(self, connection: Connection, services: Services, shop: Shop, subject: str, told: Told) -> None:
        if told:
            at_platform.ended(connection, shop, subject, services.clock.now(connection))

    def refused(self, connection: Connection, services: Services, shop: Shop, subject: str) -> None:
        """Leave it to its orders: a code that may be used costs its points."""

    def by_hand(self, connection: Connection, shop: Shop, subject: str) -> Told:
        return {"ended": True}


EFFECTS: Mapping[str, Effect] = {MAKE: MakeReward(), END: EndReward()}
