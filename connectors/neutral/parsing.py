"""Bytes to a JSON tree, strictly: what two parsers could read differently is refused (semantics §10)."""

from __future__ import annotations

import json
from typing import Any

import orjson

from connectors.contract import BadFact

# Escapes that need a closer look: \u003a is a colon that only the rewritten text would show as one, and \u0000 is
# legal JSON that no database column takes.
_LOOK_CLOSER = (b"\\u003a", b"\\u003A", b"\\u0000")


def parse_json(body: bytes) -> object:
    """Return the tree of a JSON body; integers of 64 bits stay exact.

    Refused: what RFC 8259 does not allow (NaN, a byte order mark, UTF-16), numbers beyond a double, lone
    surrogates, U+0000, duplicate keys, nesting beyond 1024.
    Raises: BadFact.
    """
    try:
        tree: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadFact(f"the body is not the JSON we accept: {error}") from None
    if not _plain(body, tree):
        _parse_slowly(body)
        _refuse_nul(tree)
    return tree


def _plain(body: bytes, tree: object) -> bool:
    """Tell cheaply that no key occurs twice and no U+0000 hides in a text.

    orjson keeps the last of two equal keys, so writing the tree again gives fewer colons than were read. Any other
    cause of a difference only sends the body to the slow parser, which decides.
    """
    if b"\\" in body and b"\\u00" in body and any(escape in body for escape in _LOOK_CLOSER):
        return False
    try:
        return orjson.dumps(tree).count(b":") == body.count(b":")
    except orjson.JSONEncodeError:  # nested deeper than orjson writes (254)
        return False


def _parse_slowly(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_unique)
    except BadFact:
        raise
    except (ValueError, RecursionError) as error:
        raise BadFact(f"the body is not the JSON we accept: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in unique if keys.count(key) > 1)
        raise BadFact(f"the key {twice[:80]!r} occurs twice in one object")
    return unique


def _refuse_nul(tree: object) -> None:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            waiting += node.keys()
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
        elif isinstance(node, str) and "\x00" in node:
            raise BadFact("a text holds U+0000, which cannot be stored")
