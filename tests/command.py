"""The `tessera` command in an empty folder, as a person starts it.

Most tests start it in a fork of a process that has imported it already: a fresh Python would need a second each time.
`served` starts the real thing.
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

PROGRAM = Path(sys.executable).with_name("tessera")
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["app.cli", "psycopg", "redis", "rq"])


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code in (0, 1, 3), self.err
        return json.loads(self.out)

    @property
    def line(self) -> str:
        """Return the one line of a plain error: no usage, no traceback."""
        [*_, last] = self.err.strip().splitlines()
        assert "Traceback" not in self.err
        return last


@dataclass(frozen=True)
class Tessera:
    """One installation as its command line sees it: a home, and an environment that holds nothing else."""

    home: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def environment(self, env: Mapping[str, str | None]) -> dict[str, str]:
        own = {"HOME": str(self.home), "PATH": os.defpath, "INSTANCE": str(self.home / "instance")}
        given = {**own, **self.env, **env}
        return {name: value for name, value in given.items() if value is not None}

    def __call__(self, *args: str, **env: str | None) -> Ran:
        """Run one command to its end."""
        return self.start(*args, **env).wait()

    def start(self, *args: str, **env: str | None) -> Running:
        out = self.home / f".out-{time.monotonic_ns()}"
        process = _forks.Process(target=_run, args=(args, self.environment(env), self.home, out))
        process.start()
        running = Running(process, out)
        atexit.register(running.kill)  # else a test that fails before it waits would never let Python go
        return running

    @contextmanager
    def served(self, *args: str, **env: str | None) -> Iterator[Served]:
        """Start the real program on a free port and wait until it answers; kill what does not stop by itself."""
        port = free_port()
        environment = self.environment({"PORT": str(port), **env})
        log = self.home / f".served-{port}"  # no pipe: a server's child that outlived it would keep that open
        with log.open("wb") as out:
            command = [PROGRAM, *(args or ("serve",))]
            process = subprocess.Popen(command, env=environment, cwd=self.home, stdout=out, stderr=out)
        served = Served(process, f"http://127.0.0.1:{port}", log)
        try:
            served.wait_until_live()
            yield served
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


@dataclass(frozen=True)
class Running:
    process: Any
    out: Path

    def wait(self, timeout_s: float = 30) -> Ran:
        self.process.join(timeout_s)
        self.kill()
        files = [self.out.with_name(self.out.name + end) for end in (".out", ".err")]
        out, err = [file.read_text() for file in files]
        for file in files:
            file.unlink()
        assert self.process.exitcode != -signal.SIGKILL, f"the command does not end: {out}{err}"
        return Ran(self.process.exitcode, out, err)

    def kill(self) -> None:
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _run(args: tuple[str, ...], env: dict[str, str], home: Path, out: Path) -> None:
    """Be the command: in the child, where streams, folder and environment are ours alone."""
    for number, end in ((1, ".out"), (2, ".err")):
        os.dup2(os.open(f"{out}{end}", os.O_CREAT | os.O_WRONLY, 0o600), number)
    os.chdir(home)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["tessera", *args]
    from app.cli import main

    main()


class DidNotStart(Exception):
    """A server ended before it answered; the text is what it wrote."""


@dataclass(frozen=True)
class Served:
    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def wait_until_live(self) -> None:
        for _ in range(1000):
            try:
                requests.get(f"{self.url}/health/live", timeout=5).raise_for_status()
            except requests.RequestException:
                if self.process.poll() is not None:
                    raise DidNotStart(self.log.read_text()) from None
                time.sleep(0.02)
            else:
                return
        raise DidNotStart("it does not answer")

    def stop(self, told: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Tell it to stop; return its exit code and what it wrote."""
        self.process.send_signal(told)
        return self.process.wait(timeout=30), self.log.read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
