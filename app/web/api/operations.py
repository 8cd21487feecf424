"""One row for each operation of the API: it makes the route, runs the view, and is what the documentation is made from.

A view is a function of the call, what the request gives, and the ids in the path; it returns an answer. A write
runs in one transaction together with the keeping of its answer, a read in one that only reads.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection
from werkzeug.routing import BaseConverter

from app.db import reading, retrying
from app.errors import TesseraError
from app.shops import Shop
from app.vault import Vault
from app.web.api import reading as requests
from app.web.api.idempotency import Keep, Then, key, once
from app.web.gates import caller, services

MOST_ERRORS = 500
MOST_DETAIL = 4000

api = Blueprint("api", __name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One request at work: whose it is, its transaction, and programme time."""

    shop: Shop
    connection: Connection
    now: datetime
    key: str | None = None  # the Idempotency-Key

    @property
    def vault(self) -> Vault:
        return services().vault


@dataclass(frozen=True, slots=True)
class Answer:
    document: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)  # of reads only: they are not kept for a replay
    then: Then | None = None  # after the commit


View = Callable[..., Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    method: str
    path: str
    name: str
    summary: str
    description: str
    tag: str
    gives: Mapping[int, type[BaseModel]]
    takes: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    errors: tuple[type[TesseraError], ...] = ()
    writes: bool = False
    whole: bool = False  # the view itself validates the document
    view: View

    @property
    def optional(self) -> bool:
        """Tell whether a request may come without a body: nothing in it is needed."""
        try:
            return self.takes is not None and self.takes.model_validate({}) is not None
        except ValidationError:
            return False


OPERATIONS: list[Operation] = []


def operation(method: str, path: str, **told: Any) -> Callable[[View], View]:
    """Make a view an operation of the API; its docstring is its description there."""

    def register(view: View) -> View:
        summary, _, description = inspect.cleandoc(view.__doc__ or "").partition("\n")
        texts = {"summary": summary.rstrip("."), "description": description.strip()}
        made = Operation(
            method=method,
            path=path,
            name=view.__name__,
            view=view,
            **{"writes": method != "GET", **texts, **told},
        )
        OPERATIONS.append(made)
        api.add_url_rule(path, view.__name__, _endpoint(made), methods=[method])
        return view

    return register


class MemberId(BaseConverter):
    """Ids as we make them; anything else is nobody's."""

    regex = "m_[0-9a-f]{20}"


class DeliveryId(BaseConverter):
    regex = "[0-9]{1,18}"


class ActivityId(BaseConverter):
    """Ids of activities carry their teller's own names: anything may stand after the colon."""

    regex = "[a-z_]+:[^\x00]{1,400}"
    part_isolating = False


class RedemptionId(BaseConverter):
    regex = "r_[0-9a-f]{20}"


class Key(BaseConverter):
    """The key of a rule, as merchants and templates write them."""

    regex = "[^/\x00]{1,100}"


@api.record
def _teach_ids(state: BlueprintSetupState) -> None:
    state.app.url_map.converters |= {
        "member": MemberId,
        "delivery": DeliveryId,
        "activity": ActivityId,
        "redemption": RedemptionId,
        "key": Key,
    }


def _endpoint(operation: Operation) -> Callable[..., Response]:
    def endpoint(**ids: str) -> Response:
        return _write(operation, ids) if operation.writes else _read(operation, ids)

    return endpoint


@contextmanager
def _few_errors() -> Iterator[None]:
    """Tell a caller who made very many mistakes the first ones only."""
    try:
        yield
    except TesseraError as error:
        error.errors, error.detail = error.errors[:MOST_ERRORS], error.detail[:MOST_DETAIL]
        raise


def _read(operation: Operation, ids: Mapping[str, str]) -> Response:
    asked = requests.query(operation.query)
    if operation.takes is not None:  # a question too long for a query
        with _few_errors():
            body = request.get_data(cache=False)
            asked = requests.given(operation.takes, {} if operation.optional and not body else requests.tree(body))
    with _few_errors(), reading(services().engine) as connection:
        answer = operation.view(_call(connection, None), asked, **ids)
    return _response(answer, orjson.dumps(answer.document))


def _write(operation: Operation, ids: Mapping[str, str]) -> Response:
    requests.query(None)
    body = request.get_data(cache=False)
    bodiless = operation.takes is None or operation.optional
    document = {} if bodiless and not body else requests.tree(body)
    return once(body, lambda keep: _perform(operation, ids, document, keep))


def _perform(
    operation: Operation, ids: Mapping[str, str], document: object, keep: Keep
) -> tuple[Response, Then | None]:
    """Run a write: its effect and the keeping of its answer are one transaction, done again on conflicts."""
    sent = key()

    def work(connection: Connection) -> tuple[Answer, bytes]:
        answer = operation.view(_call(connection, sent), given, **ids)
        body = orjson.dumps(answer.document)
        keep(connection, answer.status, body)
        return answer, body

    with _few_errors():
        given = document
        if operation.takes is not None and not operation.whole:
            given = requests.given(operation.takes, document)
        answer, body = retrying(services().engine, work)
    return _response(answer, body), answer.then


def _call(connection: Connection, sent_key: str | None) -> Call:
    return Call(caller().shop, connection, services().clock.now(connection), sent_key)


def _response(answer: Answer, body: bytes) -> Response:
    return Response(body, answer.status, dict(answer.headers), content_type="application/json")
