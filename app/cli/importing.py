"""import: past orders and customers from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from app import programmes, shops
from app.cli.context import open_services
from app.db import reading, retrying
from app.intake import files, inbox, readings
from app.services import Services
from app.shops import Shop
from connectors.contract import BadFact, Ignored
from connectors.contract.syncing import FILE_AWARD, FILE_CUSTOMER, FILE_TIERS
from connectors.neutral import facts

PIECE, SHOWN = 200, 20


@click.command("import")
@click.argument("kind", type=click.Choice(["orders", "customers"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shop", "shop_id", required=True)
@click.option(
    "--orders",
    "choice",
    type=click.Choice(["award", "tiers"]),
    help="What becomes of orders from before the first programme: they earn, or count for tiers alone.",
)
def import_(kind: str, file: Path, shop_id: str, choice: str | None) -> None:
    """Import orders or customers from CSV or JSON lines; what is known already is passed over.

    Exits 1 if a row could not be read; the others are imported all the same.
    """
    if kind == "orders" and choice is None:
        raise click.UsageError("say what becomes of past orders: --orders award or --orders tiers")
    services = open_services()
    with reading(services.engine) as connection:
        shop = shops.get(connection, shop_id)
        if not programmes.versions(connection, shop_id):
            raise click.UsageError("publish a programme first: it says what the past is worth")
    topic = FILE_CUSTOMER if kind == "customers" else FILE_AWARD if choice == "award" else FILE_TIERS
    new, known, wrong = _import(services, shop, topic, kind, file)
    while inbox.drain_shop(services.drain, shop_id).total:
        pass
    click.echo(f"{new} new, {known} known already, {len(wrong)} not readable")
    for row in wrong[:SHOWN]:
        click.echo(f"{file}:{row.line}: {row.wrong}", err=True)
    raise SystemExit(1 if wrong else 0)


def _import(services: Services, shop: Shop, topic: str, kind: str, file: Path) -> tuple[int, int, list[files.Row]]:
    new, known, wrong = 0, 0, list[files.Row]()
    with file.open(encoding="utf-8-sig", newline="") as text, click.progressbar(length=file.stat().st_size) as bar:
        try:
            found = files.rows(text, kind, is_csv=file.suffix.lower() == ".csv")
            while piece := list(islice(found, PIECE)):
                judged = [_judged(shop, kind, row) for row in piece]
                good = [row.document for row in judged if row.document is not None]
                wrong += [row for row in judged if row.wrong]
                accepted = retrying(services.engine, partial(_accept, services, shop, topic, good))
                new, known = new + accepted, known + len(good) - accepted
                bar.update(sum(len(json.dumps(row.document or {})) for row in piece))
                inbox.drain_shop(services.drain, shop.id)
        except (files.BadRow, UnicodeDecodeError) as error:
            raise click.UsageError(f"{file}: {error}") from error
    return new, known, wrong


def _judged(shop: Shop, kind: str, row: files.Row) -> files.Row:
    """Return a row, with what is wrong about it."""
    if row.document is None:
        return row
    try:
        facts.translate(kind.removesuffix("s"), row.document, shop.settings)
    except (BadFact, Ignored) as error:
        return files.Row(row.line, None, str(error))
    return row


def _accept(
    services: Services, shop: Shop, topic: str, documents: list[Mapping[str, Any]], connection: Connection
) -> int:
    """Put documents into the inbox; return how many are new."""
    return sum(readings.put(connection, services.vault, shop.id, topic, document) for document in documents)
