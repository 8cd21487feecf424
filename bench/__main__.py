"""Run every benchmark and write bench/latest.json: `make bench`, or `make bench ARGS=drain`."""

from __future__ import annotations

import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import accept, backtest, drain, preview, widgets

BENCHES = {
    "accept": accept.run,
    "drain": drain.run,
    "preview": preview.run,
    "backtest": backtest.run,
    "widgets": widgets.run,
}


def main(names: list[str]) -> None:
    latest = Path(__file__).with_name("latest.json")
    results: dict[str, Any] = {
        **(json.loads(latest.read_text()) if names else {}),  # what is not run again stays
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {platform.system()}",
    }
    for name in names or BENCHES:
        print(f"{name} …", file=sys.stderr)
        results[name] = BENCHES[name]()
        print(json.dumps(results[name], indent=1))
    latest.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - BENCHES.keys()
    if unknown:
        sys.exit(f"unknown benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    main(sys.argv[1:])
