"""Friends whom members bring: awarded once, by state, and held where something is odd."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app import referring, schedules, shops
from app.audit import audit
from app.db import reading, transaction
from app.models import referrals
from app.referral_moments import decide
from app.referral_rows import Referral, select_rows
from app.referring import Telling
from tests.build import Shop, Tessera, order, programme

TERMS = {"referrer_points": 500, "friend_points": 200, "pending_days": 14, "window_days": 30}


def club(tessera: Tessera, **terms: Any) -> Shop:
    """Make a shop whose programme has referrals; ada is a member who has bought."""
    shop = tessera.shop({**programme(), "referrals": {**TERMS, **terms}})
    shop.tell(order())
    return shop


def member_of(shop: Shop, platform_id: str) -> str:
    from sqlalchemy import select

    from app.models import identities

    with reading(shop.tessera.engine) as connection:
        mine = (identities.c.shop_id == shop.id) & (identities.c.value == platform_id)
        return str(connection.execute(select(identities.c.member_id).where(mine)).scalar_one())


def code_of(shop: Shop, member_id: str) -> str:
    with transaction(shop.tessera.engine) as connection:
        return referring.code_of(connection, shop.id, member_id, now(shop))


def now(shop: Shop) -> datetime:
    with reading(shop.tessera.engine) as connection:
        return shop.tessera.services.clock.now(connection)


def tell(shop: Shop, referrer: str = "ada", **told: Any) -> tuple[Referral, bool]:
    code = code_of(shop, member_of(shop, referrer))
    with transaction(shop.tessera.engine) as connection:
        held = shops.hold(connection, shop.id)
        told = {"platform_id": "bob"} if not told.keys() & {"email", "platform_id"} else {} | told
        moment = shop.tessera.services.clock.now(connection)
        return referring.tell(connection, shop.tessera.services.vault, held, Telling(code=code, **told), moment)


def word(shop: Shop, referral_id: str, decision: str) -> Referral:
    with transaction(shop.tessera.engine) as connection:
        held = shops.hold(connection, shop.id)
        return decide(connection, held, referral_id, decision, reason="because", now=now_in(shop, connection))


def now_in(shop: Shop, connection: Any) -> datetime:
    return shop.tessera.services.clock.now(connection)


def bobs(**changes: Any) -> dict[str, Any]:
    told = {"id": "2001", "placed_at": "2026-03-02T10:00:00Z", "updated_at": "2026-03-02T10:00:05Z"}
    return order(**{**told, "customer": {"id": "bob", "email": "bob@example.com"}, **changes})


def all_of(shop: Shop) -> list[Referral]:
    with reading(shop.tessera.engine) as connection:
        return select_rows(connection, shop.id, referrals.c.id != "")


def only(shop: Shop) -> Referral:
    (row,) = all_of(shop)
    return row


def given(shop: Shop, kind: str) -> list[int]:
    """Return the points of the entries of one side's award."""
    return [entry.points for entry in shop.entries() if entry.source_id.startswith(f"{kind}:")]


def tick_at(shop: Shop, moment: datetime) -> None:
    shop.tessera.set_clock(moment)
    schedules.tick(shop.tessera.engine, shop.tessera.services.clock)


LATER = datetime(2026, 3, 20, tzinfo=UTC)


def test_a_friend_is_welcomed_at_once_and_the_referrer_awarded_when_the_order_has_survived(tessera: Tessera) -> None:
    shop = club(tessera)
    row, new = tell(shop)
    assert (new, row.state, row.reasons) == (True, "open", [])
    assert (given(shop, "referred_friend"), given(shop, "referral")) == ([200], [])
    shop.tell(bobs())
    assert (only(shop).state, only(shop).order_id) == ("waiting", "2001")
    # 14 days after the 2nd end at Paris' midnight after the 16th
    assert only(shop).due_at == datetime(2026, 3, 16, 23, tzinfo=UTC)
    tick_at(shop, datetime(2026, 3, 16, 22, 59, tzinfo=UTC))
    assert given(shop, "referral") == []
    tick_at(shop, datetime(2026, 3, 16, 23, tzinfo=UTC))
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500])
    (award,) = [entry for entry in shop.entries() if entry.key.startswith("referral:")]
    assert (award.member_id, award.at) == (member_of(shop, "ada"), datetime(2026, 3, 16, 23, tzinfo=UTC))
    assert award.explanation["rule"] == "referral"
    assert award.explanation["version"] == 1
    tick_at(shop, LATER)
    assert given(shop, "referral") == [500]
    assert audit(tessera.engine, shop.id) == []
