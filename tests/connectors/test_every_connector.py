"""What every platform must do, whatever it is called. A new one gets these tests by being in CONNECTORS and having
`tests/payloads/<name>/__init__.py` with SAMPLES: one document per topic it understands."""

from __future__ import annotations

import copy
import importlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import CONNECTORS
from connectors.contract import BadFact, BadSignature, Connector, ConnectorError, Ignored, ShopSettings
from connectors.neutral import parse_json

NOW = 1_790_000_000
SECRET, OLD_SECRET = "s3cret-é", "0ld-secret"
SETTINGS = ShopSettings(platform_ref="lantern-hill.myshopify.com", currency="EUR")

SAMPLES: dict[str, dict[str, Any]] = {
    name: importlib.import_module(f"tests.payloads.{name}").SAMPLES for name in CONNECTORS
}
TOPICS = [(name, topic) for name, samples in SAMPLES.items() for topic in samples]
every_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=list(CONNECTORS))


def delivery(connector: Connector, *, secret: str = SECRET, now: int = NOW) -> tuple[dict[str, str], bytes, str]:
    """A genuine delivery: lower-case headers, body, and the name of the header that holds the signature."""
    topic, document = next(iter(SAMPLES[connector.name].items()))
    body = json.dumps(document).encode()
    headers = {key.lower(): value for key, value in connector.sign(topic, "d-1", body, secret, now).items()}
    (signature,) = [key for key in headers if "signature" in key or "hmac" in key]
    return headers, body, signature


def refused(connector: Connector, headers: dict[str, str], body: bytes, secrets: list[str] | None = None) -> bool:
    with pytest.raises(BadSignature):
        connector.verify(headers, body, [SECRET] if secrets is None else secrets, NOW)
    return True


@every_connector
def test_what_it_signs_it_accepts(connector: Connector) -> None:
    headers, body, _ = delivery(connector)
    assert connector.verify(headers, body, [SECRET], NOW) == body


@every_connector
def test_the_registry_key_is_its_name(connector: Connector) -> None:
    assert CONNECTORS[connector.name] is connector
    assert connector.signed_by in ("app", "shop")


@every_connector
def test_the_old_secret_holds_while_it_is_offered(connector: Connector) -> None:
    headers, body, _ = delivery(connector, secret=OLD_SECRET)
    assert connector.verify(headers, body, [SECRET, OLD_SECRET], NOW) == body
    refused(connector, headers, body, [SECRET])


@every_connector
def test_without_a_secret_nothing_holds(connector: Connector) -> None:
    headers, body, _ = delivery(connector, secret="")
    refused(connector, headers, body, [])
    refused(connector, headers, body, [""])


@every_connector
def test_another_body_is_refused(connector: Connector) -> None:
    headers, body, _ = delivery(connector)
    refused(connector, headers, body + b" ")
    refused(connector, headers, b"")
    refused(connector, headers, body.replace(b"1", b"2", 1))


@every_connector
def test_a_missing_signature_is_refused(connector: Connector) -> None:
    headers, body, signature = delivery(connector)
    del headers[signature]
    refused(connector, headers, body)
    refused(connector, {}, body)


@every_connector
@pytest.mark.parametrize("change", ["", " ", "é", "Ω", "\x00", "x" * 10_000, "=", "t=,v1=", "t=1,t=1,v1=00", "AAAA"])
def test_a_broken_signature_is_refused_and_never_crashes(connector: Connector, change: str) -> None:
    headers, body, signature = delivery(connector)
    refused(connector, {**headers, signature: change}, body)


@every_connector
@pytest.mark.parametrize("cut", [1, 2, 8, 40])
def test_a_truncated_or_lengthened_signature_is_refused(connector: Connector, cut: int) -> None:
    headers, body, signature = delivery(connector)
    refused(connector, {**headers, signature: headers[signature][:-cut]}, body)
    refused(connector, {**headers, signature: headers[signature] + "A" * cut}, body)


@every_connector
def test_a_signature_in_other_letters_is_refused(connector: Connector) -> None:
    headers, body, signature = delivery(connector)
    refused(connector, {**headers, signature: headers[signature].swapcase()}, body)


@every_connector
@given(st.dictionaries(st.text(max_size=30), st.text(max_size=200), max_size=4), st.text(max_size=300), st.binary())
def test_strange_headers_never_raise_anything_else(
    connector: Connector, headers: dict[str, str], value: str, body: bytes
) -> None:
    _, _, signature = delivery(connector)
    try:
        connector.verify({**headers, signature: value}, body, [SECRET], NOW)
    except ConnectorError:
        return
    raise AssertionError("accepted")


@every_connector
def test_a_repeat_has_the_same_key(connector: Connector) -> None:
    headers, body, _ = delivery(connector)
    again, _, _ = delivery(connector, now=NOW + 60)  # a retry may be signed anew
    verified = connector.verify(headers, body, [SECRET], NOW)
    assert connector.envelope(headers, verified) == connector.envelope(again, verified)


@every_connector
def test_another_delivery_has_another_key(connector: Connector) -> None:
    topic, document = next(iter(SAMPLES[connector.name].items()))
    body = json.dumps(document).encode()
    keys = set()
    for number in range(3):
        signed = connector.sign(topic, f"d-{number}", body, SECRET, NOW)
        headers = {key.lower(): value for key, value in signed.items()}
        keys.add(connector.envelope(headers, connector.verify(headers, body, [SECRET], NOW)).key)
    assert len(keys) == 3


@every_connector
def test_other_bytes_have_another_key_or_are_to_be_compared(connector: Connector) -> None:
    headers, body, _ = delivery(connector)
    first = connector.envelope(headers, connector.verify(headers, body, [SECRET], NOW))
    other = connector.envelope(headers, body + b" ")
    assert first.key != other.key or other.same_bytes or connector.name == "shopify"  # Shopify's ids are unique


@every_connector
@given(headers=st.dictionaries(st.text(max_size=40), st.text(max_size=300), max_size=5), body=st.binary(max_size=50))
def test_every_header_may_be_missing_or_odd(connector: Connector, headers: dict[str, str], body: bytes) -> None:
    envelope = connector.envelope(headers, body)
    assert 0 < len(envelope.key) <= 255
    assert isinstance(envelope.topic, str)


@every_connector
def test_the_envelope_tells_the_topic(connector: Connector) -> None:
    headers, body, _ = delivery(connector)
    envelope = connector.envelope(headers, connector.verify(headers, body, [SECRET], NOW))
    assert envelope.topic == next(iter(SAMPLES[connector.name]))


@every_connector
@pytest.mark.parametrize("topic", ["", "unknown", "orders/exploded", "Order", "order\n", "é" * 200, "action.evil"])
def test_an_unknown_topic_is_ignored(connector: Connector, topic: str) -> None:
    with pytest.raises(Ignored) as ignored:
        connector.translate(topic, {"id": 1}, SETTINGS)
    assert str(ignored.value)


@pytest.mark.parametrize(("name", "topic"), TOPICS)
def test_every_sample_is_understood(name: str, topic: str) -> None:
    facts = CONNECTORS[name].translate(topic, SAMPLES[name][topic], SETTINGS)
    assert facts


@pytest.mark.parametrize(("name", "topic"), TOPICS)
def test_translating_changes_nothing_and_repeats(name: str, topic: str) -> None:
    document = copy.deepcopy(SAMPLES[name][topic])
    first = CONNECTORS[name].translate(topic, document, SETTINGS)
    assert document == SAMPLES[name][topic]
    assert CONNECTORS[name].translate(topic, parse_json(json.dumps(document).encode()), SETTINGS) == first


patient = settings(  # a busy machine is no failure
    max_examples=settings.default.max_examples * 3 // 5, suppress_health_check=[HealthCheck.too_slow]
)
ODD = ["", "-1", "-0.00", "1e9", "NaN", "Infinity", "9" * 400, "٣", "0001-01-01T00:00:00+14:00", "XXX", "EUR", "\ud7ff"]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def survives(name: str, topic: str, document: object) -> None:
    """Whatever the document: facts, or an error of ours with a reason; nothing else."""
    reason = "facts"
    try:
        CONNECTORS[name].translate(topic, document, SETTINGS)
    except ConnectorError as error:
        reason = str(error)
    assert reason


@pytest.mark.parametrize(("name", "topic"), TOPICS)
@patient
@given(document=json_values)
def test_any_json_is_a_fact_or_an_error_of_ours(name: str, topic: str, document: object) -> None:
    survives(name, topic, document)


def paths(node: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at, *(path for key, inner in steps for path in paths(inner, (*at, key)))]


def replaced(node: Any, path: tuple[Any, ...], value: object) -> Any:
    if not path:
        return value
    changed = copy.copy(node)
    changed[path[0]] = replaced(node[path[0]], path[1:], value)
    return changed


PATHS = {(name, topic): paths(SAMPLES[name][topic]) for name, topic in TOPICS}


@pytest.mark.parametrize(("name", "topic"), TOPICS)
@patient
@given(data=st.data())
def test_a_document_with_any_field_spoilt_is_a_fact_or_an_error_of_ours(name: str, topic: str, data: Any) -> None:
    document = SAMPLES[name][topic]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(PATHS[name, topic]))
        try:
            document = replaced(document, path, data.draw(json_values))
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change removed that place
    survives(name, topic, document)


@pytest.mark.parametrize(("name", "topic"), TOPICS)
def test_a_body_that_is_no_object_is_refused_with_a_reason(name: str, topic: str) -> None:
    for document in (None, 1, "text", [], [{}], True):
        with pytest.raises(BadFact) as refusal:
            CONNECTORS[name].translate(topic, document, SETTINGS)
        assert str(refusal.value)
