"""The earn table of a shop as of now: from it a page draws the promise that `previews` would make."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from app import programmes
from app.rules.table import Occasions, Table, earn_table, no_table
from app.rules.words import LANGUAGES
from app.shops import Shop


def earn_table_of(
    connection: Connection,
    shop: Shop,
    now: datetime,
    languages: Iterable[str] = LANGUAGES,
    *,
    hidden: bool = False,
) -> Table:
    """Return a shop's earn table. `hidden`: with tiers that not everyone may know of."""
    known = programmes.versions(connection, shop.id)
    version = programmes.effective(known, now)
    later = min((each.effective_from for each in known if each.effective_from > now), default=None)
    when = Occasions(now, shop.zone, later)
    if version is None:
        return no_table(when)
    return earn_table(version.number, version.programme, when, languages, hidden=hidden)
