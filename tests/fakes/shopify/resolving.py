"""How the schema's fields are answered: by a handler, from the node, or by a harmless value of the type."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLScalarType,
    get_named_type,
)

from tests.fakes.shopify.state import Node

Handler = Callable[..., Any]
HANDLERS: dict[tuple[str, str], Handler] = {}

_SCALARS: Mapping[str, Any] = {
    "Boolean": False,
    "DateTime": "2026-01-01T00:00:00Z",
    "Decimal": "0.0",
    "Float": 0.0,
    "ID": "gid://shopify/Thing/1",
    "Int": 0,
    "JSON": {},
    "Money": "0.0",
    "UnsignedInt64": "0",
}


def on(kind: str, name: str) -> Callable[[Handler], Handler]:
    """Answer a field of a type with a function `(shop, source, **arguments)`."""

    def keep(handler: Handler) -> Handler:
        HANDLERS[kind, name] = handler
        return handler

    return keep


def resolve(source: Any, info: GraphQLResolveInfo, **given: Any) -> Any:
    handler = HANDLERS.get((info.parent_type.name, info.field_name))
    if handler is not None:
        value = handler(info.context, source, **given)
    elif isinstance(source, dict) and info.field_name in source:
        value = source[info.field_name]
    else:
        value = [] if info.field_name == "userErrors" else _harmless(info.return_type)
    kind = get_named_type(info.return_type).name
    if kind.endswith("Connection") and isinstance(value, list):
        return page(value, **given)
    return value[: given["first"]] if isinstance(value, list) and given.get("first") else value


def _harmless(kind: Any) -> Any:
    if not isinstance(kind, GraphQLNonNull):
        return None
    kind = kind.of_type
    if isinstance(kind, GraphQLList):
        return []
    if isinstance(kind, GraphQLScalarType):
        return _SCALARS.get(kind.name, "")
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values.values())).value
    return [] if kind.name.endswith("Connection") else {}


def type_of(value: Any, info: GraphQLResolveInfo, abstract: Any) -> str:
    """Return the type of a node: named in it, or told by its id."""
    if "__typename" in value:
        return str(value["__typename"])
    return str(value["id"].split("/")[3])


def page(
    rows: Sequence[Node],
    first: int | None = None,
    after: str | None = None,
    by: str = "",
    **given: Any,
) -> Node:
    """Cut a connection. A cursor holds the last row's id and value: nothing is skipped when rows move meanwhile."""
    listed = sorted(rows, key=lambda row: (row[by], row["id"])) if by else list(rows)
    if given.get("reverse"):
        listed.reverse()
    begin = _behind(listed, json.loads(base64.b64decode(after)), by, bool(given.get("reverse"))) if after else 0
    shown = listed[begin:][: first if first is not None else len(listed)]
    cursors = [_cursor(row, begin + place, by) for place, row in enumerate(shown, 1)]
    return {
        "nodes": shown,
        "edges": [{"node": row, "cursor": cursor} for row, cursor in zip(shown, cursors, strict=True)],
        "pageInfo": {
            "hasNextPage": begin + len(shown) < len(listed),
            "hasPreviousPage": begin > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _cursor(row: Node, place: int, by: str) -> str:
    told = {"last_id": row["id"], "last_value": row[by]} if by else {"place": place}
    return base64.b64encode(json.dumps(told).encode()).decode()


def _behind(rows: Sequence[Node], seen: Node, by: str, reverse: bool) -> int:
    if not by:
        return int(seen["place"])
    last = (seen["last_value"], seen["last_id"])
    return sum((row[by], row["id"]) >= last if reverse else (row[by], row["id"]) <= last for row in rows)
