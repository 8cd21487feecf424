"""What Shopify is told about the app is what the code asks for and understands."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from connectors.contract.syncing import READ
from connectors.shopify import facts, install
from connectors.shopify.client import API_VERSION
from tests.fakes.shopify import schema

FILE = Path(__file__).parents[2] / "widgets" / "shopify" / "shopify.app.toml"


@pytest.fixture(scope="module")
def told() -> Any:
    return tomllib.loads(FILE.read_text())


def test_scopes_and_version_are_those_of_the_code(told: Any) -> None:
    assert tuple(told["access_scopes"]["scopes"].split(",")) == install.SCOPES
    assert told["webhooks"]["api_version"] == API_VERSION
    besides = [scope for right in install.RIGHTS for scope in right.scopes]
    assert told["access_scopes"]["optional_scopes"] == besides


def test_every_topic_exists_and_every_one_that_is_read_is_subscribed(told: Any, admin_schema: schema.Admin) -> None:
    topics = {topic for each in told["webhooks"]["subscriptions"] for topic in each.get("topics", ())}
    known = admin_schema.schema.type_map["WebhookSubscriptionTopic"].values  # type: ignore[attr-defined]
    assert not {topic for topic in topics if topic.replace("/", "_").upper() not in known}
    compliance = [each for each in told["webhooks"]["subscriptions"] if "compliance_topics" in each]
    asked = {topic for each in compliance for topic in each["compliance_topics"]}
    assert facts.TOPICS.keys() - set(READ) <= topics | asked
    assert [sorted(each["compliance_topics"]) for each in compliance] == [
        ["customers/data_request", "customers/redact", "shop/redact"]
    ]


def test_addresses_are_those_that_the_app_serves(told: Any) -> None:
    ours = "https://tessera.example"
    assert told["application_url"] == f"{ours}/admin/"
    assert told["auth"]["redirect_urls"] == [f"{ours}/install/shopify/back"]
    assert {each["uri"] for each in told["webhooks"]["subscriptions"]} == {
        "/webhooks/shopify",
        "/webhooks/shopify/compliance",
    }
    assert told["embedded"] is True
    assert told["app_proxy"]["url"] == f"{ours}/proxy/shopify"
    assert told["extension_directories"] == ["extensions/*"]
