"""A shopper walks through the demo shop in a real browser, buys, and gives one thing back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browser import run
from tests.servers import Chromium

SCREENS = Path(__file__).parent / "screens"
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}

# What is bought: 2 × 19.99 and 24.00, less 10 % each: 35.99 and 21.60. One mug given back takes 17.99 along.
# The demo programme gives 10 points per euro.
PROMISED = 575
KEPT = 396


@pytest.fixture(scope="module")
def walks(chromium: Chromium, demo_url: str) -> Iterator[dict[str, Future[Any]]]:
    """Both walks at once: most of a walk is waiting."""
    SCREENS.mkdir(exist_ok=True)
    with ThreadPoolExecutor(len(SIZES)) as shoppers:
        yield {name: shoppers.submit(_walk, chromium, demo_url, *size) for name, size in SIZES.items()}


def _walk(chromium: Chromium, demo_url: str, width: int, height: int) -> Any:
    email = f"ada-{uuid.uuid4().hex[:8]}@example.com"
    given = {"url": demo_url, "width": width, "height": height, "email": email, "screens": str(SCREENS)}
    return run("walk.mjs", chromium, timeout_s=180, **given)


@pytest.fixture(params=SIZES)
def walk(request: pytest.FixtureRequest, walks: dict[str, Future[Any]]) -> Any:
    return walks[request.param].result()


def test_a_product_says_what_it_earns_and_follows_variant_and_quantity(walk: Any) -> None:
    assert walk["product"] == {"one": 199, "two": 399, "variant": "harbour-mug-olive"}


def test_the_cart_promises_and_the_account_gets_it_to_the_point(walk: Any) -> None:
    assert walk["promised"] == walk["atCheckout"] == walk["bought"] == PROMISED


def test_what_is_given_back_takes_its_points_along(walk: Any) -> None:
    assert walk["kept"] == KEPT


def test_the_account_explains_each_movement(walk: Any) -> None:
    assert walk["entries"] == 2


def test_points_buy_a_code_that_the_checkout_takes(walk: Any) -> None:
    spent = walk["spent"]
    assert spent["code"].startswith("TES-")
    assert spent["left"] == KEPT - 300
    assert spent["sum"] == 4990  # 2 × 24.00, less 3.00, and 4.90 of shipping
    assert spent["earned"] == KEPT - 300 + 450


def test_what_is_given_back_gives_its_share_of_the_reward_back(walk: Any) -> None:
    # one of two cups: its 225 points go, 150 of the reward's 300 return
    assert walk["spent"]["returned"] == walk["spent"]["earned"] - 225 + 150
    assert walk["spent"]["tickets"] == 0


def test_nothing_on_any_page_moves_by_itself(walk: Any) -> None:
    assert walk["shifts"] == dict.fromkeys(walk["shifts"], 0)
    bought = {"home", "product", "cart", "checkout", "thanks", "order", "back-office", "account"}
    assert bought | {"panel", "panel-code", "cart-with-code", "checkout-with-code", "account-after"} == set(
        walk["shifts"]
    )


def test_the_console_stays_empty(walk: Any) -> None:
    assert walk["console"] == []
