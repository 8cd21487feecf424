"""The fake Shopify does what its documents, its schema and its changelog say: also where that is inconvenient."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.test import TestResponse

from connectors import CONNECTORS
from connectors.contract import OrderState, OrderTold, ShopSettings
from tests.fakes.shopify import Platform, schema
from tests.fakes.shopify.oauth import EXCHANGE, ID_TOKEN, OFFLINE, App
from tests.fakes.shopify.orders import Refused
from tests.fakes.shopify.state import Node

SECRET = "hush" * 8
SCOPES = frozenset(("read_orders", "read_customers", "read_products", "read_discounts", "write_discounts"))
DISCOUNT = """mutation D($d: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $d) {
  codeDiscountNode { id codeDiscount { ... on DiscountCodeBasic { usageLimit codes(first: 1) { nodes { code } } } } }
  userErrors { field code message } } }"""


@dataclass
class World:
    """A shop with the app installed."""

    now: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)
    got: list[tuple[dict[str, str], Node]] = field(default_factory=list)
    answers: Callable[[], int] = lambda: 200
    token: str = ""

    def __post_init__(self) -> None:
        app = App("key", SECRET, SCOPES, ("https://tessera.example/install/shopify/callback",))
        self.platform = Platform("mugs.myshopify.com", app, self._post, clock=lambda: self.now)
        self.shop, self.orders = self.platform.shop, self.platform.orders
        topics = ("orders/create", "orders/paid", "orders/updated", "refunds/create", "app/uninstalled")
        self.platform.hooks.topics = frozenset(topics)
        self.token = self.exchange(self.platform.install()).json["access_token"]
        self.mug = self.platform.product("Mug", "12.50", cost="4.00")

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        self.got.append((headers, json.loads(body)))
        return self.answers()

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.platform.app.test_client().post(path, base_url=self.shop.url, **more)

    def access_token(self, **given: str) -> TestResponse:
        return self.post("/admin/oauth/access_token", json={"client_id": "key", "client_secret": SECRET, **given})

    def exchange(self, session_token: str, **given: str) -> TestResponse:
        asked = {"grant_type": EXCHANGE, "subject_token": session_token, "subject_token_type": ID_TOKEN}
        return self.access_token(**asked, requested_token_type=OFFLINE, **{"expiring": "1", **given})

    def ask(self, query: str, token: str = "", **variables: Any) -> Node:
        headers = {"X-Shopify-Access-Token": token or self.token}
        path = f"/admin/api/{schema.VERSION}/graphql.json"
        answer = self.post(path, json={"query": query, "variables": variables}, headers=headers)
        return dict(answer.json) | {"status": answer.status_code}

    def discount(self, code: str, **given: Any) -> Node:
        gets = {"value": {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}}, "items": {"all": True}}
        whole = {"title": code, "code": code, "startsAt": "2026-11-01T00:00:00Z", "customerGets": gets, "usageLimit": 1}
        return self.ask(DISCOUNT, d=whole | given)["data"]["discountCodeBasicCreate"]


@pytest.fixture
def world(admin_schema: schema.Admin) -> World:
    return World()


def test_documents_are_held_against_the_real_schema(world: World) -> None:
    assert "Cannot query field 'nosuch'" in world.ask("{ shop { nosuch } }")["errors"][0]["message"]
    wrong = world.ask(DISCOUNT, d={"code": "X", "context": {"all": "ALL", "customers": {"add": []}}})
    assert "exactly one" in wrong["errors"][0]["message"].lower()
    assert world.ask("{ shop { ianaTimezone currencyCode } }")["data"]["shop"] == {
        "ianaTimezone": "Europe/Paris",
        "currencyCode": "EUR",
    }


def test_a_field_needs_its_scope(world: World) -> None:
    card = 'mutation { giftCardCreate(input: {initialAmount: {amount: "5", currencyCode: EUR}}) { giftCard { id } } }'
    refused = world.ask(card)
    assert refused["status"] == 200
    assert {each["extensions"]["code"] for each in refused["errors"]} == {"ACCESS_DENIED"}
    assert not world.shop.gift_cards


def test_a_code_exists_once_and_is_found_by_its_name(world: World) -> None:
    assert world.discount("TES-1")["codeDiscountNode"]["id"]
    (taken,) = world.discount("tes-1")["userErrors"]
    assert taken["code"] == "TAKEN"
    found = world.ask('{ codeDiscountNodeByCode(code: "tes-1") { id } }')["data"]["codeDiscountNodeByCode"]
    assert found["id"] in world.shop.discounts


def test_throttled_comes_as_200_and_a_dear_query_is_refused(world: World) -> None:
    dear = "{ orders(first: 250) { nodes { id lineItems(first: 50) { nodes { id } } } } }"
    assert world.ask(dear)["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"
    world.platform.endpoint.bucket.restores = 0
    answers = [world.ask("{ orders(first: 240) { nodes { id } } }") for _ in range(10)]
    assert {each["status"] for each in answers} == {200}
    last = answers[-1]
    assert last["errors"][0]["extensions"]["code"] == "THROTTLED"
    status = last["extensions"]["cost"]["throttleStatus"]
    assert status["currentlyAvailable"] < last["extensions"]["cost"]["requestedQueryCost"]


def test_tokens_expire_and_are_replaced_as_a_pair(world: World) -> None:
    pair = world.exchange(world.platform.install()).json
    assert (pair["expires_in"], pair["refresh_token_expires_in"]) == (3600, 7776000)
    world.now += timedelta(minutes=61)
    assert world.ask("{ shop { id } }", pair["access_token"])["status"] == 401
    asked = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
    lost, kept = world.access_token(**asked).json, world.access_token(**asked).json  # the first answer was lost
    assert world.ask("{ shop { id } }", kept["access_token"])["status"] == 200
    assert world.access_token(**asked).status_code == 400  # the new pair is in use
    assert world.ask("{ shop { id } }", lost["access_token"])["status"] == 401
    world.now += timedelta(days=91)
    assert world.access_token(**asked | {"refresh_token": kept["refresh_token"]}).status_code == 400


def test_a_session_token_is_exchanged_for_its_own_shop_while_it_lives(world: World) -> None:
    token = world.platform.install()
    assert world.exchange(token, expiring="0").status_code == 400
    assert world.exchange(token + "x").status_code == 400
    other = world.platform.registered.session_token(world.shop, dest="https://other.myshopify.com")
    assert world.exchange(other).status_code == 400
    world.now += timedelta(seconds=61)
    assert world.exchange(token).status_code == 400


def test_the_code_grant_comes_back_signed_and_its_code_is_used_once(world: World) -> None:
    asked = {
        "client_id": "key",
        "scope": "read_orders",
        "state": "nonce",
        "redirect_uri": "https://tessera.example/install/shopify/callback",
    }
    at = {"base_url": world.shop.url, "query_string": asked}
    browser = world.platform.app.test_client()
    assert b"read_orders" in browser.get("/admin/oauth/authorize", **at).data
    back = dict(parse_qsl(urlsplit(browser.post("/admin/oauth/authorize", **at).location).query))
    assert (back["state"], back["shop"], len(back["hmac"])) == ("nonce", "mugs.myshopify.com", 64)
    assert world.access_token(code=back["code"], expiring="1").json["scope"] == "read_orders"
    assert world.access_token(code=back["code"], expiring="1").status_code == 400
    at["query_string"] = asked | {"redirect_uri": "https://evil.example"}
    assert browser.get("/admin/oauth/authorize", **at).status_code == 400


def test_an_uninstalled_app_is_told_when_its_tokens_are_dead(world: World) -> None:
    world.platform.uninstall()
    assert world.ask("{ shop { id } }")["status"] == 401
    world.platform.hooks.send()
    assert world.got[-1][0]["X-Shopify-Topic"] == "app/uninstalled"


def read(document: Node) -> OrderState:
    settings = ShopSettings(platform_ref="mugs.myshopify.com", currency="EUR")
    (fact,) = CONNECTORS["shopify"].translate("orders/updated", document, settings)
    assert isinstance(fact, OrderTold)
    return fact.state


def test_a_purchase_is_told_by_several_topics_with_one_event_id(world: World) -> None:
    world.discount("TES-1")
    ada = world.platform.customer("ada@example.com")
    world.orders.place([(world.mug, 2)], customer=ada, codes=["TES-1"])
    world.platform.hooks.send()
    assert [headers["X-Shopify-Topic"] for headers, _ in world.got] == [
        "orders/create",
        "orders/paid",
        "orders/updated",
    ]
    assert len({headers["X-Shopify-Event-Id"] for headers, _ in world.got}) == 1
    assert len({headers["X-Shopify-Webhook-Id"] for headers, _ in world.got}) == 3
    state = read(world.got[0][1])
    (line,), (code,) = state.lines, state.discount_codes
    assert (str(line.gross), str(line.discount), code.code, str(code.lines[line.id])) == (
        "25.00",
        "5.00",
        "TES-1",
        "5.00",
    )


def test_what_is_told_is_frozen_when_it_happens_and_repeated_for_four_hours(world: World) -> None:
    order = world.orders.place([(world.mug, 1)], email="bob@example.com", status="PENDING")
    world.answers = lambda: 500
    world.platform.hooks.send()
    world.orders.pay(order)
    world.answers = lambda: 200
    world.now += timedelta(seconds=11)
    world.platform.hooks.send()
    told = [
        document["financial_status"] for headers, document in world.got if headers["X-Shopify-Topic"] == "orders/create"
    ]
    assert told == ["pending", "pending"]
    world.answers = lambda: 503
    world.orders.cancel(order)
    for _ in range(20):
        world.platform.hooks.send()
        world.now += timedelta(hours=2)
    assert len(world.platform.hooks.dead) == 1
    assert not world.platform.hooks.waiting


def test_a_refund_takes_back_what_was_paid_for_its_units(world: World) -> None:
    world.discount("TES-1")
    order = world.orders.place([(world.mug, 2)], customer=world.platform.customer("ada@example.com"), codes=["TES-1"])
    world.orders.refund(order, {order["lineItems"][0]["id"]: 1}, money="1.00", shipping="4.90")
    world.platform.hooks.send()
    state = read([body for headers, body in world.got if headers["X-Shopify-Topic"] == "orders/updated"][-1])
    (refund,) = state.refunds
    assert (state.status, str(refund.lines[0].amount), str(refund.money), str(refund.shipping)) == (
        "partially_refunded",
        "10.00",
        "1.00",
        "4.90",
    )


def test_a_code_is_for_its_customer_and_up_to_its_limit(world: World) -> None:
    ada, bob = world.platform.customer("ada@example.com"), world.platform.customer("bob@example.com")
    world.discount("TES-1", context={"customers": {"add": [ada["id"]]}})
    with pytest.raises(Refused, match="not available to you"):
        world.orders.place([(world.mug, 1)], customer=bob, codes=["TES-1"])
    world.orders.place([(world.mug, 1)], customer=ada, codes=["tes-1"])
    with pytest.raises(Refused, match="usage limit"):
        world.orders.place([(world.mug, 1)], customer=ada, codes=["TES-1"])


def test_orders_are_read_by_time_of_change_page_by_page_while_they_change(world: World) -> None:
    placed = []
    for _ in range(5):
        placed.append(world.orders.place([(world.mug, 1)], email="a@example.com"))
        world.now += timedelta(minutes=1)
    query = """query O($q: String!, $after: String) { orders(first: 2, after: $after, query: $q, sortKey: UPDATED_AT) {
      nodes { id } pageInfo { hasNextPage endCursor } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = world.ask(query, q="updated_at:>='2026-11-21T12:01:00Z'", after=after)["data"]["orders"]
        seen += [node["id"] for node in page["nodes"]]
        if len(seen) == 2:
            world.orders.cancel(placed[1])  # moves behind all others
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert set(seen) == {order["id"] for order in placed[1:]}
    assert seen[-1] == placed[1]["id"]
    world.now += timedelta(days=61)
    world.token = world.exchange(world.platform.install()).json["access_token"]
    assert world.ask("{ orders(first: 9) { nodes { id } } }")["data"]["orders"]["nodes"] == []


BULK = """mutation B($q: String!) { bulkOperationRunQuery(query: $q, groupObjects: false)
  { bulkOperation { id } userErrors { message } } }"""


def test_a_bulk_operation_runs_alone_and_leaves_a_file_of_lines(world: World) -> None:
    for _ in range(3):
        world.orders.place([(world.mug, 1), (world.mug, 2)], email="a@example.com")
    query = "{ orders { edges { node { id lineItems { edges { node { id quantity } } } } } } }"
    started = world.ask(BULK, q=query)["data"]["bulkOperationRunQuery"]["bulkOperation"]["id"]
    assert (
        "already in progress" in world.ask(BULK, q=query)["data"]["bulkOperationRunQuery"]["userErrors"][0]["message"]
    )
    look = "query L($id: ID!) { bulkOperation(id: $id) { status objectCount url } }"
    seen = [world.ask(look, id=started)["data"]["bulkOperation"] for _ in range(3)]
    assert [each["status"] for each in seen] == ["RUNNING", "COMPLETED", "COMPLETED"]
    lines = [json.loads(line) for line in world.shop.files[urlsplit(seen[-1]["url"]).path].splitlines()]
    assert len(lines) == 9
    assert [line.get("__parentId") for line in lines[:3]] == [None, lines[0]["id"], lines[0]["id"]]


def test_gift_cards_and_store_credit_are_made_with_every_call(world: World) -> None:
    world.shop.scopes |= {
        "write_gift_cards",
        "read_gift_cards",
        "read_store_credit_accounts",
        "write_store_credit_account_transactions",
        "write_customers",
    }
    token = world.exchange(world.platform.registered.session_token(world.shop)).json["access_token"]
    ada = world.platform.customer("ada@example.com")
    card = """mutation G($i: GiftCardCreateInput!) { giftCardCreate(input: $i) {
      giftCard { lastCharacters } giftCardCode userErrors { code } } }"""
    given = {"initialAmount": {"amount": "5.00", "currencyCode": "EUR"}, "code": "tes1234567890abc"}
    assert world.ask(card, token, i=given)["data"]["giftCardCreate"]["giftCardCode"] == "tes1234567890abc"
    assert world.ask(card, token, i=given)["data"]["giftCardCreate"]["userErrors"] == [{"code": "TAKEN"}]
    credit = """mutation C($id: ID!, $i: StoreCreditAccountCreditInput!) {
      storeCreditAccountCredit(id: $id, creditInput: $i) {
      storeCreditAccountTransaction { balanceAfterTransaction { amount } } userErrors { code } } }"""
    money = {"creditAmount": {"amount": "5.00", "currencyCode": "EUR"}}
    twice = [world.ask(credit, token, id=ada["id"], i=money)["data"]["storeCreditAccountCredit"] for _ in range(2)]
    left = [each["storeCreditAccountTransaction"]["balanceAfterTransaction"]["amount"] for each in twice]
    assert left == ["5.00", "10.00"]
    read_back = """query R($id: ID!) { customer(id: $id) { storeCreditAccounts(first: 5) { nodes {
      transactions(first: 20) { nodes { amount { amount } createdAt event } } } } } }"""
    (account,) = world.ask(read_back, token, id=ada["id"])["data"]["customer"]["storeCreditAccounts"]["nodes"]
    assert [row["amount"]["amount"] for row in account["transactions"]["nodes"]] == ["5.00", "5.00"]


def test_many_codes_of_one_discount_are_added_in_their_own_time(world: World) -> None:
    shared = world.discount("FIRST")["codeDiscountNode"]["id"]
    add = """mutation A($id: ID!, $c: [DiscountRedeemCodeInput!]!) {
      discountRedeemCodeBulkAdd(discountId: $id, codes: $c) { bulkCreation { id done } userErrors { code } } }"""
    codes = [{"code": "first"}, {"code": "SECOND"}]
    started = world.ask(add, id=shared, c=codes)["data"]["discountRedeemCodeBulkAdd"]["bulkCreation"]
    look = """query L($id: ID!) { discountRedeemCodeBulkCreation(id: $id) { done importedCount failedCount
      codes(first: 9) { nodes { code errors { code } } } } }"""
    seen = [world.ask(look, id=started["id"])["data"]["discountRedeemCodeBulkCreation"] for _ in range(2)]
    assert [each["done"] for each in seen] == [False, True]
    assert [(row["code"], len(row["errors"])) for row in seen[1]["codes"]["nodes"]] == [("first", 1), ("SECOND", 0)]
    world.orders.place([(world.mug, 1)], email="a@example.com", codes=["second"])
