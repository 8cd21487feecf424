"""A WordPress on 127.0.0.1: a real one, on SQLite, with WooCommerce's names stood in for."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

HERE = Path(__file__).parent
BUILDS = HERE / "node_modules" / "@wp-playground" / "wordpress-builds"
STATICS = BUILDS / "public" / "wp-6.5"
PLUGIN = "tessera-loyalty"
PASSWORD = "password"  # of everybody here


def is_there() -> bool:
    return BUILDS.is_dir()


def lay_out(folder: Path, plugin: Path) -> None:
    """Unpack WordPress with its database, WooCommerce's stand-in, and a plugin's ZIP."""
    zipfile.ZipFile(BUILDS / "src" / "wordpress" / "wp-6.5.zip").extractall(folder)
    content = folder / "wp-content"
    sqlite = BUILDS / "src" / "sqlite-database-integration" / "sqlite-database-integration.zip"
    zipfile.ZipFile(sqlite).extractall(content / "plugins")
    driver = content / "plugins" / "sqlite-database-integration"
    (content / "plugins" / "sqlite-database-integration-main").rename(driver)
    shutil.copy(driver / "db.copy", content / "db.php")
    shutil.copytree(HERE / "stub" / "mu-plugins", content / "mu-plugins")
    shutil.copytree(HERE / "stub" / "woocommerce", content / "plugins" / "woocommerce")
    zipfile.ZipFile(plugin).extractall(content / "plugins")


def name(folder: Path, address: str) -> None:
    """Tell WordPress its address: it is known once its server listens."""
    database = sqlite3.connect(folder / "wp-content" / "database" / ".ht.sqlite")
    with database:
        changed = "UPDATE wp_options SET option_value = ? WHERE option_name IN ('siteurl', 'home')"
        database.execute(changed, (address,))
    database.close()


@dataclass
class Person:
    """A browser's cookies, and nothing else of it."""

    site: Site
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.site.address + path, timeout=60, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return self.session.post(self.site.address + path, timeout=60, **more)

    def log_in(self, who: str) -> Person:
        self.get("/wp-login.php")
        self.post("/wp-login.php", data={"log": who, "pwd": PASSWORD}, allow_redirects=False)
        return self

    def run(self, code: str) -> Any:
        """Run PHP in the site as whoever this is; return what it returns."""
        told = self.get("/", headers={"X-Test-Code": base64.b64encode(code.encode()).decode()})
        try:
            return told.json()
        except ValueError:
            raise AssertionError(f"{told.status_code}: {told.text[:2000]}") from None


@dataclass
class Site:
    address: str
    folder: Path
    log: Path

    def person(self) -> Person:
        return Person(self)

    def run(self, code: str) -> Any:
        return self.person().run(code)

    def told(self) -> str:
        """Return what PHP complained of so far."""
        return self.log.read_text()


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Serve a site until the block ends."""
    log = folder.parent / "php.log"
    command = ["node", str(HERE / "serve.mjs"), str(folder), str(STATICS)]
    with log.open("w") as out:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address, log.read_text()
        name(folder, address)
        yield Site(address, folder, log)
    finally:
        process.stdin.close()
        process.wait(timeout=20)


def php(value: object) -> str:
    """Write a value as PHP."""
    return f"json_decode(base64_decode('{base64.b64encode(json.dumps(value).encode()).decode()}'), true)"
