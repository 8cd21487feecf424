"""Activities that somebody tells of: a shop's own systems, a review app, a shopper's browser, a customer's webhook.

Each id takes effect once: the same facts again answer with the first record, other facts are refused.
Source: semantics 3.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from app.activities import Activities, Activity
from app.activity_digests import Digests
from app.bought import Bought
from app.errors import IdempotencyConflict
from app.programmes import Version
from app.rules.activities import NO_PROGRAMME, NOT_TOLD, Doer, Occasion, Verdict, refuse, rule_for
from app.rules.document import ActivityRule
from app.rules.money import exact
from app.rules.usual import COMPUTED, OF_A_PRODUCT, UNVERIFIABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What was told of, already without personal data. `id` is the teller's; `at` the moment it counts at."""

    id: str
    kind: str
    at: datetime
    subject: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    digests: tuple[str, ...] = ()
    self_reported: bool = False
    facts: str = ""  # a hash of what was told

    @property
    def activity_id(self) -> str:
        return f"activity:{self.id}"

    def occasion(self, seen_before: bool) -> Occasion:
        amount = None if self.amount is None else exact(self.amount)
        return Occasion(self.kind, self.at, self.subject, amount, self.currency, self.self_reported, seen_before)


def facts_hash(*told: Any) -> str:
    """Hash what was told, so that the same told again is known for the same."""
    return hashlib.sha256(orjson.dumps(told, default=str)).hexdigest()


class Telling:
    """What is told of in one transaction."""

    def __init__(self, work: Activities) -> None:
        self.work = work
        self.desk = work.desk
        self.digests = Digests(work.connection, work.desk.shop.id)
        self.bought = Bought(work.connection, work.desk.shop.id, work.desk.purchases)

    def tell(self, member_id: str, told: Happening, keep_refused: bool = True) -> Activity:
        """Let the first rule that fits decide. A refusal is written down where the teller named the fact.

        Raises: IdempotencyConflict, for other facts under a known id. The member and its account must be loaded.
        """
        member_id = self.desk.people.survivor(member_id)
        known = self.work.get(told.activity_id)
        if known is not None:
            if known.facts != told.facts or self.desk.people.survivor(known.member_id) != member_id:
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

    def _decide(self, member_id: str, told: Happening) -> Activity:
        occasion = told.occasion(self.digests.claim(told.digests, told.activity_id))
        version = self.desk.version_at(told.at)
        if version is None:
            return self.work.refused(told.activity_id, member_id, occasion, refuse(NO_PROGRAMME), {})
        if told.kind in COMPUTED:
            return self.work.refused(told.activity_id, member_id, occasion, refuse(NOT_TOLD), {})
        doer = self.work.doer(member_id, version, told.at)
        rule = rule_for(version.programme.activities, occasion, doer, self.desk.shop.zone)
        if isinstance(rule, str):
            told_of = {"version": version.number}
            return self.work.refused(told.activity_id, member_id, occasion, refuse(rule), told_of)
        return self._by(rule, version, member_id, told, occasion, doer)

    def _by(
        self, rule: ActivityRule, version: Version, member_id: str, told: Happening, occasion: Occasion, doer: Doer
    ) -> Activity:
        doer = self._as_buyer(rule, member_id, occasion, doer)
        verdict: Verdict = self.work.judge(member_id, rule, version, occasion, told.activity_id, doer=doer)
        verified = not told.self_reported and told.kind not in UNVERIFIABLE
        return self.work.enact(
            member_id,
            rule,
            version,
            told.activity_id,
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
            kept = self.bought.by(member_id).items()
            bought = any(product in products and _before(placed[order], occasion.at) for order, products in kept)
        return Doer(doer.facts, doer.segments, doer.market, bought)


def _before(placed_at: datetime | None, at: datetime) -> bool:
    return placed_at is not None and placed_at <= at
