"""The smaller elements on a shop's page, in a real browser: the shop and the server are two origins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser import run
from tests.servers import Chromium

HERE = Path(__file__).parent
DIST = HERE.parents[1] / "widgets" / "dist"


@pytest.fixture(scope="module")
def seen(chromium: Chromium) -> Any:
    return run(str(HERE / "family.mjs"), chromium, dist=str(DIST))


def test_a_bar_announces_with_the_balance_beside_it(seen: Any) -> None:
    bar = seen["bar"]
    assert bar["wide"] == ["Double points", "380 points", "×"]
    assert (bar["name"], bar["moved"]) == ("Close", 0)


def test_an_announcement_that_was_closed_stays_closed_and_another_is_shown(seen: Any) -> None:
    bar = seen["bar"]
    assert (bar["closed"], bar["again"]) == ([], [])
    assert bar["focused"] == "tessera-bar"
    assert bar["other"][0] == "Triple points"
    assert bar["kept"] == [["tessera-bar", "1500593995"]]  # the number that a shop's server gives it, too


def test_a_bar_that_the_server_has_drawn_looks_the_same_and_is_left_as_it_is(seen: Any) -> None:
    ours, drawn = seen["bar"]["drawn"]
    assert drawn == ours
    assert (drawn["inside"][1]["text"], drawn["background"]) == ("380 points", "rgb(176, 74, 35)")
    assert seen["bar"]["drawn_moved"] == 0


def test_a_text_of_the_shops_own_asks_nothing(seen: Any) -> None:
    assert (seen["bar"]["own"], seen["bar"]["asked"]) == (["Our own text", "×"], 0)


def test_a_gate_shows_its_content_to_who_may_see_it_and_says_to_others_for_whom_it_is(seen: Any) -> None:
    gate = seen["gate"]
    assert gate["guest"] == ["For Gold members", "For everyone from May", "Log in"]
    assert gate["member"] == ["For gold eyes"]
    assert gate["asked"] == {"path": "/shopper/v1/gate", "tier": "gold", "product": ""}
    assert gate["down"] == []
    assert gate["moved"] == [0, 0]


def test_a_friends_code_is_told_to_every_page_until_the_tab_is_closed(seen: Any) -> None:
    told, [heard, kept, elsewhere] = seen["referral"]["told"], seen["referral"]["kept"]
    assert told["text"] == ["A gift from your friend: 200 points", "Shop"]
    assert (told["path"], told["heard"], told["moved"]) == ("/widget/v1/s1/referral/kxw3nt7pq9", ["KXW3N-T7PQ9"], 0)
    assert heard == ["KXW3N-T7PQ9"]
    assert kept == [["tessera-referral", "KXW3N-T7PQ9"]]
    assert elsewhere == 0


def test_what_is_no_code_shows_nothing_and_is_not_kept(seen: Any) -> None:
    assert seen["referral"]["unknown"] == [[], "/widget/v1/s1/referral/..%2Fx%22%00", [[], 0]]
    assert seen["referral"]["none"] == 0


def test_an_order_is_waited_for_and_its_points_come_with_their_reason(seen: Any) -> None:
    earned = seen["earned"]
    assert earned["first"] == []
    assert earned["then"] == ["You earned 399 points", "€39.90 × 10 = 399 points"]
    assert (earned["looks"], earned["wait"], earned["moved"], earned["console"]) == (3, "1", 0, [])
    assert earned["guest"] == [["Join"], 0]


def test_a_prompt_says_what_it_brings_and_leads_to_the_shops_own_form(seen: Any) -> None:
    assert seen["ask"]["guest"] == ["How is it?", "+50 points", "Review"]
    assert seen["ask"]["href"] == "/write"
    assert seen["ask"]["done"] == []


def test_a_question_is_asked_in_place_and_nothing_typed_is_lost(seen: Any) -> None:
    ask = seen["ask"]
    assert ask["before"] == ["Unclear?", "+50 points", "Ask a question"]
    assert ask["field"] == ["textarea", "Ask a question"]
    assert ask["failed"] == ["That did not work. Please try again.", "Is it blue?"]
    assert ask["sent"] == {"kind": "question", "subject": "p1", "evidence": {"text": "Is it blue?"}}
    assert ask["after"] == ["You earned 50 points"]


def test_a_page_is_passed_on_by_links_and_told_once(seen: Any) -> None:
    share = seen["share"]
    assert share["before"] == ["Pass it on", "+50 points"]
    assert [link.partition("?")[0] for link in share["links"]] == [
        "https://wa.me/",
        "https://www.facebook.com/sharer/sharer.php",
        "mailto:",
    ]
    assert all("cups%3Fa%3D1%26b%3D2" in link for link in share["links"])
    assert share["focused"] == "WhatsApp"
    assert share["arrived"] == {"false": [], "true": ["Pass it on", "+50 points"]}
    assert share["told"] == [{"kind": "social_share", "subject": "whatsapp"}]
    assert share["after"] == "You earned 50 points"


def test_a_page_is_passed_on_by_the_device_without_our_server(seen: Any) -> None:
    assert seen["share"]["down"] == ["Pass it on"]
    assert seen["share"]["shared"] == {"title": "Cups & more", "url": "http://shop.test/cups?a=1&b=2"}
    assert seen["share"]["nothing"] == []


def test_hearts_of_one_product_beat_together_and_the_list_stays_on_the_device(seen: Any) -> None:
    wish = seen["wish"]
    assert wish["states"] == [["false"] * 2, ["true"] * 2, ["true"] * 2, ["false"] * 2]
    assert wish["name"] == 2
    assert wish["kept"] == [["tessera-wishes", '["p1"]']]
    assert wish["told"] == [{"kind": "wishlist_add", "subject": "p1"}]
    assert wish["heard"] == [{"product": "p1", "variant": "v1", "wished": True, "products": ["p1"]}]
    assert wish["guest"] == 0


def test_a_members_survey_is_told_once_with_its_answers(seen: Any) -> None:
    survey = seen["survey"]
    answers = {"next": "a jug", "q_currency": "none", "both": "1, 2"}
    assert survey["sent"] == [{"kind": "survey", "subject": "spring", "evidence": answers}]
    assert survey["before"][0] == "+50 points"
    assert (survey["after"], survey["left"]) == (["You earned 50 points"], False)
    assert survey["wrong"] == "That did not work. Please try again."


def test_a_guests_form_goes_where_the_page_sends_it(seen: Any) -> None:
    assert seen["survey"]["guest"] == [["Send"], True, 0]


def test_a_programme_is_told_whole(seen: Any) -> None:
    guest = seen["whole"]["guest"]
    for text in ("10 stars per €1", "500 stars", "The last 12 months count", "Points do not expire", "What?"):
        assert text in guest
    assert seen["whole"]["rows"] == [
        ["From", "–", "400 orders"],
        ["Points", "–", "×2"],
        ["Discount", "–", "5%"],
        ["Free shipping", "–", "✓"],
        ["Early access", "–", "2 days"],
        ["Welcome gift", "–", "€5 off"],
    ]
    assert seen["whole"]["member"][1:] == ["380 points", "120 points to €5 off"]
    assert seen["whole"]["own"] == ["Gold · Your level"]
    assert seen["whole"]["french"][1] == "S’inscrire"


def test_a_hostile_name_is_text(seen: Any) -> None:
    assert seen["whole"]["guest"][0] == '<img src=x onerror="window.hit=1">'
    assert (seen["whole"]["images"], seen["whole"]["hit"]) == (0, 0)


def test_without_our_server_nothing_is_seen_and_nothing_moves(seen: Any) -> None:
    assert seen["gone"] == {"texts": [], "moved": 0, "console": ["[tessera] the server is silent"]}
    assert seen["whole"]["down"] == []
