"""`/admin/api/<version>/graphql.json`: Shopify's own schema, its scopes, its costs and its leaky bucket.

https://shopify.dev/docs/api/usage/limits: an object costs 1, a mutation 10, a connection as many as it is asked for; a
query of more than 1,000 is refused, and an empty bucket answers HTTP 200 with the error THROTTLED.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, jsonify, request
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    execute_sync,
    get_named_type,
    parse,
    validate,
    visit,
)
from graphql.error import GraphQLError

from tests.fakes.shopify import schema
from tests.fakes.shopify.resolving import resolve, type_of
from tests.fakes.shopify.state import Shop

MOST = 1000
UNKNOWN_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"


@dataclass
class Bucket:
    """A leaky bucket."""

    capacity: float
    restores: float
    seconds: Callable[[], float] = time.monotonic
    level: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.level, self.at = self.capacity, self.seconds()

    def take(self, cost: float) -> bool:
        now = self.seconds()
        self.level, self.at = min(self.capacity, self.level + (now - self.at) * self.restores), now
        if cost > self.level:
            return False
        self.level -= cost
        return True


class Asked(Visitor):
    """What a document costs, and which scopes it lacks."""

    def __init__(self, types: TypeInfo, variables: Mapping[str, Any], granted: frozenset[str]) -> None:
        super().__init__()
        self.types, self.variables, self.granted = types, variables, granted
        self.cost, self.factors = 0.0, [1]
        self.missing: dict[str, str] = {}

    def enter_field(self, node: Any, *_: Any) -> None:
        parent = self.types.get_parent_type()
        told = self.types.get_type()
        kind = get_named_type(told) if told else None
        name = node.name.value
        for place in ((parent.name if parent else "", name), (kind.name if kind else "", None)):
            needed = schema.admin().scopes.get(place)
            if needed and not needed & self.granted:
                self.missing[name] = " or ".join(sorted(needed))
        if parent is not None and parent.name == "Mutation":
            self.cost += 10
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            self.cost += 0 if kind.name.endswith(("Connection", "Edge")) or name == "pageInfo" else self.factors[-1]
        self.factors.append(self.factors[-1] * self._asked_for(node))

    def leave_field(self, *_: Any) -> None:
        self.factors.pop()

    def _asked_for(self, node: Any) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                value = argument.value
                given = value.value if value.kind == "int_value" else self.variables.get(value.name.value)
                return int(given or 1)
        return 1


class Endpoint:
    """The Admin API of one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.bucket = shop, Bucket(shop.capacity, shop.restores, shop.seconds)
        self.queries: list[str] = []

    def answer(self, version: str) -> Response | tuple[Response, int]:
        token = self.shop.token(request.headers.get("X-Shopify-Access-Token", ""))
        if token is None or not self.shop.scopes:
            return jsonify(errors=UNKNOWN_TOKEN), 401
        granted = token.scopes & self.shop.scopes
        granted |= {scope.replace("write_", "read_", 1) for scope in granted}  # who may write may read
        answer = jsonify(self._run(request.get_json(), granted))
        answer.headers["X-Shopify-API-Version"] = self.shop.answers_by or min(version, schema.VERSION)
        return answer

    def _run(self, asked: dict[str, Any], granted: frozenset[str]) -> dict[str, Any]:
        variables = asked.get("variables") or {}
        try:
            document = parse(asked["query"])
        except GraphQLError as wrong:
            return {"errors": [wrong.formatted]}
        self.queries.append(asked["query"])
        if wrong_ones := validate(schema.admin().schema, document):
            return {"errors": [each.formatted for each in wrong_ones]}
        types = TypeInfo(schema.admin().schema)
        told = Asked(types, variables, granted)
        visit(document, TypeInfoVisitor(types, told))
        if refused := self._refused(told):
            return refused
        done = execute_sync(
            schema.admin().schema,
            document,
            variable_values=variables,
            context_value=self.shop,
            field_resolver=resolve,
            type_resolver=type_of,
        )
        answer: dict[str, Any] = {"data": done.data, "extensions": self._cost(told.cost, told.cost)}
        return answer | ({"errors": [each.formatted for each in done.errors]} if done.errors else {})

    def _refused(self, told: Asked) -> dict[str, Any] | None:
        if told.missing:
            errors = [
                {
                    "message": f"Access denied for {name} field. Required access: `{scope}` access scope.",
                    "extensions": {"code": "ACCESS_DENIED", "requiredAccess": f"`{scope}` access scope."},
                    "path": [name],
                }
                for name, scope in told.missing.items()
            ]
            return {"data": None, "errors": errors}
        if told.cost > MOST:
            message = f"Query cost is {told.cost:.0f}, which exceeds the single query max cost limit ({MOST})."
            return {"errors": [{"message": message, "extensions": {"code": "MAX_COST_EXCEEDED"}}]}
        if not self.bucket.take(told.cost):
            errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
            return {"errors": errors, "extensions": self._cost(told.cost, None)}
        return None

    def _cost(self, requested: float, actual: float | None) -> dict[str, Any]:
        status = {
            "maximumAvailable": self.bucket.capacity,
            "currentlyAvailable": int(self.bucket.level),
            "restoreRate": self.bucket.restores,
        }
        return {"cost": {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}}
