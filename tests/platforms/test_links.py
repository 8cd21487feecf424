"""An owner gets into her shop's pages again by a link: sent to her alone, good once and for minutes."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.platforms import links
from tests.build import app_of
from tests.platforms.life import Life
from tests.platforms.test_home import Page
from tests.platforms.world import OURS, World


class Owner:
    """A connected shop in an installation that sends mail, and its owner's browser."""

    def __init__(self, world: World, postbox: Any) -> None:
        self.life, self.postbox = Life(world), postbox
        config = self.life.services.config
        smtp = f"smtp://127.0.0.1:{postbox.server_address[1]}?from=us@tessera.example"
        self.services = replace(self.life.services, config=replace(config, smtp_url=smtp))
        world.app = app_of(self.services)
        self.page = Page(self.life)

    def ask(self, shop: str = "mugs.example") -> Any:
        return self.life.world.app.test_client().post("/install/woocommerce/link", base_url=OURS, data={"shop": shop})

    def link(self) -> str:
        message = email.message_from_bytes(self.postbox.taken[-1], policy=email.policy.default)
        assert message["To"] == "owner@example.com"
        body: Any = message.get_body(("plain",))
        found = re.search(r"https://\S+", body.get_content())
        assert found is not None
        return found[0]

    def follow(self, link: str, browser: FlaskClient | None = None) -> Any:
        path = link.removeprefix(OURS)
        return (browser or self.life.world.app.test_client()).post(path, base_url=OURS)


@pytest.fixture
def owner(world: World, postbox: Any) -> Owner:
    return Owner(world, postbox)


def test_an_owner_comes_back_by_a_link(owner: Owner) -> None:
    assert "Your way back in" in owner.page.text
    assert owner.page.send("owner", email="owner@example.com").status_code == 303
    assert "is on its way" in owner.ask().text
    link, browser = owner.link(), owner.life.world.app.test_client()
    assert "Open my shop" in browser.get(link.removeprefix(OURS), base_url=OURS).text  # opening it uses nothing up
    assert browser.get("/admin/", base_url=OURS).status_code == 401
    assert owner.follow(link, browser).location == "/admin/"
    assert browser.get("/admin/", base_url=OURS).status_code == 200
    assert owner.follow(link).status_code == 401  # once


def test_nobody_learns_whether_there_is_such_a_shop(owner: Owner) -> None:
    told = [owner.ask(shop).text for shop in ("mugs.example", "other.example")]
    assert told[0] == told[1]
    assert owner.postbox.taken == []  # no owner is known yet


def test_an_address_that_is_none_is_refused(owner: Owner) -> None:
    for wrong in ("owner", "a@b.c, eve@example.com", "a@b.c\nBcc: eve@example.com", ""):
        assert owner.page.send("owner", email=wrong).status_code == 422
    assert owner.ask("https://10.0.0.1/../x").status_code == 422


def test_a_link_that_was_changed_or_is_of_another_kind_opens_nothing(owner: Owner) -> None:
    link = links.make(owner.services, owner.life.shop)
    session = owner.page.browser.get_cookie("tessera_merchant", domain="tessera.example", path="/admin")
    assert session is not None
    for wrong in (link[:-1], link.replace("/enter/", "/enter/x"), f"{OURS}/install/woocommerce/enter/{session.value}"):
        assert owner.follow(wrong).status_code in (401, 404), wrong
    assert owner.follow(link).status_code == 303


def test_links_cannot_be_asked_for_without_end(owner: Owner) -> None:
    owner.page.send("owner", email="owner@example.com")
    answers = [owner.ask().status_code for _ in range(35)]
    assert answers.count(200) == 30
    assert len(owner.postbox.taken) == 30
