"""An example for each body, shown in the documentation; tests hold them against the models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from app.rules.programme import Programme
from app.web.api import answers, backtest, phases, rewards, room_examples, schemas
from app.web.api.activities import Activities, ActivityTold, NewActivity, Rejection
from app.web.api.review_apps import ConnectedReviewApp, ReviewApps, ReviewAppSecret, ReviewAppTold
from app.web.api.templates import Templates
from app.web.api.what_if import DraftPreview, WhatIf

_MEMBER_ID = "m_5f3a9c1e7b2d4f608a1c"
_POINTS = {
    "available": 399,
    "pending": 0,
    "held": 0,
    "deficit": 0,
    "unclaimed": 0,
    "lifetime_earned": 399,
    "expiring": [],
}
_MEMBER = {
    "id": _MEMBER_ID,
    "email": "ada@example.com",
    "identities": [
        {"kind": "platform_id", "value": "6940095564", "verified": True},
        {"kind": "email", "value": None, "verified": True},
    ],
    "claimed": True,
    "enrolled_at": "2026-03-01T10:00:00Z",
    "birthday": None,
    "tags": [],
    "country": "FR",
    "customer_groups": [],
    "leaderboard_name": None,
    "tier": {
        "key": "entry",
        "name": "Welcome",
        "since": "2026-03-01T10:00:00Z",
        "keeps_until": None,
        "source": "measure",
        "points_to_next": 461,
        "next": {"key": "gold", "name": "Gold", "by": "spend", "missing": "460.02"},
        "to_keep": None,
        "sentence": "€460.02 to Gold",
        "perks": {},
        "perk_code": None,
    },
    "points": _POINTS,
    "warnings": [],
    "next_reward": {"key": "five", "kind": "amount_off", "points": 500, "missing": 101},
}
_SENTENCE = "€39.98 × 10 points per €1.00 = 399 points, rounded down"
_EXPLANATION = {
    "version": 1,
    "currency": "EUR",
    "basis": "39.98",
    "rate": {"points": "10", "per": "1"},
    "points_exact": "399.8",
    "rounding": "floor",
    "points": 399,
}
_ENTRY = {
    "id": "order:1001:1",
    "member_id": _MEMBER_ID,
    "at": "2026-03-01T10:00:05Z",
    "kind": "earn",
    "points": 399,
    "account_changes": {"issued": -399, "available": 399},
    "source": {"type": "order", "id": "1001"},
    "explanation": _EXPLANATION,
    "sentence": _SENTENCE,
}
_ADJUSTED = {
    "id": "adjust:sorry-1001",
    "member_id": _MEMBER_ID,
    "at": "2026-03-02T09:00:00Z",
    "kind": "adjustment",
    "points": 500,
    "account_changes": {"issued": -500, "available": 500},
    "source": {"type": "adjustment", "id": "sorry-1001"},
    "explanation": {"rule": "adjustment", "points": 500},
    "sentence": "Given by the shop",
}
_LINE = {"basis": "39.98", "factor": "1", "points_exact": "399.8"}
_ORDER = {
    "id": "1001",
    "platform_id": "1001",
    "member_id": _MEMBER_ID,
    "placed_at": "2026-03-01T10:00:00Z",
    "programme_version": 1,
    "tier": "entry",
    "state": "paid",
    "target": 399,
    "posted": 399,
    "lines": [{"platform_id": "l1", **_LINE}],
    "flags": [],
    "arm": None,
    "explanation": _EXPLANATION,
    "sentence": _SENTENCE,
}
_PROGRAMME = {
    "name": "Club",
    "currency": "EUR",
    "earning": {"rate": {"points": "10", "per": "1"}, "rounding": "floor", "stacking": "add"},
    "tiers": [{"key": "entry", "enter": "0", "multiplier": "1"}, {"key": "gold", "enter": "500", "multiplier": "2"}],
    "rewards": [{"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}],
}
_VERSION = {"version": 1, "effective_from": "2026-03-01T00:00:00Z"}
_DELIVERY = {
    "id": "59375817293824",
    "topic": "order",
    "state": "failed",
    "reason": "lines[0].quantity: must be a whole number, 0 or more",
    "received_at": "2026-03-01T10:00:06.120000Z",
    "finished_at": "2026-03-01T10:00:06.480000Z",
    "body": {"id": "1001", "currency": "EUR", "customer": {"id": "[redacted]", "email": "[redacted]"}},
}
_ACCOUNTS = {
    "issued": 399,
    "pending": 0,
    "available": 399,
    "held": 0,
    "redeemed": 0,
    "expired": 0,
    "reversed": 0,
    "written_off": 0,
    "transferred": 0,
    "deficit": 0,
}
_LINES = [{"product_id": "p1", "quantity": 2, "unit_price": "19.99"}]
_PREVIEWED = [{"product_id": "p1", "variant_id": None, **_LINE}]
_VALUE = {"amount": {"amount": "5.00", "currency": "EUR"}, "combines": False}
_OFFER = {
    "key": "five",
    "name": "€5 off",
    "kind": "amount_off",
    "points": 500,
    "min_points": None,
    "max_points": None,
    "rate": None,
    "value": _VALUE,
    "min_basket": None,
    "missing_points": 101,
    "available": False,
    "reasons": [{"code": "insufficient_points", "message": "101 points are missing."}],
}
_REDEMPTION = {
    "id": "r_0c6b1f93ad52e7408b1d",
    "member_id": _MEMBER_ID,
    "reward": "five",
    "name": "€5 off",
    "kind": "amount_off",
    "points": 500,
    "given": False,
    "state": "issued",
    "code": "TES-H7KD-QXW4-9MNA",
    "usable": True,
    "ending": False,
    "value": _VALUE,
    "held_at": "2026-03-02T10:00:00Z",
    "issued_at": "2026-03-02T10:00:00Z",
    "lapses_at": "2026-05-31T22:00:00Z",
    "ended_at": None,
    "order_id": None,
    "returned_points": 0,
    "programme_version": 1,
    "flags": [],
    "explanation": {"rule": "redeem"},
}
_ENTITLEMENT = {
    "redemption_id": "r_5d2a90c4be8f6137a2e0",
    "reward": "atelier",
    "name": "Evening at the atelier",
    "kind": "exclusive_content",
    "product": None,
    "content": "https://shop.example/atelier",
    "from": "2026-03-02T10:00:00Z",
    "until": "2026-05-31T22:00:00Z",
}

_DRAFT_PREVIEW = {
    "version": 3,
    "orders": {
        "compared": 500,
        "points_before": 199500,
        "points_after": 239400,
        "earning_more": 120,
        "earning_less": 0,
        "most_affected": [{"order_id": "1001", "points_before": 399, "points_after": 798}],
    },
    "members": {
        "affected": 74,
        "most_affected": [{"member_id": "m_5f3a9c1e7b2d4f608a1c", "points_before": 399, "points_after": 798}],
    },
    "changed": [{"path": "campaigns.spring.multiplier", "before": "2", "after": "3"}],
    "tiers": [],
}


_ACTIVITY = {
    "id": "activity:review-77",
    "member_id": _MEMBER_ID,
    "kind": "review",
    "subject": "p1",
    "at": "2026-03-04T18:20:00Z",
    "state": "awarded",
    "reason": None,
    "points": 50,
    "rule": "review",
    "version": 1,
    "verified": True,
    "entry": "activity:review-77",
    "explanation": {
        "kind": "review",
        "rule": "review",
        "version": 1,
        "subject": "p1",
        "points": 50,
        "caps": {"rule": [{"period": "lifetime", "of": "lifetime", "per_subject": True, "times": 1, "times_left": 1}]},
    },
}
_WAITING = {**_ACTIVITY, "state": "review", "reason": "seen_before", "entry": None, "evidence": {"text": "Lovely"}}

_REVIEW_APP = {
    "app": "judgeme",
    "title": "Judge.me",
    "connected": True,
    "webhook_url": "https://tessera.example/webhooks/reviews/judgeme/5f3a9c1e7b2d4f608a1c2b3d",
}


def _list(*data: object) -> dict[str, Any]:
    return {"data": list(data), "next": None}


EXAMPLES: dict[type[BaseModel], Any] = {
    schemas.NewMember: {"email": "ada@example.com", "email_verified": True, "platform_id": "6940095564"},
    schemas.NewAdjustment: {"points": 500, "reason": "Sorry for the delay"},
    schemas.TokenWish: {"ttl_s": 300},
    schemas.Publication: {"effective_from": "2026-03-01T00:00:00Z"},
    schemas.Nothing: {},
    phases.WindDown: {"spend_until": "2026-12-31"},
    WhatIf: {"orders": 500, "days": 30},
    DraftPreview: _DRAFT_PREVIEW,
    schemas.PreviewBasket: {"currency": "EUR", "lines": _LINES},
    NewActivity: {
        "kind": "review",
        "subject": "p1",
        "id": "review-77",
        "evidence": {"text": "Lovely shoes, and they fit."},
    },
    Rejection: {"reason": "Copied from another page"},
    ActivityTold: _ACTIVITY,
    ReviewAppSecret: {"secret": "0f6f5c0e9d1b"},
    ReviewAppTold: _REVIEW_APP,
    ConnectedReviewApp: {**_REVIEW_APP, "secret": None},
    ReviewApps: _list(_REVIEW_APP),
    Activities: _list(_WAITING),
    rewards.NewRedemption: {"member_id": _MEMBER_ID, "reward": "five"},
    rewards.VoucherCodes: {"codes": ["CINEMA-8841", "CINEMA-8842"]},
    rewards.Offer: _OFFER,
    rewards.Offers: _list(_OFFER),
    rewards.RedemptionTold: _REDEMPTION,
    rewards.RedemptionsTold: _list(_REDEMPTION),
    rewards.VouchersAdded: {"added": 2, "known": 0, "left": 2},
    rewards.Entitlement: _ENTITLEMENT,
    rewards.Entitlements: _list(_ENTITLEMENT),
    Programme: _PROGRAMME,
    answers.Member: _MEMBER,
    answers.Members: _list(_MEMBER),
    answers.Entry: _ENTRY,
    answers.Entries: _list(_ENTRY),
    answers.Adjustment: {"member_id": _MEMBER_ID, "entry": _ADJUSTED, "points": {**_POINTS, "available": 899}},
    answers.ShopperToken: {"token": "eyJzIjoiZDQ4…", "expires_at": "2026-03-01T10:10:00Z"},
    answers.Published: _VERSION,
    answers.ProgrammeVersions: _list({**_VERSION, "published_at": "2026-03-01T00:00:00Z", "programme": _PROGRAMME}),
    answers.Order: _ORDER,
    answers.Orders: _list(_ORDER),
    answers.Accounts: _ACCOUNTS,
    Templates: _list({"key": "coffee", "shop": "Coffee, food and drink", "idea": "A gift at every 10th order."}),
    answers.Preview: {
        "points": 399,
        "about": False,
        "lines": _PREVIEWED,
        "explanation": _EXPLANATION,
        "sentence": _SENTENCE,
    },
    backtest.BacktestWish: {"orders_at_most": 1000},
    backtest.BacktestTold: backtest.EXAMPLE,
    **room_examples.EXAMPLES,
    answers.Asked: {"asked": True},
    answers.Delivery: _DELIVERY,
    answers.Deliveries: _list(_DELIVERY),
}
