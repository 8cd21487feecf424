"""Run a playwright script of this folder and take what it prints."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.servers import Chromium

FOLDER = Path(__file__).parent


def run(script: str, chromium: Chromium, *, timeout_s: float = 120, **given: object) -> Any:
    """Run `script` with `given` as its second argument and return its answer. A failed script is a failed test."""
    message = {"path": chromium.path, "env": dict(chromium.env), "given": given}
    done = subprocess.run(
        ["node", script],
        cwd=FOLDER,
        input=json.dumps(message),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, f"{script}: {done.stderr}"
    return json.loads(done.stdout)


def screenshot(url: str, file: Path, chromium: Chromium, *, width: int = 1280, height: int = 800) -> Any:
    """Write a PNG of the page; returns its title and console messages."""
    return run("screenshot.mjs", chromium, url=url, file=str(file), width=width, height=height)
