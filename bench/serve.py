"""Serve `bench.server` as the product is served: granian, threads, one process on SQLite."""

from __future__ import annotations

import sys

from granian import Granian
from granian.constants import Interfaces

from app.serving import THREADS

if __name__ == "__main__":
    Granian(
        "bench.server:application",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=int(sys.argv[2]),
        blocking_threads=THREADS,
        factory=True,
        log_enabled=False,
        websockets=False,
    ).serve()
