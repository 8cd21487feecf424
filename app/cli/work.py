"""drain, tick, reconcile, audit, doctor."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from app import doctoring, schedules, shops
from app.audit import audit as run_audit
from app.cli.context import json_option, open_services, print_json
from app.db import reading
from app.errors import NotFound
from app.intake import deliveries, inbox
from app.intake.deliveries import Outcome
from app.outbox import rows as outbox
from app.outbox import working
from app.platforms import comparing
from app.platforms.rewarding import EFFECTS
from app.push.sending import MESSAGES
from app.services import Services
from connectors.contract import PlatformDown, PlatformRefused

POLL_S = 0.05


@click.command()
@json_option
def tick(as_json: bool) -> None:
    """Run everything due at programme time until nothing is due."""
    services = open_services()
    told = asdict(schedules.tick(services.engine, services.clock))
    if as_json:
        print_json(told)
    else:
        click.echo(", ".join(f"{name} {count}" for name, count in told.items()))


@click.command()
@click.option("--timeout", "timeout_s", default=60.0, show_default=True, type=click.FloatRange(min=0), help="Seconds.")
@json_option
def drain(timeout_s: float, as_json: bool) -> None:
    """Work until nothing waits, rows in another worker's hands included; what is put off waits for its time."""
    services = open_services()
    started = datetime.now(UTC)
    with reading(services.engine) as connection:
        waiting = deliveries.waiting(connection)
    finished = _drain(services, time.monotonic() + timeout_s)
    with reading(services.engine) as connection:
        outcome = deliveries.finished_since(connection, started, waiting)
        outside = {
            "outbox_done": outbox.done_since(connection, started),
            "outbox_waiting": outbox.waiting(connection, services.clock.real()),
        }
    _tell(outcome, outside, as_json)
    if not finished:
        click.echo("tessera: deliveries or effects are still waiting after the timeout", err=True)
        raise SystemExit(3)
    raise SystemExit(1 if outcome.failed else 0)


def _drain(services: Services, deadline: float) -> bool:
    while True:
        inbox.drain_all(services.drain, enough=lambda: time.monotonic() >= deadline)
        if time.monotonic() < deadline:
            working.run_due(services, EFFECTS)
            working.run_due(services, MESSAGES)
        with reading(services.engine) as connection:
            if not deliveries.waiting(connection) and not outbox.waiting(connection, services.clock.real()):
                return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_S)


def _tell(outcome: Outcome, outside: Mapping[str, int], as_json: bool) -> None:
    told = {
        "done": outcome.done,
        "ignored": outcome.ignored,
        "failed": outcome.failed,
        **outside,
    }
    if as_json:
        print_json(told)
    else:
        click.echo(", ".join(f"{name} {count}" for name, count in told.items()))


@click.command()
@click.option("--shop", "shop_id", required=True)
@click.option("--since", "days", default=30, show_default=True, type=click.IntRange(1, 3650), help="Days back.")
@json_option
def reconcile(shop_id: str, days: int, as_json: bool) -> None:
    """Compare every order of the last days with the shop's platform, and settle what differs."""
    services = open_services()
    try:
        with reading(services.engine) as connection:
            found = shops.get(connection, shop_id)
        read = comparing.compare(services, found, services.clock.real() - timedelta(days=days))
    except (NotFound, PlatformDown, PlatformRefused) as error:
        raise click.ClickException(str(error)) from error
    while inbox.drain_shop(services.drain, shop_id).total:
        pass
    told = {"read": read.orders, "healed": read.new}
    if as_json:
        print_json(told)
    else:
        click.echo(f"{read.orders} orders were read again, {read.new} of them said something new")


@click.command()
@click.option("--shop", "shop_id", help="Only this shop.")
@json_option
def audit(shop_id: str | None, as_json: bool) -> None:
    """Recompute everything from the journal; exit 1 and print on any difference."""
    services = open_services()
    try:
        found = run_audit(services.engine, shop_id)
    except NotFound as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        rows = [
            {"shop_id": d.shop_id, "what": d.what, "key": d.key, "recorded": d.recorded, "recomputed": d.recomputed}
            for d in found
        ]
        print_json({"differences": rows})
    else:
        for difference in found:
            click.echo(difference.line())
        click.echo(f"{len(found)} differences" if found else "everything agrees with the journal")
    raise SystemExit(1 if found else 0)


@click.command()
def doctor() -> None:
    """Check settings, database, Redis and clock; say what to do."""
    findings = doctoring.examine()
    for finding in findings:
        mark = "ok  " if finding.ok else "BAD "
        click.echo(f"{mark} {finding.what}: {finding.advice}")
    raise SystemExit(0 if all(finding.ok for finding in findings) else 1)
