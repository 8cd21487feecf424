"""What members want to be called on leaderboards, for other shoppers to read. Nobody is named who has not asked for it.

A name is sealed, and never in the journal: an erasure must be able to forget it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from app.errors import FieldError, Invalid
from app.models import member_names as table
from app.models import members
from app.vault import Vault

LONGEST = 40
_FIELD = "leaderboards.name"
_JOINERS = "\u200c\u200d"  # between letters of Persian, and inside pictures
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"  # nothing is seen of them
_MOST_MARKS = 3  # on one letter: more climb over the lines above


def clean(text: str) -> str:
    """Return a name without what does not show or turns the line around. Raises: Invalid."""
    name = " ".join(unicodedata.normalize("NFC", "".join(_shown(text))).split()).strip(_JOINERS)
    if not any(unicodedata.category(each)[0] in "LN" for each in name):
        raise _wrong("blank", "Write a name with letters or digits.")
    if len(name) > LONGEST:
        raise _wrong("too_long", f"Write at most {LONGEST} characters.")
    return name


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(f"{_FIELD}: {message}", (FieldError(_FIELD, code, message),))


def _shown(text: str) -> Iterator[str]:
    marks = 0
    for each in unicodedata.normalize("NFD", text):
        kind = unicodedata.category(each)
        marks = marks + 1 if kind[0] == "M" else 0
        if kind[0] == "Z" or each in "\t\r\n":
            yield " "
        elif (kind[0] != "C" or each in _JOINERS) and each not in _FILLERS and marks <= _MOST_MARKS:
            yield each


def _of(shop_id: str, *member_ids: str) -> ColumnElement[bool]:
    return and_(table.c.shop_id == shop_id, table.c.member_id.in_(member_ids))


def choose(
    connection: Connection, vault: Vault, shop_id: str, member_id: str, name: str | None, real: datetime
) -> None:
    """Let a member be called so on leaderboards; None: not at all. The caller holds the member.

    Once: who is called so already keeps the moment it was chosen. Raises: Invalid.
    """
    wanted = None if name is None else clean(name)
    if shown(connection, vault, shop_id, [member_id]).get(member_id) == wanted:
        return
    connection.execute(delete(table).where(_of(shop_id, member_id)))
    if wanted is not None:
        row = {"member_id": member_id, "name": vault.seal(shop_id, wanted.encode()), "chosen_at": real}
        connection.execute(insert(table).values(shop_id=shop_id, **row))


def shown(connection: Connection, vault: Vault, shop_id: str, member_ids: Collection[str]) -> dict[str, str]:
    """Return what those are called who want to be; a merged member as the survivor is."""
    survivors = _survivors(connection, shop_id, member_ids)
    theirs = _of(shop_id, *set(survivors.values()))
    known = connection.execute(select(table.c.member_id, table.c.name).where(theirs))
    names = {row.member_id: row.name for row in known}
    return {
        old: vault.open(shop_id, names[survivor]).decode() for old, survivor in survivors.items() if survivor in names
    }


def _survivors(connection: Connection, shop_id: str, member_ids: Collection[str]) -> dict[str, str]:
    """Follow merges of members to who lives on."""
    found = {each: each for each in member_ids}
    while True:
        those = and_(members.c.shop_id == shop_id, members.c.id.in_(set(found.values())))
        query = select(members.c.id, members.c.merged_into).where(those, members.c.merged_into.is_not(None))
        into = {row.id: row.merged_into for row in connection.execute(query)}
        if not into:
            return found
        found = {old: into.get(now, now) for old, now in found.items()}


def join(connection: Connection, shop_id: str, old: str, survivor: str) -> None:
    """Make two members' names one's: the later one, the survivor's own where both are as late."""
    both = connection.execute(select(table).where(_of(shop_id, old, survivor))).mappings().all()
    if any(row["member_id"] == old for row in both):
        latest = max(both, key=lambda row: (row["chosen_at"], row["member_id"] == survivor))
        connection.execute(delete(table).where(_of(shop_id, old, survivor)))
        connection.execute(insert(table).values({**latest, "member_id": survivor}))
