"""A running demo, as `make demo` starts it, on a free port and an empty folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

READY_S = 60


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo; TESSERA_URL names one that already runs."""
    if running := os.environ.get("TESSERA_URL"):
        yield running
        return
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "INSTANCE": str(folder), "PORT": str(port)}
    for name in ("DATABASE_URL", "REDIS_URL", "APP_URL", "LISTEN"):
        env.pop(name, None)
    tessera = Path(sys.executable).with_name("tessera")
    url, log = f"http://127.0.0.1:{port}", folder / "log"
    with log.open("wb") as out, subprocess.Popen([tessera, "demo"], env=env, stdout=out, stderr=out) as app:
        _wait(url, log, app)
        yield url
        app.terminate()
        assert app.wait(20) == 0


def _wait(url: str, log: Path, app: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and app.poll() is None:
        try:
            if requests.get(f"{url}/health/ready", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    app.kill()
    pytest.fail(f"the demo did not start:\n{log.read_text()}")
