"""Membership that is bought opens a tier for its term; merges keep the higher tier; both replay."""

from __future__ import annotations

from typing import Any

from tests.app.tiers import LADDER, YEAR, Club, open_club
from tests.build import Tessera, line, order, refund

CARD = {"key": "card", "product": "card", "tier": "platinum", "months": 12}
SHOES = line(quantity=1, unit_price="10.00")


def card(**changes: Any) -> dict[str, Any]:
    return line(id="l2", product_id="card", quantity=1, unit_price="25.00", **changes)


def card_club(tessera: Tessera, **changes: Any) -> Club:
    return open_club(tessera, **{"memberships": [CARD], **changes})


def test_a_bought_membership_opens_its_tier_for_its_term(tessera: Tessera) -> None:
    club = card_club(tessera)
    club.buy("1", "2026-03-01", lines=[SHOES, card()])
    assert (club.now().key, club.now().source) == ("platinum", "membership")
    assert club.shop.order("1").target == 350  # at the old tier
    club.buy("2", "2026-06-01", "10.00")
    assert club.shop.order("2").target == 300
    club.tick("2027-03-03")
    assert club.history() == [
        ("platinum", "2026-03-01", "2027-03-01", "membership"),
        ("entry", "2027-03-01", None, "measure"),
    ]
    club.proved()


def test_a_renewal_and_a_second_unit_add_their_terms(tessera: Tessera) -> None:
    club = card_club(tessera)
    club.buy("1", "2026-03-01", lines=[card()])
    club.buy("2", "2027-02-20", lines=[card() | {"quantity": 2}])
    assert club.history()[-1] == ("platinum", "2027-02-20", "2029-03-01", "membership")
    club.proved()


def test_a_refund_of_the_membership_ends_it_and_one_of_something_else_does_not(tessera: Tessera) -> None:
    club = card_club(tessera)
    club.buy("1", "2026-03-01", lines=[SHOES, card()])
    club.tell("1", "2026-03-01", at="2026-03-02", lines=[SHOES, card()], refunds=[refund()])
    assert club.now().key == "platinum"
    both = [refund(), {"id": "r2", "at": "2026-03-03T10:00:00Z", "lines": [{"line_id": "l2", "quantity": 1}]}]
    club.tell("1", "2026-03-01", at="2026-03-03", lines=[SHOES, card()], refunds=both)
    assert club.now().key == "entry"
    club.proved()


def test_a_cancelled_order_and_one_that_is_not_paid_open_nothing(tessera: Tessera) -> None:
    club = card_club(tessera)
    club.buy("1", "2026-03-01", lines=[card()], financial_status="pending")
    assert club.now().key == "entry"
    club.tell("1", "2026-03-01", at="2026-03-02", lines=[card()])
    assert club.now().key == "platinum"
    club.tell("1", "2026-03-01", at="2026-03-03", lines=[card()], cancelled_at="2026-03-03T10:00:00Z")
    assert club.now().key == "entry"
    club.proved()


def test_a_membership_whose_product_earns_nothing_counts_all_the_same(tessera: Tessera) -> None:
    club = card_club(tessera)
    club.shop.publish(club_document(products=[{"key": "card", "match": {"product": "card"}, "exclude": True}]))
    club.buy("1", "2026-03-02", lines=[card()])
    assert (club.shop.order("1").target, club.now().key) == (0, "platinum")
    club.proved()


def club_document(**earning: Any) -> dict[str, Any]:
    from tests.app.tiers import document

    whole = document(memberships=[CARD])
    return whole | {"earning": {**whole["earning"], **earning}}


def test_a_membership_counts_while_it_is_higher_than_the_measure(tessera: Tessera) -> None:
    club = card_club(tessera, memberships=[{**CARD, "tier": "gold"}])
    club.buy("1", "2026-03-01", lines=[card()])
    club.buy("2", "2026-05-01", "1000.00")
    assert (club.now().key, club.now().source) == ("platinum", "measure")
    club.tell("2", "2026-05-01", "1000.00", at="2026-05-02", refunds=[refund()])
    assert (club.now().key, club.now().source) == ("gold", "membership")
    club.proved()


def test_a_variant_is_more_than_its_product_and_days_end_with_the_last(tessera: Tessera) -> None:
    days = {"key": "week", "product": "v7", "tier": "gold", "months": None, "days": 7}
    club = card_club(tessera, memberships=[CARD, days])
    club.buy("1", "2026-03-01", lines=[card(variant_id="v7")])
    assert club.history() == [("gold", "2026-03-01", "2026-03-08", "membership")]
    club.proved()


def test_a_tier_only_a_membership_opens(tessera: Tessera) -> None:
    ladder = [LADDER[0], {"key": "insiders", "enter": None, "multiplier": "2"}]
    club = card_club(tessera, tiers=ladder, memberships=[{**CARD, "tier": "insiders"}])
    club.buy("1", "2026-03-01", "9999.00")
    assert (club.now().key, club.now().projection.next) == ("entry", None)
    club.buy("2", "2026-03-02", lines=[card()])
    assert club.now().key == "insiders"
    club.proved()


# --- merges -----------------------------------------------------------------------------------------------------------

KNOWN = {"id": "ada", "updated_at": "2026-03-05T00:00:00Z", "email": "ada@example.com", "email_verified": True}
GUEST = {"id": None, "email": "ada@example.com"}
ADA = {"id": "ada"}


def test_after_a_merge_what_both_have_bought_counts_together(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01", "300.00", customer=ADA)
    club.buy("2", "2026-03-02", "300.00", customer=GUEST)
    club.sleep_until("2026-03-05")
    club.shop.tell(KNOWN, topic="customer")
    assert club.now().key == "gold"
    club.buy("3", "2026-03-06", "10.00", customer=ADA)
    assert club.shop.order("3").target == 200
    club.proved()


def test_after_a_merge_the_higher_tier_stays(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01", "10.00", customer=ADA)
    club.buy("2", "2026-03-02", "1000.00", customer=GUEST)
    club.sleep_until("2026-03-05")
    club.shop.tell(KNOWN, topic="customer")
    assert club.now().key == "platinum"
    club.tell("2", "2026-03-02", "1000.00", at="2026-03-06", customer=GUEST, refunds=[refund()])
    assert club.now().key == "entry"
    club.proved()


def test_a_merge_through_the_api_joins_tiers_too(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01", "300.00", customer=ADA)
    club.buy("2", "2026-03-02", "300.00", customer=GUEST)
    body = {"platform_id": "ada", "email": "ada@example.com", "email_verified": True}
    headers = {"Authorization": f"Bearer {club.shop.keys.api_key}"}
    answer = tessera.client().post("/api/v1/members", json=body, headers=headers)
    assert (answer.status_code, answer.json["tier"]["key"]) == (200, "gold")
    club.proved()


def test_a_tier_set_by_hand_outlives_the_account_it_was_set_for(tessera: Tessera) -> None:
    club = open_club(tessera)
    club.buy("1", "2026-03-01", "10.00", customer=GUEST)
    club.by_hand("platinum")
    club.buy("2", "2026-03-02", "10.00", customer=ADA)
    club.sleep_until("2026-03-05")
    club.shop.tell(KNOWN, topic="customer")
    assert (club.now().key, club.now().source) == ("platinum", "manual")
    club.proved()


def test_a_term_that_joining_would_cut_short_runs_to_its_end(tessera: Tessera) -> None:
    """Together they reached gold earlier, and would lose it earlier: half of it lies before the term they share."""
    club = open_club(tessera, tier_measure={**YEAR, "window": "rolling_12_months"})
    club.buy("1", "2026-01-10", "250.00", customer=ADA)
    club.buy("2", "2026-01-20", "250.00", customer=GUEST)
    club.buy("3", "2026-11-01", "250.00", customer=ADA)
    assert club.history() == [("gold", "2026-11-01", "2027-11-01", "measure")]
    club.tick("2026-12-01")
    club.shop.tell({**KNOWN, "updated_at": "2026-12-01T00:00:00Z"}, topic="customer")
    club.tick("2027-03-01")
    assert (club.now().key, club.now().source) == ("gold", "merge")
    club.tick("2027-11-03")
    assert club.now().key == "entry"
    club.proved()


def test_of_two_accounts_with_the_same_tier_the_longer_term_stays(tessera: Tessera) -> None:
    club = card_club(tessera)
    club.buy("1", "2026-03-01", lines=[card()], customer=ADA)
    club.buy("2", "2026-03-03", lines=[card()], customer=GUEST)
    club.sleep_until("2026-03-05")
    club.shop.tell(KNOWN, topic="customer")
    assert club.now().keeps_until.date().isoformat() == "2028-03-01"  # the later term follows the earlier
    club.proved()


def test_what_is_told_of_another_shop_moves_nobody(tessera: Tessera) -> None:
    club, other = open_club(tessera), open_club(tessera)
    club.buy("1", "2026-03-01")
    other.shop.tell(order())
    assert (club.now().key, other.now().key) == ("gold", "entry")
