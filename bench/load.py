"""A small load generator: prepared requests over kept-alive sockets, bounded in number."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path


@dataclass(frozen=True)
class Load:
    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def send(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send every request once over so many connections; return how long it took."""
    parts = [requests[i::connections] for i in range(connections)]
    took: list[list[float]] = [[] for _ in parts]
    refused = [0] * connections
    threads = [
        threading.Thread(target=_connection, args=(port, part, took[i], refused, i)) for i, part in enumerate(parts)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    times = sorted(chain.from_iterable(took))
    middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
    return Load(len(requests), seconds, middle * 1000, late * 1000, sum(refused))


def _connection(port: int, requests: Sequence[bytes], took: list[float], refused: list[int], index: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            began = time.perf_counter()
            sock.sendall(request)
            answer = sock.recv(65536)
            while b"\r\n\r\n" not in answer:
                answer += sock.recv(65536)
            took.append(time.perf_counter() - began)
            refused[index] += not answer.startswith(b"HTTP/1.1 200")


def cpu_s(pids: Sequence[int]) -> float:
    """Return the CPU seconds that processes and their children have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / 100


def family(pid: int) -> list[int]:
    """Return a process and everything below it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").iterdir():
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return found
