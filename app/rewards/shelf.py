"""What members can have now: every reward of the programme in effect, and why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from app.desk import member_facts
from app.members.person import person_of
from app.orders import averages
from app.orders.purchases import Purchases
from app.platforms import connections
from app.programmes import Version
from app.programmes.phases import spending_allowed
from app.rewards import scarce, vouchers
from app.rewards.redemptions import fixed_basket, made_there
from app.rules.document import Reward
from app.rules.people import MemberFacts, fits, market_of, segments_of
from app.rules.rewards import Average, Reason, Taken, value_of, why_not, why_not_now
from app.shops import Shop
from app.tiers import ranks
from connectors import CONNECTORS

NOT_CONNECTED = Reason("not_connected", "This shop is not connected to its platform, which makes these rewards.")


@dataclass(slots=True, kw_only=True)
class Shelf:
    """What is left of the rewards, and who the members are, as of one moment."""

    shop: Shop
    version: Version
    now: datetime
    facts: Mapping[str, MemberFacts] = field(default_factory=dict)
    gone: Mapping[str, int] = field(default_factory=dict)
    spent: Mapping[str, int] = field(default_factory=dict)
    had: Mapping[tuple[str, str], int] = field(default_factory=dict)
    vouchers_left: Mapping[str, int] = field(default_factory=dict)
    scopes: Collection[str] | None = None  # what the shop's platform lets us do; None: it cannot be called

    def reasons(self, reward: Reward, member_id: str | None, points: int) -> list[Reason]:
        """Return why a member cannot have a reward now, the balance aside; None: someone new.

        Units: `points` it would cost.
        """
        programme, zone = self.version.programme, self.shop.zone
        facts = self.facts_of(member_id)
        segments = segments_of(programme.segments, facts, self.now)
        market = market_of(programme.earning.markets, facts.country)
        taken = Taken(
            stock=self.gone.get(reward.key, 0),
            budget=self.spent.get(reward.key, 0),
            by_member=self.had.get((member_id or "", reward.key), 0),
            vouchers_left=self.vouchers_left.get(reward.key, 0) if reward.kind == "partner_voucher" else None,
        )
        eligible = fits(reward.who, facts, segments, market.key if market else None)
        spending = spending_allowed(self.version, self.now, zone)
        reasons = why_not_now(reward, self.now, zone, spending=spending)
        reasons += why_not(reward, points, taken, eligible=eligible)
        return [*self._of_platform(reward), *reasons]

    def facts_of(self, member_id: str | None) -> MemberFacts:
        return self.facts.get(member_id or "") or newcomer(self.version)

    def _of_platform(self, reward: Reward) -> list[Reason]:
        """Return why the shop's platform cannot make a reward."""
        if not made_there(self.shop, reward.kind):
            return []
        if self.scopes is None:
            return [NOT_CONNECTED]
        rewarder = CONNECTORS[self.shop.platform].rewarder
        if rewarder is None:
            return [Reason("not_supported", "Rewards of this kind cannot be made at this shop's platform.")]
        why = rewarder.cannot(reward.kind, value_of(reward, 0, self.version.programme.currency, None), self.scopes)
        return [Reason("not_supported", why)] if why else []


def newcomer(version: Version) -> MemberFacts:
    """Return what rules see of somebody nobody knows: the entry tier."""
    known = version.programme.tiers
    return MemberFacts(tier=known[0].key if known else None)


def load(
    connection: Connection,
    shop: Shop,
    version: Version,
    people: Sequence[Row[Any]],
    now: datetime,
    only: Sequence[Reward] | None = None,
) -> Shelf:
    """Read what the rewards' conditions ask for, for these members: a fixed number of queries."""
    rewards = version.programme.rewards if only is None else only
    partners = [reward.key for reward in rewards if reward.kind == "partner_voucher"]
    return Shelf(
        shop=shop,
        version=version,
        now=now,
        facts=facts_of(connection, shop, version, people, now),
        gone=scarce.gone(connection, shop.id, rewards),
        spent=scarce.spent(connection, shop, rewards, now),
        had=scarce.had(connection, shop.id, rewards, [row.id for row in people]),
        vouchers_left=vouchers.left(connection, shop.id, partners),
        scopes=connections.scopes(connection, shop) if any(made_there(shop, one.kind) for one in rewards) else None,
    )


def facts_of(
    connection: Connection, shop: Shop, version: Version, people: Sequence[Row[Any]], now: datetime
) -> dict[str, MemberFacts]:
    """Return members as rules may see them now; their purchases are read only where a segment may ask for them."""
    tier_of = ranks.of_all(connection, shop, {row.id: row.enrolled_at for row in people}, now)
    purchases = Purchases(connection, shop.id)
    if version.programme.segments:
        purchases.load([row.id for row in people])
    people_of = [person_of(row) for row in people]
    return {one.id: member_facts(one, purchases.of(one.id), _key(tier_of.get(one.id)), now) for one in people_of}


def _key(tier: ranks.Tier | None) -> str | None:
    return tier.key if tier else None


def least_basket(
    reward: Reward, version: Version, average: Average | None
) -> tuple[dict[str, str] | None, dict[str, Any]]:
    """Return the least basket a reward asks for, and where it comes from."""
    percent = reward.min_above_average_percent
    if percent is None or average is None:
        return fixed_basket(reward), {}
    basket, told = average.above(percent, version.programme.currency)
    return basket, {"min_basket": {**told, "days": averages.DAYS}}
