"""What scheduled rules go by: members' rhythms, how far each rule has run, what was placed or drawn, boosters."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, text

from app.models.base import Moment, metadata

_HAS_GAP = text("gap_days IS NOT NULL")
_HAS_VISIT = text("last_visit_at IS NOT NULL")
_UNUSED = text("used_by IS NULL")

schedule_runs = Table(
    "schedule_runs",  # one row for each scheduled rule, locked by the scheduler at work
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("next_day", Date, nullable=False),  # the first local day that is not done
    Column("cursor", Text),  # how far that day is done; null: not begun
)

rhythms = Table(
    "rhythms",  # when a member's orders and visits came; written under the lock of the member's balance
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("first_order_at", Moment),  # of the orders that count, by when they were placed
    Column("last_order_at", Moment),
    Column("orders", Integer, nullable=False, server_default="0"),
    Column("gap_days", Integer),  # whole days of the mean gap between orders; null under three orders
    Column("last_visit_at", Moment),
    Index("ix_rhythms_first", "shop_id", "first_order_at", "member_id"),  # selecting: anniversaries
    Index("ix_rhythms_last", "shop_id", "last_order_at", "member_id"),  # selecting: win-back; drawing: who is active
    # selecting: win-back by the member's own rhythm
    Index(
        "ix_rhythms_gap",
        "shop_id",
        "gap_days",
        "last_order_at",
        "member_id",
        postgresql_where=_HAS_GAP,
        sqlite_where=_HAS_GAP,
    ),
    # selecting: win-back without a visit
    Index(
        "ix_rhythms_visit",
        "shop_id",
        "last_visit_at",
        "member_id",
        postgresql_where=_HAS_VISIT,
        sqlite_where=_HAS_VISIT,
    ),
)

streaks = Table(
    "streaks",  # periods in a row with something done; two at least
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("measure", String(16), primary_key=True),  # "visit:day", "order:month" …
    Column("member_id", String(32), primary_key=True),
    Column("since", Integer, primary_key=True, autoincrement=False),  # the first period: see rules/calendar.py
    Column("until", Integer, nullable=False),  # the last one
    Index("ix_streaks_due", "shop_id", "measure", "since", "until", "member_id"),  # selecting: streaks
)

placings = Table(
    "placings",  # append-only: who was placed by a contest, or drawn by a surprise
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("value", Text, nullable=False),  # what was measured, exactly; of a surprise the digest drawn by
    Column("among", Integer, nullable=False),  # how many took part
    Index("ix_placings_place", "shop_id", "rule", "period", "place", "member_id"),  # selecting; leaderboards
)

boosters = Table(
    "boosters",  # personal multipliers for the next order
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", Text, primary_key=True),  # of the activity that gave it
    Column("member_id", String(32), nullable=False),
    Column("rule", Text, nullable=False),
    Column("multiplier", Text, nullable=False),
    Column("valid_from", Moment, nullable=False),
    Column("valid_until", Moment, nullable=False),  # exclusive
    Column("used_by", Text),  # the order it is frozen with
    # boosters: what a member's next order may use
    Index(
        "ix_boosters_unused",
        "shop_id",
        "member_id",
        postgresql_where=_UNUSED,
        sqlite_where=_UNUSED,
    ),
)
