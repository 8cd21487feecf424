"""tessera import: past orders and customers from files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import reading
from app.models import members, orders
from tests.build import Shop, order, programme
from tests.cli.conftest import create
from tests.command import Tessera

CSV = """id,placed_at,currency,customer_id,email,product_id,quantity,unit_price,total
1001,2024-05-04T10:00:00Z,EUR,c1,ada@example.com,p1,2,19.99,
1001,2024-05-04T10:00:00Z,EUR,c1,ada@example.com,p2,1,5.00,
1002,2024-06-01T09:00:00Z,EUR,c1,,,,,10.00
1003,2024-06-01,EUR,c1,,,,,10.00
1004,2024-06-01T09:00:00Z,EUR,c1,,p1,two,1.00,
"""


def _targets(shop: Shop) -> dict[str, int]:
    with reading(shop.tessera.engine) as connection:
        mine = select(orders.c.id, orders.c.target).where(orders.c.shop_id == shop.id)
        return dict(connection.execute(mine).all())  # type: ignore[arg-type]


def test_past_orders_of_a_csv_earn_and_bad_rows_are_named(anywhere: Tessera, shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    file.write_text(CSV)
    ran = anywhere("import", "orders", str(file), "--shop", shop.id, "--orders", "award")
    assert ran.code == 1
    assert _targets(shop) == {"1001": 449, "1002": 100}
    assert "past.csv:5: " in ran.err
    assert "placed_at" in ran.err
    assert "past.csv:6: quantity must be a whole number" in ran.err
    again = anywhere("import", "orders", str(file), "--shop", shop.id, "--orders", "award")
    assert "0 new, 2 known already, 2 not readable" in again.out
    assert _targets(shop) == {"1001": 449, "1002": 100}
    assert anywhere("audit").code == 0


def test_json_lines_may_count_for_tiers_alone(anywhere: Tessera, shop: Shop, tmp_path: Path) -> None:
    tiers = [{"key": "entry", "enter": "0"}, {"key": "gold", "enter": "10"}]
    shop.publish(programme(tiers=tiers))
    past = order(placed_at="2024-05-04T10:00:00Z", updated_at="2024-05-04T10:00:00Z")
    file = tmp_path / "past.jsonl"
    file.write_text(f"{json.dumps(past)}\n\nnot json\n[]\n")
    ran = anywhere("import", "orders", str(file), "--shop", shop.id, "--orders", "tiers")
    assert (ran.code, _targets(shop)) == (1, {"1001": 0})
    assert "past.jsonl:3: it is no JSON" in ran.err
    assert anywhere("audit").code == 0


def test_customers_are_enrolled_without_a_welcome(anywhere: Tessera, shop: Shop, tmp_path: Path) -> None:
    hello = [{"key": "hello", "kind": "sign_up", "points": 50}]
    shop.publish(programme(activities=hello))
    file = tmp_path / "people.csv"
    file.write_text("id,email,email_verified,tags\nc1,ada@example.com,yes,vip; friend\nc2,,,\n")
    assert anywhere("import", "customers", str(file), "--shop", shop.id).code == 0
    with reading(shop.tessera.engine) as connection:
        assert len(connection.execute(select(members.c.id)).all()) == 2
        assert ["vip", "friend"] in connection.execute(select(members.c.tags)).scalars().all()
    assert not any(shop.balances())
    assert anywhere("audit").code == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,price\n1,2\n", "there is no column price"),
        ("placed_at,currency\n2024-01-01,EUR\n", "the column id is missing"),
        ("", "the column id is missing"),
    ],
)
def test_a_header_that_cannot_be_is_told(anywhere: Tessera, shop: Shop, tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "past.csv"
    file.write_text(text)
    ran = anywhere("import", "orders", str(file), "--shop", shop.id, "--orders", "award")
    assert (ran.code, why in ran.err) == (2, True)


def test_it_needs_a_choice_and_a_programme(tessera: Tessera, tmp_path: Path) -> None:
    new = create(tessera)["shop_id"]
    file = tmp_path / "past.csv"
    file.write_text(CSV)
    assert "--orders award or --orders tiers" in tessera("import", "orders", str(file), "--shop", new).err
    ran = tessera("import", "orders", str(file), "--shop", new, "--orders", "award")
    assert (ran.code, "publish a programme first" in ran.err) == (2, True)
