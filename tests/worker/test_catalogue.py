"""Products that change while orders are settled: orders do not wait, and products lose nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from app import shops
from app.audit import audit
from app.db import reading, transaction
from app.intake.told import pseudonymise
from app.intake.translating import translated
from app.models import products
from app.settling import Settling
from tests.build import Shop, Tessera, digest, open_tessera, order, programme
from tests.servers import Postgres

NEW_COUNTS_TWICE = [{"key": "new", "match": {"tag": "new"}, "multiplier": "2"}]


@pytest.fixture
def tessera(postgres: Postgres) -> Iterator[Tessera]:
    """An installation on PostgreSQL: SQLite has one writer."""
    with postgres.database() as url:
        opened = open_tessera(url)
        yield opened
        opened.engine.dispose()


@contextmanager
def in_hand(shop: Shop, topic: str, document: dict[str, Any]) -> Iterator[None]:
    """Have a delivery in hand, loaded and locked; it takes effect at the end."""
    services = shop.tessera.services
    with transaction(services.engine) as connection:
        mine = shops.hold(connection, shop.id)
        pepper, sha256 = mine.pepper(services.vault), digest(json.dumps(document))
        facts = translated(mine, topic, document)
        told = [pseudonymise(fact, sha256, mine, services.vault, pepper) for fact in facts]
        settling = Settling(connection, mine, services.clock.now(connection))
        settling.load(told)
        yield
        for one in told:
            settling.apply(one)
        settling.flush()


def lamp(day: int, **variant: str) -> dict[str, Any]:
    """Return the product as it is since a day of February."""
    facts = {"tags": [f"day-{day}", "new"], "variants": [{"id": "v1", "price": "10.00", **variant}]}
    return {"id": "p1", "updated_at": f"2026-02-{day:02}T00:00:00Z", **facts}


def kept(shop: Shop) -> Any:
    with reading(shop.tessera.engine) as connection:
        return connection.execute(select(products).where(products.c.shop_id == shop.id)).one()


def test_an_order_does_not_wait_for_its_product_and_audit_knows_what_it_saw(tessera: Tessera) -> None:
    shop = tessera.shop(programme(products=NEW_COUNTS_TWICE))
    with in_hand(shop, "order", order()):
        shop.tell(lamp(1), topic="product")
    shop.tell(order(id="1002"))
    assert [shop.order(one).target for one in ("1001", "1002")] == [399, 799]
    assert audit(tessera.engine, shop.id) == []


@pytest.mark.parametrize("known_before", [True, False])
def test_of_two_states_of_a_product_at_once_the_newer_stays_with_the_cost_that_the_older_told(
    tessera: Tessera, known_before: bool
) -> None:
    for first, second in ((lamp(2), lamp(1, cost="4.00")), (lamp(1, cost="4.00"), lamp(2))):
        shop = tessera.shop(programme())
        if known_before:
            shop.tell({"id": "p1", "updated_at": "2026-01-01T00:00:00Z"}, topic="product")
        other = threading.Thread(target=shop.tell, args=(second,), kwargs={"topic": "product"})
        with in_hand(shop, "product", first):
            other.start()
            other.join(0.3)  # it waits, or it is done: the end must be the same
        other.join(30)
        assert "day-2" in kept(shop).tags
        told_last = first["updated_at"] < second["updated_at"]
        assert kept(shop).variants[0]["cost"] == ("4.00" if told_last else None)
        assert audit(tessera.engine, shop.id) == []
