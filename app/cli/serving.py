"""serve, worker, migrate, demo."""

from __future__ import annotations

import json
import os

import click

import migrations
from app import programmes, shops
from app.cli.context import open_services
from app.config import Config, read_config
from app.db import make_engine, transaction
from app.logs import configure
from app.programmes import templates
from app.services import Services
from app.serving import addresses
from app.serving import serve as run_server
from app.shops import NewShop
from app.worker import run_alone, run_rq


@click.command()
@click.option("--listen", metavar="HOST:PORT", help="Where to listen; LISTEN or 127.0.0.1:$PORT by default.")
@click.option("--with-worker", is_flag=True, help="Run the worker in this process even where there is Redis.")
def serve(listen: str | None, with_worker: bool) -> None:
    """Serve the web; without REDIS_URL the worker runs in the same process."""
    if listen:
        if ":" not in listen:
            raise click.UsageError("--listen takes HOST:PORT")
        os.environ["LISTEN"] = listen
    if with_worker:
        os.environ["TESSERA_WITH_WORKER"] = "1"
    config = open_services().config
    raise SystemExit(run_server(config, lambda: _announce(config)))


def _announce(config: Config) -> None:
    for name, address in addresses(config):
        click.echo(f"{name:>10}  {address}", err=True)


@click.command()
def worker() -> None:
    """Drain the inbox; with REDIS_URL woken by RQ, without it by its own sweep."""
    services = open_services()
    if services.config.redis_url:
        run_rq(services)
    else:
        run_alone(services)


@click.command()
def migrate() -> None:
    """Bring the database to this version's shape."""
    config = read_config()
    configure(config.log_format)
    engine = make_engine(config.database_url)
    migrations.upgrade(engine)
    click.echo(f"database at {migrations.head()}")


@click.command()
def demo() -> None:
    """Start everything embedded, with a sandbox shop, on one port (`make demo`)."""
    os.environ.update({"DEMO": "1", "SANDBOX": "1"})
    services = open_services()
    _sandbox_shop(services)
    config = services.config
    click.echo("Tessera is starting …", err=True)
    services.engine.dispose()
    raise SystemExit(run_server(config, lambda: _welcome(config)))


def _sandbox_shop(services: Services) -> None:
    """Make one sandbox shop with a published programme if there is none; touch no other shop."""
    with transaction(services.engine) as connection:
        if any(shop.platform == "sandbox" for shop in shops.everyone(connection)):
            return
        now = services.clock.now(connection)
        new = NewShop("sandbox", "demo", "EUR", "Europe/Helsinki", (services.config.app_url,))
        keys = shops.create(connection, services.vault, new, now)
        programmes.publish(connection, keys.shop_id, json.loads(templates.read("demo")), None, now)


def _welcome(config: Config) -> None:
    click.echo("\nTessera is running. Open one of these:\n", err=True)
    _announce(config)
    click.echo("\nCtrl-C stops it; what happened stays.\n", err=True)
