"""Shop and server, both real: paired by a granted key, points by the table, a shopper known, a review told."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from flask import Flask, Response, request
from sqlalchemy import select
from werkzeug.serving import make_server

from app import programmes
from app.db import reading, transaction
from app.intake import inbox
from app.models import inbox as deliveries
from app.platforms import shop_facts
from tests.build import open_tessera, programme
from tests.platforms.life import BEGINS
from tests.platforms.world import World
from tests.wordpress.conftest import OURS, page_facts
from tests.wordpress.site import Site, php


@pytest.fixture
def world(sqlite_template: Path, tmp_path: Path) -> Iterator[World]:
    path = shutil.copy(sqlite_template, tmp_path)
    opened = open_tessera(f"sqlite:///{path}", migrate=False, app_url=OURS)
    yield World(opened, datetime.now(UTC))
    opened.engine.dispose()


@pytest.fixture
def served(unpaired: Site, world: World) -> Iterator[Site]:
    """The site, whose calls to its server reach our app."""
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    routes = unpaired.folder.parent / "routes.json"
    routes.write_text(json.dumps({OURS: f"http://127.0.0.1:{server.server_port}"}))
    unpaired.run(
        "delete_option('canned'); delete_option('as_queue'); delete_option('tessera_loyalty_table'); return 1;"
    )
    yield unpaired
    routes.write_text("{}")
    server.shutdown()
    thread.join()
    server.server_close()


def front(world: World, site: Site) -> Flask:
    """Return the shop as the network sees it: WordPress for the plugin's own routes, the stand-in for the rest."""
    outside, inside = Flask("front"), world.store.app.wsgi_app

    @outside.route("/wp-json/tessera/<path:rest>", methods=["POST"])
    def plugin(rest: str) -> Response:
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        address = f"{site.address}/wp-json/tessera/{rest}"
        answer = requests.post(address, data=request.get_data(), headers=headers, timeout=60)
        return Response(answer.content, answer.status_code, content_type=answer.headers["Content-Type"])

    plain = outside.wsgi_app
    outside.wsgi_app = lambda environ, start: (  # type: ignore[method-assign]
        plain if environ["PATH_INFO"].startswith("/wp-json/tessera/") else inside
    )(environ, start)
    return outside


def test_a_connected_shop_draws_points_knows_its_shopper_and_tells_of_her_review(served: Site, world: World) -> None:
    world.wire.hosts = {**world.wire.hosts, "mugs.example": front(world, served)}
    away = world.begin()
    back = world.agree(away.location)
    keys = {f"{key.consumer_key}:{key.consumer_secret}": 1 for key in world.store.state.keys}
    served.run(f"update_option('wc_keys', {php(keys)} + get_option('wc_keys')); return 1;")
    world.open(back.location)
    world.pass_time(seconds=5)
    assert world.open(back.location).location == "/admin/"
    shop_id, ref = served.run("return array(TesseraLoyalty\\Connection::shop(), TesseraLoyalty\\Connection::ref());")
    assert ref == "mugs.example"

    with transaction(world.tessera.engine) as connection:
        programmes.publish(connection, shop_id, programme(), BEGINS, world.real)
    assert shop_facts.run_due(world.tessera.services) == 1
    assert '<span class="tessera-earn">Earn 100 points</span>' in served.person().get("/shop/").text
    again = "do_action('tessera_loyalty_refresh'); return array_column(array(TesseraLoyalty\\Table::kept()), 'etag');"
    assert served.run(again) != [""]  # the public one, by itself

    ada = served.furniture["people"]["ada"]["id"]
    mug = world.store.product("Mug", "10.00")
    world.store.orders.checkout([(mug, 2)], email="ada@example.com", customer_id=ada)
    world.store.hooks.visit()
    inbox.drain_shop(world.tessera.services.drain, shop_id)
    asks = page_facts(served.logged_in("ada").get("/shop/").text)["tag"]["data-session"]
    token = served.logged_in("ada").session.get(asks, timeout=60).json()["token"]
    headers = {"Authorization": f"Bearer {token}", "Origin": "https://mugs.example"}
    mine = world.app.test_client().get("/shopper/v1/me", base_url=OURS, headers=headers)
    assert mine.json["points"]["available"] == 200
    bob = f"/wp-json/tessera/v1/session?_wpnonce={served.logged_in('bob').nonces['wp_rest']}"
    assert served.logged_in("bob").get(bob).status_code == 404  # no member

    served.run(
        f"""
        $id = wp_insert_comment(array('comment_post_ID' => {served.furniture["goods"]["cup"]}, 'comment_approved' => 1,
            'comment_type' => 'review', 'comment_author_email' => 'ada@example.com', 'comment_content' => 'Good'));
        do_action('comment_post', $id, 1, array());
        foreach (get_option('as_queue') as $row) {{ do_action_ref_array($row['hook'], $row['args']); }}
        return 1;
        """
    )
    with reading(world.tessera.engine) as connection:
        topics = connection.execute(select(deliveries.c.topic).where(deliveries.c.shop_id == shop_id)).scalars().all()
    assert "review.created" in topics
