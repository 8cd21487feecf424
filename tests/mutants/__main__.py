"""`make mutants`: try every change, list what survived, and tell the score of each file."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.mutants import importing
from tests.mutants.changes import Change, changes_of

TESTS = ("tests/rules", "tests/ledger", "tests/app")
LONG = ("test_histories", "test_machine", "test_backtest", "test_privacy")  # random lives of whole shops
NOTICED = ("killed", "timeout")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description="Do the tests notice small changes?")
    parser.add_argument("paths", nargs="*", default=["app/rules", "app/ledger"])
    parser.add_argument("--tests", action="append", help="tests/rules, ledger and app by default")
    parser.add_argument("--sample", type=int, help="Only so many changes of each file, chosen by chance.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", default="1/1", help="2/3: every third change, from the second on.")
    parser.add_argument("--out", type=Path, help="Write every result as JSON.")
    parser.add_argument("--again", type=Path, help="Only what such a file does not call noticed.")
    parser.add_argument("--quick", action="store_true", help="What survives is not tried again from fresh imports.")
    parser.add_argument("--enough", type=float, default=4, help="Seconds of tests for each change.")
    asked = parser.parse_args()
    fresh = importing.start()  # before anything of ours is imported

    import pytest

    from tests.mutants.running import ARGUMENTS, Tries, sources

    changes = [change for path in sources(asked.paths) for change in _chosen(path, asked)]
    if asked.again:
        known = {
            (row["path"], row["number"]) for row in json.loads(asked.again.read_text()) if row["outcome"] in NOTICED
        }
        changes = [change for change in changes if (change.path, change.number) not in known]
    tries = Tries(changes, fresh, asked.enough, not asked.quick)
    began = time.monotonic()
    chosen = asked.tests or [*TESTS, *(f"--ignore=tests/app/{name}.py" for name in LONG)]
    pytest.main([*ARGUMENTS, *chosen], plugins=[tries])
    fresh.send(None)
    _tell(tries.results, time.monotonic() - began)
    if asked.out:
        rows = [
            {"path": change.path, "number": change.number, "change": change.name, "outcome": outcome}
            for change, outcome in tries.results
        ]
        asked.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False))
    return 0 if tries.results else 2


def _chosen(path: str, asked: argparse.Namespace) -> list[Change]:
    found = changes_of(path)
    if asked.sample is not None and len(found) > asked.sample:
        found = random.Random(f"{asked.seed}{path}").sample(found, asked.sample)
    first, of = map(int, asked.share.split("/"))
    return sorted(found, key=lambda change: change.number)[first - 1 :: of]


def _tell(results: list[tuple[Change, str]], seconds: float) -> None:
    whole: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    for change, outcome in results:
        whole[change.path] += 1
        noticed[change.path] += outcome in NOTICED
    for path, count in sorted(whole.items()):
        print(f"{noticed[path]:>5} of {count:>5}  {noticed[path] / count:>6.1%}  {path}")
    made, seen = sum(whole.values()), sum(noticed.values())
    if made:
        print(f"{seen:>5} of {made:>5}  {seen / made:>6.1%}  in {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
