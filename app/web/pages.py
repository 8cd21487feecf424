"""Our few own pages: one look, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE = Path(__file__).parent
_STYLE = (_HERE / "pages.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def page(
    template: str, status: int = 200, leads_to: str = "'self'", frames: Sequence[str] = (), **told: object
) -> Response:
    """Draw a page. `leads_to`: where its form may end up, redirects included; `frames`: who may show it in a frame."""
    nobody = ("'none'",)
    html = _environment().get_template(template).render(style=_STYLE, **told)
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {leads_to}; base-uri 'none'; "
        f"frame-ancestors {' '.join(frames or nobody)}"
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
