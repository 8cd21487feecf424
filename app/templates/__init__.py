"""Programme documents to start from."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def read(name: str) -> str:
    """Return a template's JSON text."""
    return (_HERE / f"{name}.json").read_text()
