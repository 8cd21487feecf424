"""Changes to functions: pytest has collected, each change is made in a fork, to the code of the living functions."""

from __future__ import annotations

import gc
import hashlib
import mmap
import os
import pickle
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.mutants.changes import Change, changed
from tests.mutants.importing import tried_in_fork

ARGUMENTS = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "-W", "ignore")

# A failing example need not be made smaller here. A test takes its settings when its module is imported.
settings.register_profile(
    "mutants", derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate]
)


@dataclass
class Covered:
    """What one test runs, and how long it takes."""

    seconds: float
    lines: dict[str, set[int]]


Living = dict[tuple[str, str, int], list[FunctionType]]  # (path, qualified name, first line) → functions


@dataclass
class Tries:
    """The plugin: instead of running the tests once, it runs those that matter for each change."""

    changes: Sequence[Change]
    fresh: Connection
    enough_s: float  # of tests for one change, as they take unchanged
    thorough: bool = True
    results: list[tuple[Change, str]] = field(default_factory=list)
    noticed_by: Counter[str] = field(default_factory=Counter)  # how many changes each test has noticed

    def pytest_sessionstart(self) -> None:
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if "postgres" not in item.nodeid and "soak" not in item.keywords]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        paths = {str(Path(change.path).resolve()): change.path for change in self.changes}
        covered = _cover(session.items, paths)
        seconds = sum(told.seconds for told in covered.values())
        print(f"{len(covered)} tests of {seconds:.0f} s, {len(self.changes)} changes", flush=True)
        living = _living(paths)
        gc.freeze()
        right: dict[str, bool] = {}
        for number, change in enumerate(self.changes, 1):
            began = time.monotonic()
            if change.path not in right:
                right[change.path] = self._right(session, change.path, covered, living)
            outcome = self._try(session, change, covered, living) if right[change.path] else "unsure"
            self.results.append((change, outcome))
            if outcome not in ("killed", "timeout"):
                print(f"{outcome:<9} {change.name}", flush=True)
            if number % 100 == 0:
                print(f"  … {number} of {len(self.changes)}, the last in {time.monotonic() - began:.2f} s", flush=True)
        return True

    def _right(self, session: pytest.Session, path: str, covered: dict[str, Covered], living: Living) -> bool:
        """Make sure that what changes nothing survives: else everything would look noticed."""
        outside = Change(path, -1, 1, 10**6, "nothing", None)
        inside = next((each for each in self.changes if each.path == path and _run(each, covered)), outside)
        nothings = (outside, replace(inside, number=-1, what="nothing"))
        return all(
            self._try(session, each, covered, living, enough_s=0.5) in ("survived", "untested") for each in nothings
        )

    def _try(
        self,
        session: pytest.Session,
        change: Change,
        covered: dict[str, Covered],
        living: Living,
        enough_s: float = 0,
    ) -> str:
        names, seconds = _that_matter(change, covered, enough_s or self.enough_s, self.noticed_by)
        if not names:
            return "untested"
        cpu_s = 3 + 4 * seconds
        if change.function is not None:
            functions = living.get((change.path, *change.function), [])
            items = {item.nodeid: item for item in session.items}
            chosen = [items[name] for name in names]
            at = mmap.mmap(-1, 4)  # shared with the fork: which test is running
            outcome = tried_in_fork(lambda: _exchange(change, functions) and _pass(chosen, at), cpu_s)
            if outcome != "survived":
                self.noticed_by[names[int.from_bytes(at[:4], "big")]] += 1
            if outcome != "survived" or not self.thorough:
                return outcome
        # what was made at import, or kept by a cache since, has not seen the change: once more, from the start
        self.fresh.send((change, [*ARGUMENTS, *_PLUGIN, *names], cpu_s + 15))
        return str(self.fresh.recv())


_PLUGIN = ("-p", "tests.mutants.profile")


def _run(change: Change, covered: dict[str, Covered]) -> bool:
    return change.function is not None and any(
        change.line in told.lines.get(change.path, ()) for told in covered.values()
    )


# Limits and defaults of models are read at import: no test runs their lines. These look at all of them.
_OF_MODELS = (
    "tests/rules/test_document_keys.py",
    "tests/rules/test_document_limits.py",
    "tests/rules/test_programme.py",
)


def _that_matter(
    change: Change, covered: dict[str, Covered], enough_s: float, noticed_by: Counter[str]
) -> tuple[list[str], float]:
    """Return tests that run the change until they take long enough: first those quick for what they notice."""
    wanted = set(range(change.line, change.last_line + 1))
    of_file = {name: told for name, told in covered.items() if change.path in told.lines}
    found = {name: told for name, told in of_file.items() if told.lines[change.path] & wanted}
    first: tuple[str, ...] = ("",)
    if change.function is None:
        first = _OF_MODELS
        found = of_file | {name: told for name, told in covered.items() if name.startswith(first)}
    chosen: list[str] = []
    whole = 0.0
    for name in sorted(
        found, key=lambda name: (not name.startswith(first), found[name].seconds / (1 + noticed_by[name]), name)
    ):
        if whole > enough_s:
            break
        chosen.append(name)
        whole += found[name].seconds
    return chosen, whole


def _exchange(change: Change, functions: list[FunctionType]) -> bool:
    """Put the changed code into the living functions. Where it does not fit, the fresh import decides."""
    code = _find(compile(changed(change), str(Path(change.path).resolve()), "exec"), change.function)
    if code is None or not functions:
        return True
    for function in functions:
        function.__code__ = code
    return True


def _find(code: CodeType, function: tuple[str, int] | None) -> CodeType | None:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if (inner.co_qualname, inner.co_firstlineno) == function:
                return inner
            if found := _find(inner, function):
                return found
    return None


def _living(paths: dict[str, str]) -> Living:
    found: Living = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename in paths:
            code = each.__code__
            found[(paths[code.co_filename], code.co_qualname, code.co_firstlineno)].append(each)
    return found


def _pass(items: Sequence[pytest.Item], at: mmap.mmap) -> bool:
    """Run tests until one fails."""
    for number, item in enumerate(items):
        at[:4] = number.to_bytes(4, "big")
        if not _passes(item):
            return False
    return True


def _passes(item: pytest.Item) -> bool:
    from _pytest.runner import runtestprotocol

    item.config.option.setupshow = False
    reports = runtestprotocol(item, log=False, nextitem=None)
    return not any(report.failed for report in reports)


def _cover(items: Sequence[pytest.Item], paths: dict[str, str]) -> dict[str, Covered]:
    """Run every test once, in a fork, and note which lines it runs; those that fail unchanged are left out.

    Kept until a source or a test changes.
    """
    kept = Path(tempfile.gettempdir()) / f"tessera-cover-{_digest(items, paths)}"
    if kept.exists():
        return dict(pickle.loads(kept.read_bytes()))
    covered = _covered_now(items, paths)
    kept.write_bytes(pickle.dumps(covered))
    return covered


def _digest(items: Sequence[pytest.Item], paths: dict[str, str]) -> str:
    told = hashlib.sha256(repr((sorted(paths.values()), [item.nodeid for item in items])).encode())
    for folder in ("app", "connectors", "tests"):
        for path in sorted(Path(folder).rglob("*.py")):
            if path.parent.name != "mutants":
                told.update(path.read_bytes())
    return told.hexdigest()[:24]


def _covered_now(items: Sequence[pytest.Item], paths: dict[str, str]) -> dict[str, Covered]:
    with tempfile.NamedTemporaryFile() as told:
        outcome = tried_in_fork(lambda: _note(items, paths, told.name), 3600)
        if outcome != "survived":
            raise RuntimeError("the tests do not run unchanged")
        covered: dict[str, Covered] = pickle.loads(Path(told.name).read_bytes())
    return covered


def _note(items: Sequence[pytest.Item], paths: dict[str, str], into: str) -> bool:
    found: dict[str, Covered] = {}
    for item in items:
        lines: dict[str, set[int]] = defaultdict(set)
        began = time.process_time()
        sys.settrace(_tracer(paths, lines))
        try:
            passed = _passes(item)
        finally:
            sys.settrace(None)
        if passed:
            found[item.nodeid] = Covered(time.process_time() - began, dict(lines))
    Path(into).write_bytes(pickle.dumps(found))
    return True


def _tracer(paths: dict[str, str], lines: dict[str, set[int]]) -> Any:
    def in_function(frame: FrameType, event: str, _: object) -> Any:
        lines[paths[frame.f_code.co_filename]].add(frame.f_lineno)
        return in_function

    def on_call(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename in paths:
            lines[paths[frame.f_code.co_filename]].add(frame.f_lineno)
            return in_function
        return None

    return on_call


def sources(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the source files that paths name."""
    for argument in arguments:
        path = Path(argument)
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        yield from (os.path.relpath(each) for each in found)
