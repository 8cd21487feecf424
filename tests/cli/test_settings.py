"""Settings and keys: what is missing or wrong stops the start with one line that names it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

import app
from app.config import Config, ConfigError, home, read_config
from app.push import vapid
from tests.command import Tessera
from tests.worker.together import together

WRONG = [
    ("PORT", "x"),
    ("PORT", "70000"),
    ("PORT", "-1"),
    ("LISTEN", "8000"),
    ("LISTEN", ":8000"),
    ("LISTEN", "127.0.0.1:http"),
    ("LISTEN", "127.0.0.1:99999"),
    ("APP_URL", "shop.example"),
    ("APP_URL", "ftp://shop.example"),
    ("APP_URL", "http://shop.example"),
    ("APP_URL", "https://"),
    ("APP_URL", "https://["),
    ("APP_URL", "https://shop.example:port"),
    ("DATABASE_URL", "postgresql://x@/x"),
    ("DATABASE_URL", "mysql://x@/x"),
    ("DATABASE_URL", "postgresql+psycopg://x@y:port/z"),
    ("DATABASE_URL", "sqlite:///"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("REDIS_URL", "localhost:6379"),
    ("REDIS_URL", "http://localhost"),
    ("SMTP_URL", "mail.example"),
    ("LOG_FORMAT", "xml"),
    ("TRUSTED_PROXIES", "yes"),
    ("ALLOW_PRIVATE_SHOPS", "true"),
    ("SANDBOX", "on"),
    ("DEMO", "2"),
    ("TEST_CLOCK", "no"),
    ("ENCRYPTION_KEYS", "short"),
    ("ENCRYPTION_KEYS", "é" * 44),
    ("ENCRYPTION_KEYS", ","),
    ("VAPID_PRIVATE_KEY", "short"),
    ("VAPID_PRIVATE_KEY", "é" * 43),
    ("VAPID_PRIVATE_KEY", "A" * 43),  # zero is no key
    ("VAPID_PRIVATE_KEY", "_" * 42 + "8"),  # above the order of the curve
]
KEYS = {"SECRET_KEY": "x", "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
LIVE = {"SHOPIFY_API_SECRET": "live"}


def read(folder: Path, **env: str) -> Config:
    return read_config(env, folder)


def refusal(folder: Path, **env: str) -> str:
    with pytest.raises(ConfigError) as refused:
        read(folder, **env)
    return str(refused.value)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    told = refusal(tmp_path, **KEYS | {name: value})
    assert name in told
    assert "\n" not in told


def test_every_command_stops_with_that_one_line(tessera: Tessera) -> None:
    for command in (
        ["serve"],
        ["worker"],
        ["migrate"],
        ["shop", "list"],
        ["drain"],
        ["tick"],
        ["audit"],
        ["clock", "show"],
    ):
        ran = tessera(*command, APP_URL="http://shop.example")
        assert (ran.code, ran.err.count("\n")) == (2, 1), command
        assert ran.line.startswith("tessera: APP_URL")


def test_with_a_database_of_ones_own_missing_keys_stop_the_start(tmp_path: Path) -> None:
    url = "postgresql+psycopg://x@/x"
    assert "SECRET_KEY" in refusal(tmp_path, DATABASE_URL=url)
    assert "SECRET_KEY" in refusal(tmp_path, DATABASE_URL=url, ENCRYPTION_KEYS=KEYS["ENCRYPTION_KEYS"])
    assert "ENCRYPTION_KEYS" in refusal(tmp_path, DATABASE_URL=url, SECRET_KEY="x")
    assert read(tmp_path, DATABASE_URL=url, **KEYS).secret_key == "x"
    assert not (tmp_path / "instance").exists()


def test_a_database_that_does_not_answer_is_one_line_and_not_the_users_mistake(tessera: Tessera) -> None:
    for url in ("postgresql+psycopg://x@/x?host=/nowhere", "sqlite:////nowhere/at/all.db"):
        for command in (["shop", "list"], ["migrate"], ["drain"], ["audit"]):
            ran = tessera(*command, DATABASE_URL=url, **KEYS)
            assert (ran.code, ran.err.count("\n")) == (1, 1), (url, command)
            assert "the database does not answer" in ran.line


def test_a_database_that_is_not_migrated_says_what_to_do(tessera: Tessera, postgres: Any) -> None:
    with postgres.database() as url:
        ran = tessera("shop", "list", DATABASE_URL=url, **KEYS)
        assert (ran.code, "tessera migrate" in ran.line) == (2, True)
        at_once = [tessera.start("migrate", DATABASE_URL=url, **KEYS) for _ in range(3)]
        assert [one.wait().code for one in at_once] == [0, 0, 0]
        assert tessera("migrate", DATABASE_URL=url, **KEYS).code == 0
        assert tessera("shop", "list", "--json", DATABASE_URL=url, **KEYS).json == []


# --- keys of the embedded database ------------------------------------------------------------------------------------


def test_the_first_command_makes_keys_that_only_the_owner_can_read(tessera: Tessera) -> None:
    assert tessera("shop", "list").code == 0
    folder = tessera.home / "instance"
    secrets = folder / "secrets.json"
    assert (folder.stat().st_mode & 0o777, secrets.stat().st_mode & 0o777) == (0o700, 0o600)
    made = json.loads(secrets.read_text())
    assert set(made) == {"SECRET_KEY", "ENCRYPTION_KEYS"}
    assert tessera("shop", "list").code == 0
    assert json.loads(secrets.read_text()) == made
    assert [path.name for path in folder.glob("*.tmp")] == []


def test_two_first_commands_at_once_agree_on_the_keys(tessera: Tessera) -> None:
    create = ["shop", "create", "--platform", "custom", "--currency", "EUR", "--json", "--ref"]
    running = [tessera.start(*create, f"shop-{number}") for number in range(4)]
    made = [one.wait().json for one in running]
    assert len(tessera("shop", "list", "--json").json) == 4
    for one in made:  # each one's secrets open under the keys that stayed
        assert tessera("shop", "secret", "rotate", "--shop", one["shop_id"]).code == 0
    assert tessera("doctor").code == 0


def test_however_many_begin_at_once_the_first_keys_stay(tmp_path: Path) -> None:
    for number in range(5):
        read_all = together([partial(read, tmp_path / str(number))] * 16)
        assert len({(one.secret_key, one.encryption_keys) for one in read_all}) == 1


def test_keys_from_the_environment_go_before_the_file(tmp_path: Path) -> None:
    made = read(tmp_path)
    assert read(tmp_path) == made
    assert read(tmp_path, SECRET_KEY="mine").secret_key == "mine"
    assert read(tmp_path, SECRET_KEY="mine").encryption_keys == made.encryption_keys
    assert read(tmp_path, **KEYS).encryption_keys == (KEYS["ENCRYPTION_KEYS"],)


def test_the_key_for_messages_is_made_once_beside_the_others_or_given(tmp_path: Path) -> None:
    made = read(tmp_path).vapid_private_key
    assert made is not None
    assert vapid.public_key(made)
    assert read(tmp_path, **KEYS).vapid_private_key == made
    assert (tmp_path / "instance" / "vapid.json").stat().st_mode & 0o777 == 0o600
    given = vapid.make_key()
    assert read(tmp_path, VAPID_PRIVATE_KEY=given).vapid_private_key == given
    url = "postgresql+psycopg://x@/x"
    assert read(tmp_path, DATABASE_URL=url, **KEYS).vapid_private_key is None
    assert read(tmp_path, DATABASE_URL=url, VAPID_PRIVATE_KEY=given, **KEYS).vapid_private_key == given


def test_with_keys_in_the_environment_the_embedded_database_is_made_too(tessera: Tessera) -> None:
    assert tessera("shop", "list", "--json", **KEYS).json == []
    assert not (tessera.home / "instance" / "secrets.json").exists()
    assert (tessera.home / "instance").stat().st_mode & 0o777 == 0o700


def test_a_broken_key_file_is_named(tessera: Tessera) -> None:
    tessera("shop", "list")
    for content in ("", "{", "[]", "{}", "null", '{"SECRET_KEY": "x"}', "\udcff"):
        (tessera.home / "instance" / "secrets.json").write_bytes(content.encode("utf-8", "surrogateescape"))
        ran = tessera("shop", "list")
        assert (ran.code, "secrets.json" in ran.line) == (2, True), content


def test_a_folder_that_cannot_be_made_is_one_line(tessera: Tessera) -> None:
    (tessera.home / "file").write_text("")
    for instance in (tessera.home / "file", tessera.home / "file" / "below", "/proc/instance"):
        ran = tessera("shop", "list", INSTANCE=str(instance))
        assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_a_lost_key_is_one_line_that_names_it(tessera: Tessera) -> None:
    made = tessera("shop", "create", "--platform", "custom", "--ref", "a", "--currency", "EUR", "--json").json
    lost = {"ENCRYPTION_KEYS": KEYS["ENCRYPTION_KEYS"]}
    ran = tessera("doctor", **lost)
    assert ran.code == 1
    assert f"BAD  shop {made['shop_id']}" in ran.out
    assert "ENCRYPTION_KEYS" in ran.out
    (tessera.home / "order.json").write_text("{}")
    ran = tessera("replay", "order.json", "--topic", "order", "--shop", made["shop_id"], **lost)
    assert (ran.code, "ENCRYPTION_KEYS" in ran.line) == (2, True)


# --- what must not meet real shoppers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SANDBOX", "TEST_CLOCK"])
def test_sandbox_and_test_clock_are_refused_where_others_can_reach_them(tmp_path: Path, name: str) -> None:
    public = {"LISTEN": "0.0.0.0:8000", "APP_URL": "https://tessera.example", **KEYS}
    assert name in refusal(tmp_path, **public, **{name: "1"})
    assert read(tmp_path, **public, DEMO="1", **{name: "1"}).demo
    assert read(tmp_path, **public).loopback is False
    for listen in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
        assert read(tmp_path, **KEYS, LISTEN=listen, **{name: "1"}).loopback


@pytest.mark.parametrize("name", ["SANDBOX", "TEST_CLOCK"])
def test_they_are_always_refused_beside_live_secrets_in_a_demo(tmp_path: Path, name: str) -> None:
    assert name in refusal(tmp_path, **KEYS, **LIVE, DEMO="1", **{name: "1"})
    assert name in refusal(tmp_path, **KEYS, SHOPIFY_API_SECRET_OLD="x", DEMO="1", **{name: "1"})
    assert read(tmp_path, **KEYS, **LIVE, **{name: "1"}).connectors == LIVE
    assert read(tmp_path, **KEYS, SHOPIFY_API_VERSION="2026-10", DEMO="1", **{name: "1"}).demo  # no secret


def test_redis_may_be_a_socket(tmp_path: Path) -> None:
    for url in ("unix:///run/valkey.sock", "redis://127.0.0.1:6379/0", "rediss://x"):
        assert read(tmp_path, **KEYS, REDIS_URL=url).redis_url == url
    assert read(tmp_path, **KEYS, REDIS_URL="").redis_url is None


def test_an_empty_value_counts_as_absent(tmp_path: Path) -> None:
    names = ("PORT", "LISTEN", "APP_URL", "DATABASE_URL", "SMTP_URL", "LOG_FORMAT", "TRUSTED_PROXIES", "SANDBOX")
    assert read(tmp_path, **KEYS, **dict.fromkeys(names, "")) == read(tmp_path, **KEYS)


def test_the_default_database_is_the_checkouts_wherever_the_command_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert home() == Path(app.__file__).parents[1]
