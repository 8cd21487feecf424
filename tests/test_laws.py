"""The laws of the architecture, each held by a few lines."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from flask import Flask

import app.web
from app import create_app
from app.web import BLUEPRINTS, gates
from connectors import CONNECTORS
from tests.build import open_tessera

ROOT = Path(__file__).parent.parent
APP = sorted((ROOT / "app").rglob("*.py"))
PLATFORMS = [
    path.name
    for path in (ROOT / "connectors").iterdir()
    if path.is_dir() and path.name.isalpha() and path.name not in ("contract", "neutral")
]


def imports(path: Path) -> set[str]:
    """Return every module a file names in an import."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def touches(path: Path, *modules: str) -> bool:
    return any(name == module or name.startswith(module + ".") for name in imports(path) for module in modules)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_rules_import_nothing_of_ours_but_rules() -> None:
    for path in (ROOT / "app" / "rules").rglob("*.py"):
        ours = {name for name in imports(path) if name.split(".")[0] in ("app", "connectors", "migrations")}
        assert all(name.startswith("app.rules") for name in ours), named(path)


def test_the_ledger_knows_no_order_and_no_web() -> None:
    allowed = ("app.ledger", "app.models", "app.errors", "app.db", "app.outbox.rows")
    for path in (ROOT / "app" / "ledger").glob("*.py"):
        ours = {name for name in imports(path) if name.startswith(("app.", "connectors"))}
        assert all(name.startswith(allowed) for name in ours), named(path)


def test_nothing_below_the_web_imports_it() -> None:
    above = {"app/__init__.py", "app/serving.py"}
    for path in APP:
        if not named(path).startswith("app/web/") and named(path) not in above:
            assert not touches(path, "app.web", "flask"), named(path)


def test_a_connector_imports_only_the_contract_what_is_neutral_and_itself() -> None:
    for platform in PLATFORMS:
        for path in (ROOT / "connectors" / platform).rglob("*.py"):
            ours = {name for name in imports(path) if name.startswith(("app", "connectors."))}
            own = ("connectors.contract", "connectors.neutral", f"connectors.{platform}")
            assert all(name.startswith(own) for name in ours), named(path)
            assert not touches(path, "flask") or "sandbox/shop" in named(path), named(path)


def test_the_app_names_no_platform_and_no_sdk() -> None:
    for path in APP:
        text = path.read_text().lower()
        assert "shopify" not in text, named(path)
        assert "woocommerce" not in text, named(path)


def test_only_the_config_reads_the_environment_and_only_the_worker_knows_rq() -> None:
    for path in APP:
        if named(path) != "app/worker.py":
            assert not touches(path, "rq"), named(path)
        if named(path) != "app/config.py" and not named(path).startswith("app/cli/"):
            assert "os.environ" not in path.read_text(), named(path)


@pytest.fixture
def flask_app(tmp_path: Path) -> Flask:
    tessera = open_tessera(f"sqlite:///{tmp_path / 'tessera.db'}", sandbox=True)
    tessera.engine.dispose()
    return create_app(tessera.services)


def test_every_blueprint_names_its_gate(flask_app: Flask) -> None:
    known = (
        gates.open_to_all,
        gates.api_key,
        gates.shopper_token,
        gates.customer_session,
        gates.platform_session,
        gates.metrics_token,
        gates.merchant_session,
    )
    listed = {blueprint.name for blueprint, _, gate in BLUEPRINTS if gate in known}
    assert listed == set(flask_app.blueprints)
    for blueprint, _, gate in BLUEPRINTS:
        assert gate in blueprint.before_request_funcs[None]
    outside = [rule.rule for rule in flask_app.url_map.iter_rules() if "." not in rule.endpoint]
    assert outside == []


def test_every_connector_has_its_folder_and_its_payloads() -> None:
    assert sorted(CONNECTORS) == sorted(PLATFORMS)
    for name in CONNECTORS:
        assert (ROOT / "tests" / "payloads" / name).is_dir()


def test_the_map_of_urls_is_one_table() -> None:
    registered = [named(path) for path in APP if ".register_blueprint(" in path.read_text()]
    assert registered == ["app/__init__.py"]
    assert app.web.__doc__
