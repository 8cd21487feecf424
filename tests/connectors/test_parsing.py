"""Bytes to a tree: what is refused, and that nothing else is."""

from __future__ import annotations

import json
import time
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.contract import BadFact
from connectors.neutral import parse_json

DEEP = 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        b'"\\ud800"',
        b'"\\udc00 alone"',
        b'"\xed\xa0\x80"',
        b'"\\u0000"',
        b'{"a\\u0000b": 1}',
        b'{"a": ["x", {"b": "c\\u0000"}]}',
        b'"\x00"',
        b"9" * 9_999,
        b"-" + b"9" * 9_999,
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-16-be"),
        '{"a": "é"}'.encode("latin-1"),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_two_parsers_could_read_differently_is_refused(body: bytes) -> None:
    with pytest.raises(BadFact) as refusal:
        parse_json(body)
    assert len(str(refusal.value)) > 20


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 1}',
        b'{"a":1,"b":{"c":1,"c":2}}',
        b'{"a" : 1,"a" :2}',
        b'{"a"\n:1,"a"\t:2}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":1,"a":2,"x":"\\u003a"}',  # an escaped colon makes up for the lost key in the count
        b'{"a":1,"a":2,"x":"\\u003A"}',
        b'{"a":1,"a":2,"x\\u003ay":3}',
        b'{"a":1,"a":2,"x":"\\u0022:"}',
        b'{"a":1,"a":"\\":"}',
        b'{"a":{"b":":::"},"a":":::"}',
        b'{"":1,"":2}',
        b"[" * 300 + b'{"a":1,"a":1}' + b"]" * 300,
    ],
)
def test_a_key_that_occurs_twice_is_refused_however_it_is_hidden(body: bytes) -> None:
    with pytest.raises(BadFact, match="occurs twice"):
        parse_json(body)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":":x","b":"\\":","c":"a : b"}',
        '{"a":{"a":{"a":1}}}',
        '[{"a":1},{"a":2}]',
        '{"a\\\\u0000":"\\\\u0000"}',  # the text \u0000, not the character
        '{"x":"\\u003a","y":"\\u0022"}',
        '{"url":"https:\\/\\/shop\\/","euro":"\\u20ac"}',
        "[" * 900 + "]" * 900,
    ],
)
def test_what_only_looks_suspicious_is_read(text: str) -> None:
    assert parse_json(text.encode()) == json.loads(text)


def test_64_bit_ids_stay_exact() -> None:
    ids = [820_982_911_946_154_508, 2**63 - 1, 2**64 - 1, -(2**63)]
    assert parse_json(json.dumps(ids).encode()) == ids


json_documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(json_documents, st.booleans(), st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), ("\n,", "\t:")]))
@example({":": '":', "\\": "\\u0022:"}, True, (",", ":"))
def test_it_agrees_with_the_standard_library(document: Any, ascii_only: bool, separators: tuple[str, str]) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, separators=separators)
    if "\\u0000" in text and "\x00" in repr_all(document):
        with pytest.raises(BadFact):
            parse_json(text.encode())
    else:
        assert parse_json(text.encode()) == document


def repr_all(node: Any) -> str:
    """Every text of a document in one."""
    if isinstance(node, dict):
        return "".join(repr_all(key) + repr_all(value) for key, value in node.items())
    return "".join(map(repr_all, node)) if isinstance(node, list) else node if isinstance(node, str) else ""


@given(st.text(max_size=6), json_documents, json_documents, json_documents, st.sampled_from([":", " :"]))
def test_a_doubled_key_never_slips_through(key: str, one: Any, two: Any, other: Any, colon: str) -> None:
    name = json.dumps(key) + colon
    body = f'{{"outer":{json.dumps(other)},"in":{{{name}{json.dumps(one)},{name}{json.dumps(two)}}}}}'.encode()
    with pytest.raises(BadFact):
        parse_json(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_tree_or_a_bad_fact(body: bytes) -> None:
    reason = "read"
    try:
        parse_json(body)
    except BadFact as refusal:
        reason = str(refusal)
    assert reason


def test_the_common_case_costs_less_than_parsing_three_times() -> None:
    line = {"id": 1, "title": "Brass lamp, 30 cm: with shade", "price": "19.99", "url": "https://lamps.example/1"}
    body = json.dumps(
        {"id": 2**60, "line_items": [line | {"id": n} for n in range(55)]}, separators=(",", ":")
    ).encode()
    assert 5_000 < len(body) < 7_000
    assert fastest(parse_json, body) < 3 * fastest(orjson.loads, body)  # measured 1.7; the rest is for a busy machine


def fastest(parse: Any, body: bytes) -> float:
    best = float("inf")
    for _ in range(300):
        start = time.perf_counter()
        parse(body)
        best = min(best, time.perf_counter() - start)
    return best
