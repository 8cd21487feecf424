"""Leaderboards read out: counted while a contest runs, as written down afterwards; names only by wish."""

from __future__ import annotations

from typing import Any

from app import shops
from app.db import reading
from app.scheduled import leaderboards
from app.scheduled.tallies import Tallies
from tests.api.conftest import Api
from tests.build import Tessera, line
from tests.scheduled.play import Play, moment, play, rule

BEST = rule("leaderboard_prize", 0, key="best buyers", contest={"by": "spend", "period": "month", "prizes": [500, 200]})


def month(tessera: Tessera) -> tuple[Play, Api]:
    shop = play(tessera, BEST)
    for name, price in (("ada", "30.00"), ("bob", "50.00"), ("charlie", "30.00")):
        shop.buy(name, "2026-03-05", lines=[line(quantity=1, unit_price=price)])
    return shop, Api(tessera.client(), shop.shop.keys.api_key, shop.shop)


def rows(answer: Any) -> list[tuple[int, str, int]]:
    return [(row["place"], row["value"], row["prize"]) for row in answer["places"]]


def test_a_contest_that_runs_is_counted_as_things_stand(tessera: Tessera) -> None:
    shop, api = month(tessera)
    told = api.get("/leaderboards/best%20buyers").json
    assert rows(told) == [(1, "50", 500), (2, "30", 200), (2, "30", 200)]
    assert (told["period"], told["final"], told["among"]) == ("2026-03", False, 3)
    assert (told["from"], told["to"]) == ("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
    assert told["places"][0]["member_id"] == shop.enrol("bob")


def test_a_contest_that_was_decided_is_read_as_it_was_written_down(tessera: Tessera) -> None:
    shop, api = month(tessera)
    shop.tick("2026-04-02")
    shop.buy("ada", "2026-03-06", lines=[line(quantity=1, unit_price="900.00")])  # told too late
    tessera.set_clock(moment("2026-04-02"))
    told = api.get("/leaderboards/best%20buyers?period=2026-03").json
    assert rows(told) == [(1, "50", 500), (2, "30", 200), (2, "30", 200)]
    assert told["final"]
    assert api.get("/leaderboards/best%20buyers").json["places"] == []
    shop.agrees()


def test_what_is_no_contest_and_no_period_is_refused(tessera: Tessera) -> None:
    _, api = month(tessera)
    assert api.get("/leaderboards/worst").status_code == 404
    for period in ("2026-3", "2026-W03", "2026-13", "2026-04", "0001-01", "%00", "２026-03"):
        assert api.get(f"/leaderboards/best%20buyers?period={period}").status_code == 422
    other = tessera.shop()
    assert Api(tessera.client(), other.keys.api_key, other).get("/leaderboards/best%20buyers").status_code == 404


def test_a_shopper_sees_places_and_the_own_one_but_nobody_else(tessera: Tessera) -> None:
    shop, api = month(tessera)
    ada = shop.enrol("ada")
    token = api.post(f"/members/{ada}/shopper-token").json["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = api.client.get("/shopper/v1/leaderboards", headers=headers)
    (board,) = answer.json["data"]
    assert rows(board) == [(1, "50", 500), (2, "30", 200), (2, "30", 200)]
    assert board["own"] == {"place": 2, "value": "30", "prize": 200, "name": None}
    assert {row["name"] for row in board["places"]} == {None}
    assert "m_" not in answer.text
    shop.tick("2026-04-02")
    path = "/shopper/v1/leaderboards/best%20buyers?period=2026-03"
    assert api.client.get(path, headers=headers).json["own"]["place"] == 2
    assert api.client.get("/shopper/v1/leaderboards/none", headers=headers).status_code == 404


def test_only_who_wants_to_be_is_named_and_no_longer_than_that(tessera: Tessera) -> None:
    shop, api = month(tessera)
    ada, bob = shop.enrol("ada"), shop.enrol("bob")
    headers = {who: {"Authorization": f"Bearer {_token(api, who)}"} for who in (ada, bob)}

    def called(who: str, name: str | None) -> tuple[list[str | None], str | None]:
        wanted = {"leaderboards": {"name": name}}
        assert api.client.patch("/shopper/v1/settings", json=wanted, headers=headers[who]).status_code == 200
        path = "/shopper/v1/leaderboards/best%20buyers?period=2026-03"
        board = api.client.get(path, headers=headers[ada]).json
        return [row["name"] for row in board["places"]], board["own"]["name"]

    assert called(bob, "Bob <b>") == (["Bob <b>", None, None], None)
    assert sorted(filter(None, called(ada, "Ada")[0])) == ["Ada", "Bob <b>"]
    assert called(ada, "Ada B.")[1] == "Ada B."
    first = api.get("/leaderboards/best%20buyers").json["places"][0]
    assert (first["member_id"], first["name"]) == (bob, "Bob <b>")
    assert api.get(f"/members/{bob}").json["leaderboard_name"] == "Bob <b>"
    shop.tick("2026-04-02")
    assert called(ada, None) == (["Bob <b>", None, None], None)
    assert called(bob, None) == ([None] * 3, None)
    assert api.get(f"/members/{bob}").json["leaderboard_name"] is None
    shop.agrees()


def test_a_merchant_takes_a_name_away_that_others_should_not_read(tessera: Tessera) -> None:
    shop, api = month(tessera)
    ada = shop.enrol("ada")
    headers = {"Authorization": f"Bearer {_token(api, ada)}"}
    api.client.patch("/shopper/v1/settings", json={"leaderboards": {"name": "A bad word"}}, headers=headers)
    other = tessera.shop()
    theirs = Api(tessera.client(), other.keys.api_key, other)
    assert theirs.call("DELETE", f"/members/{ada}/leaderboard-name").status_code == 404
    assert api.get(f"/members/{ada}").json["leaderboard_name"] == "A bad word"
    for _ in range(2):
        assert api.call("DELETE", f"/members/{ada}/leaderboard-name").json["leaderboard_name"] is None
    assert api.call("DELETE", f"/members/m_{'0' * 20}/leaderboard-name").status_code == 404
    shop.agrees()


def _token(api: Api, member_id: str) -> str:
    return str(api.post(f"/members/{member_id}/shopper-token").json["token"])


def test_whoever_looks_again_within_a_minute_is_told_the_same_places_and_the_own_one_anew(tessera: Tessera) -> None:
    shop, _ = month(tessera)
    ada, seconds = shop.enrol("ada"), [100.0]
    known = Tallies(lambda: seconds[0])

    def look() -> tuple[list[str], tuple[int, str] | None]:
        with reading(tessera.engine) as connection:
            held, now = shops.get(connection, shop.shop.id), tessera.services.clock.now(connection)
            board = leaderboards.read(connection, held, "best buyers", None, now, member_id=ada, known=known)
        return [each.value for each in board.placed], None if board.own is None else board.own[:2]

    assert look() == (["50", "30", "30"], (2, "30"))
    shop.buy("ada", "2026-03-06", lines=[line(quantity=1, unit_price="60.00")])
    seconds[0] += 59
    assert look() == (["50", "30", "30"], (1, "90"))
    seconds[0] += 1
    assert look() == (["90", "50", "30"], (1, "90"))
