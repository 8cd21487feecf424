"""programme publish."""

from __future__ import annotations

from pathlib import Path

import click

from app import programmes, shops
from app.cli.context import json_option, open_services, print_json, read_time
from app.db import transaction
from app.errors import Invalid
from app.members.views import time_text
from app.strictjson import read


@click.group()
def programme() -> None:
    """A shop's rules."""


@programme.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shop", "shop_id", required=True)
@click.option("--effective-from", help="RFC 3339; now by default. Only the first version may begin in the past.")
@json_option
def publish(file: Path, shop_id: str, effective_from: str | None, as_json: bool) -> None:
    """Publish a programme document as the next version."""
    services = open_services()
    document = read(file.read_bytes())
    begins = read_time(effective_from) if effective_from else None
    try:
        with transaction(services.engine) as connection:
            shops.get(connection, shop_id)
            now = services.clock.now(connection)
            version = programmes.publish(connection, shop_id, document, begins, now)
    except Invalid as error:
        for problem in error.errors:
            click.echo(f"{problem.field}: {problem.message} ({problem.code})", err=True)
        raise SystemExit(1) from error
    told = {"version": version.number, "effective_from": time_text(version.effective_from)}
    if as_json:
        print_json(told)
    else:
        click.echo(f"version {told['version']} in effect from {told['effective_from']}")
