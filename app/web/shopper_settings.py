"""What shoppers set for themselves, and the card they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from app import shops
from app.db import reading, retrying
from app.members import cards, choices, settings
from app.members.settings import Changes
from app.members.views import held_row, living
from app.web.api import reading as requests
from app.web.api.fields import Day, Given
from app.web.api.schemas import Language
from app.web.gates import caller, services

pages = Blueprint("shopper_settings", __name__)


class Mail(Given):
    programme: bool = True
    reminders: bool = True
    summary: bool = True
    promotions: bool = False


class Push(Given):
    points: bool = True
    tier: bool = True
    expiry: bool = True


class Leaderboards(Given):
    name: str | None = None


class Settings(Given):
    """What is left out stays as it is."""

    birthday: Day | None = None
    language: Language | None = None
    mail: Mail = Mail()
    push: Push = Push()
    leaderboards: Leaderboards = Leaderboards()

    def changes(self) -> Changes:
        values = dict(self._values())
        return Changes(
            values,
            birthday=self.birthday,
            tells_birthday="birthday" in self.model_fields_set,
            name=self.leaderboards.name,
            tells_name="name" in self.leaderboards.model_fields_set,
        )

    def _values(self) -> Iterator[tuple[str, str | None]]:
        if "language" in self.model_fields_set:
            yield choices.LANGUAGE, self.language
        groups: Mapping[str, Given] = {"mail": self.mail, "push": self.push}
        for name, group in groups.items():
            for key in sorted(group.model_fields_set):
                yield f"{name}.{key}", choices.written(getattr(group, key))


@pages.get("/settings")
def read_settings() -> Response:
    """Tell what the shopper has set."""
    who = caller()
    with reading(services().engine) as connection:
        now = services().clock.now(connection)
        return jsonify(settings.document(connection, services().vault, who.shop.id, who.member_id, now))


@pages.patch("/settings")
def change_settings() -> Response:
    """Change what is sent; answer with everything."""
    who = caller()
    wanted = requests.given(Settings, requests.tree(request.get_data(cache=False))).changes()
    vault, clock = services().vault, services().clock

    def work(connection: Connection) -> dict[str, Any]:
        shop, now = shops.hold(connection, who.shop.id), clock.now(connection)
        settings.change(connection, vault, shop, who.member_id, wanted, now=now, real=clock.real())
        return settings.document(connection, vault, shop.id, who.member_id, now)

    return jsonify(retrying(services().engine, work))


@pages.get("/card")
def card() -> Response:
    """Tell the shopper's card, made on first demand."""
    return _card(cards.number_of)


@pages.post("/card")
def new_card() -> Response:
    """Make the shopper a new card; the number of the old one finds nobody any more."""
    response = _card(cards.renew)
    response.status_code = 201
    return response


def _card(find: Callable[[Connection, str, str, datetime], str]) -> Response:
    who = caller()

    def work(connection: Connection) -> str:
        shop = shops.hold(connection, who.shop.id)
        row = living(held_row(connection, shop.id, who.member_id))
        return find(connection, shop.id, row.id, services().clock.real())

    number = retrying(services().engine, work)
    drawn = cards.picture(number)
    return jsonify({"number": cards.show_number(number), "qr": {"path": drawn.path, "size": drawn.size}})
