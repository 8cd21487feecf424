"""A WordPress on 127.0.0.1: a real one, on SQLite, with WooCommerce's names stood in for."""

from __future__ import annotations

import base64
import io
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


_DEBUG = "define( 'WP_DEBUG', true ); define( 'WP_DEBUG_DISPLAY', false ); define( 'WP_DEBUG_LOG', true );"


def is_there() -> bool:
    return BUILDS.is_dir()


def lay_out(folder: Path, plugin: bytes) -> None:
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
    zipfile.ZipFile(io.BytesIO(plugin)).extractall(content / "plugins")
    settings = folder / SETTINGS
    settings.write_text(settings.read_text().replace("define( 'WP_DEBUG', false );", _DEBUG))


DATABASE = Path("wp-content/database/.ht.sqlite")
SETTINGS = Path("wp-config.php")


def name(folder: Path, address: str) -> None:
    """Tell WordPress its address: it is known once its server listens."""
    database = sqlite3.connect(folder / DATABASE)
    with database:
        changed = "UPDATE wp_options SET option_value = ? WHERE option_name IN ('siteurl', 'home')"
        database.execute(changed, (address,))
    database.close()


@dataclass
class Person:
    """A browser's cookies, and nothing else of it. `nonces`: WordPress's, for calls of a page's own scripts."""

    site: Site
    session: requests.Session = field(default_factory=requests.Session)
    nonces: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.site.address + path, timeout=60, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return self.session.post(self.site.address + path, timeout=60, **more)

    def run(self, code: str) -> Any:
        """Run PHP in the site as whoever this is; return what it returns."""
        told = self.post("/", data=code.encode(), headers={"X-Test-Code": "1", "Content-Type": "text/plain"})
        try:
            return told.json()
        except ValueError:
            raise AssertionError(f"{told.status_code}: {told.text[:2000]}") from None


@dataclass
class Site:
    address: str
    folder: Path
    log: Path
    furniture: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    stands: bool = False  # it is connected, as tests leave it to each other

    def person(self) -> Person:
        return Person(self)

    def run(self, code: str) -> Any:
        return self.person().run(code)

    def logged_in(self, who: str) -> Person:
        """Return somebody of the furniture, in her own browser."""
        if who not in self.people:
            told = self.furniture["people"][who]
            self.people[who] = Person(self, nonces=told["nonces"])
            self.people[who].session.cookies.update(told["cookies"])
        return self.people[who]

    def complaints(self) -> list[str]:
        """Return what PHP complained of in our plugin so far."""
        log = self.folder / "wp-content" / "debug.log"
        lines = [*(log.read_text().splitlines() if log.is_file() else ()), *self.log.read_text().splitlines()]
        return [line for line in lines if "tessera" in line.lower()]


@contextmanager
def put_back(site: Site, copy: Path) -> Iterator[None]:
    """Put back at the end all that WordPress keeps of itself."""
    for file in (DATABASE, SETTINGS):
        shutil.copy2(site.folder / file, copy / file.name)
    yield
    for file in (DATABASE, SETTINGS):
        shutil.copy2(copy / file.name, site.folder / file)


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Serve a site until the block ends."""
    log, cache = folder.parent / "php.log", folder.parent / "compiled"
    cache.mkdir()
    command = ["node", str(HERE / "serve.mjs"), str(folder), str(STATICS), str(cache)]
    pipe = subprocess.PIPE
    with log.open("w") as out, subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=out, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, log.read_text()
        name(folder, address)
        yield Site(address, folder, log)
        process.stdin.close()


def php(value: object) -> str:
    """Write a value as PHP."""
    return f"json_decode(base64_decode('{base64.b64encode(json.dumps(value).encode()).decode()}'), true)"
