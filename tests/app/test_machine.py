"""A shop lived through at random, on both databases."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.app.machine import ShopMachine
from tests.build import Tessera


def test_the_books_hold_whatever_happens(tessera: Tessera) -> None:
    machine = type("Machine", (ShopMachine,), {"tessera": tessera})
    quiet = (HealthCheck.too_slow, HealthCheck.data_too_large)
    length = 5_000 if settings().max_examples > 1_000 else 12
    run_state_machine_as_test(
        machine, settings=settings(max_examples=min(length, 300), stateful_step_count=30, suppress_health_check=quiet)
    )
