"""The pages of the demo shop: what a shopper, a stranger and the desk can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from connectors.sandbox.shop import Shop
from tests.sandbox.builders import NOWHERE, Browser, Ear, open_shop


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def shop(tmp_path: Path, ear: Ear) -> Iterator[Shop]:
    with open_shop(tmp_path, ear) as shop:
        yield shop


@pytest.fixture
def browser(shop: Shop) -> Browser:
    return Browser(shop)


def test_a_guest_buys_a_cup(browser: Browser, ear: Ear) -> None:
    number = browser.buy("morning-cup-sea", "morning-cup-sea")
    ear.wait(ear.documents)
    (told,) = ear.documents()
    assert told["id"] == str(number)
    assert told["customer"] == {"id": None, "email": "ada@example.com", "email_verified": False}
    assert (told["financial_status"], told["lines"][0]["quantity"], told["paid_amount"]) == ("paid", 2, "52.90")
    assert "Thank you, Ada." in browser.get(f"/orders/{number}").text


def test_who_makes_an_account_is_told_as_a_customer(browser: Browser, ear: Ear) -> None:
    browser.buy("olive-dish-salt", account="1")
    ear.wait(ear.documents)
    assert ear.documents("customer")[-1]["email"] == "ada@example.com"
    assert ear.documents()[0]["customer"]["id"] == ear.documents("customer")[-1]["id"] == "c4"


def test_a_transfer_earns_when_the_desk_has_the_money(browser: Browser, ear: Ear) -> None:
    number = browser.buy("olive-dish-salt", payment="transfer")
    browser.desk(number, "pay")
    ear.wait(lambda: len(ear.documents()) == 2)
    assert [(told["financial_status"], told["paid_amount"]) for told in ear.documents()] == [
        ("pending", "0.00"),
        ("paid", "20.90"),
    ]


def test_the_desk_takes_back_cancels_and_reopens(browser: Browser, ear: Ear) -> None:
    number = browser.buy("harbour-mug-rose", "harbour-mug-rose")
    browser.desk(number, "refund-unit", line=f"{number}-1")
    browser.desk(number, "refund-money", amount="1,50")
    browser.desk(number, "cancel")
    browser.desk(number, "reopen")
    browser.desk(number, "edit", line=f"{number}-1", quantity="3")
    browser.desk(number, "refund_all")
    ear.wait(lambda: len(ear.documents()) == 7)
    told = ear.documents()
    assert [len(one["refunds"]) for one in told] == [0, 1, 2, 2, 2, 2, 3]
    assert [bool(one["cancelled_at"]) for one in told] == [False, False, False, True, False, False, False]
    assert [one["lines"][0]["quantity"] for one in told][-2:] == [3, 3]
    assert told[-1]["financial_status"] == "refunded"
    assert sorted(one["updated_at"] for one in told) == [one["updated_at"] for one in told]


def test_what_cannot_be_done_changes_nothing_and_says_why(browser: Browser, ear: Ear) -> None:
    number = browser.buy("olive-dish-salt", payment="transfer")
    browser.desk(number, "refund-money", amount="much")
    browser.desk(number, "refund-unit", line=f"{number}-1")
    assert "nothing left to give back" in browser.get(f"/back-office/orders/{number}").text
    ear.wait(ear.documents)
    assert len(ear.documents()) == 1


def test_a_form_that_is_not_ours_is_refused(browser: Browser) -> None:
    assert browser.client.post("/demo/cart/add", data={"variant": "morning-cup-sea"}).status_code == 400
    browser.get("/login")
    foreign = {"variant": "morning-cup-sea", "form_token": "guessed"}
    assert browser.client.post("/demo/cart/add", data=foreign).status_code == 400


def test_the_cookie_is_for_this_shop_only(browser: Browser) -> None:
    cookie = browser.get("/login").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/demo"} <= {part.strip() for part in cookie.split(";")}


def test_a_stranger_does_not_see_the_order(browser: Browser, shop: Shop) -> None:
    number = browser.buy("olive-dish-salt")
    assert browser.get(f"/orders/{number}").status_code == 200
    assert Browser(shop).get(f"/orders/{number}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/products/none", "/pictures/none.svg", "/orders/9", "/back-office/orders/9", "/nothing"]
)
def test_what_is_not_there_is_404(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_a_wrong_form_comes_back_with_what_was_entered(browser: Browser) -> None:
    browser.post("/cart/add", variant="olive-dish-salt", quantity="1")
    answer = browser.post("/checkout", page="/checkout", name='<b>"Ada', email="nowhere")
    assert answer.status_code == 422
    assert "We need an e-mail address" in answer.text
    assert "&lt;b&gt;&#34;Ada" in answer.text


def test_the_cart_says_to_the_widget_what_the_order_will_say(browser: Browser) -> None:
    browser.post("/cart/add", variant="harbour-mug-olive", quantity="2")
    browser.post("/cart/code", code="kalimera")
    page = browser.get("/cart").text
    assert '"discount": "3.99"' in page
    assert '"unit_price": "19.99"' in page


def test_the_shop_sells_on_where_tessera_is_down(browser: Browser) -> None:
    browser.post("/login", customer="c1")
    number = browser.buy("olive-dish-salt")
    assert "Points cannot be shown right now" in browser.get(f"/orders/{number}").text
    assert browser.get("/account").status_code == 200


@responses.activate
def test_the_account_shows_the_balance_of_who_is_logged_in_and_why(browser: Browser) -> None:
    responses.get(f"{NOWHERE}/api/v1/members", json={"data": [{"id": "m1"}], "next": None})
    responses.post(f"{NOWHERE}/api/v1/members/m1/shopper-token", json={"token": "tok", "expires_at": ""})
    entry = {"at": "2026-03-01T10:00:00Z", "kind": "order", "points": -200, "sentence": "One <cup> came back"}
    responses.get(f"{NOWHERE}/shopper/v1/entries", json={"data": [entry]})
    browser.post("/login", customer="c1")
    page = browser.get("/account").text
    assert "<tessera-balance poll" in page
    assert "tok" not in page.replace("token", "")  # no page carries one: the widgets ask for it
    assert "One &lt;cup&gt; came back" in page
    assert "−200" in page


@responses.activate
def test_a_member_is_made_where_the_webhook_is_still_on_its_way(browser: Browser) -> None:
    responses.get(f"{NOWHERE}/api/v1/members", json={"data": [], "next": None})
    responses.post(f"{NOWHERE}/api/v1/members", json={"id": "m2"}, status=201)
    responses.post(f"{NOWHERE}/api/v1/members/m2/shopper-token", json={"token": "tok", "expires_at": "soon"})
    browser.post("/login", customer="c1")
    session = browser.get("/session")
    assert session.get_json() == {"token": "tok", "expires_at": "soon"}
    assert session.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in session.headers
    made = next(call.request for call in responses.calls if call.request.url == f"{NOWHERE}/api/v1/members")
    assert b'"email_verified": true' in made.body


@responses.activate
def test_widgets_learn_nothing_of_somebody_who_has_logged_out_or_while_tessera_is_down(browser: Browser) -> None:
    assert browser.get("/session").status_code == 401
    responses.get(f"{NOWHERE}/api/v1/members", status=503)
    browser.post("/login", customer="c1")
    assert browser.get("/session").status_code == 401
    assert "data-session" in browser.get("/").text
    browser.post("/logout", page="/account")
    assert "data-session" not in browser.get("/").text
    assert browser.get("/session").status_code == 401


def test_an_order_says_whose_link_brought_its_shopper(browser: Browser, ear: Ear) -> None:
    assert "<tessera-referral" not in browser.get("/").text
    assert "<tessera-referral" in browser.get("/?ref=KXW3N-T7PQ9").text
    assert browser.post("/cart/friend", page="/", code="KXW3N-T7PQ9").status_code == 204
    browser.buy("morning-cup-sea")
    ear.wait(ear.documents)
    assert ear.documents()[0]["referral_code"] == "KXW3N-T7PQ9"


def test_an_order_says_the_arm_its_shopper_was_in(browser: Browser, ear: Ear) -> None:
    assert browser.post("/cart/arm", page="/", arm="spring:points").status_code == 204
    assert 'data-arm="spring:points"' in browser.get("/").text
    browser.buy("morning-cup-sea")
    ear.wait(ear.documents)
    assert ear.documents()[0]["experiment_arm"] == "spring:points"


def test_pages_allow_no_foreign_script_and_are_not_kept(browser: Browser) -> None:
    headers = browser.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
