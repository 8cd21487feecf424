"""Members who bring friends: codes, what became of each friend, and signs by which one person may be known."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from app.models.base import Document, Moment, metadata

_DUE = text("due_at IS NOT NULL")

referral_codes = Table(
    "referral_codes",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("code", String(16), primary_key=True),  # referrals.referrer_of
    Column("member_id", String(32), nullable=False),  # as it was made: merges are followed
    UniqueConstraint("shop_id", "member_id"),  # GET /members/{id}/referral
)

referrals = Table(
    "referrals",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),  # the friend's member id when the link was told
    Column("code", String(16), nullable=False),
    Column("referrer_id", String(32), nullable=False),
    Column("friend_id", String(32), nullable=False),
    Column("at", Moment, nullable=False),  # of the link
    Column("source", String(8), nullable=False),  # told by the shop's server: "api"; by an order's code: "order"
    Column("version", Integer, nullable=False),  # in effect at the link; its rules stay
    Column("state", String(10), nullable=False),  # open, waiting, review, rewarded, rejected, expired
    Column("signs", Document, nullable=False),  # found at the link and when it fell due
    Column("reasons", Document, nullable=False),  # why it is in its state
    Column("order_id", Text),  # the friend's first order, while it counts
    Column("qualified_at", Moment),  # when that order began to count
    Column("due_at", Moment),  # what time alone brings about: the window's end, or the award
    Column("rewarded_at", Moment),
    Column("decision", String(8)),  # the merchant's: approve, reject
    Column("decided_at", Moment),
    Column("note", Text),  # the merchant's reason; gone with an erasure
    Column("gifts", Document, nullable=False),  # rewards to give: [{"to", "reward"}]
    Column("network_ref", String(40)),  # keyed hash; gone once it is decided
    # reviews of an order, the chain of a ring, merges
    Index("ix_referrals_friend", "shop_id", "friend_id"),
    # counts of a member, caps, merges
    Index("ix_referrals_referrer", "shop_id", "referrer_id", "state"),
    # settling: whose account a refund may touch
    Index("ix_referrals_order", "shop_id", "order_id"),
    # GET /referrals?state=
    Index("ix_referrals_state", "shop_id", "state", "id"),
    # referring.due: what time alone brings about
    Index("ix_referrals_due", "shop_id", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
)

fingerprints = Table(
    "fingerprints",  # keyed hashes; only ever compared
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("member_id", String(32), nullable=False),
    Column("kind", String(8), nullable=False),  # address, device, payment
    Column("value", String(40), nullable=False),
    Index("ix_fingerprints_member", "shop_id", "member_id", "kind", "value"),  # referrals.alike, erasure
)
