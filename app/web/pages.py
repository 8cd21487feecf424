"""Our few own pages: one look, nothing from elsewhere but the script of the admin that shows them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.contract.installing import Embedding

_HERE = Path(__file__).parent
_STYLE = (_HERE / "pages.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def page(
    template: str,
    status: int = 200,
    leads_to: str = "'self'",
    frames: Sequence[str] = (),
    embedding: Embedding | None = None,
    script: str = "",
    **told: object,
) -> Response:
    """Draw a page. `leads_to`: where its form may end up, redirects included; `frames`: who may show it in a frame;
    `embedding`: the script of the admin that shows it; `script`: our own, where it has one."""
    nobody = ("'none'",)
    html = _environment().get_template(template).render(style=_STYLE, embedding=embedding, script=script, **told)
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {leads_to}; base-uri 'none'; "
        f"{_scripts(embedding, own=bool(script))}"
        f"frame-ancestors {' '.join(frames or nobody)}"
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _scripts(embedding: Embedding | None, *, own: bool) -> str:
    """Let our own script in, and the admin's with what it asks its own server."""
    origins = ["'self'"] if own else []
    origins += ["/".join(embedding.script.split("/")[:3])] if embedding is not None else []
    return f"script-src {' '.join(origins)}; connect-src 'self' {' '.join(origins)}; " if origins else ""


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader([_HERE, _HERE / "merchant"]), autoescape=True, undefined=StrictUndefined)
