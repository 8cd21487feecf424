"""Activities that somebody tells of: a shop's own systems, a review app, a shopper's browser, a customer's webhook.

Each id takes effect once: the same facts again answer with the first record, other facts are refused.
Source: semantics 3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.activities.digests import Digests
from app.activities.mechanism import Activities, Activity
from app.errors import IdempotencyConflict
from app.intake.told import Told
from app.programmes import Version
from app.rules.activities import (
    NO_PROGRAMME,
    NOT_TOLD,
    Doer,
    Occasion,
    Verdict,
    earliest_that_counts,
    refuse,
    rule_for,
)
from app.rules.document import ActivityRule
from app.rules.money import exact
from app.rules.usual import COMPUTED, OF_A_PRODUCT, UNVERIFIABLE
from connectors.contract import ActivityTold


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What was told of, already without personal data. `id` names the activity."""

    id: str
    kind: str
    at: datetime
    subject: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    digests: tuple[str, ...] = ()
    self_reported: bool = False
    facts: str = ""  # a hash of what was told

    def occasion(self, seen_before: bool) -> Occasion:
        amount = None if self.amount is None else exact(self.amount)
        return Occasion(self.kind, self.at, self.subject, amount, self.currency, self.self_reported, seen_before)


def happening(fact: ActivityTold, now: datetime, self_reported: bool = False) -> Happening:
    """Return what a fact told of, with a hash of it."""
    told = (fact.kind, fact.subject, fact.at, fact.amount, fact.currency, fact.digests, self_reported)
    return Happening(
        id=f"activity:{fact.id}",
        kind=fact.kind,
        at=fact.at or now,
        subject=fact.subject,
        amount=fact.amount,
        currency=fact.currency,
        digests=fact.digests,
        self_reported=self_reported,
        facts=hashlib.sha256(repr(told).encode()).hexdigest(),
    )


class Telling:
    """What is told of in one transaction."""

    def __init__(self, work: Activities) -> None:
        self.work = work
        self.desk = work.desk
        self.digests = Digests(work.connection, work.desk.shop.id)

    def load(self, told: Sequence[Told]) -> None:
        """Load what the activities of this batch may need, with one statement a table."""
        facts = [one.fact for one in told if isinstance(one.fact, ActivityTold)]
        if not facts:
            return
        told_of = [happening(fact, self.desk.now) for fact in facts]
        self.work.find(one.id for one in told_of)
        self.digests.load(digest for fact in facts for digest in fact.digests)
        people, zone = self.desk.people.people, self.desk.shop.zone
        rules = [rule for version in self.desk.versions for rule in version.programme.activities]
        since = [earliest_that_counts(rule, one.at, zone) for one in told_of for rule in rules if rule.kind == one.kind]
        if since:
            self.work.past.load(people, min(since))
        if any(rule.verified_buyer for rule in rules):
            self.work.bought.load(people)

    def hear(self, told: Told, fact: ActivityTold) -> str:
        """Let a fact take effect for whom it names. Raises: IdempotencyConflict."""
        people = self.desk.people
        member_id = told.member_id or people.resolve(fact.customer, self.desk.now)
        told_of = happening(fact, self.desk.now, told.self_reported)
        known = self.work.get(told_of.id)
        if known is not None and fact.first_counts:
            return known.id
        made = self.tell(member_id, told_of)
        made.sealed = made.sealed or told.sealed_evidence
        return made.id

    def tell(self, member_id: str, told: Happening, keep_refused: bool = True) -> Activity:
        """Let the first rule that fits decide. A refusal is written down where the teller named the fact.

        Raises: IdempotencyConflict, for other facts under a known id. The member and its account must be loaded.
        """
        member_id = self.desk.people.survivor(member_id)
        known = self.work.get(told.id)
        if known is not None:
            if known.facts != told.facts or not self._is(member_id, known.member_id):
                raise IdempotencyConflict(f"the activity {told.id} was told with other facts before")
            return known
        made = self._decide(member_id, told)
        if made.state == "refused" and told.digests:
            self.digests.release(told.digests, made.id)
        if made.state == "refused" and keep_refused:
            made.facts = told.facts
            self.work.known[made.id] = made
            self.work.note(made)
        return made

    def _is(self, member_id: str, other: str) -> bool:
        people = self.desk.people
        return other in people.people and people.survivor(other) == member_id

    def _decide(self, member_id: str, told: Happening) -> Activity:
        occasion = told.occasion(self.digests.claim(told.digests, told.id))
        version = self.desk.version_at(told.at)
        if version is None:
            return self.work.refused(told.id, member_id, occasion, refuse(NO_PROGRAMME), {})
        if told.kind in COMPUTED:
            return self.work.refused(told.id, member_id, occasion, refuse(NOT_TOLD), {})
        doer = self.work.doer(member_id, version, told.at)
        closed = self.work.closed(member_id, version, doer, told.id, occasion)
        if closed is not None:
            return self.work.refused(told.id, member_id, occasion, closed, {"version": version.number, **closed.told})
        rule = rule_for(version.programme.activities, occasion, doer, self.desk.shop.zone)
        if isinstance(rule, str):
            told_of = {"version": version.number}
            return self.work.refused(told.id, member_id, occasion, refuse(rule), told_of)
        return self._by(rule, version, member_id, told, occasion, doer)

    def _by(
        self, rule: ActivityRule, version: Version, member_id: str, told: Happening, occasion: Occasion, doer: Doer
    ) -> Activity:
        doer = self._as_buyer(rule, member_id, occasion, doer)
        verdict: Verdict = self.work.judge(member_id, rule, version, occasion, told.id, doer=doer)
        verified = not told.self_reported and told.kind not in UNVERIFIABLE
        return self.work.enact(
            member_id,
            rule,
            version,
            told.id,
            occasion,
            verdict,
            extra={} if verified else {"verified": False},
            verified=verified,
            facts=told.facts,
        )

    def _as_buyer(self, rule: ActivityRule, member_id: str, occasion: Occasion, doer: Doer) -> Doer:
        """Look up whether the member has bought, of the product where the subject is one, if the rule asks."""
        if not rule.verified_buyer:
            return doer
        product = occasion.subject if occasion.kind in OF_A_PRODUCT else None
        if product is None:
            bought = doer.facts.orders > 0
        else:
            placed = {each.order_id: each.placed_at for each in self.desk.purchases.of(member_id)}
            kept = self.work.bought.by(member_id).items()
            bought = any(product in products and _before(placed[order], occasion.at) for order, products in kept)
        return Doer(doer.facts, doer.segments, doer.market, bought)


def _before(placed_at: datetime | None, at: datetime) -> bool:
    return placed_at is not None and placed_at <= at
