"""The ledger: entries and allocations are never changed (the database refuses), lots and balances are."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from app.models.base import Document, Moment, Points, metadata

ACCOUNTS = (
    "issued",
    "pending",
    "available",
    "held",
    "redeemed",
    "expired",
    "reversed",
    "written_off",
    "transferred",
)

balances = Table(
    "balances",  # the cached sums of a member's entries; audit proves them equal
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    *(Column(account, Points, nullable=False, server_default="0") for account in ACCOUNTS),
    Column("clamped", Points, nullable=False, server_default="0"),  # deficits written off, not yet undone
    Column("clamp_waiting", Points, nullable=False, server_default="0"),  # … that wait for holds to end
    Column("entries", BigInteger, nullable=False, server_default="0"),  # the last entry's n
    Column("good_until", Moment),  # the next date transition; later, open lots are read
    # schedules.tick and reports: members whose balance has a date to pass
    Index("ix_balances_due", "shop_id", "good_until", postgresql_where=text("good_until IS NOT NULL")),
)

entries = Table(
    "entries",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("n", BigInteger, primary_key=True),  # 1, 2, 3 … per member: history pages read the primary key
    Column("key", Text, nullable=False),  # names the business fact
    Column("facts", String(64), nullable=False),  # SHA-256 of the fact: the same key with other facts is an error
    Column("kind", String(24), nullable=False),
    Column("at", Moment, nullable=False),  # of the fact, never the wall clock
    Column("points", Points, nullable=False),
    Column("account_changes", Document, nullable=False),  # sums to zero; `issued` has the opposite sign
    Column("source_type", String(24), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("explanation", Document, nullable=False),
    Column("booked_at", Moment, nullable=False),
    UniqueConstraint("shop_id", "key"),
)

lots = Table(
    "lots",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("key", Text, primary_key=True),  # the key of the entry that opened it
    Column("member_id", String(32), nullable=False),
    Column("source_type", String(24), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("version", Integer),
    Column("points", Points, nullable=False),
    Column("remaining", Points, nullable=False),
    Column("expired", Points, nullable=False, server_default="0"),
    Column("opened_at", Moment, nullable=False),
    Column("available_from", Moment, nullable=False),
    Column("booked", Boolean, nullable=False),  # its points are in `available`
    Column("expires_at", Moment),
    Column("root", Text, nullable=False),  # the lot its points first came from; itself, unless restored
    Column("warned", Integer, nullable=False, server_default="0"),  # how many warnings of `expires_at` are recorded
    # book.load: a member's open lots
    Index(
        "ix_lots_open",
        "shop_id",
        "member_id",
        postgresql_where=text("remaining > 0"),
        sqlite_where=text("remaining > 0"),
    ),
    # book.load: what came back from an order's own lot after it had lapsed
    Index(
        "ix_lots_restored",
        "shop_id",
        "root",
        postgresql_where=text("root <> key"),
        sqlite_where=text("root <> key"),
    ),
)

allocations = Table(
    "allocations",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("entry_n", BigInteger, primary_key=True),
    Column("i", Integer, primary_key=True),
    Column("lot", Text),  # null: the deficit itself
    Column("slot", String(12), nullable=False),
    Column("points", Points, nullable=False),  # what the lot's remaining changed by
)

expiry_warnings = Table(
    "expiry_warnings",  # append-only: what was announced before an expiry could be booked
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("lot", Text, primary_key=True),
    Column("expires_at", Moment, primary_key=True),  # a lot whose date has moved is warned of anew
    Column("kind", String(8), primary_key=True),  # 30d, 7d
    Column("member_id", String(32), nullable=False),  # who had the lot then
    Column("points", Points, nullable=False),
    Column("recorded_at", Moment, nullable=False),  # programme time
)

redatings = Table(
    "redatings",  # versions that move the dates of lots that are open when they take effect, and how far that has come
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("cursor", String(32), nullable=False, server_default=""),  # the last member that is done
    Column("done", Boolean, nullable=False, server_default="0"),
)

holds = Table(
    "holds",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", Text, primary_key=True),  # the redemption's
    Column("member_id", String(32), nullable=False),
    Column("points", Points, nullable=False),
    Column("state", String(12), nullable=False),  # held, committed, voided
    Column("lots", Document, nullable=False),  # [[lot, points], …] in spending order: where what is gone came from
    Column("returned", Points, nullable=False, server_default="0"),  # of a committed one
    Column("held_at", Moment, nullable=False),
    Column("lapses_at", Moment),
    Column("back", Document, nullable=False, server_default="[]"),  # [[lot it is in, lot it is of, points], …]
    Column("moves", Integer, nullable=False, server_default="0"),  # how often points went back or again
    Index("ix_holds_member", "shop_id", "member_id"),  # members.merge
)
