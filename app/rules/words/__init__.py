"""What shoppers read: one catalogue of sentences for each language; numbers and plurals by CLDR.

A merchant's own name for points goes before the catalogue's. Sentences put figures beside words rather than into
them, so that no language has to bend a word it does not know.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent

from app.rules.document import PointsNames

LANGUAGES = ("en", "ro", "ru", "sk", "fr", "fi", "de", "es", "it", "nl", "pl")
DEFAULT = "en"
_FINE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Words:
    """One language, with the names a merchant gives to points in it."""

    language: str
    texts: Mapping[str, Mapping[str, str]]
    locale: Locale
    names: Mapping[str, str]  # plural category → name of points

    def say(self, key: str, **figures: object) -> str:
        """Return a sentence of the catalogue, such as "order.capped". Raises: KeyError, for an unknown one."""
        section, _, name = key.partition(".")
        return self.texts[section][name].format(**figures)

    def knows(self, key: str) -> bool:
        section, _, name = key.partition(".")
        return name in self.texts[section]

    def points(self, number: object) -> str:
        """Write so many points with their name: "399 points". Units: whole, or an exact decimal string."""
        count = _decimal(number)
        return f"{self.number(count)} {self.name(str(self.locale.plural_form(abs(count))))}"

    def name(self, category: str) -> str:
        """Return what points are called in a plural category."""
        return self.names.get(category) or self.names["other"]

    def number(self, number: object) -> str:
        return str(format_decimal(_decimal(number), format="#,##0.######", locale=self.locale))

    def money(self, amount: object, currency: str) -> str:
        """Write an amount as an explanation holds it: "39.98", or "10/3" to six decimals for the eye."""
        return str(format_currency(_decimal(amount), currency, locale=self.locale, decimal_quantization=False))

    def price(self, amount: object, currency: str) -> str:
        """Write an amount without empty decimals: "€5", "€4.50"."""
        exact = _decimal(amount)
        if exact != exact.to_integral_value():
            return self.money(exact, currency)
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "")
        return str(format_currency(exact, currency, format=pattern, locale=self.locale, currency_digits=False))

    def percent(self, number: object) -> str:
        """Write so many hundredths: "12.5%"."""
        return str(format_percent(_decimal(number) / 100, locale=self.locale, decimal_quantization=False))

    def day(self, moment: datetime, zone: ZoneInfo) -> str:
        """Write the local day of a moment."""
        return str(format_date(moment.astimezone(zone).date(), format="long", locale=self.locale))

    def time(self, moment: datetime, zone: ZoneInfo) -> str:
        """Write the local time of a moment, to the minute."""
        return str(format_time(moment.astimezone(zone).time(), format="short", locale=self.locale))


def _decimal(number: object) -> Decimal:
    if isinstance(number, Decimal):
        return number
    exact = Fraction(str(number))
    fine = Decimal(exact.numerator) / Decimal(exact.denominator)
    return fine if fine == fine.quantize(_FINE) else fine.quantize(_FINE, ROUND_HALF_EVEN)


def words(wanted: str | None = None, names: PointsNames | None = None) -> Words:
    """Return the words of a language, or of the first that is known in a list such as Accept-Language's.

    `names`: what the programme calls a point, by language. Unknown languages fall back to English.
    """
    tag, language = _choose(wanted)
    texts, known = _catalogue(language), names or {}
    own = known.get(tag) or known.get(language)
    named = own.model_dump(exclude_none=True) if own else texts["point"]
    return Words(language, texts, Locale.parse(language), named)


def _choose(wanted: str | None) -> tuple[str, str]:
    """Return the tag as asked for and the language of its catalogue."""
    for tag in _tags(wanted or ""):
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES:
            return tag, language
    return DEFAULT, DEFAULT


def _tags(wanted: str) -> list[str]:
    """Read "fr-CA,fr;q=0.8,en;q=0.5": the tags, the most wanted first."""
    weighed = []
    for place, part in enumerate(wanted[:500].split(",")):
        tag, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        weighed.append((-float(weight) if weight.replace(".", "", 1).isdecimal() else -1.0, place, tag.strip()))
    return [tag for _, _, tag in sorted(weighed)]


@cache
def _catalogue(language: str) -> Mapping[str, Mapping[str, str]]:
    text = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = tomllib.loads(text)
    return found
