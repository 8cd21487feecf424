"""A visitor's word on the arm of an experiment he is in."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request

from app import counters
from app.errors import FieldError, Invalid
from app.experiments.exposures import Seen
from app.strictjson import read_object
from app.web.gates import services

exposures = Blueprint("exposures", __name__)

MOST_BYTES = 1000

_SHOP = re.compile("[A-Za-z0-9_-]{1,32}")
_KEY = re.compile("[A-Za-z0-9_.-]{1,100}")
_ARM = re.compile("[a-z]{1,20}")


@exposures.route("/<shop_id>/exposures", methods=["POST", "OPTIONS"])
def expose(shop_id: str) -> Response:
    """Count a visitor of an arm. What is unknown counts for nothing: pages are cached longer than experiments last.

    Any content type will do, so that a browser may send it without asking first. Raises: BadRequest, Invalid.
    """
    if request.method == "POST":
        request.max_content_length = MOST_BYTES
        document = read_object(request.get_data(cache=False))
        seen = Seen(shop_id, _text(document, "experiment"), _text(document, "arm"))
        if _plausible(seen) and _patient():
            services().exposures.add(seen, services().engine, services().clock)
    return Response(status=204)


def _text(document: dict[str, Any], field: str) -> str:
    if not isinstance(document.get(field), str):
        raise Invalid(f"{field}: send a text", (FieldError(field, "invalid", "send a text"),))
    return str(document[field])


def _plausible(seen: Seen) -> bool:
    patterns = (_SHOP, _KEY, _ARM)
    return all(pattern.fullmatch(text) for pattern, text in zip(patterns, seen, strict=True))


def _patient() -> bool:
    if services().patience.lasts(request.remote_addr or ""):
        return True
    counters.count("exposures_ignored", "flood")
    return False
