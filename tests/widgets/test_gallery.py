"""The gallery: what its made-up server says is what the real one says, and everybody can use every element of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, send_from_directory
from markupsafe import escape
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client

from connectors.sandbox.shop import SandboxSettings, Shop
from connectors.sandbox.shop.gallery import NAMES, RIGHT_TO_LEFT
from connectors.sandbox.shop.gallery_answers import LANGUAGES
from connectors.sandbox.shop.gallery_states import SECTIONS, STATES
from tests.browser.browser import run
from tests.servers import Chromium
from tests.widgets.gallery_words import FILE, everything

HERE = Path(__file__).parent
DIST = HERE.parents[1] / "widgets" / "dist"
AXE = HERE.parent / "browser" / "node_modules" / "axe-core"


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The sandbox shop where Tessera mounts it, and Tessera's files beside it."""
    settings = SandboxSettings(
        app_url="http://127.0.0.1:9",
        shop_id="s1",
        api_key="k",
        webhook_secret="s",
        database=tmp_path_factory.mktemp("shop") / "shop.db",
    )
    shop = Shop(settings, post=lambda *_: None)  # type: ignore[arg-type, return-value]
    tessera = Flask("tessera")
    tessera.add_url_rule("/widgets/v1/<path:name>", "file", lambda name: send_from_directory(DIST, name))
    yield DispatcherMiddleware(tessera, {"/demo": shop})
    shop.close()


@pytest.fixture(scope="module")
def address(site: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, site, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


def test_the_made_up_server_says_what_the_real_one_says() -> None:
    assert FILE.read_bytes() == everything(), "python -m tests.widgets.gallery_words writes it anew"


def test_every_element_is_shown_with_its_code(site: Any) -> None:
    page = Client(site).get("/demo/gallery").text
    loader = (DIST.parent / "src" / "tessera.js").read_text()
    (kinds,) = [
        line.partition("'")[2].partition("'")[0].split() for line in loader.splitlines() if "const kinds" in line
    ]
    assert sorted(section.element for section in SECTIONS) == sorted(kinds)
    for state in STATES.values():
        assert f"/demo/gallery/{state.id}?lang=en" in page
        assert escape(state.code) in page


@pytest.mark.parametrize("path", ["/demo/gallery/nothing", "/demo/gallery/api/nothing/widget/v1/s1/programme"])
def test_what_is_not_there_is_not_found(site: Any, path: str) -> None:
    assert Client(site).get(path).status_code == 404


def test_a_frame_is_shown_by_this_shop_alone_and_no_other_page_by_anybody(site: Any) -> None:
    client = Client(site)
    assert "frame-ancestors 'self'" in client.get("/demo/gallery/product").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in client.get("/demo/gallery").headers["Content-Security-Policy"]
    assert "frame-src 'none'" in client.get("/demo/cart").headers["Content-Security-Policy"]


def test_only_the_made_up_server_takes_what_no_page_of_the_shop_sent(site: Any) -> None:
    client = Client(site)
    assert client.post("/demo/gallery/api/product/widget/v1/s1/cart", json={}).status_code == 200
    assert client.post("/demo/cart/add", data={"variant": "x"}).status_code == 400


def test_every_language_can_be_chosen() -> None:
    assert tuple(NAMES) == (*LANGUAGES, *RIGHT_TO_LEFT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_state_speaks_the_language_that_is_chosen(site: Any, language: str) -> None:
    told = Client(site).get(f"/demo/gallery/api/product/widget/v1/s1/product?lang={language}").get_json()
    assert "399" in told["text"]


def test_axe_finds_nothing_in_light_in_dark_and_from_right_to_left(chromium: Chromium, address: str) -> None:
    if not AXE.is_dir():
        pytest.skip("axe-core is not installed: `npm ci` in tests/browser")
    told = [state for state in STATES.values() if state.scene not in ("down", "nothing", "done")]
    some = [section.states[1].id for section in SECTIONS]
    visits = [("en", False, [state.id for state in told]), ("de", True, some), ("ar", False, some)]
    assert run(str(HERE / "axe.mjs"), chromium, base=address, visits=visits) == []
