"""Preview: what a basket of 50 lines earns under 100 product rules. Its anchor is the API's parser reading its JSON.

`earn` is the pure rules alone, from a basket to points; `explained` adds the explanation that the API answers with. The
standard library's parser stands beside the anchor because other tools are measured against it.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

from app.rules.basket import Basket, BasketLine
from app.rules.earning import Context, preview
from app.rules.programme import Programme, parse_programme
from connectors.neutral import parse_json
from tests.build import START

LINES, RULES = 50, 100
ROUNDS, REPEATS = 15, 40
KINDS = ("variant", "product", "collection", "tag", "vendor")
SAYS: tuple[dict[str, Any], ...] = (
    {"multiplier": "2"},
    {"rate": {"points": "15", "per": "1"}},
    {"bonus": 25},
    {"multiplier": "1.5", "bonus": 10},
)


def run() -> dict[str, Any]:
    whole = _measure(LINES, RULES)
    base = whole["parse_json"]
    return {
        "lines": LINES,
        "rules": RULES,
        "body_bytes": len(_body(LINES)),
        "us": whole,
        "ratio": {name: round(whole[name] / base, 1) for name in ("earn", "explained")},
        "ratio_to_orjson_alone": {name: round(whole[name] / whole["orjson"], 1) for name in ("earn", "explained")},
        "ratio_to_json": {name: round(whole[name] / whole["json"], 1) for name in ("earn", "explained")},
        "us_by_lines": {lines: _measure(lines, RULES)["earn"] for lines in (10, 50, 250)},
        "us_by_rules": {rules: _measure(LINES, rules)["earn"] for rules in (10, 100, 1_000, 10_000)},
    }


def _measure(lines: int, rules: int) -> dict[str, float]:
    """Return microseconds of processor time for each, the middle of interleaved rounds."""
    body, programme, context = _body(lines), _programme(rules), Context("gold")
    basket = _basket(orjson.loads(body))
    work: Mapping[str, Callable[[], object]] = {
        "parse_json": lambda: parse_json(body),
        "orjson": lambda: orjson.loads(body),
        "json": lambda: json.loads(body),
        "earn": lambda: preview(basket, programme, context, now=START),
        "explained": lambda: preview(basket, programme, context, now=START).explanation,
    }
    took: dict[str, list[float]] = {name: [] for name in work}
    for number in range(ROUNDS + 1):
        for name, once in work.items():
            began = time.process_time()
            for _ in range(REPEATS):
                once()
            if number:  # the first round warms up
                took[name].append((time.process_time() - began) / REPEATS * 1e6)
    return {name: round(statistics.median(each), 1) for name, each in took.items()}


def _body(lines: int) -> bytes:
    """Every line is met by rules of all kinds, so each kind of answer occurs."""
    return json.dumps(
        {
            "currency": "EUR",
            "lines": [
                {
                    "product_id": f"product-{number * 2 + 1}",
                    "variant_id": f"variant-{number * 5}",
                    "quantity": number % 4 + 1,
                    "unit_price": f"{number % 90 + 3}.{number * 7 % 100:02}",
                    "discount": f"{number % 3}.50",
                    "tags": [f"tag-{number * 5 + 3}", f"season-{number % 4}"],
                    "collections": [f"collection-{number * 5 + 2}"],
                    "vendor": f"vendor-{number * 5 + 4}",
                }
                for number in range(lines)
            ],
        }
    ).encode()


def _programme(rules: int) -> Programme:
    products = [
        {
            "key": f"rule-{number}",
            "match": {KINDS[number % 5]: f"{KINDS[number % 5]}-{number}"},
            **SAYS[number // 5 % 4],
        }
        for number in range(rules)
    ]
    return parse_programme(
        {
            "name": "Club",
            "currency": "EUR",
            "earning": {"rate": {"points": "10", "per": "1"}, "products": products},
            "campaigns": [{"key": "spring", "multiplier": "3", "min_basis": "50.00"}],
            "tiers": [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "500", "multiplier": "2"}],
        }
    )


def _basket(document: dict[str, Any]) -> Basket:
    lines = [
        BasketLine(
            quantity=line["quantity"],
            unit_price=Decimal(line["unit_price"]),
            discount=Decimal(line["discount"]),
            product_id=line["product_id"],
            variant_id=line["variant_id"],
            tags=tuple(line["tags"]),
            collections=tuple(line["collections"]),
            vendor=line["vendor"],
        )
        for line in document["lines"]
    ]
    return Basket(currency=document["currency"], lines=lines)
