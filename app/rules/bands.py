"""Margin bands: how much the shop keeps of a product's price, and which factor that gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.rules.document import MarginBand
from app.rules.money import exact


@dataclass(frozen=True, slots=True)
class ExactBand:
    key: str
    least: Fraction | None  # inclusive
    below: Fraction | None  # exclusive
    multiplier: Fraction

    @classmethod
    def of(cls, band: MarginBand) -> ExactBand:
        least = None if band.from_ is None else exact(band.from_)
        return cls(band.key, least, None if band.to is None else exact(band.to), exact(band.multiplier))

    def holds(self, margin: Fraction) -> bool:
        return (self.least is None or margin >= self.least) and (self.below is None or margin < self.below)


def margin_of(price: Decimal | None, cost: Decimal | None) -> Fraction | None:
    """Return (price − cost) ÷ price exactly; None where price or cost is not known, or the price is 0."""
    if price is None or cost is None or price <= 0:
        return None
    return 1 - exact(cost) / exact(price)


def band_of(bands: Iterable[ExactBand], price: Decimal | None, cost: Decimal | None) -> str | None:
    """Return the key of the band a product is in; None: in none. A product sold below its cost is in an open one."""
    margin = margin_of(price, cost)
    if margin is None:
        return None
    return next((band.key for band in bands if band.holds(margin)), None)
