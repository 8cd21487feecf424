"""`/wp-json/wc/v3`: who may call, how lists are cut, and how WooCommerce says no."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, jsonify, request

from tests.fakes.woocommerce.state import Doc, Key, State

READS, WRITES = ("read", "read_write"), ("write", "read_write")


class Error(Exception):
    """An answer as WooCommerce words it."""

    def __init__(self, status: int, code: str, message: str = "Sorry.") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    @property
    def body(self) -> Doc:
        return {"code": self.code, "message": self.message, "data": {"status": self.status}}


def cannot(verb: str = "view") -> Error:
    return Error(401, f"woocommerce_rest_cannot_{verb}", "Sorry, you cannot do that.")


def enter(shop: State) -> Key:
    """Return the key that calls. Raises: Error. Basic and query string over TLS only; a user's rights count now."""
    name, secret = _given()
    key = next((one for one in shop.keys if one.consumer_key == name), None)
    if key is None or not request.is_secure:
        raise cannot()
    if key.consumer_secret != secret:
        raise Error(401, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")
    wanted = READS if request.method in ("GET", "HEAD") else WRITES
    if key.permissions not in wanted:
        raise Error(401, "woocommerce_rest_authentication_error", "The API key provided does not have the permission.")
    if not shop.may_manage(key.user):
        raise Error(403, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
    return key


def _given() -> tuple[str, str]:
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):
        name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        return name, secret
    return request.args.get("consumer_key", ""), request.args.get("consumer_secret", "")


def listed(rows: Iterable[Doc], sort: Callable[[Doc], Any], what: dict[str, str]) -> Response:
    """Answer one page. `what`: the names of the fields that `after`, `modified_after` … look at."""
    found = sorted(_kept(rows, what), key=sort)
    if request.args.get("order", "desc") == "desc":
        found.reverse()
    size, page = _number("per_page", 10), _number("page", 1)
    if not 1 <= size <= 100 or page < 1:
        raise Error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
    answer = jsonify([_fields(row) for row in found[size * (page - 1) : size * page]])
    answer.headers["X-WP-Total"] = str(len(found))
    answer.headers["X-WP-TotalPages"] = str(math.ceil(len(found) / size))
    return answer


def _number(name: str, default: int) -> int:
    try:
        return int(request.args.get(name, default))
    except ValueError:
        raise Error(400, "rest_invalid_param", f"Invalid parameter(s): {name}") from None


def _kept(rows: Iterable[Doc], what: dict[str, str]) -> Iterable[Doc]:
    in_utc = request.args.get("dates_are_gmt") == "true"
    tests: list[Callable[[Doc], bool]] = []
    for name, place in what.items():
        given = request.args.get(name)
        if not given:
            continue
        given = given.removesuffix("Z").removesuffix("+00:00")
        told = f"{place}_gmt" if in_utc else place
        if name.endswith("after"):
            tests.append(lambda row, told=told, given=given: (row[told] or "") > given)
        else:
            tests.append(lambda row, told=told, given=given: (row[told] or "") < given)
    if include := request.args.get("include"):
        ids = {int(one) for one in include.split(",")}
        tests.append(lambda row: row["id"] in ids)
    return (row for row in rows if all(test(row) for test in tests))


def _fields(row: Doc) -> Doc:
    wanted = request.args.get("_fields")
    if not wanted:
        return row
    shown: Doc = {}
    for name in wanted.split(","):
        outer, _, inner = name.partition(".")
        if outer in row:
            shown[outer] = shown.get(outer, {}) | {inner: row[outer].get(inner)} if inner else row[outer]
    return shown


def one(row: Doc | None, resource: str) -> Response:
    if row is None:
        raise Error(404, f"woocommerce_rest_{resource}_invalid_id", "Invalid ID.")
    return jsonify(_fields(row))


def install(app: Flask, shop: State) -> None:
    """Errors as WooCommerce words them; `/wp-json/` itself is open to everyone."""

    @app.errorhandler(Error)
    def refused(error: Error) -> tuple[Doc, int]:
        return error.body, error.status

    @app.errorhandler(404)
    def nowhere(_: Exception) -> tuple[Doc, int]:
        return Error(404, "rest_no_route", "No route was found matching the URL and request method.").body, 404

    @app.get("/wp-json/")
    def index() -> Doc:
        spaces = ["wp/v2", "wc/v3", "wc/store/v1"]
        return {
            "name": "Mugs",
            "home": shop.url,
            "url": shop.url,
            "gmt_offset": "1",
            "timezone_string": shop.timezone,
            "namespaces": spaces,
        }
