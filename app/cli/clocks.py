"""clock show, set, advance, real."""

from __future__ import annotations

import re
from datetime import timedelta

import click
from sqlalchemy import Connection

from app.cli.context import in_range, open_services, read_time
from app.db import transaction
from app.members.views import time_text
from app.services import Services

_STEP = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@click.group()
def clock() -> None:
    """Programme time, one instant for web, worker and command line. Only with TEST_CLOCK=1."""


def _services() -> Services:
    services = open_services()
    if not services.config.test_clock:
        raise click.UsageError("the programme clock can be set only with TEST_CLOCK=1")
    return services


def _show(services: Services, connection: Connection) -> None:
    click.echo(time_text(services.clock.now(connection)))


@clock.command()
def show() -> None:
    """Show programme time."""
    services = _services()
    with transaction(services.engine) as connection:
        _show(services, connection)


@clock.command("set")
@click.argument("time")
def set_(time: str) -> None:
    """Set programme time; it stands still until set again."""
    services, moment = _services(), read_time(time)
    with transaction(services.engine) as connection:
        services.clock.set(connection, moment)
        _show(services, connection)


@clock.command()
@click.argument("step")
def advance(step: str) -> None:
    """Move programme time on by e.g. 30d, 12h, 90m, 2w."""
    services = _services()
    parts = _STEP.fullmatch(step)
    if parts is None:
        raise click.BadParameter("a step looks like 30d, 12h, 90m, 45s or 2w")
    with transaction(services.engine) as connection:
        try:
            in_range(services.clock.advance(connection, timedelta(**{_UNITS[parts[2]]: int(parts[1])})))
        except OverflowError as error:
            raise click.BadParameter("a time lies between 1970 and 2199") from error
        _show(services, connection)


@clock.command()
def real() -> None:
    """Let programme time be real time again."""
    services = _services()
    with transaction(services.engine) as connection:
        services.clock.set(connection, None)
        _show(services, connection)
