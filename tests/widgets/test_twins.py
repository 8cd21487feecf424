"""The twins that the benchmark sets beside our earn widget; `make bench` measures them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import widgets


def test_the_twins_build_from_what_is_locked(tmp_path: Path) -> None:
    if not (widgets.HERE / "node_modules" / "esbuild").is_dir():
        pytest.skip("they are not installed: `make bench` does that")
    assert set(widgets.build(tmp_path)) == set(widgets.TWINS)
    for name in widgets.TWINS:
        assert b"aria-live" in (tmp_path / f"{name}.js").read_bytes()
