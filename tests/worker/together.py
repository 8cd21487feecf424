"""Many threads at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(works: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Do everything at once, each in a thread of its own; return answers and errors in order."""
    gate = threading.Barrier(len(works))

    def one(work: Callable[[], T]) -> T | Exception:
        gate.wait(30)
        try:
            return work()
        except Exception as error:  # noqa: BLE001 (the caller asserts on it)
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def wait_until(what: Callable[[], object], timeout_s: float = 30) -> None:
    """Look again and again, with the shortest of waits, until it is so."""
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
