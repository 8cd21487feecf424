"""A pytest plugin: hypothesis as quick here as in the forks."""

from __future__ import annotations

from hypothesis import settings

import tests.mutants.running  # noqa: F401  registers the profile


def pytest_sessionstart() -> None:
    settings.load_profile("mutants")
