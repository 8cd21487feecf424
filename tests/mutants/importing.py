"""A change to what runs when a module is imported: tried in a process in which nothing of ours is imported yet."""

from __future__ import annotations

import importlib.abc
import importlib.util
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType

import pytest

from tests.mutants.changes import Change, changed

WARM = ("hypothesis", "pydantic", "sqlalchemy.dialects.sqlite", "flask", "cryptography.fernet", "babel", "alembic")


class _Loader(SourceFileLoader):
    """As any source file is loaded, so that it finds what lies beside it, but changed."""

    def __init__(self, name: str, change: Change) -> None:
        super().__init__(name, str(Path(change.path).resolve()))
        self.change = change

    def get_code(self, fullname: str) -> CodeType:
        return compile(changed(self.change), self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, change: Change) -> None:
        self.change = change
        self.name = change.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, name: str, path: object, target: object = None) -> object:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(
            name,
            Path(self.change.path).resolve(),
            loader=_Loader(name, self.change),
            submodule_search_locations=self._folder(),
        )

    def _folder(self) -> list[str] | None:
        path = Path(self.change.path)
        return [str(path.parent.resolve())] if path.name == "__init__.py" else None


def start() -> Connection:
    """Fork the process that waits for such changes; to be called before anything of ours is imported."""
    for name in WARM:
        importlib.import_module(name)
    mine, theirs = multiprocessing.Pipe()
    if os.fork() == 0:
        mine.close()
        _serve(theirs)
        os._exit(0)
    theirs.close()
    return mine


def _serve(asked: Connection) -> None:
    while (question := asked.recv()) is not None:
        change, arguments, cpu_s = question
        asked.send(tried_in_fork(lambda change=change, arguments=arguments: _try(change, arguments), cpu_s))


def _try(change: Change, arguments: Sequence[str]) -> bool:
    sys.meta_path.insert(0, _Finder(change))
    return pytest.main([*arguments]) == 0


def tried_in_fork(work: object, cpu_s: float) -> str:
    """Return what became of a change: "survived", "killed" or "timeout".

    Units: seconds of the processor, so that a busy machine kills nothing; ten times as much by the clock.
    """
    child = os.fork()
    if child == 0:
        _silence()
        limit = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime + cpu_s) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
        try:
            survived = work()  # type: ignore[operator]
        except BaseException:  # noqa: BLE001  a change may do anything
            survived = False
        os._exit(0 if survived else 1)
    return _outcome(child, 10 * cpu_s + 60)


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.setsid()


def _outcome(child: int, timeout_s: float) -> str:
    until, pause = time.monotonic() + timeout_s, 0.001
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "survived" if status == 0 else "killed"
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "timeout"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
