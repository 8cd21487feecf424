"""Run migrations on the connection that `migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from app.models import metadata

LOCK_TIMEOUT_MS = 5000  # a migration that cannot get its lock gives way to the shops' traffic
ONE_AT_A_TIME = 7_307_199  # of two that begin at once the second waits, and finds nothing left to do


def run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
