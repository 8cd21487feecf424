"""One WordPress for all tests here: it takes a second to start, and a quarter of one for each answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.woocommerce import CONNECTOR
from tests.wordpress import site as sites
from tests.wordpress.site import Site, php

OURS = "https://tessera.example"
SECRET = "ab" * 32
PAIRING = {"app_url": OURS, "shop_id": "0123456789abcdef01234567", "ref": "mugs.example", "secret": SECRET}
BARE = """
    require_once ABSPATH . 'wp-admin/includes/plugin.php';
    activate_plugin('woocommerce/woocommerce.php');
    update_option('permalink_structure', '/%postname%/');
    update_option('date_format', 'Y-m-d');
    update_option('time_format', 'H:i');
    return get_bloginfo('version');
"""


@pytest.fixture(scope="session")
def wordpress(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A WordPress with the plugin active, its pages, its goods and its people; not connected yet."""
    if not sites.is_there() and not os.environ.get("CI"):
        pytest.skip("no WordPress: `npm ci` in tests/wordpress")
    folder = tmp_path_factory.mktemp("wordpress") / "site"
    sites.lay_out(folder, CONNECTOR.companion.packed(OURS))
    (folder.parent / "routes.json").write_text(json.dumps({}))
    with sites.serving(folder) as served:
        assert served.run(BARE) == "6.5.5"
        served.furniture = served.run((Path(__file__).parent / "furnish.php").read_text())
        assert served.furniture["wrong"] is None
        yield served


@pytest.fixture
def paired(wordpress: Site) -> Site:
    """The same, connected and with a table. Who takes it leaves that as it is."""
    if not wordpress.stands:
        begin(wordpress)
    wordpress.stands = True
    return wordpress


@pytest.fixture
def changing(wordpress: Site) -> Iterator[Site]:
    """The same, with nothing asked or waiting: whoever takes it may change everything."""
    begin(wordpress)
    yield wordpress
    wordpress.stands = False


@pytest.fixture
def spoilt(changing: Site, tmp_path: Path) -> Iterator[Site]:
    """The same, for who leaves it as it must not be left to others: it is put back as it was."""
    with sites.put_back(changing, tmp_path):
        yield changing


@pytest.fixture
def unpaired(wordpress: Site) -> Iterator[Site]:
    wordpress.run("TesseraLoyalty\\Connection::forget(); return 1;")
    wordpress.stands = False
    yield wordpress
    wordpress.stands = False


def begin(site: Site, canned: dict[str, Any] | None = None, **changes: Any) -> None:
    """Connect a site. `canned`: what every server answers; `changes`: of the table."""
    site.run(
        f"""
        TesseraLoyalty\\Connection::keep('{PAIRING["shop_id"]}', 'mugs.example', '{SECRET}');
        TesseraLoyalty\\Table::keep({php(table(**changes))}, 'etag');
        delete_option('as_queue');
        delete_option('wc_orders');
        {can(canned)}
        return 1;
        """
    )


def can(answer: dict[str, Any] | None) -> str:
    """Return PHP that lets every server answer this from now on; None: none answers."""
    told = answer and {"headers": {}, **answer}
    return f"update_option('asked', array()); update_option('canned', {php(told)});"


def page_facts(text: str) -> dict[str, Any]:
    """Return what a page tells our script."""
    return dict(json.JSONDecoder().raw_decode(text.partition("var tesseraTold=")[2])[0])


def table(**changes: Any) -> dict[str, Any]:
    """Return an earn table: 10 points per EUR 1, twice as many for Gold."""
    points = {"one": "{n} point", "other": "{n} points"}
    earn = {each: f"Earn {count}" for each, count in points.items()}
    said = {"earn": earn, "points": points, "cart": "This cart earns {points}", "times": "×{factor} for {tier}"}
    return {
        "v": 1,
        "version": 1,
        "until": None,
        "ask": False,
        "rounding": "floor",
        "cap": None,
        "bonus": 0,
        "rates": {"EUR": [1, 10]},
        "digits": {"EUR": 2},
        "rules": [],
        "factors": {"": [[1, 1]], "gold": [[2, 1]]},
        "entry": "basic",
        "tiers": {"gold": {"name": "Gold", "factor": "2"}},
        "text": {"en": {"group": ",", "decimal": ".", **said}},
        **changes,
    }


def members(**told: dict[str, Any] | None) -> str:
    """Return PHP that writes what the server tells of members, as WooCommerce's REST API does; None: no member."""
    return "".join(
        f"update_user_meta(get_user_by('login', '{who}')->ID, '_tessera_member', {php(document)});"
        for who, document in told.items()
    )


def tier(key: str, **perks: Any) -> dict[str, Any]:
    access = {"tiers": ["basic", key], "products": [], "content": [], "early_access_days": 0}
    return {"points": 500, "tier": {"key": key, "name": key.title(), "perks": {}}, "access": access | perks}
