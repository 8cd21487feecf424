"""What the rules of a programme say of something a member did, with all that they ask of the member looked up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.activities.past import Budgets, Past
from app.activities.rows import Activity
from app.desk import Desk
from app.ledger.orders import OrderPoints
from app.programmes import Version
from app.rules.activities import (
    NOT_ELIGIBLE,
    Doer,
    Occasion,
    Verdict,
    earliest_that_counts,
    explained,
    judge,
    misfit,
    refuse,
)
from app.rules.document import ActivityRule
from app.rules.eligibility import Standing, unmet
from app.rules.people import market_of, segments_of


class Judging:
    """Rules and members of one transaction, and what members have taken of caps and budgets so far."""

    def __init__(self, connection: Connection, desk: Desk) -> None:
        self.connection = connection
        self.desk = desk
        self.past = Past(connection, desk.shop.id, desk.people)
        self.budgets = Budgets(connection, desk.shop.id, desk.shop.zone)

    def doer(self, member_id: str, version: Version, at: datetime, but: str | None = None) -> Doer:
        """Return a member as rules see it at a moment; one order may be left out."""
        facts = self.desk.facts_of(member_id, at, version, but=but)
        programme = version.programme
        market = market_of(programme.earning.markets, facts.country)
        return Doer(facts, segments_of(programme.segments, facts, at), market.key if market else None)

    def judge(
        self,
        member_id: str,
        rule: ActivityRule,
        version: Version,
        occasion: Occasion,
        activity_id: str,
        points: int | None = None,
        doer: Doer | None = None,
    ) -> Verdict:
        """Return what a rule says of an occasion, its caps and budget as they stand now."""
        zone, member_id = self.desk.shop.zone, self.desk.people.survivor(member_id)
        doer = doer or self.doer(member_id, version, occasion.at)
        wrong = misfit(rule, occasion, doer, zone)
        if wrong is not None:
            return refuse(wrong)
        since = earliest_that_counts(rule, occasion.at, zone)
        return judge(
            rule,
            occasion,
            doer,
            taken=self.past.of(member_id, since, but=activity_id),
            currency=version.programme.currency,
            zone=zone,
            budget_left=self.budgets.left(rule.key, rule.budget, occasion.at) if rule.budget else None,
            points=points,
        )

    def closed(
        self, member_id: str, version: Version, doer: Doer, activity_id: str, occasion: Occasion, ask_age: bool = True
    ) -> Verdict | None:
        """Refuse while the programme does not run, or for a member it is not open to; None: it is open.

        `ask_age`: the answer is journalled with the fact at hand; without a fact nobody is asked.
        """
        programme, person = version.programme, self.desk.people.people[self.desk.people.survivor(member_id)]
        if not programme.phase.earns:
            return refuse(programme.phase.kind)
        years = programme.eligibility.min_age if ask_age else None
        of_age = years is None or self.desk.ages.ask(activity_id, person, years, occasion.at, self.desk.shop.zone)
        enrolled = person.requested_at is not None or occasion.kind == "sign_up"
        wanting = unmet(programme.eligibility, doer.facts, Standing(enrolled, of_age))
        return None if wanting is None else refuse(NOT_ELIGIBLE, condition=wanting)

    def explained(
        self,
        rule: ActivityRule,
        version: Version,
        occasion: Occasion,
        verdict: Verdict,
        extra: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return what the entry of a verdict tells."""
        currency = version.programme.currency
        return explained(rule, occasion, verdict, version=version.number, currency=currency, extra=extra or {})

    def refused(
        self, activity_id: str, member_id: str, occasion: Occasion, verdict: Verdict, told: Mapping[str, Any]
    ) -> Activity:
        """Return a refusal; it is written down only if it is noted."""
        return Activity(
            id=activity_id,
            member_id=member_id,
            kind=occasion.kind,
            at=occasion.at,
            subject=occasion.subject,
            rule=told.get("rule"),
            version=told.get("version"),
            state="refused",
            reason=verdict.reason,
            points=OrderPoints(activity_id, kind="activity"),
            explanation=told,
        )
