"""The page behind our link that proves an e-mail: one click, because mail scanners open every link."""

from __future__ import annotations

from html import escape

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from app import programmes, shops
from app.db import reading, retrying
from app.errors import IdentityConflict, NotFound
from app.mailing import Mail
from app.members import verifying
from app.members.verifying import Claims, LinkEnded
from app.points import sentences
from app.rules.words import Words
from app.shops import Shop
from app.web.gates import services
from app.web.pages import page

verify = Blueprint("verify", __name__)


@verify.get("/<token>")
def ask(token: str) -> Response:
    """Ask for the click that proves it. Nothing is proved by opening the page."""
    try:
        claims = verifying.read(services().config.secret_key, token, services().clock.real())
        with reading(services().engine) as connection:
            shop = shops.get(connection, claims.shop_id)
            email = _masked(shop, verifying.waiting(connection, claims))
    except (LinkEnded, NotFound) as error:
        return _ended(token, getattr(error, "reason", "broken"))
    words, name = _words(), _name(shop)
    told = words.say("verify.ask", shop=name, email=email)
    return _page(words, name, words.say("verify.title"), told, button=words.say("verify.button"))


@verify.post("/<token>")
def confirm(token: str) -> Response:
    """Let the e-mail be verified. Once: the link is used up."""
    try:
        claims = verifying.read(services().config.secret_key, token, services().clock.real())
        shop, email = retrying(services().engine, lambda connection: _confirm(connection, claims))
    except (LinkEnded, NotFound) as error:
        return _ended(token, getattr(error, "reason", "broken"))
    except IdentityConflict:
        return _ended(token, "taken")
    words, name = _words(), _name(shop)
    return _page(words, name, words.say("verify.done_title"), words.say("verify.done", email=email))


def _confirm(connection: Connection, claims: Claims) -> tuple[Shop, str]:
    shop = shops.hold(connection, claims.shop_id)
    email = _masked(shop, verifying.waiting(connection, claims))
    now = services().clock.now(connection)
    verifying.confirm(connection, services().vault, shop, claims, real=services().clock.real(), now=now)
    return shop, email


def _masked(shop: Shop, sealed: bytes) -> str:
    """Show enough of an e-mail for its owner to know it: a link may end up in somebody's log."""
    name, _, domain = services().vault.open(shop.id, sealed).decode().rpartition("@")
    return f"{name[:1]}…@{domain}"


def _ended(token: str, reason: str) -> Response:
    """Say why a link is no longer good; of a broken one nobody knows the shop."""
    shop = None if reason == "broken" else _shop_of(token)
    words, name = _words(), _name(shop)
    response = _page(words, name, words.say("verify.ended_title"), words.say(f"verify.{reason}", shop=name))
    response.status_code = {"broken": 404, "taken": 409}.get(reason, 410)
    return response


def _shop_of(token: str) -> Shop | None:
    shop_id = verifying.shop_of(services().config.secret_key, token)
    with reading(services().engine) as connection:
        return shops.get(connection, shop_id) if shop_id else None


def _words() -> Words:
    return sentences.in_language(request.headers.get("Accept-Language"), None)


def _name(shop: Shop | None) -> str:
    """Return what shoppers call the shop: its programme, else its address."""
    if shop is None:
        return "Tessera"
    with reading(services().engine) as connection:
        return _named(connection, shop)


def _named(connection: Connection, shop: Shop) -> str:
    version = programmes.current_or_none(connection, shop.id, services().clock.now(connection))
    return version.programme.name if version is not None else shop.ref


def letter(connection: Connection, shop: Shop, email: str, url: str) -> Mail:
    """Write the message that carries a link."""
    words, name = _words(), " ".join(_named(connection, shop).split())
    told = words.say("verify.letter")
    html = f'<p>{escape(told)}</p><p><a href="{escape(url)}">{escape(words.say("verify.title"))}</a></p>'
    plain = f"{told}\n\n{url}\n\n{words.say('verify.unsolicited')}\n"
    unsolicited = f"<p><small>{escape(words.say('verify.unsolicited'))}</small></p>"
    return Mail(email, words.say("verify.subject", shop=name), plain, html + unsolicited)


def _page(words: Words, shop: str, title: str, told: str, button: str | None = None) -> Response:
    small = words.say("verify.unsolicited")
    response = page(
        "verify.html", language=words.language, shop=shop, title=title, told=told, button=button, small=small
    )
    response.headers["Vary"] = "Accept-Language"
    return response
