"""tessera member erase."""

from __future__ import annotations

from sqlalchemy import select

from app.db import reading
from app.models import members
from tests.build import Shop, order
from tests.cli.conftest import create
from tests.command import Tessera

NOBODY = "m_" + "0" * 20


def test_a_person_is_forgotten(anywhere: Tessera, shop: Shop) -> None:
    shop.tell(order())
    with reading(shop.tessera.engine) as connection:
        member_id = connection.execute(select(members.c.id)).scalar_one()
    ran = anywhere("member", "erase", member_id, "--shop", shop.id, "--json")
    assert (ran.code, ran.json) == (0, {"id": member_id})
    with reading(shop.tessera.engine) as connection:
        row = connection.execute(select(members)).one()
    assert (row.email, row.erased_at is not None) == (None, True)
    assert anywhere("audit").code == 0


def test_who_is_not_there_cannot_be_erased(tessera: Tessera) -> None:
    shop = create(tessera)
    ran = tessera("member", "erase", NOBODY, "--shop", shop["shop_id"])
    assert (ran.code, "there is no such member" in ran.err) == (2, True)
    assert tessera("member", "erase", NOBODY, "--shop", "nobodys").code == 2
