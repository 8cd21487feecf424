"""backtest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import build
from tests.build import Shop
from tests.command import Tessera

DOUBLE = build.programme(rate={"points": "20", "per": "1"})


def test_a_backtest_tells_what_a_draft_would_have_given(
    anywhere: Tessera, shop: Shop, document: Callable[..., str]
) -> None:
    shop.tell(build.order())
    ran = anywhere("backtest", "--shop", shop.id, "--programme", document(DOUBLE), "--json")
    assert ran.code == 0
    assert (ran.json["draft"]["points"]["issued"], ran.json["actual"]["points"]["issued"]) == (799, 399)
    assert "1 of 1 orders" in ran.err
    table = anywhere("backtest", "--shop", shop.id, "--programme", document(DOUBLE)).out
    columns = [part.strip() for part in _row(table, "points issued").split("  ") if part]
    assert columns == [
        "points issued",
        "799",
        "399",
    ]
    assert "breakage unknown: the history is too thin" in table
    assert "not simulated: activity" in table


def _row(table: str, name: str) -> str:
    return next(row for row in table.splitlines() if row.startswith(name))


def test_a_backtest_takes_the_orders_of_a_time(anywhere: Tessera, shop: Shop, document: Callable[..., str]) -> None:
    shop.tell(build.order())
    asked = ["backtest", "--shop", shop.id, "--programme", document(DOUBLE), "--json"]
    assert anywhere(*asked, "--from", "2026-03-01T10:00:00Z").json["orders"]["replayed"] == 1
    assert anywhere(*asked, "--to", "2026-03-01T10:00:00Z").json["orders"]["replayed"] == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({**DOUBLE, "colour": "red"}, "colour: Remove this key"),
        ({**DOUBLE, "currency": "XXX"}, "currency: Write an ISO 4217 currency"),
        ([], "Write an object"),
    ],
)
def test_a_wrong_programme_is_exit_1_with_every_problem(
    anywhere: Tessera, shop: Shop, document: Callable[..., str], content: object, told: str
) -> None:
    ran = anywhere("backtest", "--shop", shop.id, "--programme", document(content))
    assert (ran.code, told in ran.err, "Traceback" in ran.err) == (1, True, False)


def test_wrong_usage_is_exit_2_in_one_line(anywhere: Tessera, shop: Shop, document: Callable[..., str]) -> None:
    file = document(DOUBLE)
    for arguments in (
        ["--shop", shop.id],
        ["--shop", "0" * 24, "--programme", file],
        ["--shop", shop.id, "--programme", "nowhere.json"],
        ["--shop", shop.id, "--programme", document(b"{", "broken.json")],
        ["--shop", shop.id, "--programme", document(b"\xff", "bytes.json")],
        ["--shop", shop.id, "--programme", file, "--from", "yesterday"],
        ["--shop", shop.id, "--programme", file, "--from", "2026-03-01T10:00:00Z", "--to", "2026-03-01T10:00:00Z"],
    ):
        ran = anywhere("backtest", *arguments)
        assert (ran.code, "Traceback" in ran.err) == (2, False), arguments
