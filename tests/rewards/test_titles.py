"""A reward is called as the merchant calls it, else by its kind and amount in the shopper's language."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from app.rewards.titles import title, title_by_kind
from app.rules.document import Reward
from app.rules.document.rewards import RewardKind
from app.rules.rewards import value_of
from app.rules.words import LANGUAGES, words
from tests.rules.test_rewards import NEEDED, reward

ENGLISH = words("en")
FIVE = {"amount": {"amount": "5.00", "currency": "EUR"}}


def of(kind: str, **fields: Any) -> Reward:
    return reward(**{"kind": kind, **NEEDED[kind], **fields})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (of("amount_off"), "€5 off"),
        (of("amount_off", amount={"amount": "4.50", "currency": "EUR"}), "€4.50 off"),
        (of("amount_off", amount={"amount": "1500", "currency": "JPY"}), "¥1,500 off"),
        (of("percent_off"), "10% off"),
        (of("percent_off", percent="12.5", max_amount={"amount": "20", "currency": "EUR"}), "12.5% off, up to €20"),
        (of("free_shipping"), "Free shipping"),
        (of("free_product"), "A free product"),
        (of("gift_card"), "€25 gift card"),
        (of("store_credit"), "€5 store credit"),
        (of("pay_with_points"), "A discount of your choice"),
        (of("partner_voucher"), "Partner voucher"),
        (of("partner_voucher", **FIVE), "€5 partner voucher"),
        (of("donation", **FIVE), "Donation of €5"),
    ],
)
def test_a_reward_without_a_title_is_called_by_its_kind_and_amount(given: Reward, said: str) -> None:
    assert title(given, ENGLISH) == said


@pytest.mark.parametrize("kind", get_args(RewardKind))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_merchants_own_title_is_said_as_it_is(kind: str, language: str) -> None:
    assert title(of(kind, name="Gold {mug}"), words(language)) == "Gold {mug}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_title_of_its_own_in_every_language(language: str) -> None:
    said = [title(of(kind), words(language)) for kind in get_args(RewardKind)]
    assert all(said)
    assert len(set(said)) == len(said)


def test_amounts_stand_as_the_language_writes_them() -> None:
    languages = ("de", "fr", "nl", "pl", "ro", "ru", "sk")
    assert [title(of("amount_off"), words(each)) for each in languages] == [
        "5\xa0€ Rabatt",
        "5\xa0€ de remise",
        "€\xa05 korting",
        "Rabat 5\xa0€",
        "Reducere de 5\xa0EUR",
        "Скидка 5\xa0€",
        "Zľava 5\xa0€",
    ]


def test_points_that_were_paid_with_are_called_by_what_they_took_off() -> None:
    pay = of("pay_with_points")
    assert title_by_kind(pay.kind, value_of(pay, 250, "EUR", None), ENGLISH) == "€2.50 off"
