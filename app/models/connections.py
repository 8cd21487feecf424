"""How a shop's platform is called, and attempts to connect one."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from app.models.base import Document, Moment, metadata

connections = Table(
    "connections",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("credentials", LargeBinary, nullable=False),  # sealed: keys, or a pair of tokens, always replaced as a whole
    Column("access_until", Moment),  # null: until it is taken back
    Column("refresh_until", Moment),
    Column("scopes", Document, nullable=False),
    Column("about", Document, nullable=False),  # what the shop says of itself: version, tax, …
    Column("hooks_checked_at", Moment),
    Column("renewing", String(32)),  # who renews the credentials just now …
    Column("renewing_until", Moment),  # … and until when the others wait for that
    Column("read_at", Moment),  # when its orders were last looked for …
    Column("read_until", Moment),  # … and up to when all changes have been read
    Column("compared_at", Moment),  # when every order was last compared with the platform's list
    Column("products_at", Moment),  # when its products were last looked for …
    Column("products_whole_at", Moment),  # … when all of them were last read …
    Column("products_until", Moment),  # … up to when all changes are known …
    Column("products_place", Document),  # … and where reading all of them goes on, with when that began
    Column("takes_facts", Boolean, nullable=False, server_default="0"),  # it keeps members' facts for its themes
    Column("perks_due_at", Moment),  # when the perks of tiers are to be looked after there; null: at once …
    Column("perks_kept", Text),  # … what they were made to be …
    Column("perks_kept_at", Moment),  # … when …
    Column("perks_version", Integer),  # … by which version of the programme …
    Column("perks_reason", Text),  # … and why that could not be done
    Column("perks_lease", String(32)),  # who looks after them just now …
    Column("perks_leased_until", Moment),  # … and until when the others wait for that
    Column("facts_due_at", Moment),  # when what its themes show of the shop is to be told; null: at once …
    Column("facts_told", String(64)),  # … the SHA-256 of what was told …
    Column("facts_told_at", Moment),  # … and when
    Column("connected_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_connections_updated_at", "updated_at"),  # tokens.keep_alive
    Index("ix_connections_read_at", "read_at"),  # reading.run_due
)

installs = Table(
    "installs",  # no shop yet: nothing of a tenant stands here, and each row lives for minutes
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the token that the platform brings back
    Column("platform", String(32), nullable=False),
    Column("ref", Text, nullable=False),  # the shop that was named when it began
    Column("browser", String(64), nullable=False),  # SHA-256 of what the browser that began holds
    Column("state", String(16), nullable=False),  # waiting, granted, done, refused, void
    Column("reason", Text),
    Column("shop_id", String(32)),  # once it is connected
    Column("created_at", Moment, nullable=False),
    Column("granted_at", Moment),  # the key was proved
    Column("expires_at", Moment, nullable=False),
    Index("ix_installs_expires_at", "expires_at"),  # schedules.forget
)
