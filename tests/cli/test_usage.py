"""Every command: help, wrong usage, files that cannot be read, the programme, and the clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest

from app.cli import cli
from tests.build import programme
from tests.cli.conftest import create
from tests.command import Tessera

Write = Callable[..., str]


def commands(group: click.Group, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        path = (*before, name)
        found += commands(command, path) if isinstance(command, click.Group) else [path]
    return found


def test_every_command_of_the_table_is_there() -> None:
    table = "serve worker migrate demo tick drain audit doctor replay"
    groups = {
        *(("shop", name) for name in ("create", "list")),
        *(("shop", what, "rotate") for what in ("key", "secret")),
        *(("clock", name) for name in ("show", "set", "advance", "real")),
        ("programme", "publish"),
    }
    assert {(name,) for name in table.split()} | groups <= set(commands(cli))


def test_every_command_explains_itself(tessera: Tessera) -> None:
    for command in ((), ("shop",), ("clock",), *commands(cli)):
        for flag in ("--help", "-h") if not command else ("--help",):
            ran = tessera(*command, flag)
            assert (ran.code, ran.err) == (0, ""), command
            assert "Usage:" in ran.out
    assert not (tessera.home / "instance").exists()  # help makes nothing


def test_wrong_usage_is_exit_2_and_no_traceback(tessera: Tessera) -> None:
    wrong: list[list[str]] = [
        [],
        ["nothing"],
        ["--nothing"],
        ["shop"],
        ["shop", "create"],
        ["shop", "list", "--nothing"],
        ["clock", "set"],
        ["drain", "--timeout", "soon"],
        ["drain", "--timeout", "-1"],
        ["replay"],
        ["replay", "no-such-file", "--shop", "x"],
        ["programme", "publish", "no-such-file", "--shop", "x"],
        ["serve", "--listen", "8000"],
        ["serve", "--listen", "127.0.0.1:x"],
        ["serve", "surplus"],
        ["audit", "--shop", "nobody"],
    ]
    for args in wrong:
        ran = tessera(*args)
        assert ran.code == 2, args
        assert ran.err, args
        assert "Traceback" not in ran.err, args


# --- programme publish ------------------------------------------------------------------------------------------------


def test_publishing_answers_with_version_and_moment(anywhere: Tessera, document: Write) -> None:
    made, file = create(anywhere), document(programme())
    anywhere("clock", "set", "2026-03-01T10:00:00Z")
    first = ["programme", "publish", file, "--shop", made["shop_id"], "--json"]
    told = anywhere(*first, "--effective-from", "2026-01-01T00:00:00+01:00").json
    assert told == {"version": 1, "effective_from": "2025-12-31T23:00:00Z"}
    assert anywhere(*first).json == {"version": 2, "effective_from": "2026-03-01T10:00:00Z"}
    ran = anywhere(*first, "--effective-from", "2026-02-01T00:00:00Z")  # a later version only forward
    assert (ran.code, "effective_from" in ran.err) == (1, True)


def test_every_problem_of_a_programme_is_told_with_its_field(tessera: Tessera, document: Write) -> None:
    made = create(tessera)
    broken = programme(rounding="up", earn_on="never") | {"surplus": 1}
    ran = tessera("programme", "publish", document(broken), "--shop", made["shop_id"])
    assert ran.code == 1
    for field in ("earning.rounding", "earning.earn_on", "surplus"):
        assert field in ran.err
    assert "Traceback" not in ran.err


def test_a_file_that_is_no_programme_is_one_line_or_names_what_is_wrong(tessera: Tessera, document: Write) -> None:
    made = create(tessera)
    unreadable = [b"", b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe", rb'{"a": "\ud800"}', b'{"a": 1, "a": 2}']
    for content in unreadable:
        ran = tessera("programme", "publish", document(content), "--shop", made["shop_id"])
        assert (ran.code, ran.err.count("\n")) == (2, 1), content[:20]
    for content in (b"[]", b"null", b"{}", b"1"):
        ran = tessera("programme", "publish", document(content), "--shop", made["shop_id"])
        assert (ran.code, "Traceback" in ran.err, bool(ran.err)) == (1, False, True), content


def test_publishing_to_nobody_at_no_time_or_from_a_folder_is_exit_2(tessera: Tessera, document: Write) -> None:
    made, file = create(tessera), document(programme())
    assert tessera("programme", "publish", file, "--shop", "nobody").code == 2
    assert tessera("programme", "publish", str(tessera.home), "--shop", made["shop_id"]).code == 2
    for moment in (
        "now",
        "2026-03-01",
        "2026-03-01T10:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ):
        ran = tessera("programme", "publish", file, "--shop", made["shop_id"], "--effective-from", moment)
        assert (ran.code, "Traceback" in ran.err) == (2, False), moment


# --- clock ------------------------------------------------------------------------------------------------------------


def test_the_clock_is_set_moved_on_shown_and_let_go(anywhere: Tessera) -> None:
    def clock(*args: str) -> str:
        ran = anywhere("clock", *args)
        assert ran.code == 0, ran.err
        return ran.out.strip()

    assert clock("set", "2026-03-01T11:00:00+01:00") == "2026-03-01T10:00:00Z"
    assert clock("show") == clock("show") == "2026-03-01T10:00:00Z"  # it stands still
    assert clock("advance", "30d") == "2026-03-31T10:00:00Z"
    assert clock("advance", "90m") == "2026-03-31T11:30:00Z"
    assert clock("advance", "2w") == "2026-04-14T11:30:00Z"
    assert clock("set", "2026-01-01T00:00:00Z") == "2026-01-01T00:00:00Z"  # also back
    assert clock("real") > "2026-01-02"
    assert clock("show") != "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("command", "value"),
    [
        *(("set", text) for text in ("", "now", "2026-03-01", "2026-03-01T10:00:00", "2026-02-30T10:00:00Z")),
        *(("set", text) for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T00:00:00Z")),
        *(("advance", text) for text in ("", "30", "d", "-1d", "1.5d", "1y", "999999w", "99999999d", "٣d")),
    ],
)
def test_a_wrong_time_or_step_is_exit_2_and_changes_nothing(tessera: Tessera, command: str, value: str) -> None:
    tessera("clock", "set", "2026-03-01T10:00:00Z")
    ran = tessera("clock", command, "--", value)
    assert (ran.code, "Traceback" in ran.err) == (2, False)
    assert tessera("clock", "show").out.strip() == "2026-03-01T10:00:00Z"


def test_without_the_switch_the_clock_is_refused_ignored_and_warned_of(tessera: Tessera) -> None:
    tessera("clock", "set", "2020-01-01T00:00:00Z")
    for command in (["show"], ["set", "2026-03-01T10:00:00Z"], ["advance", "1d"], ["real"]):
        ran = tessera("clock", *command, TEST_CLOCK=None)
        assert (ran.code, "TEST_CLOCK=1" in ran.line) == (2, True)
    made = create(tessera, TEST_CLOCK="0")
    file = tessera.home / "programme.json"
    file.write_text(json.dumps(programme()))
    told: dict[str, Any] = tessera(
        "programme", "publish", str(file), "--shop", made["shop_id"], "--json", TEST_CLOCK=None
    ).json
    assert told["effective_from"] > "2026"  # the real clock
    warned = tessera("doctor", TEST_CLOCK=None)
    assert (warned.code, "clock real" in warned.out) == (1, True)
