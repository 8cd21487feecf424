"""The earn table, for pages that draw a product's points by themselves."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.orders.earn_tables import earn_table_of
from app.rules.words import LANGUAGES
from app.web.gates import services
from app.web.widget import answer

earn_tables = Blueprint("earn_tables", __name__)


@earn_tables.get("/<shop_id>/table")
def table(shop_id: str) -> Response:
    """Tell what products earn, in the tiers that everyone may know of; with sentences in `?lang=a,b`, else in all."""
    asked = request.args.get("lang")
    languages = LANGUAGES if not asked else tuple(asked[:100].split(","))
    return answer(
        shop_id,
        lambda connection, shop: earn_table_of(connection, shop, services().clock.now(connection), languages),
    )
