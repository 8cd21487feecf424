"""The Flask application: what every page has, and what no request gets past."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask, Response, abort, render_template, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from markupsafe import Markup

from connectors.sandbox.shop import account, checkout, context, coupons, front, gallery, office
from connectors.sandbox.shop.catalogue import COLLECTIONS
from connectors.sandbox.shop.money import decimal_text
from connectors.sandbox.shop.outgoing import Sender
from connectors.sandbox.shop.settings import SandboxSettings
from connectors.sandbox.shop.store import Store
from connectors.sandbox.shop.tessera import Tessera

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


def make_site(settings: SandboxSettings, store: Store, sender: Sender) -> Flask:
    """Put the site together."""
    site = Flask(__name__)
    site.secret_key = store.secret_key()
    site.session_interface = CookieOfThisShop()
    site.config.update(SESSION_COOKIE_NAME="aloni", SESSION_COOKIE_SAMESITE="Lax", MAX_CONTENT_LENGTH=64 * 1024)
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    tessera = Tessera(settings)
    context.put_context(site, context.Context(settings=settings, store=store, sender=sender, tessera=tessera))
    for blueprint in (front.pages, checkout.pages, account.pages, office.pages, gallery.pages):
        site.register_blueprint(blueprint)
    site.before_request(refuse_foreign_forms)
    site.after_request(add_headers)
    site.register_error_handler(404, not_found)
    _give_words_to_templates(site, settings)
    return site


class CookieOfThisShop(SecureCookieSessionInterface):
    """The session cookie goes to this shop's pages only, wherever it is mounted."""

    def get_cookie_path(self, app: Flask) -> str:
        return request.script_root or "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def refuse_foreign_forms() -> None:
    """Refuse a form that was not on one of our pages. The gallery's made-up server keeps nothing of what it is sent."""
    if request.method == "POST" and request.endpoint != "gallery.api":
        known, sent = session.get("form_token", ""), request.form.get("form_token", "")
        if not known or not hmac.compare_digest(known.encode(), sent.encode()):
            abort(400, "This form is too old. Go back, reload the page and try again.")


def form_token() -> Markup:
    """Return the hidden field that every form carries."""
    if "form_token" not in session:
        session["form_token"] = secrets.token_urlsafe(18)
    return Markup('<input type="hidden" name="form_token" value="{}">').format(session["form_token"])


def add_headers(answer: Response) -> Response:
    """Allow what our pages use and nothing else. The widgets need no more than scripts and requests of Tessera."""
    tessera = context.widgets_base()
    framed = "'self'" if request.endpoint == "gallery.frame" else "'none'"
    frames = "'self'" if request.endpoint == "gallery.gallery" else "'none'"
    policy = (
        f"default-src 'none'; img-src 'self'; style-src 'self' {tessera}; script-src 'self' {tessera}; "
        f"frame-src {frames}; "
        f"connect-src 'self' {tessera}; form-action 'self'; base-uri 'none'; frame-ancestors {framed}"
    )
    answer.headers.setdefault("Content-Security-Policy", policy)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    if answer.mimetype == "text/html":
        answer.headers["Cache-Control"] = "no-store"
    return answer


def not_found(error: Exception) -> tuple[str, int]:
    return render_template("not_found.html"), 404


def _give_words_to_templates(site: Flask, settings: SandboxSettings) -> None:
    symbol = SYMBOLS.get(settings.currency, f"{settings.currency} ")
    versions = {path.name: _version(path) for path in Path(site.static_folder or "").iterdir()}
    site.jinja_env.filters["money"] = lambda cents: f"{symbol}{decimal_text(cents)}"
    site.jinja_env.filters["decimal"] = decimal_text
    site.jinja_env.filters["day"] = _day
    site.jinja_env.filters["date"] = _date
    site.jinja_env.filters["reward_title"] = lambda offer: coupons.title(offer, symbol)
    site.jinja_env.filters["amount"] = lambda money: f"{symbol}{money['amount'].removesuffix('.00')}"
    site.jinja_env.globals.update(
        COLLECTIONS=COLLECTIONS,
        cart=context.cart,
        form_token=form_token,
        settings=settings,
        shopper=context.shopper,
        static=lambda name: url_for("static", filename=name, v=versions[name]),
        widgets_base=context.widgets_base,
    )


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _day(moment: datetime | str) -> str:
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{when.day} {when:%b %Y, %H:%M}"


def _date(moment: str) -> str:
    """Write the last day before a moment: codes end at midnight."""
    last = datetime.fromisoformat(moment) - timedelta(seconds=1)
    return f"{last.day} {last:%b %Y}"
