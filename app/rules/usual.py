"""The usual caps of each kind of activity, where a rule names none; and what a shopper's browser may never tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from app.rules.document import ActivityCap, ActivityRule
from app.rules.document.shared import Span

ONCE = (ActivityCap(period="lifetime", times=1),)
ONCE_EACH = (ActivityCap(period="lifetime", times=1, per_subject=True),)
DAILY = (ActivityCap(period="day", times=1),)

# A like or a share cannot be verified, so it is capped low; what has a key of its own (a birthday has its year, a
# milestone its number, an order its id) needs no cap here.
USUAL: Mapping[str, Sequence[ActivityCap]] = {
    "sign_up": ONCE,
    "newsletter": ONCE,
    "push_opt_in": ONCE,
    "profile_field": ONCE_EACH,
    "social_connect": ONCE_EACH,
    "social_follow": ONCE_EACH,
    "social_share": DAILY,
    "review": ONCE_EACH,
    "photo_review": ONCE_EACH,
    "question": ONCE_EACH,
    "answer": ONCE_EACH,
    "wishlist_add": (*ONCE_EACH, ActivityCap(period="day", times=5)),
    "site_visit": DAILY,
    "email_open": (*ONCE_EACH, *DAILY),
    "email_click": (*ONCE_EACH, *DAILY),
    "receipt": ONCE_EACH,
    "survey": ONCE_EACH,
    "contest": ONCE_EACH,
    "in_store_scan": DAILY,
    "product_set": ONCE,
}

# Run by the clock, or following from orders: nobody tells them.
SCHEDULED = frozenset(
    (
        "birthday",
        "first_purchase_anniversary",
        "member_anniversary",
        "streak",
        "win_back",
        "next_purchase_booster",
        "leaderboard_prize",
        "surprise",
    )
)
BY_ORDERS = frozenset(("order_count_milestone", "spend_milestone", "product_set", "min_spend"))
COMPUTED = SCHEDULED | BY_ORDERS

# Reviews, purchases and birthdays, and what only the shop and its clock can know: never from a browser.
NEVER_FROM_A_BROWSER = COMPUTED | {
    "sign_up",
    "review",
    "photo_review",
    "referral",
    "referred_friend",
    "receipt",
    "manual",
}

YEARLY = frozenset(("birthday", "first_purchase_anniversary", "member_anniversary"))
BY_NUMBER = frozenset(("order_count_milestone", "spend_milestone"))  # once for each number
UNVERIFIABLE = frozenset(("social_follow", "social_share"))  # nobody can look; never presented as verified
OF_A_PRODUCT = frozenset(("review", "photo_review", "question", "answer", "wishlist_add"))  # the subject is a product


def caps_of(rule: ActivityRule) -> Sequence[ActivityCap]:
    """Return the caps of a rule: its own, else the usual ones of its kind; self-reported ones also once a day."""
    if rule.caps:
        return rule.caps
    usual = USUAL.get(rule.kind, ())
    return tuple(dict.fromkeys((*usual, *DAILY))) if rule.self_reported else usual


def once_in(rule: ActivityRule) -> Iterator[tuple[Span, int, bool]]:
    """Yield what a member may have of a rule only so many times, also after a merge: (period, times, per subject)."""
    if rule.kind in YEARLY:
        yield "year", 1, False
    if rule.kind in BY_NUMBER:
        yield "lifetime", 1, True
    for cap in caps_of(rule):
        if cap.period == "lifetime" and cap.times is not None:
            yield cap.period, cap.times, cap.per_subject
