"""Requests read strictly: a body or a query becomes what the view takes, or every problem is told at once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import orjson
from flask import request
from pydantic import BaseModel, ValidationError

from app import strictjson
from app.errors import BadRequest, FieldError, Invalid
from app.rules.checks import problem_of

DEEPEST = 64

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


def tree(body: bytes) -> object:
    """Return the JSON tree of a body. Raises: BadRequest."""
    document = strictjson.read(body)
    if _deeper_than(document, DEEPEST):
        raise BadRequest(f"the body is nested deeper than {DEEPEST}")
    return document


def _deeper_than(document: object, levels: int) -> bool:
    nodes: list[object] = [document]
    for _ in range(levels + 1):
        nodes = [child for node in nodes for child in _children(node)]
        if not nodes:
            return False
    return True


def _children(node: object) -> Iterable[object]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def given(model: type[M], document: object) -> M:
    """Return what a body gives. Raises: BadRequest (no object), Invalid with every wrong field."""
    if not isinstance(document, dict):
        raise BadRequest("the body must be a JSON object")
    return _validated(model, document, "the body")


def query(model: type[M] | None) -> M | None:
    """Return what the query asks.

    Raises: Invalid, also for parameters there are not: a typo must not list everything.
    """
    asked = request.args
    twice = [name for name in asked if len(asked.getlist(name)) > 1]
    if twice:
        raise wrong(twice[0], "repeated", "Send this parameter once.")
    if model is not None:
        return _validated(model, asked.to_dict(), "the query")
    if asked:
        raise wrong(next(iter(asked)), "unknown_key", "There is no such parameter here.")
    return None


def _validated(model: type[M], document: dict[str, Any], what: str) -> M:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        errors = tuple(_field_error(problem) for problem in problems)
        told = "; ".join(f"{each.field}: {each.message}" for each in errors)
        raise Invalid(f"{what} is not valid: {told}", errors) from error


def _field_error(problem: Any) -> FieldError:
    told = problem_of(problem)
    if told.code == "unknown_key":
        return FieldError(told.field, told.code, "There is no such field here.")
    return FieldError(told.field, told.code, told.message)


def wrong(field: str, code: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", (FieldError(field, code, message),))


# --- lists ------------------------------------------------------------------------------------------------------------


def after(cursor: str | None, list_name: str, kind: type[T]) -> T | None:
    """Return the last row already seen, as `page` wrote it. Raises: Invalid."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, last = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error):
        name, last = None, None
    storable = not isinstance(last, str) or "\x00" not in last
    if name != list_name or type(last) is not kind or not storable:
        raise wrong("cursor", "invalid", "Send the `next` of the page before, as it was.")
    return last


def page(data: Sequence[dict[str, Any]], limit: int, list_name: str, lasts: Sequence[object]) -> dict[str, Any]:
    """Return one page. `lasts` names each row, and one row more where there is a next page."""
    shown = list(data[:limit])
    if len(lasts) <= limit:
        return {"data": shown, "next": None}
    cursor = orjson.dumps([list_name, lasts[limit - 1]])
    return {"data": shown, "next": base64.urlsafe_b64encode(cursor).rstrip(b"=").decode()}
