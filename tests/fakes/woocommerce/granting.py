"""`/wc-auth/v1`: a merchant grants a key. The key goes from the shop's server to `callback_url`, without a shop name.

class-wc-auth.php: anything but 200 deletes the key again; the browser goes on to `return_url`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template_string, request, session
from werkzeug.wrappers import Response as Answer

from tests.fakes.woocommerce.state import Key, State

NEEDED = ("app_name", "scope", "user_id", "return_url", "callback_url")
SCOPES = {"read": "read", "write": "write", "read_write": "read_write"}
PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>{{ title }}</title>
<body style="font:16px sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem"><h1>Mugs</h1>{{ body|safe }}"""
LOGIN = """<p>{{ app }} would like to connect to your store.</p><form method="post">
<p><label>Username <input name="username" required></label></p><button>Login</button></form>"""
GRANT = """<p><strong>{{ app }}</strong> is requesting {{ scope }} access.</p><form method="post" action="{{ yes }}">
<button name="approve">Approve</button> <a href="{{ no }}">Deny</a></form>"""

PostJson = Callable[[str, dict[str, str], bytes], int]


@dataclass
class Granting:
    shop: State
    post: PostJson

    def blueprint(self) -> Blueprint:
        pages = Blueprint("granting", __name__, url_prefix="/wc-auth/v1")
        pages.before_request(self.check)
        pages.add_url_rule("/authorize", view_func=self.authorize)
        pages.add_url_rule("/login/", view_func=self.login, methods=["GET", "POST"])
        pages.add_url_rule("/access_granted/", view_func=self.grant, methods=["POST"])
        return pages

    def check(self) -> tuple[str, int] | None:
        missing = [name for name in NEEDED if not request.args.get(name)]
        if missing:
            return _page("Error", f"Missing parameter {missing[0]}"), 401
        if request.args["scope"] not in SCOPES:
            return _page("Error", "Invalid scope"), 401
        if urlsplit(request.args["callback_url"]).scheme != "https":
            return _page("Error", "The callback_url needs to be over SSL"), 401
        return None

    def authorize(self) -> Answer | str:
        if not session.get("user"):
            return redirect(f"/wc-auth/v1/login/?{urlencode(request.args)}")
        app, query = request.args["app_name"], urlencode(request.args)
        no = _back(request.args["return_url"], "0", request.args["user_id"])
        yes = f"/wc-auth/v1/access_granted/?{query}"
        body = render_template_string(GRANT, app=app, scope=request.args["scope"], yes=yes, no=no)
        return _page("Application authentication request", body)

    def login(self) -> Answer | str:
        if request.method == "POST" and request.form["username"] in self.shop.users:
            session["user"] = request.form["username"]
            return redirect(f"/wc-auth/v1/authorize?{urlencode(request.args)}")
        return _page("Login", render_template_string(LOGIN, app=request.args["app_name"]))

    def grant(self) -> Answer | tuple[str, int]:
        user = session.get("user", "")
        if not self.shop.may_manage(user):
            return _page("Error", "You do not have permission to access this page"), 401
        key = new_key(self.shop, user, SCOPES[request.args["scope"]])
        self.shop.keys.append(key)
        if self._send(request.args["callback_url"], request.args["user_id"], key) != 200:
            self.shop.keys.remove(key)
            return _page(
                "Access denied", "An error occurred in the request and at the time were unable to send it"
            ), 500
        return redirect(_back(request.args["return_url"], "1", request.args["user_id"]))

    def _send(self, url: str, user_id: str, key: Key) -> int:
        told = {
            "key_id": key.id,
            "user_id": user_id,
            "consumer_key": key.consumer_key,
            "consumer_secret": key.consumer_secret,
            "key_permissions": key.permissions,
        }
        headers = {"Content-Type": "application/json;charset=UTF-8", "User-Agent": f"WordPress/6.8.7; {self.shop.url}"}
        try:
            return self.post(url, headers, json.dumps(told).encode())
        except OSError:
            return 0


def _page(title: str, body: str) -> str:
    return render_template_string(PAGE, title=title, body=body)


def _back(url: str, success: str, user_id: str) -> str:
    return url + ("&" if "?" in url else "?") + urlencode({"success": success, "user_id": user_id})


def new_key(shop: State, user: str, permissions: str) -> Key:
    return Key(next(shop.ids), f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}", permissions, user)
