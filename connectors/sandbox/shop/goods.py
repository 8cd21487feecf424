"""The goods of Aloni, a pottery that does not exist."""

from __future__ import annotations

from connectors.sandbox.shop.catalogue import Product, Variant


def _glazes(product: str, cents: int, *names: str) -> tuple[Variant, ...]:
    return tuple(Variant(id=f"{product}-{name}", name=name.title(), cents=cents, glaze=name) for name in names)


def _sizes(product: str, glaze: str, **cents: int) -> tuple[Variant, ...]:
    return tuple(
        Variant(id=f"{product}-{name}", name=name.title(), cents=price, glaze=glaze) for name, price in cents.items()
    )


GOODS: tuple[Product, ...] = (
    Product(
        id="morning-cup",
        title="Morning cup",
        kind="Handleless cup, 240 ml",
        text="The first thing we ever threw, and still the one we reach for. It has no handle, so it tells you "
        "by itself when the coffee has cooled enough to drink.",
        facts=("Ø 8 cm, 9 cm tall", "Stoneware, fired at 1240 °C", "Dishwasher and microwave"),
        option="Glaze",
        variants=_glazes("morning-cup", 2400, "sea", "honey", "brick", "salt"),
        collection="cups",
        tags=("stoneware", "bestseller"),
    ),
    Product(
        id="harbour-mug",
        title="Harbour mug",
        kind="Big mug with a handle, 380 ml",
        text="Made for the six o'clock ferry: a wide foot that will not slide and a handle for a whole hand.",
        facts=("Ø 9 cm, 10 cm tall", "Stoneware, fired at 1240 °C", "Dishwasher and microwave"),
        option="Glaze",
        variants=_glazes("harbour-mug", 1999, "night", "olive", "rose"),
        collection="cups",
        tags=("stoneware",),
    ),
    Product(
        id="pour-over",
        title="Pour-over",
        kind="Coffee dripper for one",
        text="One hole, one spiral, no hurry. It sits on every cup we make and on most of those we don't.",
        facts=("Takes size 01 filters", "Ø 11 cm", "Dishwasher"),
        option="Glaze",
        variants=_glazes("pour-over", 4200, "salt", "brick"),
        collection="cups",
        tags=("stoneware", "coffee", "new"),
    ),
    Product(
        id="teapot",
        title="Sunday teapot",
        kind="Teapot, 900 ml",
        text="Round enough for four people and a long story. The spout does not drip; we threw it until it didn't.",
        facts=("14 cm tall, 22 cm from spout to handle", "With a strainer of clay", "Wash by hand"),
        option="Glaze",
        variants=_glazes("teapot", 8900, "honey", "sea"),
        collection="cups",
        tags=("stoneware", "tea"),
    ),
    Product(
        id="supper-bowl",
        title="Supper bowl",
        kind="Deep bowl in three sizes",
        text="Soup, noodles, figs, keys. Small is for breakfast, large is for the middle of the table.",
        facts=("Small Ø 13, medium Ø 17, large Ø 24 cm", "Stoneware, fired at 1240 °C", "Dishwasher and microwave"),
        option="Size",
        variants=_sizes("supper-bowl", "olive", small=2200, medium=2800, large=4450),
        collection="table",
        tags=("stoneware", "bestseller"),
    ),
    Product(
        id="dinner-plate",
        title="Threshing plate",
        kind="Dinner plate, Ø 27 cm",
        text="Ringed like the stone floors on the hill where the barley was threshed. No two rings are alike.",
        facts=("Ø 27 cm", "Painted by hand", "Dishwasher and microwave"),
        option="Glaze",
        variants=_glazes("dinner-plate", 3200, "salt", "sea", "rose"),
        collection="table",
        tags=("stoneware", "hand-painted"),
    ),
    Product(
        id="little-plates",
        title="Little plates",
        kind="Set of four, Ø 15 cm",
        text="For olives, for cake, for the spoon that has nowhere to go. Four colours of one kiln, in one box.",
        facts=("Ø 15 cm, four pieces", "Stoneware, fired at 1240 °C", "Dishwasher and microwave"),
        option="Set",
        variants=(Variant(id="little-plates-four", name="Four colours", cents=4800, glaze="sea"),),
        collection="table",
        tags=("stoneware", "sale"),
        was_cents=6000,
    ),
    Product(
        id="fish-platter",
        title="Fish platter",
        kind="Serving platter, 38 cm",
        text="One fish, drawn in one go before the glaze dries. If the tail comes out wrong, we start again.",
        facts=("38 × 24 cm", "Painted by hand", "Wash by hand"),
        option="Glaze",
        variants=_glazes("fish-platter", 6800, "salt", "sea"),
        collection="table",
        tags=("stoneware", "hand-painted"),
    ),
    Product(
        id="olive-dish",
        title="Olive dish",
        kind="Oval dish, 18 cm",
        text="A place for the olives and, at the narrow end, a place for the stones.",
        facts=("18 × 10 cm", "Stoneware, fired at 1240 °C", "Dishwasher and microwave"),
        option="Glaze",
        variants=_glazes("olive-dish", 1600, "brick", "salt", "night"),
        collection="table",
        tags=("stoneware",),
    ),
    Product(
        id="amphora",
        title="Tall amphora",
        kind="Vase with two handles, 34 cm",
        text="Thrown in two pieces and joined at the shoulder. It holds a branch of olive, or simply a corner.",
        facts=("34 cm tall", "Watertight", "Wash by hand"),
        option="Glaze",
        variants=_glazes("amphora", 9600, "brick", "night"),
        collection="vases",
        tags=("stoneware", "sale"),
        was_cents=12000,
    ),
    Product(
        id="bud-vase",
        title="Bud vase",
        kind="For one stem, 16 cm",
        text="The neck takes exactly one stem, so you need not know how to arrange flowers.",
        facts=("16 cm tall", "Watertight", "Wash by hand"),
        option="Glaze",
        variants=_glazes("bud-vase", 3800, "rose", "sea", "honey"),
        collection="vases",
        tags=("stoneware",),
    ),
    Product(
        id="candle-dish",
        title="Candle dish",
        kind="Holder with a handle",
        text="For power cuts and for evenings that pretend to be one.",
        facts=("Ø 12 cm", "For candles of 2.2 cm", "Wash by hand"),
        option="Glaze",
        variants=_glazes("candle-dish", 2750, "honey", "night"),
        collection="vases",
        tags=("stoneware", "new"),
    ),
    Product(
        id="linen-napkins",
        title="Linen napkins",
        kind="Pair, 45 × 45 cm",
        text="Washed linen from our neighbours across the strait. It looks better creased.",
        facts=("45 × 45 cm, two pieces", "100 % linen", "Wash at 60 °C"),
        option="Colour",
        variants=_glazes("linen-napkins", 3400, "olive", "rose", "night"),
        collection="gifts",
        tags=("linen",),
        vendor="Rinia Linen",
    ),
    Product(
        id="gift-card",
        title="Gift card",
        kind="By e-mail, never expires",
        text="For somebody who would rather choose the glaze themselves.",
        facts=("Arrives by e-mail", "Never expires", "Earns no points; what it buys does"),
        option="Amount",
        variants=tuple(
            Variant(id=f"gift-card-{euros}", name=f"€{euros}", cents=euros * 100, glaze="brick")
            for euros in (25, 50, 100)
        ),
        collection="gifts",
        tags=("gift",),
        gift_card=True,
    ),
)
