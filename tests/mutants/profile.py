"""A pytest plugin: hypothesis as quick here as in the forks."""

from __future__ import annotations

import pytest
from hypothesis import settings

import tests.mutants.running  # noqa: F401  registers the profile


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    settings.load_profile("mutants")
