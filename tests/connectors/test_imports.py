"""Two platforms never know each other, and none knows the application (architecture, law 1)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import connectors
from connectors import CONNECTORS

ROOT = Path(connectors.__file__).parent
OURS = ("app", "connectors", "tests")


def imported(file: Path) -> set[str]:
    """Every module a file imports, absolutely."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    return plain | {f"{node.module}" for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("name", [*CONNECTORS, "neutral"])
def test_a_connector_imports_the_contract_neutral_and_itself_only(name: str) -> None:
    allowed = ("connectors.contract", "connectors.neutral", f"connectors.{name}")
    for file in (ROOT / name).glob("*.py"):
        for module in imported(file):
            assert module.partition(".")[0] not in ("flask", "app", "tests"), f"{file.name} imports {module}"
            if module.partition(".")[0] in OURS:
                assert module.startswith(allowed), f"{file.name} imports {module}"
