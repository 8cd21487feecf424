"""What the shop sells: the shapes. The goods themselves are in goods.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    id: str
    name: str
    cents: int
    glaze: str = "salt"  # a colour of static/shop.css and of GLAZES


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    id: str
    title: str
    kind: str  # "Handleless cup": the line under the title
    text: str
    facts: tuple[str, ...]
    option: str  # what the variants differ in
    variants: tuple[Variant, ...]
    collection: str
    tags: tuple[str, ...] = ()
    vendor: str = "Aloni"
    was_cents: int | None = None  # the price before the sale
    gift_card: bool = False

    @property
    def first(self) -> Variant:
        return self.variants[0]

    @property
    def one_price(self) -> bool:
        return len({variant.cents for variant in self.variants}) == 1


COLLECTIONS = {
    "cups": "Cups & coffee",
    "table": "Bowls & plates",
    "vases": "Vases & light",
    "gifts": "Linen & gifts",
}

GLAZES = {
    "sea": "#3f7285",
    "salt": "#e8e1d3",
    "honey": "#d39a3f",
    "brick": "#b4573a",
    "olive": "#79834f",
    "night": "#2f3d50",
    "rose": "#cf9a8c",
}

# What is painted on a glaze: light on the dark ones.
PAINTS = {"sea": "#f3e9d8", "night": "#f3e9d8", "brick": "#f3e9d8", "olive": "#f3e9d8"}
DARK_PAINT = "#2f3d50"


def product_of(goods: tuple[Product, ...], variant_id: str) -> tuple[Product, Variant] | None:
    """Find a variant and its product."""
    for product in goods:
        for variant in product.variants:
            if variant.id == variant_id:
                return product, variant
    return None
