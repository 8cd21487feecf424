"""shop create, list, disconnect, link, key rotate, secret rotate."""

from __future__ import annotations

import click

from app import shops
from app.activities import review_apps
from app.cli.context import json_option, open_services, print_json
from app.clock import real_now
from app.db import transaction
from app.platforms import leaving, links
from app.shops import NewShop
from connectors import CONNECTORS
from connectors.contract import BadSignature, Connector
from connectors.review_apps import REVIEW_APPS


@click.group()
def shop() -> None:
    """Make and list shops, rotate their keys."""


@shop.command()
@click.option("--platform", required=True, type=click.Choice(sorted(CONNECTORS)))
@click.option("--ref", required=True, help="The platform's own name of the shop, e.g. its domain.")
@click.option("--currency", required=True, help="ISO 4217, e.g. EUR.")
@click.option("--timezone", default="UTC", show_default=True, help="e.g. Europe/Paris.")
@click.option("--origin", "origins", multiple=True, help="A storefront's origin; may be given again.")
@json_option
def create(platform: str, ref: str, currency: str, timezone: str, origins: tuple[str, ...], as_json: bool) -> None:
    """Make a shop without OAuth; print its keys once."""
    services = open_services()
    app_url = services.config.app_url
    if platform == "sandbox" and not services.config.sandbox:
        raise click.UsageError("a sandbox shop needs SANDBOX=1")
    _check_ref(CONNECTORS[platform], ref)
    given = origins or tuple(_without_path(one) for one in CONNECTORS[platform].default_origins(ref, app_url))
    with transaction(services.engine) as connection:
        new = NewShop(platform, ref, currency, timezone, given)
        keys = shops.create(connection, services.vault, new, real_now())
    document = {
        "shop_id": keys.shop_id,
        "platform": platform,
        "ref": ref,
        "api_key": keys.api_key,
        "webhook_url": shops.webhook_url(services.config.app_url, platform, keys.shop_id),
        "webhook_secret": keys.webhook_secret,
    }
    _print(document, as_json)


def _check_ref(connector: Connector, ref: str) -> None:
    """Refuse a name under which no delivery could ever come. Raises: click.BadParameter."""
    if connector.signed_by != "app":
        return
    try:
        connector.shop_ref(connector.naming(ref))
    except BadSignature as error:
        raise click.BadParameter(str(error), param_hint="--ref") from error


def _without_path(address: str) -> str:
    """Return an address's scheme and host: a shop may live in a folder of its domain."""
    return "/".join(address.split("/")[:3])


@shop.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the shops."""
    services = open_services()
    with transaction(services.engine) as connection:
        rows = [
            {
                "shop_id": one.id,
                "platform": one.platform,
                "ref": one.ref,
                "currency": one.currency,
                "timezone": one.timezone,
                "origins": list(one.origins),
                "state": one.state,
            }
            for one in shops.everyone(connection)
        ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['shop_id']}  {row['platform']:<12} {row['state']:<12} {row['ref']}")
    if not rows:
        click.echo("There are no shops yet. Make one: tessera shop create --help")


@shop.command()
@click.option("--shop", "shop_id", required=True)
def disconnect(shop_id: str) -> None:
    """Remove a shop's webhooks and forget its key; points and books stay."""
    services = open_services()
    with transaction(services.engine) as connection:
        found = shops.get(connection, shop_id)
    left = leaving.leave(services, found)
    click.echo(f"{found.ref} is disconnected")
    if left:
        click.echo(f"tessera: {left}", err=True)
        raise SystemExit(1)


@shop.command()
@click.option("--shop", "shop_id", required=True)
def link(shop_id: str) -> None:
    """Print a link into a shop's pages, good for 15 minutes, once."""
    services = open_services()
    with transaction(services.engine) as connection:
        found = shops.get(connection, shop_id)
    click.echo(links.make(services, found))


@shop.group()
def key() -> None:
    """Api keys: kept as hashes, shown once."""


@key.command("rotate")
@click.option("--shop", "shop_id", required=True)
@json_option
def rotate_key(shop_id: str, as_json: bool) -> None:
    """Make a new api key; the last one stays valid for 24 hours."""
    services = open_services()
    with transaction(services.engine) as connection:
        _print({"shop_id": shop_id, "api_key": shops.rotate_key(connection, shop_id, real_now())}, as_json)


@shop.command("review-app")
@click.option("--shop", "shop_id", required=True)
@click.option("--app", "app", required=True, type=click.Choice(sorted(REVIEW_APPS)))
@click.option("--secret", "given", help="As the app shows it; default: a new one.")
@json_option
def review_app(shop_id: str, app: str, given: str | None, as_json: bool) -> None:
    """Take a review app's calls; print the address to give to it."""
    services = open_services()
    with transaction(services.engine) as connection:
        secret = review_apps.connect(connection, services.vault, shops.get(connection, shop_id), app, given)
    url = f"{services.config.app_url}/webhooks/reviews/{app}/{shop_id}"
    _print({"shop_id": shop_id, "app": app, "webhook_url": url, "secret": secret}, as_json)


@shop.group()
def secret() -> None:
    """Webhook secrets."""


@secret.command("rotate")
@click.option("--shop", "shop_id", required=True)
@json_option
def rotate_secret(shop_id: str, as_json: bool) -> None:
    """Make a new webhook secret; the old one stays valid for 24 hours."""
    services = open_services()
    with transaction(services.engine) as connection:
        fresh = shops.rotate_secret(connection, services.vault, shop_id, real_now())
    _print({"shop_id": shop_id, "webhook_secret": fresh}, as_json)


def _print(document: dict[str, str | None], as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    for name, value in document.items():
        click.echo(f"{name:<15} {value if value is not None else '(signed with the app’s own secret)'}")
