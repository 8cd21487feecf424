"""The API's documentation for people: one page, drawn from the OpenAPI document, without scripts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.web.api.openapi import MAX_AGE_S, document
from app.web.gates import services

docs = Blueprint("docs", __name__)

_CODE = re.compile(r"`([^`]+)`")

_HERE = Path(__file__).parent / "api"
_STYLE = (_HERE / "docs.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_CSP = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"


@docs.get("")
def page() -> Response:
    """Show every operation, what it takes and what it answers."""
    response = Response(_page(services().config.app_url), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _page(app_url: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"pretty": _pretty, "type": _type, "paragraphs": _paragraphs}
    described = document(app_url)
    template = environment.get_template("docs.html")
    return template.render(api=described, groups=_groups(described), style=_STYLE, models=_models(described))


def _groups(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Put the operations under their tags, in the tags' order."""
    rows = list(_rows(described))
    return [{**tag, "rows": [row for row in rows if tag["name"] in row["tags"]]} for tag in described["tags"]]


def _rows(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    known = described["components"]["parameters"]
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            named = [known.get(each.get("$ref", "").rpartition("/")[2], each) for each in told.get("parameters", ())]
            yield {"description": "", **told, "path": path, "method": method.upper(), "parameters": named}


def _models(described: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the schemas of objects, by name."""
    schemas = described["components"]["schemas"]
    return [(name, {"properties": {}, **schema}) for name, schema in sorted(schemas.items())]


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _paragraphs(text: str) -> list[Markup]:
    """Cut a text into paragraphs; what stands between backticks is code."""
    told = (str(escape(" ".join(paragraph.split()))) for paragraph in text.split("\n\n") if paragraph.strip())
    return [Markup(_CODE.sub(r"<code>\1</code>", paragraph)) for paragraph in told]  # noqa: S704 (escaped above)


def _type(schema: Mapping[str, Any]) -> str:
    """Name the type of a field in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if choices := schema.get("anyOf"):
        return " or ".join(_type(choice) for choice in choices)
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    name = schema.get("format") or schema.get("type") or "any"
    return {"int64": "integer", "date-time": "time", "date": "day"}.get(name, str(name))
