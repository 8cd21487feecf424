"""Bodies of API calls: strictly read, or a clear 400."""

from __future__ import annotations

from typing import Any

from app.errors import BadRequest
from connectors.contract import BadFact
from connectors.neutral import parse_json


def read(body: bytes) -> object:
    """Return the JSON tree of a body. Raises: BadRequest."""
    try:
        return parse_json(body)
    except BadFact as error:
        raise BadRequest(str(error)) from error


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises: BadRequest."""
    document = read(body)
    if not isinstance(document, dict):
        raise BadRequest("the body must be a JSON object")
    return document
