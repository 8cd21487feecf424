"""Members, what identifies them, and their tiers' history."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text, text

from app.models.base import Document, Moment, metadata

_MERGED = text("merged_into IS NOT NULL")

members = Table(
    "members",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("claimed", Boolean, nullable=False),
    Column("email", LargeBinary),  # sealed; for the merchant's eyes, never for look-ups
    Column("phone", LargeBinary),  # sealed
    Column("birthday", Date),
    Column("tags", Document, nullable=False),
    Column("country", String(2)),
    Column("customer_groups", Document, nullable=False, server_default="[]"),
    Column("accepts_marketing", Boolean),  # as last told; null: never told
    Column("merged_into", String(32)),
    Column("enrolled_at", Moment, nullable=False),
    Column("requested_at", Moment),  # enrolled by request: by the merchant or a sign-up, not merely by having bought
    Column("told_at", Moment),  # update time of the newest customer state held
    Column("tokens_from", Moment),  # shopper tokens made before are dead (log-out)
    Column("email_norm_ref", String(40)),  # keyed hash without dots and +tags: only to compare with a friend's
    Column("disposable_email", Boolean, nullable=False, server_default="0"),  # its domain is a throw-away one
    Column("erased_at", Moment),  # nothing personal may be noted any more
    Column("birthday_day", Integer),  # month × 100 + day of `birthday`, and gone with it
    Column("birthday_set_at", Moment),  # when the present date was entered
    Column("birthday_changed_at", Moment),  # when one date last replaced another
    # scheduled.selecting: birthdays of a day
    Index(
        "ix_members_birthday",
        "shop_id",
        "birthday_day",
        "id",
        postgresql_where=text("birthday_day IS NOT NULL"),
        sqlite_where=text("birthday_day IS NOT NULL"),
    ),
    Index("ix_members_enrolled", "shop_id", "enrolled_at", "id"),  # scheduled.selecting: anniversaries of joining
    # member_views.family: whose entries a member's history holds
    Index("ix_members_merged", "shop_id", "merged_into", postgresql_where=_MERGED, sqlite_where=_MERGED),
)

verifications = Table(
    "verifications",  # links that prove an e-mail; one row each, so that each is good once
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),  # SHA-256 of the link's own secret
    Column("member_id", String(32), nullable=False),
    Column("email_ref", String(40), nullable=False),
    Column("email", LargeBinary, nullable=False),  # sealed
    Column("expires_at", Moment, nullable=False),  # real time
    Column("used_at", Moment),
    Index("ix_verifications_member", "shop_id", "member_id"),  # erasure
    Index("ix_verifications_expires", "shop_id", "expires_at"),  # schedules: forgotten when they end
)

identities = Table(
    "identities",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),  # customer · email (verified) · unclaimed (an e-mail) · contact
    Column("value", Text, nullable=False),  # platform id, or the keyed hash of the e-mail
    Column("member_id", String(32), nullable=False),
    Column("closed_at", Moment),
    # members.find: one open identity proves one member; `contact` proves nothing and may stand twice
    Index(
        "uq_identities_open",
        "shop_id",
        "kind",
        "value",
        unique=True,
        postgresql_where=text("closed_at IS NULL AND kind <> 'contact'"),
        sqlite_where=text("closed_at IS NULL AND kind <> 'contact'"),
    ),
    Index("ix_identities_value", "shop_id", "value"),  # GET /members?email=
    Index("ix_identities_member", "shop_id", "member_id"),  # GET /members/{id}
)

identity_locks = Table(
    "identity_locks",  # rows to lock and nothing else: see app/members/identity_locks.py
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("bucket", Integer, primary_key=True),
)

tier_changes = Table(
    "tier_changes",  # append-only
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("member_id", String(32), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("tier", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("keeps_until", Moment),
    Column("source", Text, nullable=False),  # measure, membership, manual, merge, programme
    Column("reason", Text, nullable=False),
)
