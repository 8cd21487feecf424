"""What the Admin API tells of a shop: lists with search, single objects, metafields, tags, and bulk operations."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, timedelta
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, execute_sync, parse, validate

from tests.fakes.shopify import schema
from tests.fakes.shopify.redeeming import error
from tests.fakes.shopify.resolving import on, page, resolve, type_of
from tests.fakes.shopify.state import Node, Shop

_TERM = re.compile(r"(\w+):(>=|<=|>|<|=)?'?([^'\s]+)'?")
_FIELDS = {"updated_at": "updatedAt", "created_at": "createdAt", "processed_at": "processedAt"}
_SORTED = {"UPDATED_AT": "updatedAt", "CREATED_AT": "createdAt", "PROCESSED_AT": "processedAt", "ID": "id"}


def _found(rows: Iterable[Node], query: str | None) -> list[Node]:
    """Search as Shopify does: terms are joined by AND; a term it does not know finds everything."""
    tests: list[Callable[[Node], bool]] = []
    for name, sign, text in _TERM.findall(query or ""):
        if name in _FIELDS:
            tests.append(lambda row, at=_FIELDS[name], sign=sign, text=text: _holds(row[at], sign, text))
        elif name == "id":
            tests.append(lambda row, sign=sign, text=text: _holds(row["id"].rpartition("/")[2], sign, text))
        elif name == "discount_code":
            tests.append(lambda row, text=text: text.upper() in map(str.upper, row["discountCodes"]))
        elif name == "email":
            tests.append(lambda row, text=text: (row.get("email") or "").lower() == text.lower())
    return [row for row in rows if all(test(row) for test in tests)]


def _holds(told: str, sign: str, text: str) -> bool:
    text = text.replace("+00:00", "Z")
    return {">=": told >= text, "<=": told <= text, ">": told > text, "<": told < text}.get(sign, told == text)


def _visible(shop: Shop) -> Iterator[Node]:
    """Without read_all_orders an app sees the orders of the last 60 days."""
    since = (shop.now() - timedelta(days=60)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    everything = "read_all_orders" in shop.scopes
    return (order for order in shop.orders.values() if everything or order["createdAt"] >= since)


def _list(rows: Iterable[Node], given: dict[str, Any]) -> Node:
    query, key = given.pop("query", None), given.pop("sortKey", None)
    return page(_found(rows, query), by=_SORTED.get(key or "", "id"), **given)


@on("QueryRoot", "orders")
def orders(shop: Shop, _source: Any, **given: Any) -> Node:
    return _list(_visible(shop), given)


@on("QueryRoot", "customers")
def customers(shop: Shop, _source: Any, **given: Any) -> Node:
    return _list(shop.customers.values(), given)


@on("QueryRoot", "products")
def products(shop: Shop, _source: Any, **given: Any) -> Node:
    return _list(shop.products.values(), given)


@on("QueryRoot", "productVariants")
def variants(shop: Shop, _source: Any, **given: Any) -> Node:
    return _list(shop.variants.values(), given)


@on("QueryRoot", "order")
def order(shop: Shop, _source: Any, id: str) -> Node | None:
    return next((one for one in _visible(shop) if one["id"] == id), None)


@on("QueryRoot", "refund")
def refund(shop: Shop, _source: Any, id: str) -> Node | None:
    return next((row for one in _visible(shop) for row in one["refunds"] if row["id"] == id), None)


@on("QueryRoot", "customer")
def customer(shop: Shop, _source: Any, id: str) -> Node | None:
    return shop.customers.get(id)


@on("QueryRoot", "product")
def product(shop: Shop, _source: Any, id: str) -> Node | None:
    return shop.products.get(id)


@on("QueryRoot", "collectionByIdentifier")
def collection(shop: Shop, _source: Any, identifier: Node) -> Node | None:
    found = [one for product in shop.products.values() for one in product["collections"]]
    return next((one for one in found if one["handle"] == identifier.get("handle")), None)


@on("QueryRoot", "node")
def node(shop: Shop, _source: Any, id: str) -> Node | None:
    tables = (shop.orders, shop.customers, shop.products, shop.variants, shop.discounts, shop.bulk)
    return next((table[id] for table in tables if id in table), None)


@on("QueryRoot", "nodes")
def nodes(shop: Shop, _source: Any, ids: list[str]) -> list[Node | None]:
    return [node(shop, None, one) for one in ids]


@on("QueryRoot", "shop")
def about(shop: Shop, _source: Any) -> Node:
    return {
        "id": "gid://shopify/Shop/1",
        "name": shop.domain.partition(".")[0].title(),
        "myshopifyDomain": shop.domain,
        "currencyCode": shop.currency,
        "ianaTimezone": shop.timezone,
        "taxesIncluded": True,
        "primaryDomain": {"id": "gid://shopify/Domain/1", "host": shop.domain, "url": shop.url},
        "plan": {"partnerDevelopment": False, "shopifyPlus": False},
        "email": "owner@example.com",
    }


@on("QueryRoot", "currentAppInstallation")
def installation(shop: Shop, _source: Any) -> Node:
    return {"id": "gid://shopify/AppInstallation/1", "accessScopes": [{"handle": one} for one in sorted(shop.scopes)]}


@on("Mutation", "metafieldsSet")
def set_metafields(shop: Shop, _source: Any, metafields: list[Node]) -> Node:
    """Up to 25 at once, all or none; `$app:` names belong to the app alone."""
    if len(metafields) > 25:
        return {
            "metafields": None,
            "userErrors": [error("LESS_THAN_OR_EQUAL_TO", "Exceeded the maximum", "metafields")],
        }
    made = []
    gone = [
        one
        for one in metafields
        if one["ownerId"].startswith("gid://shopify/Customer/") and one["ownerId"] not in shop.customers
    ]
    if gone:
        return {"metafields": None, "userErrors": [error("INVALID", "Owner does not exist", "metafields", "ownerId")]}
    for given in metafields:
        place = (given["ownerId"], given.get("namespace") or "$app", given["key"])
        row = {"id": shop.gid("Metafield"), "namespace": place[1], "key": place[2], "updatedAt": shop.stamp()}
        shop.metafields[place] = row | {"value": given["value"], "type": given.get("type")}
        made.append(shop.metafields[place])
    return {"metafields": made, "userErrors": []}


def _tags(shop: Shop, owner: str, change: Callable[[set[str]], set[str]]) -> Node:
    found = shop.customers.get(owner) or shop.products.get(owner)
    if found is None:
        return {"node": None, "userErrors": [{"field": ["id"], "message": "Node does not exist"}]}
    found |= {"tags": sorted(change(set(found["tags"]))), "updatedAt": shop.stamp()}
    return {"node": found | {"__typename": owner.split("/")[3]}, "userErrors": []}


@on("Mutation", "tagsAdd")
def add_tags(shop: Shop, _source: Any, id: str, tags: list[str]) -> Node:
    return _tags(shop, id, lambda old: old | set(tags))


@on("Mutation", "tagsRemove")
def remove_tags(shop: Shop, _source: Any, id: str, tags: list[str]) -> Node:
    return _tags(shop, id, lambda old: old - set(tags))


# --- bulk operations: one at a time of a kind; the result is a file of lines, children behind their parents ----------


@on("Mutation", "bulkOperationRunQuery")
def run_bulk(shop: Shop, _source: Any, query: str, **_: Any) -> Node:
    running = [one for one in shop.bulk.values() if one["status"] in ("CREATED", "RUNNING")]
    if running:
        wrong = {
            "field": None,
            "message": f"A bulk query operation for this app is already in progress: {running[0]['id']}.",
        }
        return {"bulkOperation": None, "userErrors": [wrong]}
    if wrong_ones := validate(schema.admin().schema, parse(query)):
        return {"bulkOperation": None, "userErrors": [{"field": ["query"], "message": wrong_ones[0].message}]}
    row = {
        "__typename": "BulkOperation",
        "id": shop.gid("BulkOperation"),
        "status": "CREATED",
        "errorCode": None,
        "type": "QUERY",
        "query": query,
        "createdAt": shop.stamp(),
        "completedAt": None,
        "objectCount": "0",
        "rootObjectCount": "0",
        "url": None,
        "partialDataUrl": None,
    }
    shop.bulk[row["id"]] = row
    return {"bulkOperation": dict(row), "userErrors": []}


@on("QueryRoot", "bulkOperation")
def bulk(shop: Shop, _source: Any, id: str) -> Node | None:
    """Created, running, completed: a look moves it one step on."""
    row = shop.bulk.get(id)
    if row is None:
        return None
    if row["status"] == "CREATED":
        row["status"] = "RUNNING"
    elif row["status"] == "RUNNING":
        _finish(shop, row)
    return row


@on("QueryRoot", "bulkOperations")
def bulks(shop: Shop, _source: Any, **given: Any) -> Node:
    return page(list(shop.bulk.values()), by="createdAt", first=given.get("first"), reverse=given.get("reverse"))


def _finish(shop: Shop, row: Node) -> None:
    document = parse(row["query"])
    done = execute_sync(
        schema.admin().schema, document, context_value=shop, field_resolver=resolve, type_resolver=type_of
    )
    lines: list[Node] = []
    if done.errors or done.data is None:
        row |= {"status": "FAILED", "errorCode": "INTERNAL_SERVER_ERROR", "completedAt": shop.stamp()}
        return
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    for field in operation.selection_set.selections:
        if isinstance(field, FieldNode):
            _flatten(done.data[_name(field)], field.selection_set, None, lines)
    path = f"/bulk/{row['id'].rpartition('/')[2]}.jsonl"
    shop.files[path] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    roots = sum("__parentId" not in line for line in lines)
    row |= {
        "status": "COMPLETED",
        "completedAt": shop.stamp(),
        "objectCount": str(len(lines)),
        "rootObjectCount": str(roots),
        "url": f"https://storage.googleapis.com{path}" if lines else None,
    }


def _name(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value


def _flatten(connection: Node, asked: SelectionSetNode | None, parent: str | None, lines: list[Node]) -> None:
    """Write each node as a line of its own; a connection inside it becomes lines that name it as their parent."""
    rows = [edge["node"] for edge in connection.get("edges", ())] or connection.get("nodes", ())
    for row in rows:
        inner = {key: one for key, one in row.items() if isinstance(one, dict) and ("edges" in one or "nodes" in one)}
        line = {key: one for key, one in row.items() if key not in inner}
        lines.append(line | ({"__parentId": parent} if parent else {}))
        for one in inner.values():
            _flatten(one, None, row.get("id"), lines)
