"""Friends whom members bring: awarded once, by state, and held where something is odd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app import schedules, shops
from app.audit import audit
from app.db import reading, retrying
from app.errors import Conflict, Invalid
from app.members import joining
from app.models import identities, redemptions, referrals
from app.referrals import moments, referring
from app.referrals.moments import decide
from app.referrals.referring import Telling
from app.referrals.rows import Referral, select_rows
from tests.build import Shop, Tessera, order, programme, refund
from tests.worker.together import together

TERMS = {"referrer_points": 500, "friend_points": 200, "pending_days": 14, "window_days": 30}
SURVIVED = datetime(2026, 3, 16, 23, tzinfo=UTC)  # 14 days after the 2nd end at Paris' midnight after the 16th
LATER = datetime(2026, 3, 20, tzinfo=UTC)
MUCH_LATER = datetime(2026, 6, 1, tzinfo=UTC)


def club(tessera: Tessera, activities: Sequence[dict[str, Any]] = (), **terms: Any) -> Shop:
    """Make a shop whose programme has referrals; ada is a member who has bought."""
    rewards = [{"key": "five", "kind": "amount_off", "points": 500, "amount": {"amount": "5.00", "currency": "EUR"}}]
    more = {"activities": list(activities), "referrals": {**TERMS, **terms}}
    shop = tessera.shop({**programme(rewards=rewards), **more})
    shop.tell(order())
    return shop


def member_of(shop: Shop, platform_id: str) -> str:
    with reading(shop.tessera.engine) as connection:
        mine = (identities.c.shop_id == shop.id) & (identities.c.value == platform_id)
        return str(connection.execute(select(identities.c.member_id).where(mine)).scalar_one())


def working(shop: Shop, work: Callable[[Connection, Any, datetime], Any]) -> Any:
    """Work as the API does: in a transaction that is done again when another was in the way."""

    def held(connection: Connection) -> Any:
        return work(connection, shops.hold(connection, shop.id), shop.tessera.services.clock.now(connection))

    return retrying(shop.tessera.engine, held)


def code_of(shop: Shop, referrer: str = "ada") -> str:
    member_id = member_of(shop, referrer)
    return working(shop, lambda connection, _, now: referring.code_of(connection, shop.id, member_id, now))


def tell(shop: Shop, referrer: str = "ada", **told: Any) -> tuple[Referral, bool]:
    who = {} if told.keys() & {"email", "platform_id"} else {"platform_id": "bob"}
    telling = Telling(code=code_of(shop, referrer), **who, **told)
    vault = shop.tessera.services.vault
    return working(shop, lambda connection, held, now: referring.tell(connection, vault, held, telling, now))


def say(shop: Shop, decision: str, row: Referral | None = None) -> Referral:
    name = (row or only(shop)).id
    return working(
        shop, lambda connection, held, now: decide(connection, held, name, decision, reason="because", now=now)
    )


def merge(shop: Shop, old: str, into: str) -> str:
    return working(shop, lambda connection, held, now: joining.merge_members(connection, held, old, into, now))


def show(shop: Shop, platform_id: str, **fingerprints: str) -> None:
    member_id, vault = member_of(shop, platform_id), shop.tessera.services.vault
    working(
        shop, lambda connection, held, _: referring.note_fingerprints(connection, vault, held, member_id, fingerprints)
    )


def bobs(**changes: Any) -> dict[str, Any]:
    """Return an order of bob's, placed and paid on the 2nd of March."""
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


def agrees(shop: Shop) -> bool:
    return audit(shop.tessera.engine, shop.id) == []


def test_a_friend_is_welcomed_at_once_and_the_referrer_awarded_when_the_order_has_survived(tessera: Tessera) -> None:
    shop = club(tessera)
    row, new = tell(shop)
    assert (new, row.state, row.reasons) == (True, "open", [])
    assert (given(shop, "referred_friend"), given(shop, "referral")) == ([200], [])
    shop.tell(bobs())
    assert (only(shop).state, only(shop).order_id) == ("waiting", "2001")
    assert only(shop).due_at == SURVIVED
    tick_at(shop, datetime(2026, 3, 16, 22, 59, tzinfo=UTC))
    assert given(shop, "referral") == []
    tick_at(shop, SURVIVED)
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500])
    (award,) = [entry for entry in shop.entries() if entry.key.startswith("referral:")]
    assert (award.member_id, award.at) == (member_of(shop, "ada"), SURVIVED)
    assert award.explanation["rule"] == "referral"
    assert award.explanation["version"] == 1
    tick_at(shop, LATER)
    assert given(shop, "referral") == [500]
    assert agrees(shop)


def test_the_code_on_an_order_links_its_buyer(tessera: Tessera) -> None:
    shop = club(tessera)
    code = code_of(shop)
    shop.tell(bobs(referral_code=f" {code[:5].lower()}-{code[5:]} ", financial_status="pending"))
    row = only(shop)
    assert (row.state, row.source, row.at) == ("open", "order", datetime(2026, 3, 2, 10, tzinfo=UTC))
    assert row.friend_id == member_of(shop, "bob")
    shop.tell(bobs(updated_at="2026-03-05T09:00:00Z"))  # later states need not repeat the code
    assert only(shop).due_at == datetime(2026, 3, 19, 23, tzinfo=UTC)  # it counts since it was paid
    tick_at(shop, LATER)
    assert (given(shop, "referral"), given(shop, "referred_friend")) == ([500], [200])
    assert agrees(shop)


def test_an_unknown_code_is_told_and_links_nobody(tessera: Tessera) -> None:
    shop = club(tessera)
    shop.tell(bobs(referral_code="BBBBB-BBBBB"), bobs(id="2002", referral_code="from a friend"))
    assert all_of(shop) == []
    assert [shop.order(name).flags for name in ("2001", "2002")] == [["unknown_referral_code"]] * 2
    assert agrees(shop)


def test_without_referrals_in_the_programme_a_code_does_nothing(tessera: Tessera) -> None:
    shop = tessera.shop(programme())
    shop.tell(order(), bobs(referral_code="BBBBB-BBBBB"))
    assert all_of(shop) == []
    with pytest.raises(Invalid):
        tell(shop)


def test_an_order_taken_back_before_it_survived_awards_nobody(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    shop.tell(bobs(), bobs(updated_at="2026-03-10T10:00:00Z", cancelled_at="2026-03-10T10:00:00Z"))
    assert (only(shop).state, only(shop).order_id) == ("open", None)
    tick_at(shop, LATER)
    assert given(shop, "referral") == []
    tick_at(shop, MUCH_LATER)
    assert (only(shop).state, only(shop).reasons) == ("expired", ["no_order"])
    assert agrees(shop)


def test_another_order_within_the_window_is_the_first_one_then(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    shop.tell(bobs(), bobs(id="2002", placed_at="2026-03-04T10:00:00Z", updated_at="2026-03-04T10:00:00Z"))
    assert only(shop).order_id == "2001"
    shop.tell(bobs(updated_at="2026-03-10T10:00:00Z", cancelled_at="2026-03-10T10:00:00Z"))
    assert only(shop).order_id == "2002"
    tick_at(shop, datetime(2026, 3, 25, tzinfo=UTC))
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500])
    assert agrees(shop)


def test_an_order_after_the_window_comes_too_late(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    # 30 days after the 1st of March end at Paris' midnight (22:00 in UTC by then) after the 31st
    late = {"placed_at": "2026-03-31T22:00:00Z", "updated_at": "2026-03-31T22:00:00Z"}
    shop.tell(bobs(**late))
    assert (only(shop).state, only(shop).order_id) == ("open", None)
    in_time = {"placed_at": "2026-03-31T21:59:59Z", "updated_at": "2026-04-02T10:00:00Z"}
    shop.tell(bobs(id="2000", **in_time))
    assert (only(shop).state, only(shop).order_id) == ("waiting", "2000")
    assert agrees(shop)


def test_a_late_delivery_still_counts_after_the_window_has_been_closed(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    tick_at(shop, MUCH_LATER)
    assert only(shop).state == "expired"
    shop.tell(bobs())
    assert only(shop).state == "waiting"
    tick_at(shop, MUCH_LATER)
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500])
    assert agrees(shop)


def test_an_award_is_taken_back_when_nothing_of_the_order_is_kept(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    shop.tell(bobs())
    tick_at(shop, LATER)
    half = bobs(updated_at="2026-04-01T10:00:00Z", refunds=[refund()])
    shop.tell(half)
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500])
    shop.tell(bobs(updated_at="2026-04-02T10:00:00Z", refunds=[refund(quantity=2)], financial_status="refunded"))
    assert (only(shop).state, given(shop, "referral")) == ("open", [500, -500])
    shop.tell({**half, "updated_at": "2026-04-03T10:00:00Z"})
    assert only(shop).state == "waiting"
    tick_at(shop, MUCH_LATER)
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500, -500, 500])
    assert given(shop, "referred_friend") == [200]
    assert agrees(shop)


@pytest.mark.parametrize(("least", "state"), [("19.99", "rewarded"), ("20.00", "expired")])
def test_the_least_basis_is_tested_on_what_is_kept_when_the_order_has_survived(
    tessera: Tessera, least: str, state: str
) -> None:
    shop = club(tessera, min_basis=least)
    tell(shop)
    shop.tell(bobs(), bobs(updated_at="2026-03-05T10:00:00Z", refunds=[refund()]))
    assert only(shop).state == "waiting"
    tick_at(shop, LATER)
    assert only(shop).state == state
    assert given(shop, "referral") == ([500] if state == "rewarded" else [])
    shop.tell(bobs(id="2002", placed_at="2026-03-06T10:00:00Z", updated_at="2026-03-06T10:00:00Z"))
    tick_at(shop, MUCH_LATER)
    assert only(shop).state == state  # a larger order later is not the first one
    assert agrees(shop)


def test_without_a_pending_period_the_next_tick_awards(tessera: Tessera) -> None:
    shop = club(tessera, pending_days=0)
    tell(shop)
    shop.tell(bobs())
    tick_at(shop, datetime(2026, 3, 2, 10, 0, 5, tzinfo=UTC))
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500])
    assert agrees(shop)


def test_an_order_told_before_its_link_counts(tessera: Tessera) -> None:
    shop = club(tessera)
    shop.tell(bobs())
    tessera.set_clock(datetime(2026, 3, 3, tzinfo=UTC))
    row, _ = tell(shop, at=datetime(2026, 3, 1, 18, tzinfo=UTC))
    assert (row.state, row.order_id, row.due_at) == ("waiting", "2001", SURVIVED)
    assert agrees(shop)


def test_the_first_link_stays_until_it_expires(tessera: Tessera) -> None:
    shop = club(tessera)
    shop.tell(order(id="3001", customer={"id": "carol", "email": "carol@example.com"}))
    first, _ = tell(shop)
    second, new = tell(shop, "carol")
    assert (new, second.referrer_id) == (False, first.referrer_id)
    tick_at(shop, MUCH_LATER)
    third, new = tell(shop, "carol")
    assert (new, third.referrer_id) == (True, member_of(shop, "carol"))
    assert given(shop, "referred_friend") == [200]  # welcomed once
    assert agrees(shop)


def test_rewards_are_noted_for_both_sides_once(tessera: Tessera) -> None:
    shop = club(tessera, referrer_reward="five", friend_reward="five")
    row, _ = tell(shop)
    assert row.gifts == [{"to": "friend", "reward": "five"}]
    shop.tell(bobs())
    tick_at(shop, LATER)
    tick_at(shop, MUCH_LATER)
    assert only(shop).gifts == [{"to": "friend", "reward": "five"}, {"to": "referrer", "reward": "five"}]
    with reading(tessera.engine) as connection:
        rows = connection.execute(select(redemptions).where(redemptions.c.shop_id == shop.id)).all()
    assert {(row.member_id, row.reward, row.points, row.given) for row in rows} == {
        (member_of(shop, "bob"), "five", 0, True),
        (member_of(shop, "ada"), "five", 0, True),
    }
    assert len(rows) == 2
    assert agrees(shop)


def test_the_terms_of_the_link_stay(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    shop.publish({**programme(), "referrals": {**TERMS, "referrer_points": 1, "pending_days": 0}})
    shop.tell(bobs())
    tick_at(shop, LATER)
    assert given(shop, "referral") == [500]
    assert agrees(shop)


# --- who the friend is ------------------------------------------------------------------------------------------------


def test_a_friend_known_by_e_mail_alone_is_who_orders_with_it(tessera: Tessera) -> None:
    shop = club(tessera)
    row, _ = tell(shop, email="Bob@Example.com")
    assert row.state == "open"
    shop.tell(bobs())  # an e-mail the shop has not verified: the order is of a member of its own
    assert only(shop).friend_id == member_of(shop, "bob") != row.friend_id
    tick_at(shop, LATER)
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500])
    again, new = tell(shop, email="bob@example.com")
    assert (new, again.id) == (False, row.id)
    assert agrees(shop)


def test_a_claim_takes_the_link_along(tessera: Tessera) -> None:
    shop = club(tessera)
    row, _ = tell(shop, email="bob@example.com")
    shop.tell(bobs(customer={"id": "bob", "email": "bob@example.com", "email_verified": True}))
    assert (only(shop).state, only(shop).friend_id) == ("waiting", member_of(shop, "bob"))
    assert only(shop).friend_id == row.friend_id  # the unclaimed member was claimed
    assert agrees(shop)


def test_a_merge_takes_links_along_on_both_sides(tessera: Tessera) -> None:
    shop = club(tessera)
    shop.tell(order(id="3001", customer={"id": "carol", "email": "carol@example.com"}))
    tell(shop)
    shop.tell(order(id="3002", customer={"id": "dora", "email": "d@example.com"}, financial_status="pending"))
    merge(shop, member_of(shop, "bob"), member_of(shop, "dora"))
    merge(shop, member_of(shop, "ada"), carol := member_of(shop, "carol"))
    shop.tell(bobs())
    assert (only(shop).state, only(shop).referrer_id) == ("waiting", carol)
    tick_at(shop, LATER)
    assert [entry.member_id for entry in shop.entries() if entry.source_id.startswith("referral:")] == [carol]
    assert agrees(shop)


# --- held for review --------------------------------------------------------------------------------------------------


def _self(shop: Shop) -> None:
    tell(shop, platform_id="ada")


def _same_device(shop: Shop) -> None:
    show(shop, "ada", device="d1", address="here")
    tell(shop, fingerprints={"device": "d1", "address": "there"})


def _same_address(shop: Shop) -> None:
    show(shop, "ada", address="1 Main Street")
    tell(shop, fingerprints={"address": "1 Main Street"})


def _same_payment(shop: Shop) -> None:
    show(shop, "ada", payment="card 1")
    tell(shop, fingerprints={"payment": "card 1"})


def _similar(shop: Shop) -> None:
    shop.tell(order(id="1002", customer={"id": "fay", "email": "fay.day@gmail.com"}))
    tell(shop, "fay", email="f.a.y.day+friend@googlemail.com")


def _disposable(shop: Shop) -> None:
    tell(shop, email="bob@mailinator.com")


def _bought_before(shop: Shop) -> None:
    shop.tell(bobs(id="1900", placed_at="2026-02-20T10:00:00Z", updated_at="2026-02-20T10:00:00Z"))
    tell(shop)


def _ring(shop: Shop) -> None:
    tell(shop)  # ada brought bob
    shop.tell(order(id="1003", customer={"id": "carol", "email": "carol@example.com"}, financial_status="pending"))
    tell(shop, "bob", platform_id="carol")
    tell(shop, "carol", platform_id="ada", at=datetime(2026, 2, 1, tzinfo=UTC))


def _crowd(shop: Shop) -> None:
    for number in range(11):
        tell(shop, platform_id=f"friend-{number}", network="203.0.113.0/24")


SIGNS = {
    "same_identity": _self,
    "same_device": _same_device,
    "same_address": _same_address,
    "same_payment": _same_payment,
    "similar_email": _similar,
    "disposable_email": _disposable,
    "not_first_order": _bought_before,
    "ring": _ring,
    "network": _crowd,
}
SWITCHES = {
    "same_device": "same_fingerprint",
    "same_address": "same_fingerprint",
    "same_payment": "same_fingerprint",
    "ring": "rings",
}


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_holds_a_referral_for_review(tessera: Tessera, sign: str) -> None:
    shop = club(tessera)
    SIGNS[sign](shop)
    held = [row for row in all_of(shop) if row.state == "review"]
    assert [sign in row.reasons for row in held] == [True]
    assert f"referred_friend:{held[0].id}" not in {entry.key for entry in shop.entries()}
    assert agrees(shop)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_that_the_programme_does_not_heed_holds_nobody(tessera: Tessera, sign: str) -> None:
    name = SWITCHES.get(sign, sign)
    checks: dict[str, Any] = {"per_network": None} if sign == "network" else {name: False}
    shop = club(tessera, checks={**checks, **({"not_first_order": False} if sign == "same_identity" else {})})
    SIGNS[sign](shop)
    assert [row for row in all_of(shop) if sign in row.reasons] == []


def test_a_family_on_one_network_is_not_held(tessera: Tessera) -> None:
    shop = club(tessera)
    for number in range(10):
        assert tell(shop, platform_id=f"friend-{number}", network="home")[0].state == "open"
    tessera.set_clock(datetime(2026, 3, 9, tzinfo=UTC))  # a week later the count begins anew
    assert tell(shop, platform_id="friend-10", network="home")[0].state == "open"


def test_dots_count_but_where_the_mailbox_ignores_them_and_tags_never_do(tessera: Tessera) -> None:
    shop = club(tessera)
    assert tell(shop, email="a.d.a@example.com")[0].state == "open"  # dots count there
    assert tell(shop, email="ada+1@example.com")[0].reasons == ["similar_email"]


def test_signs_that_come_up_later_hold_the_award(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    shop.tell(bobs())
    show(shop, "ada", device="d1")
    show(shop, "bob", device="d1")
    tick_at(shop, LATER)
    assert (only(shop).state, only(shop).reasons, given(shop, "referral")) == ("review", ["same_device"], [])
    assert agrees(shop)


def test_what_is_approved_is_awarded_once_its_order_has_survived(tessera: Tessera) -> None:
    shop = club(tessera)
    _same_device(shop)
    shop.tell(bobs())
    assert only(shop).state == "review"
    assert say(shop, "approve").state == "waiting"
    assert given(shop, "referred_friend") == [200]
    assert say(shop, "approve").state == "waiting"
    tick_at(shop, LATER)
    assert (only(shop).state, given(shop, "referral")) == ("rewarded", [500])
    assert agrees(shop)


def test_what_is_approved_late_is_awarded_at_once(tessera: Tessera) -> None:
    shop = club(tessera)
    _same_device(shop)
    shop.tell(bobs())
    tick_at(shop, LATER)
    row = say(shop, "approve")
    assert (row.state, row.rewarded_at, given(shop, "referral")) == ("rewarded", LATER, [500])
    assert agrees(shop)


def test_what_is_rejected_gives_nothing_and_takes_back_what_was_given(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    shop.tell(bobs())
    tick_at(shop, LATER)
    assert say(shop, "reject").state == "rejected"
    assert (given(shop, "referral"), given(shop, "referred_friend")) == ([500, -500], [200, -200])
    shop.tell(bobs(updated_at="2026-03-21T10:00:00Z"))
    assert (only(shop).state, say(shop, "reject").state) == ("rejected", "rejected")
    assert say(shop, "approve").state == "rewarded"  # the merchant may think again
    assert (sum(given(shop, "referral")), sum(given(shop, "referred_friend"))) == (500, 200)
    assert agrees(shop)


def test_only_what_is_held_can_be_approved(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    with pytest.raises(Conflict):
        say(shop, "approve")


def test_who_turns_out_to_be_the_referrer_loses_the_award(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    shop.tell(bobs())
    tick_at(shop, LATER)
    merge(shop, member_of(shop, "bob"), member_of(shop, "ada"))
    assert only(shop).state == "review"
    assert "same_identity" in only(shop).reasons
    assert sum(given(shop, "referral")) == 0
    say(shop, "approve")
    assert sum(given(shop, "referral")) == 500
    assert agrees(shop)


def test_a_friend_brought_twice_counts_for_the_first(tessera: Tessera) -> None:
    shop = club(tessera)
    shop.tell(order(id="3001", customer={"id": "carol", "email": "carol@example.com"}))
    first, _ = tell(shop)
    second, _ = tell(shop, "carol", email="bob@work.example")
    tessera.set_clock(datetime(2026, 3, 2, tzinfo=UTC))
    merge(shop, second.friend_id, first.friend_id)
    states = {row.id: (row.state, row.reasons) for row in all_of(shop)}
    later = max(states, key=lambda name: name != min(first.id, second.id))
    assert sorted(state for state, _ in states.values()) == ["open", "review"]
    assert states[later] == ("review", ["another_link"])
    assert agrees(shop)


def test_beyond_the_limit_of_a_month_awards_wait_for_review(tessera: Tessera) -> None:
    shop = club(tessera, max_per_month=2)
    for number in range(3):
        tell(shop, platform_id=f"friend-{number}")
        shop.tell(bobs(id=f"200{number}", customer={"id": f"friend-{number}"}))
    tick_at(shop, LATER)
    assert sorted((row.state, tuple(row.reasons)) for row in all_of(shop)) == [
        ("review", ("max_per_month",)),
        ("rewarded", ()),
        ("rewarded", ()),
    ]
    assert agrees(shop)


# --- two at once ------------------------------------------------------------------------------------------------------


def test_two_ticks_at_once_award_once(tessera: Tessera) -> None:
    shop = club(tessera)
    for number in range(20):
        tell(shop, platform_id=f"friend-{number}")
        shop.tell(bobs(id=f"20{number:02}", customer={"id": f"friend-{number}"}))
    tessera.set_clock(LATER)
    ticks = [partial(schedules.tick, tessera.engine, tessera.services.clock)] * 3
    assert [one for one in together(ticks) if isinstance(one, Exception)] == []
    assert given(shop, "referral") == [500] * 20
    assert {row.state for row in all_of(shop)} == {"rewarded"}
    assert agrees(shop)


def test_a_late_run_catches_up_in_batches(tessera: Tessera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "BATCH", 3)
    shop = club(tessera)
    for number in range(7):
        tell(shop, platform_id=f"friend-{number}")
        shop.tell(bobs(id=f"200{number}", customer={"id": f"friend-{number}"}))
    tick_at(shop, MUCH_LATER)
    assert given(shop, "referral") == [500] * 7
    assert {entry.at for entry in shop.entries() if entry.source_id.startswith("referral:")} == {SURVIVED}
    assert agrees(shop)


def test_one_friend_told_by_two_at_once_is_one_link(tessera: Tessera) -> None:
    shop = club(tessera)
    code_of(shop)
    answers = together([partial(tell, shop)] * 4)
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert sorted(new for _, new in answers) == [False, False, False, True]
    assert given(shop, "referred_friend") == [200]
    assert agrees(shop)


def test_a_member_has_one_code_whoever_asks_at_once(tessera: Tessera) -> None:
    shop = club(tessera)
    assert len(set(map(str, together([partial(code_of, shop)] * 4)))) == 1
    assert agrees(shop)


def test_a_rewarded_order_refunded_while_ticking_ends_at_nothing(tessera: Tessera) -> None:
    shop = club(tessera)
    tell(shop)
    shop.tell(bobs())
    tessera.set_clock(LATER)
    shop.deliver(bobs(updated_at="2026-03-19T10:00:00Z", cancelled_at="2026-03-19T10:00:00Z"))
    together([shop.drain, partial(schedules.tick, tessera.engine, tessera.services.clock)])
    assert sum(given(shop, "referral")) == 0
    assert agrees(shop)


def test_who_turns_out_to_be_one_person_is_welcomed_once(tessera: Tessera) -> None:
    shop = club(tessera, friend_reward="five")
    for name in ("bob", "rob", "robert"):
        tell(shop, platform_id=name)
    for name in ("rob", "robert"):
        merge(shop, member_of(shop, name), member_of(shop, "bob"))
    assert sorted(given(shop, "referred_friend")) == [-200, -200, 200, 200, 200]
    with reading(shop.tessera.engine) as connection:
        mine = select(redemptions.c.state).where(redemptions.c.shop_id == shop.id)
        assert sorted(connection.execute(mine).scalars()) == ["issued", "voided", "voided"]
    assert audit(tessera.engine, shop.id) == []


def test_a_welcome_of_a_rejected_link_does_not_stand_before_another(tessera: Tessera) -> None:
    shop = club(tessera)
    first, _ = tell(shop, platform_id="bob")
    say(shop, "reject", first)
    tell(shop, platform_id="rob")
    merge(shop, member_of(shop, "rob"), member_of(shop, "bob"))
    assert sum(given(shop, "referred_friend")) == 200
    assert audit(tessera.engine, shop.id) == []
