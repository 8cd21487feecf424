"""How the programme looks and speaks on the shop's pages. Nothing here moves a point."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.rules.document.referrals import Page
from app.rules.fields import List, NoneIfEmpty, Part, Time
from app.rules.spoken import Label, Line, Passage

_NO_URI = re.compile(r'["<>\\^`{|}]')
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


def _a_colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        raise PydanticCustomError("not_a_colour", 'Write a colour such as "#c8643c".')
    return value.lower()


def _a_uri(value: str) -> str:
    """Refuse what no address holds unescaped (RFC 3986), and pages, styles and scripts would have to escape."""
    if _NO_URI.search(value):
        raise PydanticCustomError("not_an_address", 'Write %22 for a quote in an address, %3C for "<", and so on.')
    return value


Address = Annotated[Page, AfterValidator(_a_uri)]
Colour = Annotated[str, AfterValidator(_a_colour), WithJsonSchema({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"})]


class Launcher(Part):
    """The button that opens the panel."""

    label: Annotated[Label | None, NoneIfEmpty] = Field(None, description="null: the panel's own word for it.")
    side: Literal["left", "right"] = Field("right", description="Of the page; mirrored where text runs from the right.")
    icon: Literal["gift", "star", "heart", "crown", "coin"] = "gift"


class Announcement(Part):
    """A line at the top of the shop's pages."""

    text: Line
    link: Address | None = None
    from_: Time | None = Field(None, alias="from", description="First moment.")
    to: Time | None = Field(None, description="First moment after the end.")


class Question(Part):
    question: Line
    answer: Passage


class Display(Part):
    """Texts are plain, one for everybody or by language: {"en": "…", "fr": "…"}."""

    accent: Colour | None = Field(None, description="Of buttons; the text on it is black or white, as can be read.")
    accent_dark: Colour | None = Field(None, description="The same on dark pages; `accent` by default.")
    logo: Address | None = Field(None, description="A picture's address.")
    radius: Annotated[int, Field(ge=0, le=32)] | None = Field(None, description="Of corners, in CSS pixels.")
    launcher: Launcher = Launcher()
    announcement: Annotated[Announcement | None, NoneIfEmpty] = None
    faq: Annotated[tuple[Question, ...], List] = Field((), max_length=50)
