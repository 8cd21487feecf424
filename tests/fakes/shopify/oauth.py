"""How the app gets in: managed installation with token exchange, the code grant, refresh with rotation.

https://shopify.dev/docs/apps/build/authentication-authorization (access tokens; token exchange; authorization code
grant; offline access tokens). Session tokens are HS256 with the app's secret and live one minute.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import jwt
from flask import Request, Response, jsonify, redirect, render_template_string
from werkzeug.wrappers import Response as Answer

from tests.fakes.shopify.state import ACCESS, REFRESH, Shop, Token

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Install app</title>
<body style="font:16px sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem"><h1>Install app</h1>
<p>{{ scopes }}</p><form method="post"><button name="install">Install app</button></form>"""


@dataclass
class App:
    """The app as the Partner Dashboard knows it."""

    api_key: str
    secret: str
    scopes: frozenset[str]
    redirect_urls: tuple[str, ...] = ()
    managed: bool = True  # scopes from shopify.app.toml: Shopify installs by itself
    access = ACCESS
    codes: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)  # code → (shop, scopes)

    def session_token(self, shop: Shop, user: str = "42", **changes: Any) -> str:
        """What App Bridge hands to the embedded page."""
        now = int(shop.now().timestamp())
        claims = {
            "iss": f"{shop.url}/admin",
            "dest": shop.url,
            "aud": self.api_key,
            "sub": user,
            "exp": now + 60,
            "nbf": now,
            "iat": now,
            "jti": secrets.token_hex(16),
            "sid": secrets.token_hex(32),
        }
        return jwt.encode(claims | changes, self.secret, algorithm="HS256")

    def signed(self, query: Mapping[str, str]) -> str:
        """Return a query string with its `hmac`: hex HMAC-SHA256 over the other parameters, sorted."""
        message = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
        signature = hmac.new(self.secret.encode(), message.encode(), hashlib.sha256).hexdigest()
        return urlencode({**query, "hmac": signature}, quote_via=quote)

    def new_pair(self, shop: Shop, scopes: frozenset[str], replaces: Token | None = None) -> dict[str, Any]:
        now = shop.now()
        pair = Token(
            f"shpat_{secrets.token_hex(16)}",
            f"shprt_{secrets.token_hex(16)}",
            scopes,
            now + self.access,
            now + REFRESH,
            replaces,
        )
        shop.tokens.append(pair)
        return {
            "access_token": pair.access,
            "scope": ",".join(sorted(scopes)),
            "expires_in": int(self.access.total_seconds()),
            "refresh_token": pair.refresh,
            "refresh_token_expires_in": int(REFRESH.total_seconds()),
        }

    def authorize(self, shop: Shop, request: Request) -> Answer | str | tuple[str, int]:
        """`/admin/oauth/authorize`: the merchant sees the scopes and installs."""
        if request.args.get("client_id") != self.api_key:
            return "Oauth error invalid_request: Could not find API application", 400
        if request.args.get("redirect_uri") not in self.redirect_urls:
            return "Oauth error invalid_request: The redirect_uri is not whitelisted", 400
        if request.method == "GET":
            return render_template_string(PAGE, scopes=request.args.get("scope", ""))
        scopes = frozenset(request.args.get("scope", "").split(","))
        code = secrets.token_hex(16)
        self.codes[code] = (shop.domain, scopes)
        now = str(int(shop.now().timestamp()))
        query = {
            "code": code,
            "host": "YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvbXVncw==",
            "shop": shop.domain,
            "state": request.args.get("state", ""),
            "timestamp": now,
        }
        return redirect(f"{request.args['redirect_uri']}?{self.signed(query)}")

    def access_token(self, shop: Shop, given: Mapping[str, str]) -> Response | tuple[Response, int]:
        """`/admin/oauth/access_token`: every way to a token; each answer is a new pair."""
        if (given.get("client_id"), given.get("client_secret")) != (self.api_key, self.secret):
            return jsonify(error="application_cannot_be_found"), 400
        if str(given.get("expiring")).lower() not in ("1", "true") and given.get("grant_type") != "refresh_token":
            return jsonify(error="invalid_request", error_description="non-expiring tokens are gone"), 400
        ways = {EXCHANGE: self._exchanged, "refresh_token": self._refreshed, None: self._by_code}
        way = ways.get(given.get("grant_type"))
        pair = way(shop, given) if way else None
        if pair is None:
            return jsonify(error="invalid_grant", error_description="The grant is invalid or has expired"), 400
        return jsonify(pair)

    def _exchanged(self, shop: Shop, given: Mapping[str, str]) -> dict[str, Any] | None:
        right = given.get("subject_token_type") == ID_TOKEN and given.get("requested_token_type") == OFFLINE
        try:
            claims = jwt.decode(
                given.get("subject_token", ""),
                self.secret,
                algorithms=["HS256"],
                audience=self.api_key,
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return None
        if not right or claims["dest"] != shop.url or claims["exp"] < shop.now().timestamp() or not shop.scopes:
            return None
        return self.new_pair(shop, shop.scopes)

    def _by_code(self, shop: Shop, given: Mapping[str, str]) -> dict[str, Any] | None:
        domain, scopes = self.codes.pop(given.get("code", ""), ("", frozenset[str]()))
        if domain != shop.domain:
            return None
        shop.scopes = scopes
        return self.new_pair(shop, scopes)

    def _refreshed(self, shop: Shop, given: Mapping[str, str]) -> dict[str, Any] | None:
        """A refresh token lives on until the pair that replaced it is used: a lost answer can be asked for again."""
        now = shop.now()
        for pair in shop.tokens:
            if pair.refresh == given.get("refresh_token") and now < pair.refresh_until and shop.scopes:
                shop.tokens = [one for one in shop.tokens if one.replaces is not pair]
                return self.new_pair(shop, pair.scopes & shop.scopes, replaces=pair)
        return None
