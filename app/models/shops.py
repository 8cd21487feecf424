"""Shops and their keys. A shop is a tenant: no row belongs to two."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, UniqueConstraint

from app.models.base import Document, Moment, metadata

shops = Table(
    "shops",
    metadata,
    Column("id", String(32), primary_key=True),  # random, 96 bits: it stands in public addresses
    Column("platform", String(32), nullable=False),
    Column("ref", Text, nullable=False),  # the platform's own name of the shop
    Column("currency", String(3), nullable=False),
    Column("timezone", Text, nullable=False),
    Column("origins", Document, nullable=False),  # storefront origins for CORS and shopper tokens
    Column("settings", Document, nullable=False),
    Column("state", String(16), nullable=False, server_default="active"),  # active, uninstalled;
    # disconnected: a delivery was an error instead; locked_out: our key is not valid any more, only connecting helps
    Column("state_reason", Text),
    Column("webhook_secret", LargeBinary),  # sealed; null where the app's own secret signs
    Column("webhook_secret_old", LargeBinary),
    Column("webhook_secret_old_until", Moment),
    Column("pepper", LargeBinary, nullable=False),  # sealed; keys the hashes of e-mails
    Column("created_at", Moment, nullable=False),
    Column("owner_email", LargeBinary),  # sealed: where links to the shop's pages are sent
    Column("links_from", Moment),  # links that were made before are used up
    # makes the codes of rewards: a code has to be found again, so it stands in this database like them, unsealed
    Column("code_secret", String(64), nullable=False, server_default=""),
    UniqueConstraint("platform", "ref"),
)

shop_origins = Table(
    "shop_origins",  # `shops.origins` once more, to be found by
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("origin", Text, primary_key=True),
    Index("ix_shop_origins_origin", "origin"),  # shops.has_origin: a preflight names no shop
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("shop_id", String(32), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("hash", String(64), nullable=False),  # SHA-256 of the key: it has 256 random bits
    Column("scope", String(8), nullable=False),  # read, write, admin
    Column("created_at", Moment, nullable=False),
    Column("retires_at", Moment),  # set by a rotation; later it is refused
)
