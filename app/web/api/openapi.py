"""The OpenAPI 3.1 document, made from the operations and the models; and the other documents open to all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import orjson
from flask import Blueprint, Response, request
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.errors import (
    BadRequest,
    Forbidden,
    IdempotencyConflict,
    InFlight,
    Invalid,
    TesseraError,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from app.programmes.templates import TEMPLATES
from app.rules.programme import programme_schema
from app.web import problems
from app.web.api.answers import Problem
from app.web.api.examples import EXAMPLES
from app.web.api.idempotency import HEADER, REPLAYED
from app.web.api.operations import OPERATIONS, Operation
from app.web.gates import services
from connectors.neutral import custom_events_schema
from connectors.review_apps import REVIEW_APPS

described = Blueprint("described", __name__)

MAX_AGE_S = 300
_REF = "#/components/schemas/{model}"
_TAGS = {
    "Members": "Who is in the programme, what they have, and why.",
    "Activities": "What members did beside buying, and what it earned.",
    "Referrals": "Friends whom members bring.",
    "Programme": "The rules: drafted, published as versions, tried out.",
    "Rewards": "What points can be spent on, and what became of it.",
    "Orders": "What each order is worth by its state now.",
    "Reports": "The shop's books.",
    "Deliveries": "Webhooks as they came in.",
    "History": "What happened before the shop came to us.",
    "Privacy": "What was asked for in somebody's name.",
    "Effects": "What is to happen at the shop's platform.",
    "Descriptions": "Documents about this API. They need no key.",
}
_IDS = {
    "member_id": {"type": "string", "pattern": "^m_[0-9a-f]{20}$"},
    "activity_id": {"type": "string", "pattern": "^[a-z_]+:.+$"},
    "rule_key": {"type": "string", "minLength": 1, "maxLength": 100},
    "redemption_id": {"type": "string", "pattern": "^r_[0-9a-f]{20}$"},
    "reward_key": {"type": "string", "minLength": 1},
    "referral_id": {"type": "string", "pattern": "^m_[0-9a-f]{20}$"},
    "delivery_id": {"type": "string", "pattern": "^[0-9]{1,18}$"},
    "effect_id": {"type": "string", "pattern": "^[0-9]{1,18}$"},
    "review_app": {"type": "string", "enum": list(REVIEW_APPS)},
    "template_key": {"type": "string", "enum": [template.key for template in TEMPLATES]},
}
_ABOUT = """\
REST v1 of Tessera, a loyalty programme for online shops.

Every call carries the api key of one shop: `Authorization: Bearer <api_key>`. Points are whole numbers, money and other
exact numbers are decimal strings, times are RFC 3339 in UTC. Lists are `{"data": […], "next": cursor or null}`; send
`next` as `cursor` for the next page.

Writes take an optional `Idempotency-Key`. The same request with the same key happens once: its answer is kept for at
least 24 hours and repeated byte for byte with `Idempotency-Replayed: true`. The same key with another method, path or
body is refused with 409 `idempotency_conflict`; while the first request is being worked on the answer is 409
`in_flight`. Answers 2xx, 409 and 422 are kept.

Errors are problem details (RFC 9457); `errors` names each wrong field."""


@described.get("/openapi.json")
def openapi() -> Response:
    return _static(orjson.dumps(document(services().config.app_url)))


@described.get("/programme.schema.json")
def programme() -> Response:
    return _static(orjson.dumps(programme_schema()), "application/schema+json")


@described.get("/custom-events.schema.json")
def custom_events() -> Response:
    return _static(orjson.dumps(custom_events_schema()), "application/schema+json")


def _static(body: bytes, kind: str = "application/json") -> Response:
    response = Response(body, content_type=kind)
    response.set_etag(hashlib.sha256(body).hexdigest()[:20])
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    response.make_conditional(request)
    return response


@cache
def document(app_url: str) -> dict[str, Any]:
    """Return the OpenAPI document of the API as this process serves it."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(path_of(operation), {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tessera",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": f"{app_url.rstrip('/')}/api/v1"}],
        "security": [{"apiKey": []}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths | _described_paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": {"IdempotencyKey": _idempotency_key()},
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer", "description": "A shop's api key."}},
        },
    }


def path_of(operation: Operation) -> str:
    """Return the path as OpenAPI writes it: `/members/{member_id}`."""
    return re.sub(r"<\w+:(\w+)>", r"{\1}", operation.path)


def _models() -> list[type[BaseModel]]:
    used = [model for each in OPERATIONS for model in (each.takes, *each.gives.values()) if model is not None]
    return list(dict.fromkeys([*used, Problem]))


@cache
def _named() -> tuple[Mapping[Any, Mapping[str, str]], dict[str, Any]]:
    named, schema = models_json_schema([(model, "validation") for model in _models()], ref_template=_REF)
    return {model: ref for (model, _), ref in named.items()}, schema["$defs"]


def _schemas() -> dict[str, Any]:
    named, schemas = _named()
    by_name = {ref["$ref"].rpartition("/")[2]: model for model, ref in named.items()}
    return {
        name: {**schema, "examples": [EXAMPLES[by_name[name]]]} if by_name.get(name) in EXAMPLES else schema
        for name, schema in schemas.items()
    }


def _operation(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "tags": [operation.tag],
        "parameters": list(_parameters(operation)),
        "responses": _responses(operation),
    }
    if operation.takes is not None:
        content = {"application/json": _media(operation.takes)}
        told["requestBody"] = {"required": not operation.optional, "content": content}
    return told


def _media(model: type[BaseModel]) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": dict(_named()[0][model])}
    return media | {"example": EXAMPLES[model]} if model in EXAMPLES else media


def _parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for name, schema in _IDS.items():
        if f":{name}>" in operation.path:
            yield {"name": name, "in": "path", "required": True, "schema": schema}
    if operation.query is not None:
        for name, schema in operation.query.model_json_schema()["properties"].items():
            yield _parameter(name, dict(schema))
    if operation.writes:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    description = schema.pop("description", "")
    for choice in schema.pop("anyOf", ()):  # a parameter is left out, never null
        if choice.get("type") != "null":
            schema |= choice
    if schema.get("default", "") is None:
        del schema["default"]
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _idempotency_key() -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"}
    told = {"name": HEADER, "in": "header", "required": False, "schema": schema}
    return told | {"description": "Makes this request happen once.", "example": "7d4f0a52-0b0c-4a7e"}


def _responses(operation: Operation) -> dict[str, Any]:
    replayed = {REPLAYED: {"description": "`true` where a kept answer is repeated.", "schema": {"type": "string"}}}
    responses: dict[str, Any] = {}
    for status, model in operation.gives.items():
        answer: dict[str, Any] = {"description": _MEANING[status], "content": {"application/json": _media(model)}}
        responses[str(status)] = answer | ({"headers": replayed} if operation.writes else {})
    by_status: dict[int, list[type[TesseraError]]] = {}
    for error in dict.fromkeys([*operation.errors, *_usual_errors(operation)]):
        by_status.setdefault(error.status, []).append(error)
    return responses | {str(status): _refusal(by_status[status]) for status in sorted(by_status)}


_MEANING = {200: "Done, or found", 201: "Made"}


def _usual_errors(operation: Operation) -> Iterable[type[TesseraError]]:
    yield Unauthorized
    yield Invalid
    yield Unavailable
    if operation.takes is not None:
        yield from (BadRequest, Forbidden, TooLarge)
    if operation.writes:
        yield from (IdempotencyConflict, InFlight)


def _refusal(errors: list[type[TesseraError]]) -> dict[str, Any]:
    meanings = "\n".join(f"- `{error.code}`: {error.title}" for error in errors)
    examples = {error.code: {"value": _example_of(error)} for error in errors}
    content = {"application/problem+json": {"schema": dict(_named()[0][Problem]), "examples": examples}}
    return {"description": meanings, "content": content}


def _example_of(error: type[TesseraError]) -> dict[str, Any]:
    wrong = {"field": "points", "code": "missing", "message": "Add this key."}
    return {
        "type": f"{problems.TYPES}{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.title,
        "code": error.code,
        "errors": [wrong] if error is Invalid else [],
    }


def _described_paths() -> dict[str, Any]:
    told = {
        "/openapi.json": ("openapi", "This document", "application/json"),
        "/programme.schema.json": ("programme_schema", "The JSON Schema of a programme", "application/schema+json"),
        "/custom-events.schema.json": (
            "custom_events_schema",
            "The JSON Schema of a custom shop's webhooks",
            "application/schema+json",
        ),
    }
    return {path: {"get": _described(*words)} for path, words in told.items()}


def _described(name: str, summary: str, kind: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["Descriptions"],
        "security": [],
        "responses": {"200": {"description": summary, "content": {kind: {"schema": {"type": "object"}}}}},
    }
