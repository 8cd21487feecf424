"""The programme document: typed, immutable, versioned by whoever stores it."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from app.rules.checks import InvalidProgramme, Problem, cross_checks, problem_of
from app.rules.compiled import Compiled
from app.rules.document import (
    ActivityRule,
    Campaign,
    Display,
    Earning,
    Eligibility,
    Experiment,
    Expiry,
    Membership,
    Phase,
    PointsNames,
    Referrals,
    Reward,
    Segment,
    Tier,
    TierMeasure,
)
from app.rules.eligibility import asks_of_people
from app.rules.fields import CurrencyCode, List, Name, NoneIfEmpty, Part
from app.rules.tiers import Ladder

__all__ = ["InvalidProgramme", "Problem", "Programme", "parse_programme", "programme_schema"]

_NullMeansDefault = BeforeValidator(lambda value: {} if value is None else value)


class Programme(Part):
    """A loyalty programme: how orders earn, what is extra, who is in which tier, what points buy."""

    name: Name = Field(description="What shoppers call it.")
    currency: CurrencyCode = Field(description="The currency that rates, thresholds and rules are written in.")
    points_name: Annotated[PointsNames, _NullMeansDefault] = Field(
        {}, description='What a point is called, by language: {"en": {"one": "star", "other": "stars"}}.'
    )
    phase: Annotated[Phase, _NullMeansDefault] = Phase()
    eligibility: Annotated[Eligibility, _NullMeansDefault] = Eligibility()
    segments: Annotated[tuple[Segment, ...], List] = Field((), max_length=200)
    earning: Earning
    activities: Annotated[tuple[ActivityRule, ...], List] = Field((), max_length=500)
    campaigns: Annotated[tuple[Campaign, ...], List] = Field((), max_length=1_000)
    tiers: Annotated[tuple[Tier, ...], List] = Field((), max_length=100, description="From the entry tier upwards.")
    tier_measure: Annotated[TierMeasure, _NullMeansDefault] = TierMeasure()
    memberships: Annotated[tuple[Membership, ...], List] = Field((), max_length=100)
    expiry: Annotated[Expiry, _NullMeansDefault] = Expiry()
    deficit: Literal["carry", "clamp", "pending_only"] = Field(
        "carry", description="What happens to points that a refund can no longer take back."
    )
    rewards: Annotated[tuple[Reward, ...], List] = Field((), max_length=1_000)
    referrals: Annotated[Referrals | None, NoneIfEmpty] = None
    display: Annotated[Display | None, NoneIfEmpty] = Field(None, description="How it looks on the shop's pages.")
    experiments: Annotated[tuple[Experiment, ...], List] = Field((), max_length=100)

    @cached_property
    def compiled(self) -> Compiled:
        """Return the programme made ready for arithmetic; made once."""
        return Compiled.of(self.currency, self.earning, self.campaigns, self.tiers, self.segments)

    @cached_property
    def asks_of_members(self) -> bool:
        """Tell whether an order's points depend on more of its member than the tier."""
        return bool(self.segments or self.compiled.tags or asks_of_people(self.eligibility))

    @cached_property
    def ladder(self) -> Ladder:
        """Return the tier rules made exact; made once."""
        return Ladder.of(self.tiers, self.tier_measure)

    def to_document(self) -> dict[str, Any]:
        """Return the normalised JSON document: every key, defaults filled in."""
        return self.model_dump(mode="json")


def parse_programme(document: object) -> Programme:
    """Return the programme that a parsed JSON document describes.

    Raises: InvalidProgramme with every problem, not just the first.
    """
    found = list(cross_checks(document))
    programme: Programme | None = None
    try:
        programme = Programme.model_validate(document)
    except ValidationError as invalid:
        found += map(problem_of, invalid.errors())
    if programme is None or found:
        raise InvalidProgramme(sorted(found, key=lambda problem: problem.field))
    return programme


def programme_schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    schema = Programme.model_json_schema()
    for key in ("points_name", "phase", "eligibility", "tier_measure", "expiry"):  # null means the default
        told = schema["properties"][key]
        schema["properties"][key] = {"default": told.pop("default"), "anyOf": [told, {"type": "null"}]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema | {"title": "Tessera programme"}
