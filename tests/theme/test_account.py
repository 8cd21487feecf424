"""Our blocks on Shopify's own pages of a customer: typed by Shopify's types, drawn in a real browser."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser import run
from tests.servers import Chromium
from tests.theme.liquid_pages import EXTENSION
from tests.theme.test_extension import ALL

HERE = Path(__file__).parent
ACCOUNT = EXTENSION.parent / "tessera-account"
MODULES = HERE / "node_modules"
TYPES = MODULES / "@shopify" / "ui-extensions" / "build" / "ts" / "surfaces"
COMPILER = EXTENSION.parents[2] / "node_modules" / ".bin" / "tsc"


@pytest.fixture(scope="module")
def seen(chromium: Chromium) -> Any:
    if not TYPES.is_dir() or not COMPILER.exists():
        pytest.skip("preact or esbuild is not installed: `npm ci` in tests/theme and widgets")
    return run(str(HERE / "account.mjs"), chromium, source=str(ACCOUNT / "src"), modules=str(MODULES))


def test_it_is_typed_as_shopify_types_its_pages() -> None:
    if not TYPES.is_dir() or not COMPILER.exists():
        pytest.skip("Shopify's types are not installed: `npm ci` in tests/theme and widgets")
    command = [str(COMPILER), "--project", "account/tsconfig.json"]
    done = subprocess.run(command, cwd=HERE, check=False, capture_output=True, text=True, timeout=120)
    assert done.stdout == ""


def test_its_places_are_places_of_shopify() -> None:
    if not TYPES.is_dir():
        pytest.skip("Shopify's types are not installed: `npm ci` in tests/theme")
    told = tomllib.loads((ACCOUNT / "shopify.extension.toml").read_text())
    (extension,) = told["extensions"]
    known = {path.name.removesuffix(".d.ts") for path in TYPES.glob("*/targets/*.d.ts")}
    assert {one["target"] for one in extension["targeting"]} <= known
    assert all((ACCOUNT / one["module"]).is_file() for one in extension["targeting"])
    assert told["extensions"][0]["type"] == "ui_extension"


def test_it_speaks_every_language() -> None:
    texts = {path.name.partition(".")[0]: json.loads(path.read_text()) for path in (ACCOUNT / "locales").iterdir()}
    assert sorted(texts) == sorted(ALL)
    assert all(text.keys() == texts["en"].keys() and all(text.values()) for text in texts.values())


def test_a_customer_finds_her_points_tier_and_latest_entries(seen: Any) -> None:
    points = seen["points"]
    assert 'heading="title"' in points["html"]
    for text in ("1 240 points", "50 points en attente", "Gold", "Encore 60 points", "-500", "+4", "Reason 4"):
        assert text in points["text"]
    assert "Reason 5" not in points["text"]
    assert "<b>" not in points["html"]
    asked = [["/customer/v1/shopify/me?lang=fr-CA", "Bearer token", None]]
    asked += [["/customer/v1/shopify/entries?lang=fr-CA", "Bearer token", None]]
    assert sorted(points["asked"]) == sorted(asked)
    assert points["wrong"] == []


def test_who_is_no_member_sees_nothing(seen: Any) -> None:
    assert (seen["stranger"]["text"], seen["stranger"]["wrong"]) == ("", [])


def test_after_an_order_it_says_what_it_will_earn(seen: Any) -> None:
    earned = seen["earned"]
    assert "<s-banner" in earned["html"]
    assert "Vous recevrez 379 points" in earned["html"]
    line = {"product_id": "1", "variant_id": "11", "vendor": "V", "quantity": 1, "unit_price": "37.98"}
    body = {"currency": "EUR", "lines": [line]}
    assert earned["asked"] == [["/customer/v1/shopify/earned?lang=fr-CA", "Bearer token", body]]
    assert (seen["nothing"]["html"], seen["empty"]["asked"]) == ("", [])


def test_a_guest_reads_what_an_account_would_bring(seen: Any) -> None:
    guest = seen["guest"]
    assert "Vous recevrez 379 points" in guest["html"]
    assert guest["text"].split() == ["joinaccount"]
    assert 'href="https://mugs.example/account"' in guest["html"]
    assert 'href="https://mugs.myshopify.com/account"' in seen["unnamed"]["html"]
    assert "<s-link" not in seen["earned"]["html"]
