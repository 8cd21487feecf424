"""Bring a database to the shape the models describe. One migration does one thing; HEAD names the last."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine

HERE = Path(__file__).parent


def settings(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    return (HERE / "HEAD").read_text().strip()


def current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run every migration that is missing. Once: the version table remembers."""
    with engine.begin() as connection:
        command.upgrade(settings(connection), to)


def downgrade(engine: Engine, to: str = "base") -> None:
    with engine.begin() as connection:
        command.downgrade(settings(connection), to)
