"""The earn widget beside its twins in preact and in lit, in one browser: script time of the main thread, and bytes.

The pages, the server and what is asked of it are the same for all, and each visit is cold. `over_page` is what a widget
takes above the page without one, whose own script and request already paid for the first of each. Beside ours stands
`drawn`, ours where the page came with the text, and `bare`, the least script that asks and shows the answer at all;
`theme` and `theme_asks` are pages of a theme of Shopify, with the text and without, until the first touch.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import brotli

from tests.browser.browser import run as in_browser
from tests.servers import find_chromium

HERE = Path(__file__).with_suffix("")
DIST = HERE.parents[1] / "widgets" / "dist"
THEME = HERE.parents[1] / "widgets" / "shopify" / "extensions" / "tessera" / "assets"
ROUNDS = 15
FILES = {"ours": ("tessera.js",), "preact": ("preact.js",), "lit": ("lit.js",)}
TWINS = ("preact", "lit")
UNTOUCHED = ("theme", "theme_asks")


def run(rounds: int = ROUNDS) -> dict[str, Any]:
    chromium = find_chromium()
    if chromium is None:
        return {"skipped": "no Chromium"}
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        places = {"dist": str(DIST), "theme": str(THEME), "twins": folder}
        seen = in_browser(str(HERE / "measure.mjs"), chromium, timeout_s=600, rounds=rounds, **places)
        sizes = {kind: _bytes(Path(folder) if kind in TWINS else DIST, names) for kind, names in FILES.items()}
    return _told(seen, sizes)


def build(folder: Path) -> list[str]:
    """Build the twins into a folder; return their names."""
    built = subprocess.run(
        ["node", "build.mjs", folder], cwd=HERE, check=True, capture_output=True, text=True, timeout=60
    )
    return built.stdout.split()


def _bytes(folder: Path, names: tuple[str, ...]) -> int:
    return sum(len(brotli.compress((folder / name).read_bytes())) for name in names)


def _told(seen: dict[str, list[dict[str, float]]], sizes: dict[str, int]) -> dict[str, Any]:
    def median(kind: str, of: str) -> float:
        return statistics.median(visit["load"] + (visit["change"] if of == "visit" else 0) for visit in seen[kind])

    told: dict[str, Any] = {"rounds": len(seen["ours"]), "script_ms": {}, "over_page_ms": {}}
    for of in ("load", "visit"):
        kinds = [kind for kind in seen if of == "load" or kind not in UNTOUCHED]
        told["script_ms"][of] = {kind: round(median(kind, of), 2) for kind in kinds}
        told["over_page_ms"][of] = {kind: round(median(kind, of) - median("none", of), 2) for kind in kinds}
    told["bytes"] = sizes
    over = told["over_page_ms"]
    told["ratio"] = {
        twin: {
            **{
                f"{kind}_{of}": round(over[of][kind] / over[of][twin], 3)
                for of in over
                for kind in ("ours", "drawn", *UNTOUCHED)
                if kind in over[of]
            },
            "bytes": round(sizes["ours"] / sizes[twin], 3),
        }
        for twin in TWINS
    }
    return told
