"""Deliveries of a custom shop, about as large as a platform's order (6 KB), each signed and with its own id."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from connectors import CONNECTORS

SECRET = "the benchmark's secret"


def order(number: int) -> dict[str, Any]:
    lines = [
        {
            "id": f"l{line}",
            "product_id": f"p{(number + line) % 500}",
            "variant_id": f"v{line}",
            "quantity": 1 + (number + line) % 3,
            "unit_price": f"{5 + (number * 7 + line * 13) % 90}.99",
            "discount": "0.50",
            "tags": ["stoneware", "new"],
            "note": "x" * 480,  # unknown keys are ignored; platforms send many
        }
        for line in range(3 + number % 5)
    ]
    return {
        "id": f"o{number}",
        "placed_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T10:00:05Z",
        "currency": "EUR",
        "customer": {"id": f"c{number % 5000}"},
        "financial_status": "paid",
        "lines": lines,
        "shipping": "4.90",
    }


def signed(path: str, first: int, count: int) -> Iterator[bytes]:
    """Return whole HTTP requests, ready to be written to a socket."""
    for number in range(first, first + count):
        body = json.dumps(order(number)).encode()
        headers = CONNECTORS["custom"].sign("order", f"d{number}", body, SECRET, int(time.time()))
        lines = [f"POST {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        yield "\r\n".join(lines).encode() + b"\r\n\r\n" + body
