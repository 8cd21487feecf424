"""The API's own description: whole, valid, and true (every answer in these tests is held against it)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from app.web.api.examples import EXAMPLES
from app.web.api.openapi import document
from tests.api.conftest import Api
from tests.build import programme

OPENAPI = document("http://127.0.0.1:8000")


@cache
def hold(check: Callable[[Any], None], text: str) -> None:
    """Check a long document: once, if every installation tells the same."""
    check(json.loads(text))


def test_the_document_is_valid_openapi_and_open_to_all(alice: Api) -> None:
    served = alice.client.get("/api/v1/openapi.json")
    assert served.status_code == 200
    assert served.json == OPENAPI
    assert served.json["openapi"].startswith("3.1")
    hold(validate, served.text)
    again = alice.client.get("/api/v1/openapi.json", headers={"If-None-Match": served.headers["ETag"]})
    assert again.status_code == 304


def test_every_route_is_in_it(alice: Api) -> None:
    routes = set()
    for rule in alice.client.application.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in ("api", "described"):
            path = re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
            routes |= {(path, method.lower()) for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert routes == {(path, method) for path, methods in OPENAPI["paths"].items() for method in methods}


def test_every_operation_is_told_in_full() -> None:
    for methods in OPENAPI["paths"].values():
        for told in methods.values():
            assert told["summary"]
            assert told["tags"][0] in {tag["name"] for tag in OPENAPI["tags"]}
            if "security" in told:
                continue
            assert {"401", "422", "503"} <= set(told["responses"])
            for status, answer in told["responses"].items():
                (media,) = answer["content"].values()
                assert "example" in media or "examples" in media, (told["operationId"], status)
    assert OPENAPI["security"] == [{"apiKey": []}]


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_every_example_is_one(model: type) -> None:
    schema = {"$ref": f"#/components/schemas/{model.__name__}", "components": OPENAPI["components"]}
    jsonschema.Draft202012Validator(schema).validate(EXAMPLES[model])
    if model.model_config.get("strict"):
        model.model_validate(EXAMPLES[model])


def test_the_programme_schema_takes_what_a_draft_takes(alice: Api) -> None:
    served = alice.client.get("/api/v1/programme.schema.json")
    schema = served.json
    hold(jsonschema.Draft202012Validator.check_schema, served.text)
    check = jsonschema.Draft202012Validator(schema)
    check.validate(programme())
    check.validate(alice.put("/programme/draft", programme()).json)
    assert not check.is_valid({**programme(), "colour": "red"})


def test_the_schema_of_custom_events_is_served(alice: Api) -> None:
    served = alice.client.get("/api/v1/custom-events.schema.json")
    hold(jsonschema.Draft202012Validator.check_schema, served.text)
    assert {"order", "customer", "product", "activity"} <= set(served.json["$defs"])


def test_the_readable_page_stands_alone_and_names_every_operation(alice: Api) -> None:
    page = alice.client.get("/api/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for path, methods in OPENAPI["paths"].items():
        for method, told in methods.items():
            assert f'id="{told["operationId"]}"' in page.text
            assert re.search(rf">{method.upper()}</span> {re.escape(path)}<", page.text)
    assert not re.search(r"<script|<link|<img|@import|url\(|src=", page.text)
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    anchors = set(re.findall(r'href="#([^"]+)"', page.text))
    assert anchors <= set(re.findall(r'id="([^"]+)"', page.text))
