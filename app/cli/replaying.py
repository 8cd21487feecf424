"""replay: send recorded deliveries again, signed anew."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import requests

from app import shops
from app.cli.context import open_services
from app.clock import real_now
from app.db import reading
from app.services import Services
from app.shops import Shop
from connectors import CONNECTORS

TIMEOUT_S = 30
_PROOFS = ("signature", "hmac", "shop-domain")  # headers that are made anew whatever was recorded


@dataclass(frozen=True, slots=True)
class Recorded:
    headers: Mapping[str, str]
    body: bytes


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shop", "shop_id", required=True)
@click.option("--url", help="The webhook address; the shop's own by default.")
@click.option("--topic", help="The topic of files that hold a bare body.")
@click.option("--fresh-ids", is_flag=True, help="Give every delivery a new id.")
def replay(files: tuple[Path, ...], shop_id: str, url: str | None, topic: str | None, fresh_ids: bool) -> None:
    """Send recorded deliveries over HTTP, in order, signed with the shop's secret."""
    recorded = [_read(path, topic) for path in files]
    services = open_services()
    with reading(services.engine) as connection:
        shop = shops.get(connection, shop_id)
    target = url or shops.webhook_url(services.config.app_url, shop.platform, shop.id)
    secret = _secret(services, shop)
    refused = 0
    with click.progressbar(list(zip(files, recorded, strict=True)), label="replay") as bar, requests.Session() as http:
        for path, delivery in bar:
            refused += not _send(http, target, shop, secret, delivery, fresh_ids, path)
    raise SystemExit(1 if refused else 0)


def _read(path: Path, topic: str | None) -> Recorded:
    raw = path.read_bytes()
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        document = None
    if isinstance(document, dict) and isinstance(document.get("body_raw"), str):
        headers = document.get("headers") or {}
        if not isinstance(headers, dict):
            raise click.UsageError(f"{path}: headers must be an object")
        return Recorded({str(name): str(value) for name, value in headers.items()}, _bytes(path, document["body_raw"]))
    if topic is None:
        raise click.UsageError(f"{path} holds a bare body; name its topic with --topic")
    return Recorded({"topic": topic}, raw)


def _bytes(path: Path, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise click.UsageError(f"{path}: body_raw is not text: {error}") from error


def _secret(services: Services, shop: Shop) -> str:
    own = shop.webhook_secrets(services.vault, real_now())
    known = services.config.connectors
    signing = own + [known[name] for name in CONNECTORS[shop.platform].secret_settings if name in known]
    if not signing:
        raise click.UsageError(f"no secret signs for this {shop.platform} shop; set it in the environment")
    return signing[0]


def _send(
    http: requests.Session, url: str, shop: Shop, secret: str, delivery: Recorded, fresh: bool, path: Path
) -> bool:
    try:
        answer = http.post(url, data=delivery.body, headers=_headers(shop, secret, delivery, fresh), timeout=TIMEOUT_S)
    except (requests.RequestException, UnicodeError) as error:  # UnicodeError: of a recorded header
        click.echo(f"\n{path}: {error}", err=True)
        return False
    if answer.status_code != 200:
        click.echo(f"\n{path}: {answer.status_code} {answer.text[:200]}", err=True)
    return answer.status_code == 200


def _headers(shop: Shop, secret: str, delivery: Recorded, fresh: bool) -> dict[str, str]:
    """Keep what was recorded, the delivery's id too, and sign anew."""
    connector = CONNECTORS[shop.platform]
    recorded = {name.lower(): value for name, value in delivery.headers.items()}
    own = {name: value for name, value in recorded.items() if name.startswith(("x-", "tessera-", f"{shop.platform}-"))}
    id_header = connector.delivery_header.lower()
    delivery_id = own.get(id_header) or own.get(id_header.removeprefix("x-"))  # both families are in use
    if fresh or not delivery_id:
        delivery_id = uuid.uuid4().hex
    topic = recorded.get("topic") or _topic(own)
    signed = connector.sign(topic, delivery_id, delivery.body, secret, int(time.time()))
    for name, value in signed.items():
        proof = any(word in name.lower() for word in _PROOFS)
        if proof or name.lower() not in own or name == connector.delivery_header:
            own[name.lower()] = value
    return {**own, **connector.naming(shop.ref)}


def _topic(headers: Mapping[str, str]) -> str:
    found = [value for name, value in headers.items() if name.endswith("-topic")]
    return found[0] if found else "unknown"
