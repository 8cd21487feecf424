"""A person asks to be forgotten: nothing personal is left in any table, and the books stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.audit import audit
from app.db import reading, transaction
from app.errors import Unauthorized
from app.members import enrolling, erasing, tokens
from app.members.emails import email_ref, traits_of
from app.members.enrolling import Named
from app.models import facts, inbox, members, metadata, orders
from tests.app.test_referrals import club, code_of, member_of, merge, show, tell, tick_at, working
from tests.build import Shop, Tessera, order, refund
from tests.edge import client_of

MAIL, PHONE = "canary.bird@example.com", "+40799123456"
WHO = {"id": "canary-7", "email": MAIL, "email_verified": True}
LATER = datetime(2026, 3, 20, tzinfo=UTC)


def erase(shop: Shop, member_id: str) -> str:
    vault = shop.tessera.services.vault
    return working(
        shop,
        lambda connection, held, now: erasing.erase(
            connection, vault, held, member_id, erasing.Moment(now, datetime.now(UTC))
        ),
    )


def known(tessera: Tessera) -> tuple[Shop, str]:
    """Make a shop that knows everything there is to know about one person."""
    shop = club(tessera, [{"key": "words", "kind": "review", "points": 10}])
    shop.tell(order(id="7001", customer=WHO), order(id="7002", customer={"id": None, "email": MAIL.upper()}))
    shop.tell({**WHO, "updated_at": "2026-03-01T00:00:00Z", "tags": ["loves-canaries"]}, topic="customer")
    named = Named(email=MAIL, email_verified=True, birthday=datetime(1990, 5, 17, tzinfo=UTC).date())
    working(shop, lambda connection, held, now: enrolling.enrol(connection, vault(shop), held, named, now))
    member_id = member_of(shop, "canary-7")
    show(shop, "canary-7", address="1 Cage Street")
    tell(shop, platform_id="canary-7", network="203.0.113.9")
    code_of(shop, "canary-7")
    shop.deliver({**order(id="broken", customer=WHO), "currency": "nothing"}, b'{"email": "CANARY.bird@example.com"')
    shop.deliver({"id": 1, "note": f"call {PHONE}", "email": MAIL}, topic="nonsense")
    review = {"id": "a1", "kind": "review", "customer": {"id": "canary-7"}, "evidence": {"text": "signed: the canary"}}
    shop.deliver({**review, "subject": "p1", "at": "2026-03-01T11:00:00Z"}, topic="activity")
    shop.drain()
    return shop, member_id


def vault(shop: Shop) -> Any:
    return shop.tessera.services.vault


def everything(tessera: Tessera, but: tuple[str, ...] = ()) -> str:
    """Return all rows of all tables as text, what is sealed opened."""
    told = []
    with reading(tessera.engine) as connection:
        for table in metadata.sorted_tables:
            if table.name not in but:
                rows = connection.execute(select(table)).mappings()
                told += [f"{table.name}: {dict(row)!r} {_opened(tessera, row)}" for row in rows]
    return "\n".join(told)


def _opened(tessera: Tessera, row: Any) -> str:
    sealed = [value for value in row.values() if isinstance(value, bytes) and value[:1] == b"\x01"]
    return " ".join(tessera.services.vault.open(row["shop_id"], value).decode() for value in sealed if "shop_id" in row)


def test_nothing_personal_is_left_in_any_table_and_the_books_agree(tessera: Tessera) -> None:
    shop, member_id = known(tessera)
    pepper = _pepper(shop)
    refs = {email_ref(pepper, MAIL), traits_of(pepper, MAIL).ref}
    before = everything(tessera)
    traces = (MAIL, "date(1990, 5, 17)", "loves-canaries", "signed: the canary", "canary-7", *map(str, refs))
    assert all(trace.lower() in before.lower() for trace in traces)
    balances_before = shop.balances()
    assert erase(shop, member_id) == member_id
    after = everything(tessera, but=("facts",)).lower()
    assert [trace for trace in traces if trace.lower() in after] == []
    assert shop.balances() == balances_before
    with reading(tessera.engine) as connection:
        bodies = connection.execute(select(inbox.c.body).where(inbox.c.shop_id == shop.id)).scalars().all()
        journal = repr([tuple(row) for row in connection.execute(select(facts))])
    assert [body is None for body in bodies].count(False) == 1  # ada's order
    assert MAIL not in journal.lower()
    assert audit(tessera.engine, shop.id) == []


def _pepper(shop: Shop) -> bytes:
    from app import shops

    with reading(shop.tessera.engine) as connection:
        return shops.get(connection, shop.id).pepper(vault(shop))


def test_the_orders_of_somebody_erased_are_settled_on(tessera: Tessera) -> None:
    shop, member_id = known(tessera)
    erase(shop, member_id)
    shop.tell(order(id="7001", customer=WHO, updated_at="2026-03-05T10:00:00Z", refunds=[refund()]))
    row = shop.order("7001")
    assert (row.member_id, row.target) == (member_id, 199)
    shop.tell(order(id="7001", customer=None, updated_at="2026-03-06T10:00:00Z", refunds=[refund(quantity=2)]))
    assert (shop.order("7001").member_id, shop.order("7001").target) == (member_id, 0)
    assert MAIL not in everything(tessera, but=("facts", "inbox")).lower()
    assert audit(tessera.engine, shop.id) == []


def test_a_later_order_of_the_same_person_opens_a_new_member(tessera: Tessera) -> None:
    shop, member_id = known(tessera)
    erase(shop, member_id)
    shop.tell(order(id="7003", customer=WHO))
    assert member_of(shop, "canary-7") != member_id
    assert audit(tessera.engine, shop.id) == []


def test_whoever_was_merged_into_them_is_forgotten_too(tessera: Tessera) -> None:
    shop, member_id = known(tessera)
    shop.tell(order(id="7004", customer={"id": "canary-8", "email": "second.canary@example.com"}))
    old = member_of(shop, "canary-8")
    merge(shop, old, member_id)
    erase(shop, old)  # the old id means the survivor
    with reading(tessera.engine) as connection:
        rows = connection.execute(select(members).where(members.c.id.in_([old, member_id]))).all()
        assert [row.erased_at is not None for row in rows] == [True, True]
        assert "second.canary" not in everything(tessera, but=("facts",))
        held = connection.execute(select(orders.c.held).where(orders.c.id == "7004")).scalar_one()
    assert "canary-8" not in repr(held)
    assert audit(tessera.engine, shop.id) == []


def test_erasing_twice_finds_nothing_more(tessera: Tessera) -> None:
    shop, member_id = known(tessera)
    erase(shop, member_id)
    assert erase(shop, member_id) == member_id
    assert audit(tessera.engine, shop.id) == []


def test_shopper_tokens_end(tessera: Tessera) -> None:
    shop, member_id = known(tessera)
    made_at = datetime.now(UTC) - timedelta(seconds=1)
    token, _ = tokens.make(tessera.services.config.secret_key, shop.id, member_id, 600, made_at)
    asked = {"Authorization": f"Bearer {token}"}
    assert client_of(tessera).get("/shopper/v1/me", headers=asked).status_code == 200
    erase(shop, member_id)
    assert client_of(tessera).get("/shopper/v1/me", headers=asked).status_code == 401
    with pytest.raises(Unauthorized), transaction(tessera.engine) as connection:
        tokens.live_member(connection, tokens.Claims(shop.id, member_id, made_at))


def test_kept_answers_that_show_the_person_are_gone(tessera: Tessera) -> None:
    shop, _ = known(tessera)
    client = client_of(tessera)
    headers = {"Authorization": f"Bearer {shop.keys.api_key}", "Idempotency-Key": "once"}
    body = f'{{"email": "{MAIL}", "email_verified": true}}'
    told = client.post("/api/v1/members", data=body, headers=headers)
    assert told.json["email"].lower() == MAIL
    erase(shop, told.json["id"])
    again = client.post("/api/v1/members", data=body, headers=headers)
    assert (again.status_code, MAIL in again.text) == (409, False)


def test_somebody_elses_deliveries_stay(tessera: Tessera) -> None:
    shop, member_id = known(tessera)
    shop.deliver({**order(id="others", customer={"id": "eve", "email": "eve@example.com"}), "currency": "nothing"})
    shop.drain()
    erase(shop, member_id)
    with reading(tessera.engine) as connection:
        mine = (inbox.c.shop_id == shop.id) & (inbox.c.state == "failed")
        kept = [row.body is not None for row in connection.execute(select(inbox).where(mine).order_by(inbox.c.id))]
    assert kept[-1]
    assert not any(kept[:-1])


def test_a_referrer_who_was_erased_has_no_code_any_more(tessera: Tessera) -> None:
    shop, member_id = known(tessera)
    code = code_of(shop, "canary-7")
    erase(shop, member_id)
    shop.tell(order(id="8001", customer={"id": "eve"}, referral_code=code))
    assert shop.order("8001").flags == ["unknown_referral_code"]
    tick_at(shop, LATER)
    assert audit(tessera.engine, shop.id) == []
