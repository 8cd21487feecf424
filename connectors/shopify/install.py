"""Connecting a Shopify shop: https://shopify.dev/docs/apps/build/authentication-authorization

Inside the admin a session token is exchanged for an offline token (managed installation, the App Store's way);
outside, the browser goes through the authorization code grant. Both give a pair that expires: the access token after an
hour, the refresh token after 90 days; each use of the latter gives a new pair, and a lost answer is asked for again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from connectors.contract import BadFact, BadSignature, PlatformDown, PlatformRefused, Unauthorized
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
from connectors.neutral.calling import Answer, Call, Caller
from connectors.shopify import sessions
from connectors.shopify.client import Document
from connectors.shopify.shop import client
from connectors.shopify.signature import check_time, secrets_of

# What the app asks for, and what merchants may allow besides; shopify.app.toml says the same.
SCOPES = (
    "read_customers",
    "read_discounts",
    "read_orders",
    "read_products",
    "write_app_proxy",
    "write_customers",  # facts for themes, and the tags of tiers
    "write_discounts",
)
RIGHTS = (
    Right("gift-cards", "Gift cards as rewards", ("write_gift_cards",)),
    Right(
        "store-credit",
        "Store credit as a reward",
        ("read_store_credit_accounts", "write_store_credit_account_transactions"),
    ),
    Right("all-orders", "Orders older than 60 days, for the import of your past", ("read_all_orders",)),
)
# Deep links: https://shopify.dev/docs/apps/build/online-store/theme-app-extensions/configuration; for other pages the
# editor of checkout takes `page`. App Bridge names a theme's block by its file, others by their target.
THEME, OTHERS = "themes/current/editor", "settings/checkout/editor"
_ADD, _APP = "addAppBlockId={key}", "context=apps&app={key}"
PLACES = (
    ("The whole shop: our script and the panel’s button", THEME, "embed", "context=apps", "activateAppId={key}/embed"),
    ("Points on the product page", THEME, "product", "template=product", _ADD + "/product&target=mainSection"),
    ("Points of the cart", THEME, "cart", "template=cart", _ADD + "/cart&target=newAppsSection"),
    ("Announcement on every page", THEME, "bar", "template=index", _ADD + "/bar&target=sectionGroup:header"),
    ("A page about the programme", THEME, "programme", "template=page", _ADD + "/programme&target=newAppsSection"),
    ("Thank-you page", OTHERS, "purchase.thank-you.block.render", "page=thank-you", _APP),
    ("Customer account", OTHERS, "customer-account.profile.block.render", "page=profile", _APP),
)
APP_BRIDGE = "https://cdn.shopify.com/shopifycloud/app-bridge.js"  # always the newest: App Store requirement
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com")
_FRESH = timedelta(hours=24)
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
_OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"

ABOUT = Document(
    """query About {
      shop { myshopifyDomain currencyCode ianaTimezone taxesIncluded primaryDomain { url } }
      currentAppInstallation { accessScopes { handle } }
    }""",
    repeatable=True,
)


def signed_query(raw_query: str, settings: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return the parameters of a query that Shopify has signed less than a day ago. Raises: BadSignature.

    The message is the other parameters, sorted; libraries differ in whether values are percent-encoded in it (padded
    base64 shows it), so both forms count. A parameter that comes twice is nobody's.
    """
    try:
        pairs = parse_qsl(raw_query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise BadSignature("too many parameters") from None
    told = dict(pairs)
    if len(told) != len(pairs):
        raise BadSignature("a parameter comes twice")
    given = told.pop("hmac", "")
    ordered = sorted(told.items())
    messages = ("&".join(f"{name}={value}" for name, value in ordered), urlencode(ordered))
    secrets = secrets_of(settings)
    found = [
        hmac.compare_digest(_hex(secret, message), given.encode(errors="replace"))
        for secret in secrets
        for message in messages
    ]
    if True not in found:
        raise BadSignature("the address is not signed by Shopify")
    check_time(told.get("timestamp", ""), now, _FRESH)
    return told


def _hex(secret: str, message: str) -> bytes:
    return hmac.new(secret.encode(), message.encode(errors="replace"), hashlib.sha256).hexdigest().encode()


def shop_domain(text: str) -> str:
    """Return a shop's permanent domain, nothing else. Raises: BadShop."""
    if not _SHOP.fullmatch(text):
        raise BadShop("This is not a shop's myshopify.com domain.")
    return text


class Install:
    title: str = "Shopify"
    asks_for_shop: bool = False  # an installation begins at Shopify (App Store requirement 2.3.1)
    key_steps: tuple[str, ...] = ()
    key_fields: tuple[tuple[str, str, str], ...] = ()
    rights: tuple[Right, ...] = RIGHTS

    def typed(self, form: Mapping[str, str]) -> Credentials:
        raise BadShop("Install the app from Shopify.")

    def shop_of(self, visit: Visit, settings: Mapping[str, str], now: datetime) -> str:
        return shop_domain(signed_query(visit.raw_query, settings, now).get("shop", ""))

    def look(self, caller: Caller, ref: str) -> None:
        """Shopify has signed the shop's name: there is one."""

    def leave_for(
        self, ref: str, token: str, places: Places, settings: Mapping[str, str], besides: Collection[str] = ()
    ) -> str:
        query = {
            "client_id": settings.get("SHOPIFY_API_KEY", ""),
            "scope": ",".join(sorted({*SCOPES, *besides})),
            "redirect_uri": places.back,
            "state": token,
        }
        return f"https://{ref}/admin/oauth/authorize?{urlencode(query)}"

    def granted(self, unverified_body: bytes) -> tuple[str, Credentials]:
        raise BadFact("Shopify brings no keys: they are asked for")

    def returned(self, visit: Visit, settings: Mapping[str, str], now: datetime) -> Returned:
        told = signed_query(visit.raw_query, settings, now)
        try:
            ref = shop_domain(told.get("shop", ""))
        except BadShop as error:
            raise BadSignature(str(error)) from None
        code = told.get("code", "")
        return Returned(told.get("state", ""), bool(code), code, ref)

    def exchange(self, caller: Caller, ref: str, code: str, settings: Mapping[str, str], now: datetime) -> Held:
        return _pair(caller, ref, {"code": code}, settings, now)

    def session(self, token: str, settings: Mapping[str, str], now: datetime) -> str:
        return sessions.read(token, settings, now).shop

    def embedding(self, settings: Mapping[str, str]) -> Embedding | None:
        return Embedding(
            meta="shopify-api-key",
            key=settings.get("SHOPIFY_API_KEY", ""),
            script=APP_BRIDGE,
            comes_back_to="shopify-reload",
            again="X-Shopify-Retry-Invalid-Session-Request",
            asks="shopify.scopes.request",
            tells="shopify.app.extensions",
        )

    def came_from(self, visit: Visit) -> str | None:
        """App Bridge runs where `host` names the admin; the shop stands beside it."""
        shop = visit.query.get("shop", "")
        return shop if visit.query.get("host") and _SHOP.fullmatch(shop) else None

    def places(self, ref: str, settings: Mapping[str, str]) -> tuple[Spot, ...]:
        key = settings.get("SHOPIFY_API_KEY", "")
        return tuple(
            Spot(
                label,
                f"https://{ref}/admin/{editor}?{page}&{adding.format(key=key)}",
                "Add to theme" if editor == THEME else "Add to page",
                block,
                f"https://{ref}/admin/{editor}?{page}",
            )
            for label, editor, block, page, adding in PLACES
        )

    def frames(self, ref: str) -> tuple[str, ...]:
        return f"https://{ref}", "https://admin.shopify.com"

    def enter(self, caller: Caller, ref: str, session: str, settings: Mapping[str, str], now: datetime) -> Held:
        """Exchange a session token for an offline token. Raises: PlatformDown, PlatformRefused."""
        asked = {
            "grant_type": _EXCHANGE,
            "subject_token": session,
            "subject_token_type": _ID_TOKEN,
            "requested_token_type": _OFFLINE,
        }
        return _pair(caller, ref, asked, settings, now)

    def renew(
        self, caller: Caller, ref: str, credentials: Credentials, settings: Mapping[str, str], now: datetime
    ) -> Held:
        asked = {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]}
        return _pair(caller, ref, asked, settings, now)

    def prove(self, caller: Caller, ref: str, credentials: Credentials) -> tuple[Credentials, About]:
        told = client(caller, ref, credentials).ask(ABOUT)
        shop, installed = told["shop"], told["currentAppInstallation"] or {}
        if shop["myshopifyDomain"] != ref:
            raise Unauthorized("the token is of another shop")
        granted = {scope["handle"] for scope in installed.get("accessScopes", ())}
        granted |= {scope.replace("write_", "read_", 1) for scope in granted}  # who may write may read
        missing = set(SCOPES) - granted
        return credentials, About(
            currency=shop["currencyCode"],
            timezone=shop["ianaTimezone"],
            origins=tuple(dict.fromkeys((f"https://{ref}", _origin(shop["primaryDomain"]["url"])))),
            facts={"prices_include_tax": shop["taxesIncluded"], "missing_scopes": ", ".join(sorted(missing))},
        )

    def equip(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str, secret: str) -> None:
        """Nothing to make: the app's configuration subscribes for every shop (shopify.app.toml)."""

    def mend(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str, secret: str) -> int:
        return 0  # subscriptions of the app's configuration are never switched off

    def leave(self, caller: Caller, ref: str, credentials: Credentials, webhook_url: str) -> None:
        """Nothing to take back: Shopify ends tokens and webhooks when the app is uninstalled."""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _pair(caller: Caller, ref: str, asked: Mapping[str, str], settings: Mapping[str, str], now: datetime) -> Held:
    """Ask for a pair of tokens. Repeatable: a pair whose answer was lost is replaced by the next one."""
    ours = {"client_id": settings.get("SHOPIFY_API_KEY", ""), "client_secret": settings.get("SHOPIFY_API_SECRET", "")}
    answer = caller(
        Call(
            method="POST",
            url=f"https://{ref}/admin/oauth/access_token",
            headers={"Accept": "application/json"},
            body={**ours, "expiring": "1", **asked},
            repeatable="code" not in asked,  # a code is used once
        )
    )
    if _is_ours(answer):
        caller.alarm(ref, "Shopify does not know this app: look at SHOPIFY_API_KEY and SHOPIFY_API_SECRET")
        raise PlatformDown("Shopify does not know this app", acted=False)
    if answer.status in (400, 401, 403):
        raise Unauthorized("Shopify gives no token: open the app in the shop's admin again", status=answer.status)
    if answer.status != 200:
        raise PlatformRefused(f"Shopify answered {answer.status}", status=answer.status)
    return _held(answer.document(), now)


def _is_ours(answer: Answer) -> bool:
    """Tell whether a refusal is about the app itself, so that no merchant can mend it."""
    return any(word in answer.body for word in (b"application_cannot_be_found", b"invalid_client"))


def _held(told: Any, now: datetime) -> Held:
    try:
        return Held(
            {"access_token": str(told["access_token"]), "refresh_token": str(told["refresh_token"])},
            now + timedelta(seconds=int(told["expires_in"])),
            now + timedelta(seconds=int(told["refresh_token_expires_in"])),
            tuple(sorted(str(told["scope"]).split(","))),
        )
    except (KeyError, TypeError, ValueError):
        raise PlatformRefused("Shopify answered no pair of tokens that expire") from None
