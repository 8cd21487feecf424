"""What shoppers set for themselves: birthday, language, and which mail and messages they want."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.audit import audit
from app.db import reading
from app.members import choices, names
from app.models import facts, member_choices, member_names
from app.privacy.exporting import export
from tests.app.test_erasing import erase
from tests.app.test_referrals import member_of, merge
from tests.build import START, Tessera
from tests.edge import Door, open_door
from tests.web.test_shopper import member_ids, token_of

DEFAULTS = {
    "birthday": None,
    "birthday_changeable": True,
    "language": None,
    "mail": {"programme": True, "reminders": True, "summary": True, "promotions": False},
    "push": {"points": True, "tier": True, "expiry": True},
    "leaderboards": {"name": None},
}


@pytest.fixture
def ada(custom: Door) -> tuple[Door, str]:
    custom.deliver(custom.order())
    custom.shop.drain()
    [member_id] = member_ids(custom)
    return custom, member_id


def ask(door: Door, member_id: str, method: str = "GET", path: str = "settings", **sent: Any) -> Any:
    headers = {"Authorization": f"Bearer {token_of(door, member_id)}"}
    return door.client.open(f"/shopper/v1/{path}", method=method, headers=headers, **sent)


def set_(door: Door, member_id: str, **wanted: Any) -> Any:
    return ask(door, member_id, "PATCH", json=wanted)


def kept(door: Door, member_id: str) -> dict[str, Any]:
    mine = select(member_choices).where(member_choices.c.shop_id == door.shop.id)
    with reading(door.tessera.engine) as connection:
        rows = connection.execute(mine.where(member_choices.c.member_id == member_id))
        return {row.name: row for row in rows}


def told_of(door: Door) -> list[dict[str, Any]]:
    mine = select(facts.c.body).where(facts.c.shop_id == door.shop.id, facts.c.kind == "choices").order_by(facts.c.seq)
    with reading(door.tessera.engine) as connection:
        return list(connection.execute(mine).scalars())


def test_a_shopper_who_has_set_nothing_has_the_defaults_and_no_advertising(ada: tuple[Door, str]) -> None:
    assert ask(*ada).get_json() == DEFAULTS


def test_what_is_sent_is_changed_and_the_rest_stays(ada: tuple[Door, str]) -> None:
    wanted = {"birthday": "1990-05-17", "language": "fr", "mail": {"promotions": True}, "push": {"tier": False}}
    expected = {
        **DEFAULTS,
        "birthday": "1990-05-17",
        "language": "fr",
        "mail": {**DEFAULTS["mail"], "promotions": True},  # type: ignore[dict-item]
        "push": {**DEFAULTS["push"], "tier": False},  # type: ignore[dict-item]
    }
    assert set_(*ada, **wanted).get_json() == expected
    assert set_(*ada).get_json() == expected
    assert ask(*ada).get_json() == expected
    assert set_(*ada, language=None).get_json()["language"] is None


def test_a_choice_keeps_the_moment_it_was_made_and_the_journal_every_change(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    before = datetime.now(UTC)
    for wish in (True, True, False):
        set_(door, member_id, mail={"promotions": wish})
        told = kept(door, member_id)["mail.promotions"]
        if wish:
            first = told.chosen_at
            assert before <= first <= datetime.now(UTC)
    assert told.value == "no"
    assert told.chosen_at > first
    assert [each["choices"] for each in told_of(door)] == [{"mail.promotions": "yes"}, {"mail.promotions": "no"}]
    assert [datetime.fromisoformat(each["at"]) for each in told_of(door)] == [first, told.chosen_at]
    assert audit(door.tessera.engine, door.shop.id) == []


def test_what_changes_nothing_is_not_written(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    set_(door, member_id, language=None, birthday=None)
    assert (kept(door, member_id), told_of(door)) == ({}, [])
    for _ in range(choices.MOST_A_DAY + 1):
        assert set_(door, member_id, language="fr", push={"tier": False}).status_code == 200
    assert len(told_of(door)) == 1


def test_a_browser_cannot_make_the_journal_grow_without_end(
    ada: tuple[Door, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    door, member_id = ada
    monkeypatch.setattr(choices, "MOST_A_DAY", 4)
    tried = [set_(door, member_id, mail={"promotions": n % 2 == 0}) for n in range(7)]
    assert [each.status_code for each in tried] == [200] * 4 + [429, 200, 429]  # the sixth asks for what is so
    assert tried[-1].get_json()["code"] == "too_often"
    assert 86_000 < int(tried[-1].headers["Retry-After"]) <= 86_400
    assert set_(door, member_id, birthday="1990-05-17", language="fr").status_code == 429
    told = ask(door, member_id).get_json()
    assert (told["birthday"], told["language"], told["mail"]["promotions"]) == (None, None, False)
    assert len(told_of(door)) == 4
    assert audit(door.tessera.engine, door.shop.id) == []


def test_who_has_changed_too_much_keeps_nobody_else_from_it_and_may_again_a_day_later(
    custom: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "bob"):
        custom.deliver(custom.order(id=name, customer={"id": name}))
    custom.shop.drain()
    ada, bob = member_of(custom.shop, "ada"), member_of(custom.shop, "bob")
    monkeypatch.setattr(choices, "MOST_A_DAY", 1)
    assert set_(custom, ada, language="fr").status_code == 200
    assert set_(custom, ada, language="fi").status_code == 429
    assert set_(custom, bob, language="fi").status_code == 200
    monkeypatch.setattr(choices, "_DAY", timedelta(0))
    assert set_(custom, ada, language="fi").status_code == 200


def test_what_is_wrong_changes_nothing(ada: tuple[Door, str]) -> None:
    for wrong, field in (
        ({"mail": {"promotions": "yes"}}, "mail.promotions"),
        ({"mail": {"spam": True}}, "mail.spam"),
        ({"mail": None}, "mail"),
        ({"push": {"tier": 1}}, "push.tier"),
        ({"language": "fr\n"}, "language"),
        ({"language": "français"}, "language"),
        ({"birthday": "--05-17"}, "birthday"),
        ({"birthday": "2026-02-30"}, "birthday"),
        ({"birthday": "2999-01-01"}, "birthday"),
        ({"tier": "gold"}, "tier"),
        ({"birthday_changeable": True}, "birthday_changeable"),
        ({"leaderboards": {"name": " \u202e"}}, "leaderboards.name"),
        ({"leaderboards": {"name": "a" * 41}}, "leaderboards.name"),
        ({"leaderboards": {"name": 7}}, "leaderboards.name"),
        ({"leaderboards": {"names": "Ada"}}, "leaderboards.names"),
        ({"leaderboards": None}, "leaderboards"),
    ):
        answer = set_(*ada, **{"push": {"points": False}, **wrong})
        assert answer.status_code == 422, wrong
        assert [each["field"] for each in answer.get_json()["errors"]] == [field]
    assert ask(*ada, "PATCH", data=b"[]").status_code == 400
    assert ask(*ada, "PATCH", data=b"{").status_code == 400
    assert set_(*ada, language="fr\x00").status_code == 400
    assert ask(*ada).get_json() == DEFAULTS


def test_a_birthday_is_changed_once_a_year_and_taking_it_back_is_a_change(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    assert set_(door, member_id, birthday="1990-05-17").status_code == 200
    assert set_(door, member_id, birthday="1990-05-18").get_json()["birthday_changeable"] is False
    refused = set_(door, member_id, birthday="1990-05-19", language="fr")
    assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (409, "changed_recently")
    assert ask(door, member_id).get_json()["language"] is None
    assert set_(door, member_id, birthday="1990-05-18", language="fr").get_json()["language"] == "fr"
    assert set_(door, member_id, birthday=None).get_json()["birthday"] is None
    assert set_(door, member_id, birthday="1990-03-02").status_code == 409
    door.tessera.set_clock(START + timedelta(days=366))
    try:
        assert set_(door, member_id, birthday="1990-03-02").get_json()["birthday"] == "1990-03-02"
    finally:
        door.tessera.set_clock(START)


def test_completing_the_profile_earns_what_the_programme_gives_for_it_once(tessera: Tessera) -> None:
    rule = {"key": "profile", "kind": "profile_field", "subject": "birthday", "points": 50}
    door = open_door(tessera, activities=[rule])
    door.deliver(door.order())
    door.shop.drain()
    [member_id] = member_ids(door)
    set_(door, member_id, birthday="1990-05-17")
    assert door.points() == 399 + 50
    set_(door, member_id, birthday="1990-05-18")
    assert door.points() == 399 + 50
    assert audit(tessera.engine, door.shop.id) == []


def test_nobody_elses_settings_are_seen_or_changed(ada: tuple[Door, str], tessera: Tessera) -> None:
    door, member_id = ada
    door.deliver(door.order(id="bobs", customer={"id": "bob"}))
    door.shop.drain()
    [bob] = set(member_ids(door)) - {member_id}
    set_(door, bob, language="fi", birthday="1990-05-17")
    assert ask(door, member_id).get_json() == DEFAULTS
    other = open_door(tessera)
    assert ask(other, bob, "PATCH", json={}).status_code == 401
    assert door.client.get("/shopper/v1/settings").status_code == 401


def test_a_page_of_the_shop_may_send_changes_and_another_page_may_not(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    asked = {"Origin": f"https://{door.ref}", "Access-Control-Request-Method": "PATCH"}
    preflight = door.client.options("/shopper/v1/settings", headers=asked)
    assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
    headers = {"Authorization": f"Bearer {token_of(door, member_id)}", "Origin": "https://evil.example"}
    assert door.client.patch("/shopper/v1/settings", json={"language": "fr"}, headers=headers).status_code == 403


def test_after_a_merge_the_latest_choice_counts(custom: Door) -> None:
    for name in ("ada", "bob"):
        custom.deliver(custom.order(id=name, customer={"id": name}))
    custom.shop.drain()
    ada, bob = member_of(custom.shop, "ada"), member_of(custom.shop, "bob")
    set_(custom, ada, language="fr", mail={"promotions": True})
    set_(custom, bob, language="fi", push={"tier": False})
    merge(custom.shop, bob, ada)
    told = ask(custom, ada).get_json()
    assert (told["language"], told["mail"]["promotions"], told["push"]["tier"]) == ("fi", True, False)
    assert kept(custom, bob) == {}
    assert audit(custom.tessera.engine, custom.shop.id) == []


def test_an_export_tells_the_choices_and_an_erasure_forgets_them(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    set_(door, member_id, mail={"promotions": True})
    with reading(door.tessera.engine) as connection:
        told = export(connection, door.tessera.services.vault, door.shop.id, [member_id]).decode()
    assert "mail.promotions" in told
    erase(door.shop, member_id)
    assert kept(door, member_id) == {}
    assert set_(door, member_id, language="fr").status_code == 409
    assert kept(door, member_id) == {}
    assert audit(door.tessera.engine, door.shop.id) == []


def named(door: Door, member_id: str) -> list[Any]:
    mine = select(member_names).where(member_names.c.shop_id == door.shop.id, member_names.c.member_id == member_id)
    with reading(door.tessera.engine) as connection:
        return list(connection.execute(mine))


def test_who_wants_to_be_named_is_called_as_told_until_it_is_taken_back(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    assert set_(door, member_id, leaderboards={"name": " Ada\u202e L. "}).get_json()["leaderboards"] == {
        "name": "Ada L."
    }
    [first] = named(door, member_id)
    set_(door, member_id, leaderboards={"name": "Ada L."}, language="fr")
    set_(door, member_id, leaderboards={})
    assert named(door, member_id) == [first]
    assert b"Ada" not in first.name
    set_(door, member_id, leaderboards={"name": None})
    assert (named(door, member_id), ask(door, member_id).get_json()["leaderboards"]) == ([], {"name": None})
    assert audit(door.tessera.engine, door.shop.id) == []


def test_a_name_is_in_no_journal_is_exported_and_is_forgotten(ada: tuple[Door, str]) -> None:
    door, member_id = ada
    set_(door, member_id, leaderboards={"name": "Canary Bird"})
    with reading(door.tessera.engine) as connection:
        told = export(connection, door.tessera.services.vault, door.shop.id, [member_id]).decode()
        bodies = connection.execute(select(facts.c.body).where(facts.c.shop_id == door.shop.id)).scalars()
        assert "Canary" not in str(list(bodies))
    assert "Canary Bird" in told
    erase(door.shop, member_id)
    assert named(door, member_id) == []
    assert set_(door, member_id, leaderboards={"name": "Canary Bird"}).status_code == 409
    assert named(door, member_id) == []


def test_after_a_merge_the_latest_name_counts(custom: Door) -> None:
    for name in ("ada", "bob"):
        custom.deliver(custom.order(id=name, customer={"id": name}))
    custom.shop.drain()
    ada, bob = member_of(custom.shop, "ada"), member_of(custom.shop, "bob")
    set_(custom, ada, leaderboards={"name": "Ada"})
    set_(custom, bob, leaderboards={"name": "Bob"})
    merge(custom.shop, bob, ada)
    assert ask(custom, ada).get_json()["leaderboards"] == {"name": "Bob"}
    assert named(custom, bob) == []
    assert audit(custom.tessera.engine, custom.shop.id) == []


def test_whoever_was_merged_twice_is_called_as_who_lives_on(custom: Door) -> None:
    for name in ("ada", "bob", "zoe"):
        custom.deliver(custom.order(id=name, customer={"id": name}))
    custom.shop.drain()
    ada, bob, zoe = (member_of(custom.shop, name) for name in ("ada", "bob", "zoe"))
    set_(custom, zoe, leaderboards={"name": "Zoe"})
    merge(custom.shop, ada, bob)
    merge(custom.shop, bob, zoe)
    with reading(custom.tessera.engine) as connection:
        shown = names.shown(connection, custom.tessera.services.vault, custom.shop.id, [ada, bob, zoe])
    assert shown == dict.fromkeys((ada, bob, zoe), "Zoe")
