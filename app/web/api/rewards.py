"""Rewards and redemptions: what points can be spent on, spending them, and giving it up."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app import shops
from app.errors import HoldEnded, IdempotencyConflict, InsufficientPoints, NotFound, RewardUnavailable, Unclaimed
from app.members.views import member_row
from app.models import redemptions as table
from app.points import readouts
from app.rewards import ending, redeeming, stocking, views
from app.rewards.redeeming import Wish
from app.rewards.redemptions import normal_code
from app.rewards.rows import Redemption, find
from app.rules.document.rewards import RewardKind
from app.rules.fields import Key
from app.web.api import schemas
from app.web.api.answers import Next
from app.web.api.fields import MOST_POINTS, ExactText, Given, Id, Text, TimeText, Told, Whole
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page

State = Literal["held", "issued", "committed", "voided"]
MOST_CODES = 10_000


class RewardsQuery(Given):
    member_id: Text | None = Field(None, description="For this member; default: for somebody who is new.")


class NewRedemption(Given):
    member_id: Text
    reward: Key = Field(description="The key of a reward of the programme in effect.")
    points: int | None = Field(
        None, ge=1, le=MOST_POINTS, description="How many to pay with: only for rewards of kind `pay_with_points`."
    )


class RedemptionsQuery(schemas.Page):
    member_id: Text | None = Field(None, description="Only this member's.")
    code: Text | None = Field(None, description="The redemption of this code, in capitals or not.")
    state: State | None = None

    @model_validator(mode="after")
    def _one_filter(self) -> RedemptionsQuery:
        if self.code is not None and self.member_id is not None:
            raise PydanticCustomError("too_many", "Ask by code or by member_id, not by both.")
        return self


class VoucherCodes(Given):
    codes: list[Text] = Field(min_length=1, max_length=MOST_CODES)


class MoneyTold(Told):
    amount: ExactText
    currency: str


class RateTold(Told):
    points: ExactText
    per: ExactText


class RewardValue(Told):
    """What the shop does for it. What does not apply is left out."""

    amount: MoneyTold | None = None
    percent: ExactText | None = None
    max_amount: MoneyTold | None = Field(None, description="The most a percentage takes off.")
    product: str | None = None
    content: str | None = None
    min_basket: MoneyTold | None = Field(None, description="The goods in the basket must be worth this, undiscounted.")
    products: list[str] = Field([], description="Only these products get the discount.")
    collections: list[str] = Field([], description="Only products of these collections.")
    combines: bool | None = Field(None, description="Whether another discount code may be used beside it.")
    personal: bool | None = Field(
        None, description="Whether only the member can use it; absent: as the platform does it."
    )


class WhyNot(Told):
    code: str
    message: str


class Offer(Told):
    key: str
    name: str | None
    kind: RewardKind
    points: Whole = Field(description="What it costs; of `pay_with_points` the least.")
    min_points: Whole | None
    max_points: Whole | None
    rate: RateTold | None = Field(description="Of `pay_with_points`: so many points are worth so much.")
    value: RewardValue
    min_basket: MoneyTold | None
    missing_points: Whole
    available: bool = Field(description="It can be had now.")
    reasons: list[WhyNot] = Field(description="Why not; empty where it can be had.")


class Offers(Told):
    data: list[Offer]
    next: str | None = Next


class RedemptionTold(Told):
    id: Id
    member_id: str
    reward: str
    name: str | None
    kind: RewardKind
    points: Whole
    given: bool = Field(description="Given by a rule, free of points.")
    state: State
    code: str | None
    usable: bool = Field(description="An order may use the code now.")
    ending: bool = Field(description="Given up or lapsed, and the shop's platform has yet to end the code.")
    value: RewardValue
    held_at: TimeText
    issued_at: TimeText | None
    lapses_at: TimeText | None
    ended_at: TimeText | None
    order_id: str | None = Field(description="The order that used it.")
    returned_points: Whole
    programme_version: int
    flags: list[str]
    explanation: dict[str, Any]


class RedemptionsTold(Told):
    data: list[RedemptionTold]
    next: str | None = Next


class Entitlement(Told):
    redemption_id: Id
    reward: str
    name: str | None
    kind: RewardKind
    product: str | None
    content: str | None
    from_: TimeText | None = Field(alias="from")
    until: TimeText | None


class Entitlements(Told):
    data: list[Entitlement]
    next: str | None = Next


class VouchersAdded(Told):
    added: Whole
    known: Whole = Field(description="Sent again, or twice: not added.")
    left: Whole = Field(description="How many can still be handed out.")


@operation("GET", "/rewards", tag="Rewards", query=RewardsQuery, gives={200: Offers}, errors=(NotFound,))
def list_rewards(call: Call, asked: RewardsQuery) -> Answer:
    """List the rewards.

    Each of the programme in effect, with its cost, whether the member can have it now and why not, and the least
    basket in money.
    """
    row, available = None, 0
    if asked.member_id is not None:
        row = member_row(call.connection, call.shop.id, asked.member_id)
        available = readouts.points_now(call.connection, call.shop.id, row.id, row.claimed, call.now).available
    return Answer({"data": views.offers(call.connection, call.shop, row, available, call.now), "next": None})


@operation(
    "POST",
    "/redemptions",
    tag="Rewards",
    takes=NewRedemption,
    gives={201: RedemptionTold},
    errors=(NotFound, InsufficientPoints, Unclaimed, RewardUnavailable, IdempotencyConflict),
)
def redeem_reward(call: Call, given: NewRedemption) -> Answer:
    """Redeem a reward.

    The points leave `available` at once. The Idempotency-Key is also the ledger's key (`redeem:{key}`) and never
    forgotten: later the same facts answer with the same redemption, other facts with 409. Of several requests at once
    no more are granted than the points pay for (409 `insufficient_points`). Where a condition is not met the code of
    the 409 says which: `not_eligible`, `not_now`, `out_of_stock`, `limit_reached`, `budget_spent`, `programme_closed`,
    `given_only`, `not_connected` or `not_supported` (by the shop's platform). What the platform makes is `held` until
    it is there: read it again for its `code`.
    """
    shop = shops.hold(call.connection, call.shop.id)
    wish = Wish(reward=given.reward, points=given.points, key=call.key)
    made = redeeming.redeem(call.connection, shop, given.member_id, wish, call.now)
    return Answer(_told(call, made), 201)


def _told(call: Call, one: Redemption) -> dict[str, Any]:
    return views.documents(call.connection, call.vault, call.shop, [one], call.now)[0]


@operation(
    "GET", "/redemptions", tag="Rewards", query=RedemptionsQuery, gives={200: RedemptionsTold}, errors=(NotFound,)
)
def list_redemptions(call: Call, asked: RedemptionsQuery) -> Answer:
    """List or look up redemptions.

    Newest first. A shop that honours codes itself asks here with `code` at its checkout: only a `usable` one is good.
    """
    wanted = []
    if asked.member_id is not None:
        wanted.append(table.c.member_id == member_row(call.connection, call.shop.id, asked.member_id).id)
    if asked.code is not None:
        wanted.append(table.c.code == normal_code(asked.code))
    if asked.state is not None:
        wanted.append(views.state_is(asked.state, call.shop, call.now))
    last = after(asked.cursor, "redemptions", str)
    found = views.listed(call.connection, call.shop.id, wanted, last, asked.limit + 1)
    shown = views.documents(call.connection, call.vault, call.shop, found[: asked.limit], call.now)
    return Answer(page(shown, asked.limit, "redemptions", [one.id for one in found]))


@operation(
    "GET", "/redemptions/<redemption:redemption_id>", tag="Rewards", gives={200: RedemptionTold}, errors=(NotFound,)
)
def read_redemption(call: Call, _: None, redemption_id: str) -> Answer:
    """Read a redemption."""
    return Answer(_told(call, find(call.connection, call.shop.id, redemption_id)))


@operation(
    "POST",
    "/redemptions/<redemption:redemption_id>/cancel",
    tag="Rewards",
    takes=schemas.Nothing,
    gives={200: RedemptionTold},
    errors=(NotFound, HoldEnded),
)
def cancel_redemption(call: Call, _: schemas.Nothing, redemption_id: str) -> Answer:
    """Cancel a redemption.

    Only one that no order has used (409 `hold_ended` otherwise). Its code is dead, its points are back. A code that
    the shop's platform has made is ended there first: until then it is `ending` and cannot be used, its points held.
    """
    shop = shops.hold(call.connection, call.shop.id)
    return Answer(_told(call, ending.cancel(call.connection, shop, redemption_id, call.now)))


@operation(
    "POST",
    "/rewards/<path:reward_key>/codes",
    tag="Rewards",
    takes=VoucherCodes,
    gives={200: VouchersAdded},
    errors=(NotFound,),
)
def add_voucher_codes(call: Call, given: VoucherCodes, reward_key: str) -> Answer:
    """Add codes of a partner.

    For a reward of kind `partner_voucher`; each redemption takes one, in the order they came. A code that is known
    already is not added again.
    """
    shop = shops.hold(call.connection, call.shop.id)
    done = stocking.upload(call.connection, call.vault, shop, reward_key, given.codes, call.now)
    return Answer({"added": done.added, "known": done.known, "left": done.left})


@operation(
    "GET", "/members/<member:member_id>/entitlements", tag="Rewards", gives={200: Entitlements}, errors=(NotFound,)
)
def list_entitlements(call: Call, _: None, member_id: str) -> Answer:
    """List a member's entitlements.

    Products it may buy and content it may see because it redeemed them, as long as that lasts.
    """
    row = member_row(call.connection, call.shop.id, member_id)
    return Answer({"data": views.entitlements(call.connection, call.shop, row.id, call.now), "next": None})
