"""Connecting a WooCommerce shop: https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication-endpoint

The key comes by a POST of the shop's own server that names no shop and that nobody has signed: it counts once it has
opened the shop that the merchant named before. WooCommerce keeps the key only if that POST is answered exactly 200.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.contract import BadFact, BadSignature, NotThere, PlatformRefused, Unauthorized
from connectors.contract.installing import (
    About,
    BadShop,
    Credentials,
    Embedding,
    Held,
    Places,
    Returned,
    Right,
    Spot,
    Visit,
)
from connectors.neutral.calling import Call, Caller
from connectors.woocommerce.client import Client, Keys

TOPICS = (
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "action.woocommerce_delete_order",  # deleting for good is told by no other topic
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "product.created",
    "product.updated",
)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_KEY, _SECRET = re.compile(r"ck_[0-9a-f]{40}"), re.compile(r"cs_[0-9a-f]{40}")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_TAIL = re.compile(r"/(wp-admin|wp-json|wp-login\.php|wp-content|index\.php)(/.*)?$")
# WordPress can be set to an offset instead of a zone; those of whole hours have names of their own
_HALF_HOURS = {
    "-9.5": "Pacific/Marquesas",
    "-3.5": "America/St_Johns",
    "3.5": "Asia/Tehran",
    "4.5": "Asia/Kabul",
    "5.5": "Asia/Kolkata",
    "5.75": "Asia/Kathmandu",
    "6.5": "Asia/Yangon",
    "8.75": "Australia/Eucla",
    "9.5": "Australia/Darwin",
    "10.5": "Australia/Lord_Howe",
    "12.75": "Pacific/Chatham",
}


def shop_ref(text: str) -> str:
    """Return host, port and folder of a shop's address, as we name it. Raises: BadShop."""
    address = text.strip()
    address = address if "://" in address else f"https://{address}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        host = host.encode("idna").decode() if not host.isascii() else host
    except ValueError:  # a port that is none, a host that cannot be; UnicodeError is one
        raise BadShop("Write your shop's address, such as https://shop.example.") from None
    if parts.scheme.lower() != "https":
        raise BadShop("Write an address that begins with https://: keys travel over TLS only.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadShop("Write the address alone, without a name, password or # part.")
    if not _HOST.fullmatch(host) or len(host) > 253 or host.rpartition(".")[2].isdigit():
        raise BadShop("Write your shop's address by its name, such as https://shop.example.")
    path = _TAIL.sub("", parts.path).rstrip("/")
    if not _PATH.fullmatch(path) or "/.." in path or len(path) > 200:
        raise BadShop("Write the address of your shop's first page.")
    return f"{host}{f':{port}' if port not in (None, 443) else ''}{path}"


class Install:
    title: str = "WooCommerce"
    asks_for_shop: bool = True
    key_steps: tuple[str, ...] = (
        "In your shop, open WooCommerce → Settings → Advanced → REST API and add a key.",
        "Choose the permissions Read/Write, and copy both halves here before you leave that page.",
    )
    rights: tuple[Right, ...] = ()  # a key reads and writes everything
    key_fields: tuple[tuple[str, str, str], ...] = (
        ("consumer_key", "Consumer key", "ck_…"),
        ("consumer_secret", "Consumer secret", "cs_…"),
    )

    def typed(self, form: Mapping[str, str]) -> Credentials:
        return _pair(form.get("consumer_key", ""), form.get("consumer_secret", ""))

    def shop_of(self, visit: Visit, settings: Mapping[str, str], now: datetime) -> str:
        return shop_ref(visit.form.get("shop") or visit.query.get("shop") or "")

    def look(self, caller: Caller, ref: str) -> None:
        answer = caller(Call(method="GET", url=f"https://{ref}/wp-json/", repeatable=True))
        if 300 <= answer.status < 400:
            raise PlatformRefused("the shop leads to another address: write that one")
        told = answer.document()
        spaces = told.get("namespaces") if isinstance(told, dict) else None
        if not isinstance(spaces, list) or "wc/v3" not in spaces:
            raise NotThere("there is a site, but WooCommerce's REST API does not answer at /wp-json/")

    def leave_for(
        self, ref: str, token: str, places: Places, settings: Mapping[str, str], besides: Collection[str] = ()
    ) -> str:
        query = {
            "app_name": "Tessera",
            "scope": "read_write",
            "user_id": token,
            "return_url": places.back,
            "callback_url": places.granted,
        }
        return f"https://{ref}/wc-auth/v1/authorize?{urlencode(query)}"

    def granted(self, unverified_body: bytes) -> tuple[str, Credentials]:
        try:
            told = json.loads(unverified_body)
            token = str(told["user_id"])
            return token, _pair(str(told["consumer_key"]), str(told["consumer_secret"]))
        except (ValueError, KeyError, TypeError, RecursionError, BadShop):
            raise BadFact("this is not what WooCommerce sends when it grants a key") from None

    def returned(self, visit: Visit, settings: Mapping[str, str], now: datetime) -> Returned:
        return Returned(visit.query.get("user_id", ""), visit.query.get("success") == "1")

    def exchange(self, caller: Caller, ref: str, code: str, settings: Mapping[str, str], now: datetime) -> Held:
        raise PlatformRefused("WooCommerce brings its key by itself")

    def session(self, token: str, settings: Mapping[str, str], now: datetime) -> str:
        raise BadSignature("WooCommerce has no sessions of its own")

    def embedding(self, settings: Mapping[str, str]) -> Embedding | None:
        return None

    def came_from(self, visit: Visit) -> str | None:
        return None

    def places(self, ref: str, settings: Mapping[str, str]) -> tuple[Spot, ...]:
        return (
            Spot("Download the plugin", "/widgets/v1/tessera-woocommerce.zip"),
            Spot("Upload it to your shop", f"https://{ref}/wp-admin/plugin-install.php?tab=upload"),
        )

    def frames(self, ref: str) -> tuple[str, ...]:
        return ()

    def enter(self, caller: Caller, ref: str, session: str, settings: Mapping[str, str], now: datetime) -> Held:
        raise PlatformRefused("WooCommerce has no sessions of its own")

    def renew(
        self, caller: Caller, ref: str, credentials: Credentials, settings: Mapping[str, str], now: datetime
    ) -> Held:
        return Held(credentials)  # a key holds until it is revoked

    def prove(self, caller: Caller, ref: str, credentials: Credentials) -> tuple[Credentials, About]:
        """Try the key in the header, then in the address: some servers drop the header."""
        in_header, in_address = {**credentials, "by": "header"}, {**credentials, "by": "address"}
        try:
            return in_header, _about(client(caller, ref, in_header))
        except Unauthorized:
            return in_address, _about(client(caller, ref, in_address))

    def equip(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str, secret: str) -> None:
        """Make a webhook for each topic. Doubles would be accepted, so what is there is listed first."""
        _webhooks(client(caller, ref, credentials), webhook_url, secret, only_broken=False)

    def mend(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str, secret: str) -> int:
        """WooCommerce switches a webhook off at its seventh failure in a row, and afterwards at the next one."""
        return _webhooks(client(caller, ref, credentials), webhook_url, secret, only_broken=True)

    def leave(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str) -> None:
        """Take our webhooks away. A key cannot take itself away: the merchant is told."""
        shop = client(caller, ref, credentials)
        for hook in _ours(shop, webhook_url):
            shop.delete(f"webhooks/{hook['id']}")


def _pair(consumer_key: str, consumer_secret: str) -> Credentials:
    key, secret = consumer_key.strip(), consumer_secret.strip()
    if not _KEY.fullmatch(key) or not _SECRET.fullmatch(secret):
        raise BadShop("A key is ck_ and 40 hexadecimal digits, its secret cs_ and as many.")
    return {"consumer_key": key, "consumer_secret": secret}


def client(caller: Caller, ref: str, credentials: Credentials) -> Client:
    """Return a client of one shop."""
    by = "address" if credentials.get("by") == "address" else "header"
    keys = Keys(f"https://{ref}", credentials["consumer_key"], credentials["consumer_secret"], by)  # type: ignore[arg-type]
    return Client(caller, keys)


def _webhooks(shop: Client, webhook_url: str, secret: str, *, only_broken: bool) -> int:
    """Make or renew our webhooks; return how many were missing or off."""
    ours, broken = _ours(shop, webhook_url), 0
    for topic in TOPICS:
        told = {"name": f"Tessera {topic}", "status": "active", "secret": secret, "delivery_url": webhook_url}
        known = [hook for hook in ours if hook["topic"] == topic]
        works = bool(known) and known[0].get("status") == "active"
        broken += not works
        if not known:
            shop.post("webhooks", {**told, "topic": topic})
        elif not (works and only_broken):
            shop.put(f"webhooks/{known[0]['id']}", told)
        for double in known[1:]:
            shop.delete(f"webhooks/{double['id']}")
    return broken


def _ours(shop: Client, webhook_url: str) -> list[dict[str, Any]]:
    pages = shop.everything("webhooks")
    return [hook for page in pages for hook in page if hook.get("delivery_url") == webhook_url]


def _about(shop: Client) -> About:
    """Ask for what only an administrator's or a manager's key may see; this is what proves the key."""
    general = {row["id"]: row.get("value") for row in shop.get("settings/general") if isinstance(row, dict)}
    tax = {row["id"]: row.get("value") for row in shop.get("settings/tax") if isinstance(row, dict)}
    version = shop.get("system_status", _fields="environment").get("environment", {}).get("version", "")
    site = shop.caller(Call(method="GET", url=f"{shop.keys.url}/wp-json/", repeatable=True)).document()
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(shop.keys.url))
    return About(
        currency=str(general.get("woocommerce_currency") or ""),
        timezone=_zone(site),
        origins=(origin,),
        version=str(version)[:20],
        facts={"prices_include_tax": tax.get("woocommerce_prices_include_tax") == "yes"},
    )


def _zone(site: Mapping[str, Any]) -> str:
    """Return the shop's zone. An offset stands for itself: Etc/GMT-2 is two hours ahead."""
    named, offset = site.get("timezone_string"), str(site.get("gmt_offset") or "0")
    if named:
        return str(named)
    if offset in _HALF_HOURS:
        return _HALF_HOURS[offset]
    try:
        hours = int(float(offset))
    except ValueError:
        return "UTC"
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"
