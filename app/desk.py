"""What one settling transaction works with, and what else may follow from a fact in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from app.catalogue import Catalogue
from app.intake.told import Told
from app.ledger.book import Book
from app.members.ages import Ages
from app.members.people import People
from app.members.person import Person
from app.orders.places import Places
from app.orders.purchases import Purchase, Purchases
from app.orders.seen import Seen
from app.orders.sharing import Shares
from app.points import lot_dates
from app.programmes import Version, effective
from app.rules.document import Expiry
from app.rules.expiry import grace_until
from app.rules.money import total
from app.rules.people import MemberFacts
from app.scheduled.boosters import Boosters
from app.shops import Shop
from app.tiers.book import TierBook

if TYPE_CHECKING:
    from app.orders.order import Order
    from app.rewards.redemptions import Redemptions

GRACE_DAYS = 30


@dataclass(slots=True)
class Desk:
    """What one settling transaction works with; `now` is programme time."""

    shop: Shop
    now: datetime
    versions: list[Version]
    book: Book
    people: People
    tiers: TierBook
    catalogue: Catalogue
    purchases: Purchases
    boosters: Boosters
    shares: Shares
    places: Places
    ages: Ages
    seen: Seen
    redemptions: Redemptions = field(init=False)  # rewards taken, and given by rules
    codes: set[str] = field(default_factory=set)  # codes of rewards that the batch's orders carry

    def grace(self, moment: datetime) -> datetime:
        return grace_of(self.versions, moment, self.now, self.shop.zone)

    def expires_at(
        self, version: Version | None, available_from: datetime | None, override: Expiry | None = None
    ) -> datetime | None:
        """Return when points of a version lapse; `override` is a rule's own expiry. None: never."""
        return lot_dates.expires_at(
            self.versions, version, available_from, now=self.now, zone=self.shop.zone, override=override
        )

    def keep_alive(self, member_id: str, moment: datetime) -> None:
        """Let an order or a redemption move a member's open lots, where lots live by activity."""
        account = self.book.account(member_id)
        lot_dates.keep_alive(account, self.versions, moment, now=self.now, zone=self.shop.zone)

    def tier_at(self, member_id: str, moment: datetime, version: Version) -> str | None:
        """Return the tier a member had at a moment, as now known; everyone begins in the entry tier."""
        self.tiers.bring_up(member_id, self.now)
        return self.tiers.tier_at(member_id, moment, version)

    def facts_of(self, member_id: str, at: datetime, version: Version, but: str | None = None) -> MemberFacts:
        """Return a member as rules may see them at a moment, by the orders placed before; one order may be left out."""
        tier, bought = self.tier_at(member_id, at, version), self.purchases.of(member_id)
        return member_facts(self.people.people[member_id], bought, tier, at, but)

    def version_at(self, moment: datetime) -> Version | None:
        """Return the version in effect at a moment."""
        return effective(self.versions, moment)


def grace_of(versions: Sequence[Version], moment: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """Return until when points live on that come back to a lapsed lot: never beyond the last day to spend."""
    return lot_dates.before_the_end(versions, grace_until(moment, GRACE_DAYS, zone), now, zone)


def member_facts(
    person: Person, purchases: Sequence[Purchase], tier: str | None, at: datetime, but: str | None = None
) -> MemberFacts:
    """Return a member as rules may see them at a moment; `purchases` are in the order they were placed."""
    bought = [
        each
        for each in purchases
        if each.counts and each.placed_at is not None and each.placed_at <= at and each.order_id != but
    ]
    return MemberFacts(
        tags=person.tags,
        country=person.country,
        customer_groups=person.customer_groups,
        tier=tier,
        joined_at=person.enrolled_at,
        orders=len(bought),
        spent=total(each.spend for each in bought if each.spend is not None),
        last_order_at=bought[-1].placed_at if bought else None,
    )


class Review(Protocol):
    """What else follows from a fact, in the same transaction: loaded, told, and flushed with the settling.

    Every effect is a pure function of the facts so far, whatever batch they came in: audit replays them in others.
    """

    def load(self, told: Sequence[Told]) -> None:
        """Load what the facts of this batch may need. Orders, members and accounts are loaded already."""

    def order(self, order: Order) -> None:
        """Follow an order that has just been settled."""

    def customer(self, told: Told, person: Person) -> None:
        """Follow what was told of a customer."""

    def flush(self) -> None:
        """Write what changed. Members are written already, accounts are written after."""
