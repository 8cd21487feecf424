"""What every command begins with: settings, the engine, a migrated database."""

from __future__ import annotations

import json
from datetime import datetime

import click

import migrations
from app.config import ConfigError, read_config
from app.logs import configure
from app.services import Services, make_services


def open_services() -> Services:
    """Read the settings and reach the database. An embedded one is migrated on the way.

    Raises: ConfigError.
    """
    config = read_config()
    configure(config.log_format)
    services = make_services(config)
    if config.database_url.startswith("sqlite"):
        migrations.upgrade(services.engine)
    else:
        with services.engine.connect() as connection:
            if migrations.current(connection) != migrations.head():
                raise ConfigError("the database is not migrated; run: tessera migrate")
    return services


def print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, default=str))


def read_time(text: str) -> datetime:
    """Read an RFC 3339 time with its offset. Raises: click.BadParameter."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is not a time like 2026-03-01T10:00:00Z") from error
    if moment.tzinfo is None:
        raise click.BadParameter(f"{text!r} names no offset; end it with Z or +02:00")
    return in_range(moment)


def in_range(moment: datetime) -> datetime:
    """Return a moment that leaves room for date arithmetic. Raises: click.BadParameter."""
    if not 1970 <= moment.year < 2200:
        raise click.BadParameter("a time lies between 1970 and 2199")
    return moment


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
