"""backtest."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from app import programmes, shops
from app.backtest.asking import ask
from app.cli.context import json_option, open_services, print_json, read_time
from app.db import reading
from app.errors import Invalid
from app.strictjson import read

EVERY_S = 1.0


@click.command()
@click.option("--shop", "shop_id", required=True)
@click.option("--programme", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "start", help="RFC 3339; only orders placed from then on count.")
@click.option("--to", "end", help="RFC 3339; only orders placed before count.")
@json_option
def backtest(shop_id: str, file: Path, start: str | None, end: str | None, as_json: bool) -> None:
    """Tell what a draft programme would have cost, by the shop's past orders. Writes nothing."""
    services = open_services()
    begins, ends = (read_time(text) if text else None for text in (start, end))
    if begins is not None and ends is not None and begins >= ends:
        raise click.BadParameter("--to lies after --from")
    try:
        programme = programmes.check(read(file.read_bytes()))
    except Invalid as error:
        for problem in error.errors:
            click.echo(f"{problem.field}: {problem.message} ({problem.code})", err=True)
        raise SystemExit(1) from error
    with reading(services.engine) as connection:
        shop, now = shops.get(connection, shop_id), services.clock.now(connection)
        told = ask(connection, shop, programme, now, start=begins, end=ends, progress=Meter().tell)
    if as_json:
        print_json(told)
    else:
        for line in _table(told):
            click.echo(line)


@dataclass(slots=True)
class Meter:
    """Progress on stderr: how many of how many, how fast, how long it will take."""

    began: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def tell(self, done: int, whole: int) -> None:
        now = time.monotonic()
        if now - self.told < EVERY_S and done < whole:
            return
        self.told = now
        rate = done / max(now - self.began, 1e-6)
        left = (whole - done) / rate if rate else 0
        click.echo(f"{done} of {whole} orders, {rate:.0f}/s, {left:.0f} s left", err=True)


def _table(told: Mapping[str, Any]) -> Iterator[str]:
    draft, actual, orders, sales = told["draft"], told["actual"], told["orders"], told["sales"]
    yield f"{told['programme']['name']} as of {told['as_of']}: {orders['replayed']} orders, {orders['earning']} earn"
    for reason, count in orders["earning_nothing"].items():
        yield f"  {count} earn nothing: {reason}"
    yield from _compared(draft, actual)
    covered = "no costs known" if sales["margin"] is None else f"costs known for {float(sales['covered_by_costs']):.0%}"
    yield f"revenue {_money(sales['revenue'])} ({covered}), margin {_money(sales['margin'])}"
    yield from _breakage(told["breakage"])
    for name in ("gain", "lose"):
        for one in told["most_affected"][name]:
            yield f"{name:<5} {one['member_id']}  draft {one['draft']}, actual {one['actual']} ({one['difference']:+d})"
    for part in told["not_simulated"]:
        yield f"not simulated: {part['what']}: {part['why']}"


def _compared(draft: Mapping[str, Any], actual: Mapping[str, Any]) -> Iterator[str]:
    row = "{:<34}{:>18}{:>18}".format
    yield row("", "draft", "actual")
    for name in draft["points"]:
        yield row(f"points {name.replace('_', ' ')}", draft["points"][name], actual["points"][name])
    for title, path in _ROWS:
        yield row(title, _money(_at(draft, path)), _money(_at(actual, path)))
    for tier in dict.fromkeys((*draft["tiers"], *actual["tiers"])):
        yield row(f"members in {tier}", draft["tiers"].get(tier, 0), actual["tiers"].get(tier, 0))


_ROWS = (
    ("liability, least", ("liability", "least")),
    ("liability, average", ("liability", "average")),
    ("liability, greatest", ("liability", "greatest")),
    ("rewards so far", ("rewards", "cost_so_far")),
    ("rewards expected", ("rewards", "cost_expected")),
    ("rewards if all points are used", ("rewards", "cost_if_all_used")),
    ("profit after rewards", ("profit",)),
)


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        document = None if document is None else document[key]
    return document


def _money(money: Mapping[str, str] | None) -> str:
    return "unknown" if money is None else f"{money['amount']} {money['currency']}"


def _breakage(told: Mapping[str, Any]) -> Iterator[str]:
    inputs = told["inputs"]
    said = f"{float(told['share']):.0%}" if told["known"] else "unknown: the history is too thin"
    yield (
        f"breakage {said} (of {inputs['points']} points older than {inputs['older_than_days']} days "
        f"{inputs['expired_or_unused']} expired or lie unused; {inputs['orders']} orders, {inputs['members']} members)"
    )
