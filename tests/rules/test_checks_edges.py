"""Where right ends and wrong begins in a programme document: each row is all that is said of it, no more, no less."""

from __future__ import annotations

from typing import Any

import pytest

from app.rules.fields import ACTIVITY_KINDS
from app.rules.programme import InvalidProgramme, parse_programme
from tests.rules.builders import SETTINGS

RATE = {"points": "1", "per": "1"}
TIERS = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "500"}, {"key": "club", "enter": None}]
FIVE = {"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}
PAY = {"key": "pay", "kind": "pay_with_points", "rate": RATE}
JANUARY, FEBRUARY = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


def problems(**parts: Any) -> list[tuple[str, str]]:
    earning = {"rate": RATE, "markets": [{"key": "eu", "countries": ["FR"]}]} | parts.pop("earning", {})
    whole = {"name": "Club", "currency": "EUR", "tiers": TIERS, "rewards": [FIVE, PAY]} | parts
    try:
        parse_programme(whole | {"earning": earning})
    except InvalidProgramme as invalid:
        return [(each.field, each.code) for each in invalid.problems]
    return []


def of_rule(kind: str, **changes: Any) -> list[tuple[str, str]]:
    told = {"key": "r", "kind": kind, "points": 5} | SETTINGS.get(kind, {}) | changes
    return [(field.removeprefix("activities.0."), code) for field, code in problems(activities=[told])]


@pytest.mark.parametrize("kind", [*ACTIVITY_KINDS, "custom:dance"])
def test_only_kinds_that_know_of_money_have_a_rate_or_a_least_amount(kind):
    orders = ("order_count_milestone", "spend_milestone", "product_set", "min_spend")
    money = (*orders, "receipt", "in_store_scan", "manual", "custom:dance")
    refused = [("rate", "not_for_this_kind")]
    assert of_rule(kind, points=0, rate=RATE) == ([] if kind in money else refused)
    refused = [("min_amount", "not_for_this_kind")]
    assert of_rule(kind, min_amount="5") == ([] if kind in ("min_spend", "receipt") else refused)


NEVER_FROM_A_BROWSER = """birthday first_purchase_anniversary member_anniversary streak win_back next_purchase_booster
leaderboard_prize surprise order_count_milestone spend_milestone product_set min_spend sign_up review photo_review
referral referred_friend receipt manual"""


@pytest.mark.parametrize("kind", [*ACTIVITY_KINDS, "custom:dance"])
def test_a_browser_is_not_believed_about_what_the_shop_knows_itself(kind):
    refused = kind in NEVER_FROM_A_BROWSER.split()
    assert of_rule(kind, self_reported=True) == ([("self_reported", "not_for_a_browser")] if refused else [])
    assert of_rule(kind, self_reported=False) == []


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        ("review", {"points": 0, "reward": "five"}, []),
        ("review", {"points": 0, "booster": {"multiplier": "2", "valid_days": 7}}, []),
        ("review", {"points": 0, "rate": None, "reward": None}, [("points", "nothing_to_earn")]),
        ("leaderboard_prize", {"points": 0}, []),
        ("next_purchase_booster", {"win_back": {"rhythm": "2"}}, []),
        ("win_back", {"win_back": {"days_without_visit": 5}}, []),
        ("win_back", {"win_back": {"rhythm": "2", "only_after_orders": 5}}, []),
        ("birthday", {"subject": None, "verified_buyer": False}, []),
        ("leaderboard_prize", {"contest": {"by": "tier", "prizes": [5]}}, []),
        ("order_count_milestone", {"milestone": {"at": None}}, [("milestone.at", "missing")]),
        ("order_count_milestone", {"milestone": {"at": "2.0", "every": "3"}}, []),
        ("order_count_milestone", {"milestone": {"every": "0.5"}}, [("milestone.every", "not_whole")]),
        ("spend_milestone", {"milestone": {"at": "0.5", "every": "1"}}, []),
        ("spend_milestone", {"milestone": {"every": "0.99"}}, [("milestone.every", "out_of_range")]),
        ("spend_milestone", {"milestone": {"every": "0"}}, [("milestone.every", "not_above_zero")]),
        ("product_set", {"product_set": {"products": ["a", "b"], "at_least": 2}}, []),
        (
            "product_set",
            {"product_set": {"products": ["a", "b"], "at_least": 3}},
            [("product_set.at_least", "out_of_range")],
        ),
        ("product_set", {"product_set": "a"}, [("product_set", "wrong_type")]),
        ("product_set", {"product_set": {"products": None}}, [("product_set.products", "wrong_type")]),
        ("review", {"budget": {"points": 5}}, []),
        ("review", {"caps": [{"period": "day", "times": 1}, {"period": "day", "points": 1}]}, []),
        ("review", {"when": {"from": JANUARY, "to": FEBRUARY, "hours": ["09:00", "10:00"]}}, []),
        ("review", {"when": {"from": JANUARY, "to": JANUARY}}, [("when.to", "empty_period")]),
        ("review", {"when": {"from": FEBRUARY}}, []),
        ("review", {"expiry": {}}, []),
        ("review", {"expiry": "never"}, [("expiry", "wrong_type")]),
        ("custom:dance", {"self_reported": True}, []),
        ("review", {"self_reported": False}, []),
    ],
    ids=str,
)
def test_an_activity_rule_is_right_up_to_its_edges(kind, changes, said):
    assert of_rule(kind, **changes) == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"activities": [{"key": key, "kind": "manual", "points": 1} for key in "aba"]}, ["activities.2.key"]),
        ({"segments": [{"key": key} for key in "aba"]}, ["segments.2.key"]),
    ],
)
def test_a_key_is_missed_wherever_its_twin_stands(parts, said):
    assert problems(**parts) == [(field, "duplicate_key") for field in said]


def margins(*bands: tuple[str | None, str | None]) -> dict[str, Any]:
    rows = [{"key": str(n), "from": first, "to": end, "multiplier": "1"} for n, (first, end) in enumerate(bands)]
    return {"margins": rows}


@pytest.mark.parametrize(
    ("earning", "said"),
    [
        ({"return_days": 14}, []),
        ({"return_days": 15}, [("return_days", "without_effect")]),
        ({"pending_until": "return_window", "return_days": 15}, []),
        ({"pending_until": "fulfilled", "earn_on": "fulfilled"}, []),
        ({"pending_until": "delivered", "earn_on": "completed"}, []),
        (margins(("0.99", None)), []),
        (margins(("1", None)), [("margins.0.from", "out_of_range")]),
        (margins(("0.3", "0.29")), [("margins.0.to", "empty_range")]),
        (margins(("0.3", "0.3")), [("margins.0.to", "empty_range")]),
        (margins(("0.5", None), (None, "0.5")), []),
        (margins(("0.5", None), (None, "0.51")), [("margins.1.from", "overlap")]),
        (margins((None, "0.51"), ("0.5", None)), [("margins.1.from", "overlap")]),
        (margins((None, "0.5"), (None, "0.2")), [("margins.1.from", "overlap")]),
        (margins(("0.5", None), ("0.7", None)), [("margins.1.from", "overlap")]),
        (margins(("0.1", "0.9"), ("0.2", "0.3")), [("margins.1.from", "overlap")]),
        (margins(("x", None), (None, None)), [("margins.0.from", "not_a_decimal")]),
        ({"products": [{"key": "a", "match": {"tag": "a", "vendor": None}}]}, []),
        ({"rates": {"USD": RATE}}, []),
    ],
    ids=str,
)
def test_earning_is_right_up_to_its_edges(earning, said):
    assert problems(earning=earning) == [(f"earning.{field}", code) for field, code in said]


@pytest.mark.parametrize(
    ("part", "row", "said"),
    [
        ("segments", {"orders_at_least": 2, "orders_at_most": 2}, []),
        ("segments", {"joined_from": JANUARY, "joined_to": FEBRUARY, "any_tag": ["a"], "no_tag": ["b"]}, []),
        ("segments", {"tiers": ["club", 5]}, [("tiers.1", "unknown_key_named"), ("tiers.1", "wrong_type")]),
        ("campaigns", {"max_orders": 2, "max_orders_per_member": 2}, []),
        ("campaigns", {"coupon": ""}, [("coupon", "too_short")]),
        ("campaigns", {"coupon": "x "}, [("coupon", "not_printable")]),
        ("campaigns", {"stackable": False, "multiplier": "2"}, []),
        ("campaigns", {"stackable": False, "bonus": 1}, []),
        ("campaigns", {"stackable": False, "bonus": 0}, [("stackable", "no_effect")]),
        ("campaigns", {"stackable": True}, []),
        ("campaigns", {"hours": ["09:00", "10:00"], "from": JANUARY, "to": FEBRUARY}, []),
        ("campaigns", {"who": {"markets": ["eu"], "tiers": ["gold", "none"]}}, [("who.tiers.1", "unknown_key_named")]),
    ],
    ids=str,
)
def test_segments_and_campaigns_are_right_up_to_their_edges(part, row, said):
    assert problems(**{part: [{"key": "a"} | row]}) == [(f"{part}.0.{field}", code) for field, code in said]


EUR = {"amount": "9.00", "currency": "EUR"}
SILENT = {"products": [], "combines": False, "min_points": 0, "amount": None, "min_basket": {}, "max_points": None}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"kind": "contest_entry", **SILENT}, []),
        ({"kind": "contest_entry", "max_points": 5}, [("max_points", "not_for_this_kind")]),
        ({"kind": "contest_entry", "min_points": 1}, [("min_points", "not_for_this_kind")]),
        ({"kind": "percent_off", "percent": "100", "max_amount": EUR}, []),
        ({"kind": "percent_off", "percent": "100.5"}, [("percent", "out_of_range")]),
        ({**PAY, "points": 0, "min_points": 10, "max_points": 10}, []),
        ({**PAY, "points": 0, "max_points": 1}, []),
        ({**PAY, "points": None, "max_points": True}, [("max_points", "wrong_type"), ("points", "wrong_type")]),
        ({**PAY, "points": 1}, [("points", "not_for_this_kind")]),
        ({**FIVE, "amount": {"amount": "9", "currency": "USD"}, "cost": {"amount": "1", "currency": "JPY"}}, []),
        ({**FIVE, "min_basket": EUR, "min_above_average_percent": None}, []),
        ({**FIVE, "min_above_average_percent": "0", "combines": True}, []),
        ({**FIVE, "when": {"from": JANUARY, "to": FEBRUARY, "hours": ["09:00", "10:00"]}}, []),
        ({**FIVE, "when": {"from": JANUARY, "to": JANUARY}}, [("when.to", "empty_period")]),
        ({**FIVE, "when": {"to": JANUARY}}, []),
    ],
    ids=str,
)
def test_a_reward_is_right_up_to_its_edges(row, said):
    assert problems(rewards=[{"points": 5, **row, "key": "r"}]) == [
        (f"rewards.0.{field}", code) for field, code in said
    ]


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"activities": [{"key": "a", "kind": "manual", "reward": "pay"}]}, "activities.0.reward"),
        ({"referrals": {"referrer_reward": "pay", "friend_reward": "five"}}, "referrals.referrer_reward"),
        ({"referrals": {"referrer_reward": "five", "friend_reward": "pay"}}, "referrals.friend_reward"),
    ],
)
def test_no_rule_gives_away_what_only_points_can_price(parts, field):
    assert problems(**parts) == [(field, "cannot_be_given")]


WINDOW = {"window": "calendar_year"}
CARD = {"key": "card", "product": "p1", "tier": "club", "months": 12}


def ladder(*enters: str | None, **of_last: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"key": f"t{number}", "enter": enter} for number, enter in enumerate(enters)]
    return [*rows[:-1], rows[-1] | of_last]


def perked(*perks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**row, "perks": each} for row, each in zip(ladder("0", "500"), perks, strict=True)]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"tiers": ladder("0.00", "0.01")}, []),
        ({"tiers": ladder("0", "500", None, "500")}, [("tiers.3.enter", "not_ascending")]),
        ({"tiers": ladder("0", "500", None, "500.01")}, []),
        ({"tiers": ladder("0.01")}, [("tiers.0.enter", "no_entry_tier")]),
        ({"tiers": ladder(None)}, [("tiers.0.enter", "no_entry_tier")]),
        ({"tiers": [{"key": "a"}]}, [("tiers.0.enter", "missing")]),
        ({"tiers": ladder("0", "500", keep="500"), "tier_measure": WINDOW}, []),
        ({"tiers": ladder("0", "500", keep="0"), "tier_measure": {}}, [("tiers.1.keep", "needs_window")]),
        ({"tiers": ladder("0", None, keep="0"), "tier_measure": WINDOW}, [("tiers.1.keep", "never_measured")]),
        ({"tier_measure": {"window": "lifetime", "grace_days": 0, "downgrade": "to_measure"}}, []),
        ({"memberships": [CARD, CARD | {"key": "b", "product": "p2", "tier": "gold", "months": None, "days": 3}]}, []),
        ({"tiers": perked({"discount_percent": "100"}, {})}, []),
        ({"tiers": perked({"discount_percent": "100.01"}, {})}, [("tiers.0.perks.discount_percent", "above_100")]),
        ({"tiers": perked({"customer_tag": "vip"}, {"customer_tag": "vip", "early_access_days": 1})}, []),
        (
            {"tiers": perked({"customer_tag": "vip"}, {"customer_tag": "VIP", "free_shipping": True})},
            [("tiers.1.perks.customer_tag", "duplicate_tag")],
        ),
        (
            {"tiers": perked({"discount_percent": "5"}, {"customer_tag": "tessera-t0"})},
            [("tiers.1.perks.customer_tag", "duplicate_tag")],
        ),
        ({"tiers": perked({"discount_percent": "0"}, {"customer_tag": "tessera-t0"})}, []),
        ({"tiers": perked({"discount_percent": "5"}, {"free_shipping": True})}, []),
        ({"memberships": [CARD | {"tier": "entry"}]}, [("memberships.0.tier", "entry_tier")]),
        ({"tiers": [], "memberships": [CARD]}, [("memberships.0.tier", "unknown_tier")]),
    ],
    ids=str,
)
def test_tiers_and_memberships_are_right_up_to_their_edges(parts, said):
    assert problems(**parts) == said
