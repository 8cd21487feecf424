"""Connecting a shop: the merchant's browser and the platform's server. What each step means: `platforms.installing`."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, request

from app.errors import Invalid, NotFound, TesseraError, Unauthorized
from app.platforms import agreeing, installing, links
from app.web import sessions
from app.web.gates import services
from app.web.pages import page
from connectors.contract import BadSignature
from connectors.contract.installing import BadShop, Held, Visit

log = structlog.get_logger()

install = Blueprint("install", __name__)


def _visit() -> Visit:
    raw = request.query_string.decode("latin-1")
    return Visit(request.args.to_dict(), raw, request.form.to_dict())


@install.get("/<platform>")
def ask(platform: str) -> Response:
    """Ask for the shop's address; where the platform has named the shop already, go on at once."""
    if installing.installer_of(platform).asks_for_shop and "shop" not in request.args:
        return _form(platform)
    return leave(platform)


@install.post("/<platform>")
def leave(platform: str) -> Response:
    """Send the browser where the merchant agrees."""
    try:
        begun = agreeing.begin(services(), platform, _visit())
    except BadSignature as error:
        raise Unauthorized(str(error)) from None
    except (Invalid, TesseraError) as error:
        if isinstance(error, NotFound):
            raise
        return _form(platform, error)
    response = _go(begun.leave_for)
    sessions.remember_browser(response, services().config, begun.browser)
    return response


@install.post("/<platform>/keys")
def typed(platform: str) -> Response:
    """Connect with keys that the merchant typed in, where the platform makes such keys."""
    installer = installing.installer_of(platform)
    try:
        ref = installer.shop_of(_visit(), services().config.connectors, services().clock.real())
        credentials = installer.typed(request.form)
        services().probes.take(services().clock.real())
        shop = installing.connect(services(), platform, ref, Held(credentials), None)
    except BadShop as error:
        return _form(platform, Invalid(str(error)), by_key=True)
    except TesseraError as error:
        return _form(platform, error, by_key=True)
    installing.equip(services(), shop)
    return _enter(shop.id)


@install.post("/<platform>/granted")
def granted(platform: str) -> Response:
    """Take the key from the platform's server. Anything but 200 makes it take the key back."""
    installing.granted(services(), platform, request.get_data(cache=False))
    return Response("", 200, content_type="text/plain")


@install.get("/<platform>/back")
def back(platform: str) -> Response:
    """Take the browser that is back."""
    try:
        attempt = installing.back(services(), platform, _visit(), sessions.browser())
    except BadSignature as error:
        raise Unauthorized(str(error)) from None
    if attempt.state == "done" and attempt.shop_id:
        return _enter(attempt.shop_id)
    if attempt.state in ("waiting", "proving", "granted"):
        response = page("install_wait.html", shop=attempt.ref)
        response.headers["Refresh"] = "2"
        return response
    log.warning("install_ended", platform=platform, state=attempt.state, reason=attempt.reason)
    return page("install_ended.html", 403, shop=attempt.ref, reason=attempt.reason, again=f"/install/{platform}")


@install.get("/<platform>/session")
def session(platform: str) -> Response:
    """Let the platform's script ask for a session, and come back with it to one of our own pages, nowhere else."""
    installer = installing.installer_of(platform)
    shop = installer.came_from(_visit())
    embedding = installer.embedding(services().config.connectors)
    if shop is None or embedding is None or not _is_ours(request.args.get(embedding.comes_back_to, "")):
        raise NotFound("there is no such page")
    return page("session.html", frames=installer.frames(shop), embedding=embedding)


@install.get("/<platform>/link")
def ask_for_link(platform: str) -> Response:
    """Ask which shop an owner wants to get into again."""
    return _link_form(platform)


@install.post("/<platform>/link")
def send_link(platform: str) -> Response:
    """Send its owner a link. The answer is the same whether or not there is such a shop."""
    installer = installing.installer_of(platform)
    try:
        ref = installer.shop_of(_visit(), services().config.connectors, services().clock.real())
        links.send(services(), platform, ref)
    except BadShop as error:
        return _link_form(platform, Invalid(str(error)))
    except BadSignature as error:
        raise Unauthorized(str(error)) from None
    except TesseraError as error:
        return _link_form(platform, error)
    return _link_form(platform, sent=True)


def _link_form(platform: str, error: TesseraError | None = None, sent: bool = False) -> Response:
    return page(
        "link.html",
        error.status if error else 200,
        platform=platform,
        title=installing.installer_of(platform).title,
        wrong=error.detail if error else None,
        sent=sent,
        shop=request.form.get("shop", ""),
    )


@install.get("/<platform>/enter/<token>")
def show_link(platform: str, token: str) -> Response:
    """Ask for the click that enters: mail scanners open every link."""
    return page("enter.html", shop=links.look(services(), token).ref, action=request.path)


@install.post("/<platform>/enter/<token>")
def enter_by_link(platform: str, token: str) -> Response:
    return _enter(links.enter(services(), token).id)


def _is_ours(address: str) -> bool:
    """Tell whether an address is one of the merchant's pages: a session must reach nobody else."""
    own = f"{services().config.app_url}/admin/"
    return address.startswith(own) and "\\" not in address and "/../" not in address


def _go(address: str) -> Response:
    return Response("", 303, {"Location": address})


def _enter(shop_id: str) -> Response:
    response = _go("/admin/")
    sessions.open_for(response, services().config, shop_id)
    return response


def _form(platform: str, error: TesseraError | None = None, by_key: bool = False) -> Response:
    return page(
        "install.html",
        error.status if error else 200,
        "https: 'self'",  # the form leads on to the shop
        platform=platform,
        installer=installing.installer_of(platform),
        shop=request.form.get("shop") or request.args.get("shop") or "",
        wrong=error.detail if error else None,
        by_key=by_key,
        host=urlsplit(services().config.app_url).netloc,
    )
