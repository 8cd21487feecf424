"""What Shopify asks for in somebody's name is carried out, recorded, and leaves nothing personal behind."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db import reading as reading_from
from app.db import retrying
from app.models import balances, connections, inbox, members, metadata
from app.models import privacy_requests as table
from app.privacy import carrying_out
from tests.fakes.shopify import schema
from tests.fakes.shopify.state import legacy
from tests.platforms.at_shopify import MUGS, ShopLife
from tests.platforms.world import World


@pytest.fixture
def life(world: World, admin_schema: schema.Admin) -> ShopLife:
    life = ShopLife(world)
    life.buy()
    life.told()
    return life


def ask(life: ShopLife, topic: str, **more: Any) -> None:
    customer = {"id": legacy(life.ada["id"]), "email": "ada@example.com", "phone": "555-625-1199"}
    body = {"shop_id": 954889, "shop_domain": MUGS, "customer": customer, **more}
    life.platform.hooks.compliance_url = "https://tessera.example/webhooks/shopify/compliance"
    life.platform.hooks.fire({topic: body})
    life.told()
    carrying_out.run_due(life.services)


def everything(life: ShopLife) -> str:
    """Return all that any table holds, bodies and sealed texts opened."""
    told = []
    with reading_from(life.services.engine) as connection:
        for one in metadata.sorted_tables:
            if one.name in ("facts", "connections") or "shop_id" not in one.c:
                continue
            for row in connection.execute(select(one).where(one.c.shop_id == life.shop_id)).mappings():
                told += [_opened(life, value) for value in row.values()]
    return "\n".join(told).lower()


def _opened(life: ShopLife, value: object) -> str:
    return life.services.vault.open(life.shop_id, value).decode() if isinstance(value, bytes) else str(value)


def test_what_is_known_of_a_customer_is_handed_to_the_merchant(life: ShopLife) -> None:
    ask(life, "customers/data_request", data_request={"id": 9999}, orders_requested=[1])
    (told,) = life.api("GET", "/privacy/requests").json["data"]
    assert (told["id"], told["state"], told["has_export"]) == ("export:9999", "done", True)
    export = life.api("GET", "/privacy/export?id=export:9999").json["data"]
    assert export["members"][0]["email"] == "ada@example.com"
    assert [entry["points"] for entry in export["entries"]] == [350]
    assert len(export["orders"]) == 1
    life.world.pass_time(days=31)
    retrying(life.services.engine, lambda c: carrying_out.forget(c, datetime.now(UTC) + timedelta(days=400)))
    assert life.api("GET", "/privacy/export?id=export:9999").status_code == 404
    life.sound()


def test_a_customer_is_forgotten_and_the_books_stay(life: ShopLife) -> None:
    ask(life, "customers/data_request", data_request={"id": 9999})
    assert "ada@example.com" in everything(life)
    ask(life, "customers/redact", orders_to_redact=[1])
    left = everything(life)
    assert "ada@example.com" not in left
    assert "555-625-1199" not in left
    assert life.points() == 350
    told = {one["kind"]: one for one in life.api("GET", "/privacy/requests").json["data"]}
    assert (told["erase_customer"]["state"], told["erase_customer"]["customer_id"]) == ("done", None)
    assert told["export"]["has_export"] is False
    life.sound()


def test_a_guest_is_found_by_the_email(life: ShopLife) -> None:
    life.platform.orders.place([(life.mug, 1)], email="Guest@Example.com")
    life.told()
    assert "guest@example.com" in everything(life)
    ask(life, "customers/redact", customer={"id": 1, "email": "guest@example.com"})
    assert "guest@example.com" not in everything(life)
    life.sound()


def test_a_shop_that_left_is_forgotten_with_everyone_in_it(life: ShopLife) -> None:
    life.buy(life.platform.customer("bob@example.com"))
    life.told()
    life.platform.uninstall()
    life.told()
    ask(life, "shop/redact", customer=None)
    with reading_from(life.services.engine) as connection:
        assert connection.execute(select(connections).where(connections.c.shop_id == life.shop_id)).all() == []
        mine = members.c.shop_id == life.shop_id
        assert None not in connection.execute(select(members.c.erased_at).where(mine)).scalars().all()
        bodies = connection.execute(select(inbox.c.body).where(inbox.c.shop_id == life.shop_id)).scalars().all()
        assert sum(connection.execute(select(balances.c.available).where(balances.c.shop_id == life.shop_id)).scalars())
    assert set(bodies) == {None}
    left = everything(life)
    assert "ada@example.com" not in left
    assert "bob@example.com" not in left
    life.sound()


def test_a_shop_that_came_back_is_not_erased(life: ShopLife) -> None:
    ask(life, "shop/redact", customer=None)
    with reading_from(life.services.engine) as connection:
        (row,) = connection.execute(select(table.c.outcome).where(table.c.shop_id == life.shop_id)).scalars()
    assert "installed the app again" in row
    assert life.api("GET", "/members").json["data"][0]["email"] == "ada@example.com"


def test_customers_who_are_merged_are_one_member(life: ShopLife) -> None:
    bob = life.platform.customer("bob@example.com")
    life.buy(bob)
    life.told()
    merge = {
        "admin_graphql_api_customer_kept_id": bob["id"],
        "admin_graphql_api_customer_deleted_id": life.ada["id"],
        "status": "completed",
    }
    life.platform.hooks.fire({"customers/merge": merge})
    life.told()
    carrying_out.run_due(life.services)
    (one,) = [each for each in life.api("GET", "/members").json["data"] if each["points"]["available"]]
    assert one["points"]["available"] == 700
    life.buy(bob)
    life.told()
    assert life.points() == 1050
    life.sound()


def test_a_request_that_is_told_twice_is_carried_out_and_recorded_once(life: ShopLife) -> None:
    for _ in range(2):
        ask(life, "customers/redact")
    assert len(life.api("GET", "/privacy/requests").json["data"]) == 1
    assert carrying_out.run_due(life.services) == 0
    life.sound()


def test_another_shops_people_are_not_reached(life: ShopLife, world: World) -> None:
    other = ShopLife(world, domain="other.myshopify.com")
    other.ada["email"] = "ada@example.com"
    other.buy()
    other.told()
    ask(life, "customers/redact")
    assert "ada@example.com" in everything(other)
    assert json.dumps(other.api("GET", "/privacy/requests").json) == '{"data": [], "next": null}'
