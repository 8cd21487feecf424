"""member erase."""

from __future__ import annotations

from functools import partial

import click
from sqlalchemy import Connection

from app import shops
from app.cli.context import json_option, open_services, print_json
from app.db import retrying
from app.members import erasing
from app.services import Services


@click.group()
def member() -> None:
    """A shop's members."""


@member.command()
@click.argument("member_id")
@click.option("--shop", "shop_id", required=True)
@json_option
def erase(member_id: str, shop_id: str, as_json: bool) -> None:
    """Forget a person: everything personal goes at once and for good, the books stay."""
    services = open_services()
    erased = retrying(services.engine, partial(_erase, services, shop_id, member_id))
    if as_json:
        print_json({"id": erased})
    else:
        click.echo(f"{erased} names nobody any more")


def _erase(services: Services, shop_id: str, member_id: str, connection: Connection) -> str:
    shop = shops.hold(connection, shop_id, exclusive=True)
    when = erasing.Moment(services.clock.now(connection), services.clock.real())
    return erasing.erase(connection, services.vault, shop, member_id, when)
