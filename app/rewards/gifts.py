"""Rewards that come with an activity: given while it stands, taken back with it as long as nobody has used them."""

from __future__ import annotations

from app.activities.rows import Activity
from app.desk import Desk
from app.rewards.redemptions import give, made_there
from app.rules.rewards import BY_ORDER

TAKEN_BACK = "taken_back"


def follow(desk: Desk, activity: Activity) -> None:
    """Let the reward of an activity follow its state. Once: an activity gives one; repeats change nothing.

    What is committed when it is issued (a gift card, a voucher) stays, like points that were spent.
    """
    reward = activity.explanation.get("reward")
    if not isinstance(reward, str):
        return
    known = desk.redemptions.get(f"gift:{activity.id}")
    if activity.state != "awarded":
        if known is not None:
            take_back(desk, activity)
    elif known is None:
        version = None if activity.version is None else desk.versions[activity.version - 1]
        give(desk, activity.member_id, reward, activity.id, activity.at, version)
    elif TAKEN_BACK in known.flags:
        known.flags = tuple(flag for flag in known.flags if flag != TAKEN_BACK)
        there = made_there(desk.shop, known.kind)
        known.state, known.ended_at = "issued" if known.code and not there else "held", None
        if there:
            desk.redemptions.make_again(known)
        desk.redemptions.change(known)


def take_back(desk: Desk, activity: Activity) -> None:
    """Void what an activity gave, unless it is used or has ended."""
    void(desk, f"gift:{activity.id}")


def void(desk: Desk, key: str) -> None:
    """Void a gift by what it is named by, unless it is used or has ended, or is money on its way."""
    known = desk.redemptions.get(key)
    if known is not None and known.open and (known.kind in BY_ORDER or not made_there(desk.shop, known.kind)):
        known.state, known.ended_at, known.flags = "voided", desk.now, (*known.flags, TAKEN_BACK)
        desk.redemptions.change(known)
        if made_there(desk.shop, known.kind):
            desk.redemptions.end(known, TAKEN_BACK)
