"""What is shipped is what the sources build, and it stays small."""

from __future__ import annotations

import subprocess
from pathlib import Path

import brotli
import pytest

WIDGETS = Path(__file__).parents[2] / "widgets"
DIST = WIDGETS / "dist"
THEME = WIDGETS / "shopify" / "extensions" / "tessera" / "assets"
THEME_BUDGETS = {
    "tessera-shop.js": 650,  # on every page
    "tessera-shop-product.js": 1050,
    "tessera-shop-page.js": 1100,
    "tessera-shop-cart.js": 800,
}

# Bytes after brotli, as a shopper's browser loads them.
BUDGETS = {
    ("tessera-product.css", "tessera.js"): 1500,  # the loader has the product: all that a product page takes
    ("tessera-cart.css", "tessera.js", "cart.js"): 2500,
    ("tessera.js", "balance.js"): 2500,
    **{(f"{name}.js",): 950 for name in ["bar", "gate", "referral", "earned", "ask", "share", "wish", "survey"]},
    ("programme.js",): 2500,
    ("form.js", "words/ru.json"): 3000,  # loaded when the form is opened
    **{("panel.js", f"words/{path.name}"): 9000 for path in (DIST / "words").iterdir()},
}


def test_dist_is_what_the_sources_build(tmp_path: Path) -> None:
    if not (WIDGETS / "node_modules" / "esbuild").is_dir():
        pytest.skip("esbuild is not installed: `npm ci` in widgets")
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=WIDGETS, check=True, capture_output=True, timeout=60)
    built, in_theme = contents(tmp_path), contents(THEME)
    assert {name: built.get(name) for name in in_theme} == in_theme
    assert {name: code for name, code in built.items() if name not in THEME_BUDGETS} == contents(DIST)


@pytest.mark.parametrize("file", THEME_BUDGETS)
def test_a_themes_own_scripts_are_small(file: str) -> None:
    assert len(brotli.compress((THEME / file).read_bytes())) <= THEME_BUDGETS[file]


@pytest.mark.parametrize("files", BUDGETS, ids=" + ".join)
def test_the_bytes_stay_inside_the_budget(files: tuple[str, ...]) -> None:
    assert sum(len(brotli.compress((DIST / file).read_bytes())) for file in files) <= BUDGETS[files]


def test_the_earn_element_is_small_by_itself(tmp_path: Path) -> None:
    if not (WIDGETS / "node_modules" / "esbuild").is_dir():
        pytest.skip("esbuild is not installed: `npm ci` in widgets")
    subprocess.run(["node", "build.mjs", str(tmp_path), "product"], cwd=WIDGETS, check=True, timeout=60)
    assert len(brotli.compress((tmp_path / "product.js").read_bytes())) <= 800


def test_no_element_writes_markup() -> None:
    written = [name for name, code in contents(DIST).items() if b"innerHTML" in code or b"insertAdjacent" in code]
    assert written == []


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
