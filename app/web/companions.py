"""Our plugins for the shops of platforms that have such: what merchants download, made for this installation."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, request

from app.errors import NotFound
from app.web.gates import services
from connectors import CONNECTORS

companions = Blueprint("companions", __name__)


@companions.get("/<name>.zip")
def plugin(name: str) -> Response:
    """Hand out the ZIP of a plugin. Raises: NotFound."""
    packed = _packed(f"{name}.zip", services().config.app_url)
    response = Response(packed, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    response.cache_control.public, response.cache_control.max_age = True, 300
    response.set_etag(hashlib.sha256(packed).hexdigest()[:20])
    response.make_conditional(request)
    return response


def _packed(file: str, app_url: str) -> bytes:
    for connector in CONNECTORS.values():
        if connector.companion is not None and connector.companion.file == file:
            return connector.companion.packed(app_url)
    raise NotFound("there is no such plugin")
