"""shop create, list, key rotate, secret rotate."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from app.models import api_keys, shops
from tests.cli.conftest import create
from tests.command import Tessera

SANDBOX = {"SANDBOX": "1", "APP_URL": "http://127.0.0.1:8123"}


def listed(tessera: Tessera) -> list[dict[str, object]]:
    return list(tessera("shop", "list", "--json", **SANDBOX).json)


def test_a_new_shop_is_told_its_keys_once(anywhere: Tessera) -> None:
    made = create(anywhere, "--timezone", "Europe/Paris", "--origin", "https://shop.example/")
    assert set(made) == {"shop_id", "platform", "ref", "api_key", "webhook_url", "webhook_secret"}
    assert re.fullmatch(r"[0-9a-f]{20,}", made["shop_id"])  # at least 80 random bits
    assert made["webhook_url"] == f"http://127.0.0.1:8000/webhooks/custom/{made['shop_id']}"
    assert len(made["webhook_secret"]) >= 32
    assert listed(anywhere) == [
        {
            "shop_id": made["shop_id"],
            "platform": "custom",
            "ref": "shop.example",
            "currency": "EUR",
            "timezone": "Europe/Paris",
            "origins": ["https://shop.example"],
            "state": "active",
        }
    ]
    for command in (["shop", "list", "--json"], ["shop", "list"], ["doctor"]):
        told = anywhere(*command).out
        assert made["api_key"] not in told
        assert made["webhook_secret"] not in told


def test_without_json_it_is_a_list_for_people(tessera: Tessera) -> None:
    assert "shop create --help" in tessera("shop", "list").out
    ran = tessera("shop", "create", "--platform", "custom", "--ref", "a", "--currency", "EUR")
    assert (ran.code, "webhook_secret" in ran.out) == (0, True)
    assert "custom" in tessera("shop", "list").out


@pytest.mark.parametrize(
    ("platform", "origins"),
    [
        ("shopify", ["https://shop.myshopify.com"]),
        ("woocommerce", ["https://shop.example"]),
        ("sandbox", ["http://127.0.0.1:8123"]),
        ("custom", []),
    ],
)
def test_origins_have_a_default_per_platform(tessera: Tessera, platform: str, origins: list[str]) -> None:
    made = create(tessera, platform=platform, **SANDBOX)
    assert [shop["origins"] for shop in listed(tessera)] == [origins]
    signed_by_app = platform == "shopify"
    assert (made["webhook_secret"] is None) == signed_by_app
    path = "" if signed_by_app else f"/{made['shop_id']}"
    assert made["webhook_url"] == f"http://127.0.0.1:8123/webhooks/{platform}{path}"


def test_origins_that_are_given_are_written_as_browsers_send_them(tessera: Tessera) -> None:
    given = ["https://Shop.Example:443/", "http://shop.example:80", "https://shop.example:8443", "http://[::1]:3000"]
    given += ["https://shop.example"]  # once more
    create(tessera, *(part for origin in given for part in ("--origin", origin)))
    [shop] = listed(tessera)
    assert shop["origins"] == [
        "https://shop.example",
        "http://shop.example",
        "https://shop.example:8443",
        "http://[::1]:3000",
    ]


def test_a_shop_in_a_folder_has_its_domains_origin(tessera: Tessera) -> None:
    options = ["--platform", "woocommerce", "--currency", "EUR", "--ref", "https://shop.example/blog/shop"]
    assert tessera("shop", "create", *options).code == 0
    assert [shop["origins"] for shop in listed(tessera)] == [["https://shop.example"]]


def test_a_new_shop_has_no_programme(anywhere: Tessera) -> None:
    made = create(anywhere)
    ran = anywhere("audit", "--shop", made["shop_id"], "--json")
    assert ran.json == {"differences": []}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"platform": "magento"}, "--platform"),
        ({"ref": ""}, "ref"),
        ({"ref": "   "}, "ref"),
        ({"currency": "eur"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "x" * 5000}, "timezone"),
        ({"origin": "shop.example"}, "origin"),
        ({"origin": "https://shop.example/path"}, "origin"),
        ({"origin": "https://["}, "origin"),
        ({"origin": "https://a b"}, "origin"),
        ({"origin": "https://café.example"}, "origin"),
        ({"origin": "*"}, "origin"),
        ({"origin": "null"}, "origin"),
        ({"origin": "https://user:pass@shop.example"}, "origin"),
        ({"platform": "shopify", "ref": "shop.example"}, "--ref"),
        ({"platform": "shopify", "ref": "Shop.myshopify.com"}, "--ref"),
        ({"platform": "shopify", "ref": "evil.com/?.myshopify.com"}, "--ref"),
        ({"platform": "sandbox"}, "SANDBOX=1"),
        ({"ref": "\udcff"}, "UTF-8"),
    ],
)
def test_a_wrong_option_is_exit_2_and_named(tessera: Tessera, change: dict[str, str], named: str) -> None:
    options = {"platform": "custom", "ref": "a", "currency": "EUR", **change}
    ran = tessera("shop", "create", *(part for name, value in options.items() for part in (f"--{name}", value)))
    assert (ran.code, named in ran.line) == (2, True), ran.err


def test_a_ref_is_taken_once_per_platform(tessera: Tessera) -> None:
    create(tessera)
    ran = tessera("shop", "create", "--platform", "custom", "--ref", "shop.example", "--currency", "EUR")
    assert (ran.code, "shop.example" in ran.line) == (2, True)
    assert create(tessera, platform="woocommerce")["platform"] == "woocommerce"


# --- rotations --------------------------------------------------------------------------------------------------------


def test_rotating_a_key_gives_a_new_one_beside_the_last(anywhere: Tessera) -> None:
    made = create(anywhere)
    keys = {made["api_key"]}
    for _ in range(3):
        told = anywhere("shop", "key", "rotate", "--shop", made["shop_id"], "--json").json
        assert told["shop_id"] == made["shop_id"]
        keys.add(told["api_key"])
    assert len(keys) == 4
    engine = sa.create_engine(anywhere.env.get("DATABASE_URL") or f"sqlite:///{anywhere.home}/instance/tessera.db")
    with engine.begin() as connection:
        rows = connection.execute(sa.select(api_keys.c.hash, api_keys.c.retires_at)).all()
    engine.dispose()
    assert not keys & {row.hash for row in rows}  # only hashes are kept
    assert len([row for row in rows if row.retires_at is None]) == 1


def test_rotating_a_secret_gives_a_new_one_and_keeps_the_old_for_a_day(anywhere: Tessera) -> None:
    made = create(anywhere)
    told = anywhere("shop", "secret", "rotate", "--shop", made["shop_id"], "--json").json
    assert (told["shop_id"], told["webhook_secret"] == made["webhook_secret"]) == (made["shop_id"], False)
    engine = sa.create_engine(anywhere.env.get("DATABASE_URL") or f"sqlite:///{anywhere.home}/instance/tessera.db")
    with engine.begin() as connection:
        [row] = connection.execute(sa.select(shops.c.webhook_secret, shops.c.webhook_secret_old)).all()
    engine.dispose()
    assert row.webhook_secret_old is not None
    assert told["webhook_secret"].encode() not in bytes(row.webhook_secret)  # sealed


def test_a_secret_that_the_app_holds_is_not_rotated_here(tessera: Tessera) -> None:
    made = create(tessera, platform="shopify")
    ran = tessera("shop", "secret", "rotate", "--shop", made["shop_id"])
    assert (ran.code, "environment" in ran.line) == (2, True)


@pytest.mark.parametrize("what", ["key", "secret"])
def test_an_unknown_shop_is_exit_2(tessera: Tessera, what: str) -> None:
    for shop_id in ("", "0" * 24, "é", "\udcff", "x" * 100):
        ran = tessera("shop", what, "rotate", "--shop", shop_id)
        assert (ran.code, ran.line) == (2, "tessera: there is no such shop")
