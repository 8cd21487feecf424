"""Counts of one process for /metrics: what is worth knowing and not worth a row."""

from __future__ import annotations

from collections import Counter

_counts: Counter[tuple[str, str]] = Counter()


def count(name: str, label: str = "", by: int = 1) -> None:
    _counts[(name, label)] += by


def text() -> str:
    """Write the counts in Prometheus' text format."""
    lines = []
    for (name, label), value in sorted(_counts.items()):
        labels = f'{{label="{label}"}}' if label else ""
        lines.append(f"tessera_{name}_total{labels} {value}")
    return "\n".join(lines) + "\n"
