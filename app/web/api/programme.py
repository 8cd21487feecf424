"""The programme: the version in effect, the draft, publishing, and what a basket would earn."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from app import programmes
from app.errors import NotFound
from app.members.views import member_row, time_text
from app.models import programme_versions
from app.orders import previews
from app.points import sentences
from app.rules.basket import Basket, BasketLine
from app.rules.earned import Earned
from app.rules.explain import sentence
from app.rules.programme import Programme
from app.rules.words import Words
from app.web.api import answers, schemas
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import after, page


@operation("GET", "/programme", tag="Programme", gives={200: Programme}, errors=(NotFound,))
def read_programme(call: Call, _: None) -> Answer:
    """Read the published programme.

    The version in effect now; before the first one begins, the latest. Its number and its begin stand in the
    headers `Programme-Version` and `Programme-Effective-From`, so that the body can be sent as the next draft.
    """
    version = programmes.current(call.connection, call.shop.id, call.now)
    headers = {
        "Programme-Version": str(version.number),
        "Programme-Effective-From": str(time_text(version.effective_from)),
    }
    return Answer(version.programme.to_document(), headers=headers)


@operation("GET", "/programme/draft", tag="Programme", gives={200: Programme}, errors=(NotFound,))
def read_draft(call: Call, _: None) -> Answer:
    """Read the draft."""
    document = programmes.draft(call.connection, call.shop.id)
    return Answer(programmes.check(document).to_document())


@operation("PUT", "/programme/draft", tag="Programme", takes=Programme, whole=True, gives={200: Programme})
def save_draft(call: Call, given: object) -> Answer:
    """Save the draft.

    It is validated in full: 422 with every error.
    """
    programme = programmes.save_draft(call.connection, call.shop.id, given, call.now)
    return Answer(programme.to_document())


@operation(
    "POST",
    "/programme/publish",
    tag="Programme",
    takes=schemas.Publication,
    gives={201: answers.Published},
    errors=(NotFound,),
)
def publish_programme(call: Call, given: schemas.Publication) -> Answer:
    """Publish the draft.

    As the next version. It is validated again. A version is never changed; an order keeps the one it was placed under.
    """
    document = programmes.draft(call.connection, call.shop.id)
    version = programmes.publish(call.connection, call.shop.id, document, given.effective_from, call.now)
    return Answer({"version": version.number, "effective_from": time_text(version.effective_from)}, 201)


@operation("GET", "/programme/versions", tag="Programme", query=schemas.Page, gives={200: answers.ProgrammeVersions})
def list_versions(call: Call, asked: schemas.Page) -> Answer:
    """List the published versions.

    Oldest first.
    """
    last = after(asked.cursor, "versions", int) or 0
    mine = programme_versions.c.shop_id == call.shop.id
    later = programme_versions.c.version > min(max(last, 0), 2**31 - 1)
    statement = select(programme_versions).where(mine, later).order_by(programme_versions.c.version)
    rows = call.connection.execute(statement.limit(asked.limit + 1)).all()
    data = [
        {
            "version": row.version,
            "effective_from": time_text(row.effective_from),
            "published_at": time_text(row.published_at),
            "programme": programmes.check(row.document).to_document(),
        }
        for row in rows
    ]
    return Answer(page(data, asked.limit, "versions", [row.version for row in rows]))


@operation(
    "POST",
    "/preview",
    tag="Programme",
    writes=False,
    takes=schemas.PreviewBasket,
    gives={200: answers.Preview},
    errors=(NotFound,),
)
def preview_basket(call: Call, given: schemas.PreviewBasket) -> Answer:
    """Preview a basket.

    What it earns if it is bought now, by a member or by a newcomer. The promise is made by the function that
    awards. 404 while no programme is published.
    """
    basket = Basket(
        currency=given.currency,
        lines=[_line(line) for line in given.lines],
        country=given.country,
        discount_codes=given.discount_codes,
        order_discount=given.order_discount or Decimal(0),
    )
    member = None if given.member_id is None else member_row(call.connection, call.shop.id, given.member_id)
    tier, member_id = (None, None) if member is None else (_tier(call, member), member.id)
    earned, version = previews.earn_preview(call.connection, call.shop, basket, call.now, tier, member_id)
    return Answer(_preview(given, earned, sentences.in_language(given.language, version)))


def _line(given: schemas.PreviewLine) -> BasketLine:
    return BasketLine(
        quantity=given.quantity,
        unit_price=given.unit_price,
        discount=given.discount or Decimal(0),
        product_id=given.product_id,
        variant_id=given.variant_id,
        tags=tuple(given.tags),
        collections=tuple(given.collections),
        vendor=given.vendor,
        gift_card=given.gift_card,
    )


def _tier(call: Call, row: Row[Any]) -> str | None:
    return previews.tier_key(call.connection, call.shop, row.id, row.enrolled_at, call.now)


def _preview(given: schemas.PreviewBasket, earned: Earned, in_words: Words) -> dict[str, Any]:
    explanation = earned.explanation
    return {
        "points": earned.target,
        "about": earned.about,
        "lines": [_previewed(asked, line) for asked, line in zip(given.lines, explanation["lines"], strict=True)],
        "explanation": explanation,
        "sentence": sentence(explanation, in_words),
    }


def _previewed(asked: schemas.PreviewLine, told: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {name: told[name] for name in ("basis", "factor", "points_exact")}
    return {"product_id": asked.product_id, "variant_id": asked.variant_id, **numbers}
