"""The rules stand alone: they know no platform, no database and no clock, and the connectors' order fits them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted((ROOT / "app" / "rules").glob("*.py"))
OUTSIDE = {"pydantic", "pydantic_core", "iso4217", "app.rules"}


def imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif isinstance(node, ast.Import):
            names.update(each.name for each in node.names)
    return names


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.stem)
def test_rules_import_only_the_standard_library_pydantic_currencies_and_rules(room):
    ours = {name for name in imported(room.read_text()) if name.split(".")[0] not in sys.stdlib_module_names}
    assert all(any(name == each or name.startswith(f"{each}.") for each in OUTSIDE) for name in ours)


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.stem)
def test_rules_never_ask_what_time_it_is_and_know_no_float(room):
    nodes = list(ast.walk(ast.parse(room.read_text())))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert not names & {"now", "utcnow", "today", "time_ns", "perf_counter"}
    assert not any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in nodes)
