"""What answers tell: one model for each, to be described; tests hold every answer against them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.rules.document import Perks
from app.rules.programme import Programme
from app.web.api.fields import DayText, ExactText, Id, TimeText, Told, Whole

Sentence = Field(description="The explanation in one plain sentence.")
Next = Field(description="The `cursor` of the next page; null on the last one.")


class Identity(Told):
    kind: Literal["platform_id", "email"]
    value: str | None = Field(description="Null for e-mails: they are kept as keyed hashes.")
    verified: bool


class NextTier(Told):
    """Hidden tiers are passed over, and those that only a membership or a hand opens."""

    key: str
    name: str
    by: Literal["spend", "points", "orders"]
    missing: ExactText


class TierKept(Told):
    """So much between `from` and `until`, and the tier is kept until `keeps_until_then`."""

    by: Literal["spend", "points", "orders"]
    missing: ExactText
    from_: TimeText = Field(alias="from")
    until: TimeText
    keeps_until_then: TimeText


class MemberTier(Told):
    key: str
    name: str
    since: TimeText
    keeps_until: TimeText | None = Field(description="The first moment after; null: no date ends it.")
    source: Literal["measure", "membership", "manual", "merge", "programme"] = Field(description="What gives it.")
    points_to_next: Whole | None = Field(description="What is missing to the next tier in its measure, rounded up.")
    next: NextTier | None
    to_keep: TierKept | None
    sentence: str | None = Field(description="Both in one plain sentence.")
    perks: Perks | dict[str, Any] = Field(description="What the tier gives beside its multiplier.")
    perk_code: str | None = Field(description="Typed in for the tier's discount and free shipping, where it needs one.")


class Expiring(Told):
    points: Whole
    at: TimeText


class MemberPoints(Told):
    available: Whole = Field(description="Can be spent now; never below 0.")
    pending: Whole
    held: Whole
    deficit: Whole = Field(description="Owed after claw-backs; later points fill it first.")
    unclaimed: Whole = Field(description="Points of a member nobody has proved to be; they cannot be spent.")
    lifetime_earned: Whole
    expiring: list[Expiring]


class ExpiryWarning(Told):
    """Points that were announced to expire: 30 and 7 days before, and always before they do."""

    kind: Literal["30d", "7d"]
    points: Whole = Field(description="When it was recorded.")
    expires_at: TimeText
    recorded_at: TimeText


class NextReward(Told):
    key: str
    kind: str
    points: Whole
    missing: Whole


class Member(Told):
    id: Id
    email: str | None
    identities: list[Identity]
    claimed: bool
    enrolled_at: TimeText
    birthday: DayText | None
    tags: list[str]
    country: str | None
    customer_groups: list[str]
    leaderboard_name: str | None = Field(description="What other shoppers read on leaderboards; null: nothing.")
    tier: MemberTier | None = Field(description="Null without a published programme or without tiers.")
    points: MemberPoints
    warnings: list[ExpiryWarning]
    next_reward: NextReward | None


class Members(Told):
    data: list[Member]
    next: str | None = Next


class Source(Told):
    type: str
    id: str


class Entry(Told):
    """One entry of the ledger. `account_changes` sum to zero; `issued` has the opposite sign there."""

    id: Id
    member_id: Id = Field(description="Whose account it moved: the member's own, or one that was merged into it.")
    at: TimeText
    kind: str
    points: Whole
    account_changes: dict[str, Whole]
    source: Source
    explanation: dict[str, Any]
    sentence: str = Sentence


class Entries(Told):
    data: list[Entry]
    next: str | None = Next


class Adjustment(Told):
    """The entry, and the member's points after it."""

    member_id: Id
    entry: Entry
    points: MemberPoints


class ShopperToken(Told):
    token: str
    expires_at: TimeText


class Published(Told):
    version: int
    effective_from: TimeText


class ProgrammeVersion(Told):
    version: int
    effective_from: TimeText
    published_at: TimeText
    programme: Programme


class ProgrammeVersions(Told):
    data: list[ProgrammeVersion]
    next: str | None = Next


class OrderLine(Told):
    platform_id: str
    basis: ExactText
    factor: ExactText
    points_exact: ExactText


class Order(Told):
    id: Id
    platform_id: str
    member_id: str | None
    placed_at: TimeText | None
    programme_version: int | None
    tier: str | None
    state: str
    target: Whole = Field(description="What the order is worth by its state now.")
    posted: Whole = Field(description="What the ledger says; it follows the target.")
    lines: list[OrderLine]
    flags: list[str]
    arm: str | None = Field(description='Of an experiment, as the shopper was in it: "experiment:arm".')
    explanation: dict[str, Any]
    sentence: str = Sentence


class Orders(Told):
    data: list[Order]
    next: str | None = Next


class Accounts(Told):
    """`issued = pending + available − deficit + held + redeemed + expired + reversed + written_off + transferred`."""

    issued: Whole
    pending: Whole
    available: Whole
    held: Whole
    redeemed: Whole
    expired: Whole
    reversed: Whole
    written_off: Whole
    transferred: Whole
    deficit: Whole


class PreviewedLine(Told):
    product_id: str | None
    variant_id: str | None
    basis: ExactText
    factor: ExactText
    points_exact: ExactText


class Preview(Told):
    points: Whole
    about: bool = Field(description="The award may differ: the shopper's currency or tax is not known exactly.")
    lines: list[PreviewedLine]
    explanation: dict[str, Any]
    sentence: str = Sentence


class Delivery(Told):
    id: Id
    topic: str
    state: Literal["new", "done", "ignored", "failed"]
    reason: str | None
    received_at: TimeText
    finished_at: TimeText | None
    body: Any = Field(description="Of a failed one, redacted: amounts, ids and states stay. Else null.")


class Asked(Told):
    asked: bool = Field(description="A worker will see to it.")


class Deliveries(Told):
    data: list[Delivery]
    next: str | None = Next


class FieldProblem(Told):
    field: str
    code: str
    message: str


class Problem(Told):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem]


class TierMove(Told):
    before: str
    after: str
    members: Whole
    first: list[Id] = Field(description="Some of them.")
