"""Who a customer is and where an order goes: the country, never more of the address."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from connectors import CONNECTORS
from connectors.contract import BadFact, CustomerTold, OrderTold, ShopSettings
from tests.payloads import custom, shopify, woocommerce

SETTINGS = {
    "shopify": ShopSettings(platform_ref=shopify.SHOP, currency="EUR"),
    "woocommerce": ShopSettings(platform_ref="shop.example", currency="EUR"),
    "custom": ShopSettings(platform_ref="shop.example", currency="EUR"),
}
TOPICS = {
    "shopify": ("orders/updated", "customers/update"),
    "woocommerce": ("order.updated", "customer.updated"),
    "custom": ("order", "customer"),
}


def country_of(platform: str, document: dict[str, Any]) -> str | None:
    (told,) = CONNECTORS[platform].translate(TOPICS[platform][0], document, SETTINGS[platform])
    assert isinstance(told, OrderTold)
    return told.state.country


def customer_of(platform: str, document: dict[str, Any]) -> CustomerTold:
    (told,) = CONNECTORS[platform].translate(TOPICS[platform][1], document, SETTINGS[platform])
    assert isinstance(told, CustomerTold)
    return told


FR, DE, NONE = {"country_code": "FR"}, {"country_code": "DE"}, {"country_code": None}


@pytest.mark.parametrize(
    ("shipping", "billing", "country"),
    [(FR, DE, "FR"), (None, DE, "DE"), (NONE, DE, "DE"), ({}, {}, None), ({"country_code": "France"}, None, None)],
)
def test_a_shopify_order_goes_where_it_is_sent_else_where_it_is_billed(
    shipping: Any, billing: Any, country: str | None
) -> None:
    assert country_of("shopify", shopify.order(shipping_address=shipping, billing_address=billing)) == country


@pytest.mark.parametrize(
    ("shipping", "billing", "country"),
    [("FR", "DE", "FR"), ("", "DE", "DE"), ("", "", None), ("fr", "", None)],
)
def test_a_woocommerce_order_goes_where_it_is_sent_else_where_it_is_billed(
    shipping: str, billing: str, country: str | None
) -> None:
    told = woocommerce.order(shipping={"country": shipping}, billing={"country": billing, "email": "a@b.example"})
    assert country_of("woocommerce", told) == country


def test_a_custom_order_says_where_it_goes() -> None:
    assert country_of("custom", custom.order(country="FR")) == "FR"
    assert country_of("custom", custom.order(country=None)) is None
    with pytest.raises(BadFact, match="country: must be an ISO 3166-1 country code"):
        country_of("custom", custom.order(country="fr"))


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
def test_nothing_else_of_an_address_is_kept(platform: str) -> None:
    address = {"country_code": "FR", "country": "FR", "address_1": "1 rue X", "address1": "1 rue X", "city": "Lille"}
    document = {"shopify": shopify, "woocommerce": woocommerce}[platform].order(
        shipping=address, shipping_address=address
    )
    (told,) = CONNECTORS[platform].translate(TOPICS[platform][0], document, SETTINGS[platform])
    kept = json.dumps(dataclasses.asdict(told), default=str)
    assert "rue X" not in kept
    assert "Lille" not in kept


def test_a_shopify_customer_has_tags_a_country_and_a_word_on_e_mails() -> None:
    consent = {"state": "subscribed", "opt_in_level": "single_opt_in"}
    told = customer_of(
        "shopify", shopify.customer(tags="vip, press", default_address=FR, email_marketing_consent=consent)
    )
    assert (told.tags, told.country, told.accepts_marketing) == (("vip", "press"), "FR", True)


@pytest.mark.parametrize(
    ("consent", "accepts"), [("not_subscribed", False), ("unsubscribed", False), ("pending", False), (None, None)]
)
def test_only_a_subscriber_accepts_e_mails(consent: str | None, accepts: bool | None) -> None:
    told = customer_of("shopify", shopify.customer(email_marketing_consent={"state": consent}))
    assert told.accepts_marketing is accepts


@pytest.mark.parametrize("platform", ["shopify", "woocommerce", "custom"])
def test_what_a_body_does_not_tell_is_not_told(platform: str) -> None:
    """Shopify's webhooks since 2025 lack tags and consent: what was known must not be wiped out."""
    bodies = {
        "shopify": shopify.customer(),
        "woocommerce": woocommerce.customer(),
        "custom": custom.customer(tags=None),
    }
    told = customer_of(platform, bodies[platform])
    assert (told.tags, told.country, told.accepts_marketing) == (None, None, None)


def test_a_woocommerce_customers_role_is_its_group() -> None:
    told = customer_of("woocommerce", woocommerce.customer(role="wholesale", billing={"country": "PL"}))
    assert (told.customer_groups, told.country) == (("wholesale",), "PL")


def test_a_custom_customer_tells_country_and_groups() -> None:
    told = customer_of("custom", custom.customer(country="NZ", customer_groups=["dealer"]))
    assert (told.country, told.customer_groups, told.tags) == ("NZ", ("dealer",), ("press",))
    with pytest.raises(BadFact, match=r"customer_groups"):
        customer_of("custom", custom.customer(customer_groups="dealer"))
