"""The first page: where to go from here."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template_string, request

from app.web.gates import services

home = Blueprint("home", __name__)

_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#a4442a"><path
 d="M2 2h9v9H2zM13 4h9v7h-9zM4 13h7v7H4zM13 13h7v9h-7z"/></svg>"""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tessera</title>
<style>
  :root { --ink: #1e1b18; --soft: #6b645c; --paper: #fbf8f3; --line: #e4ddd3; --mark: #a4442a }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #f3eee7; --soft: #a89f94; --paper: #191714; --line: #38332d; --mark: #e08a66 }
  }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 1.05rem/1.6 system-ui, sans-serif }
  main { max-width: 36rem; margin: 0 auto; padding: 14vh 1.5rem 4rem }
  svg { width: 3rem; color: var(--mark) }
  h1 { margin: 1rem 0 .25rem; font: 400 3rem/1.1 Georgia, serif; letter-spacing: -.02em }
  p { margin: 0 0 2.5rem; color: var(--soft) }
  a { display: flex; justify-content: space-between; gap: 1rem; padding: 1rem 0; border-top: 1px solid var(--line);
      color: inherit; text-decoration: none }
  a:last-child { border-bottom: 1px solid var(--line) }
  a:hover b, a:focus-visible b { color: var(--mark) }
  b { font-weight: 600 } span { color: var(--soft); text-align: end }
</style>
<main>
  <svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
    <path d="M2 2h9v9H2zM13 4h9v7h-9zM4 13h7v7H4zM13 13h7v9h-7z"/></svg>
  <h1>Tessera</h1>
  <p>Loyalty points for online shops, to the point.</p>
  <nav>
    {% if sandbox %}<a href="/demo/"><b>The demo shop</b><span>buy something, watch the points</span></a>
    <a href="/demo/back-office/"><b>Its back office</b><span>refund, cancel, repeat webhooks</span></a>{% endif %}
    <a href="/api/docs"><b>API</b><span>every call, with examples</span></a>
    <a href="/health/ready"><b>Health</b><span>database, inbox</span></a>
  </nav>
</main>
</html>"""


@home.get("/favicon.ico")
def icon() -> Response:
    response = Response(_ICON, content_type="image/svg+xml")
    response.cache_control.public, response.cache_control.max_age = True, 86_400
    return response


@home.get("/")
def page() -> Response:
    if (
        services().config.sandbox and "ref" in request.args
    ):  # a friend's link leads to the shop's origin; it lives below
        return cast(Response, redirect("/demo/?" + urlencode({"ref": request.args["ref"]})))
    response = Response(render_template_string(_PAGE, sandbox=services().config.sandbox), content_type="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    )
    return response
