"""What our blocks draw in a theme, without a script: the points that are awarded, in the page's language, and inert."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.earning import Basket, BasketLine, Context, preview
from app.rules.programme import parse_programme
from app.rules.table import Occasions, earn_table
from app.rules.words import LANGUAGES, words
from tests.rules.builders import NOON, document
from tests.rules.strategies import documents, names
from tests.rules.table_reader import DEAREST, Sold, drawn, drawn_cart
from tests.theme.liquid_pages import Page, Product, Variant

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime.now(PARIS)  # Liquid's clock is the machine's
GOLD = [{"key": "entry", "enter": "0"}, {"key": "gold", "name": "Gold", "enter": "1", "multiplier": "1.5"}]
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ shop.name }}{% raw %}",
    "\u202eabc",
    "𝕏" * 200,
]
IDS = {"a": 1, "b": 2, "c": 3}

products = st.builds(
    Product,
    id=st.sampled_from([1, 2, 3, 4]),
    variant=st.builds(Variant, id=st.sampled_from([1, 2, 3, 4]), price=st.integers(0, 99_999) | st.integers(0, 10**9)),
    tags=st.lists(names, max_size=3, unique=True),
    collections=st.lists(names, max_size=3, unique=True),
    vendor=names,
    gift_card=st.sampled_from([False] * 5 + [True]),
)


class Elements(HTMLParser):
    """The tags of a page, and the text of each element of ours."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def one(self, tag: str) -> dict[str, str | None]:
        (found,) = [attrs for name, attrs in self.tags if name == tag]
        return found


def with_ids(programme: Any) -> Any:
    """Let rules name products and variants by Shopify's ids."""
    for rule in programme["earning"].get("products", ()):
        match = rule.get("match", {})
        for kind in {"product", "variant"} & match.keys():
            match[kind] = str(IDS[match[kind]])
    return programme


def table_of(rules: Any, **changes: Any) -> Any:
    return earn_table(1, parse_programme(rules), Occasions(NOON, PARIS)) | {"until": None} | changes


def sentence_of(language: str, points: int) -> str:
    return words(language).say("widget.earn", points=words(language).points(points))


def said(page: str) -> str:
    return " ".join(Elements(page).text.split(" · ")[0].split())


@given(
    rules=documents.map(with_ids),
    product=products,
    tier=st.sampled_from([None, "entry", "gold"]),
    currency=st.sampled_from(["EUR", "EUR", "USD", "JPY", "KWD"]),
    language=st.sampled_from(LANGUAGES),
)
def test_the_points_drawn_are_the_points_awarded(
    rules: Any, product: Product, tier: str | None, currency: str, language: str
) -> None:
    rules["earning"].get("basis", {}).pop("tax", None)
    rules["earning"].setdefault("rates", {})["KWD"] = {"points": "7", "per": "0.3"}
    table = table_of(rules)
    tier = tier if "tiers" in rules else None
    member = None if tier is None else {"tier": {"key": tier}}
    page = Page(table=table, product=product, currency=currency, member=member, language=language).draw("product")
    if table["ask"]:
        assert said(page) == ""
        return
    line = BasketLine(
        quantity=1,
        unit_price=Decimal(product.variant.price) / 100,
        product_id=str(product.id),
        variant_id=str(product.variant.id),
        tags=product.tags,
        collections=product.collections,
        vendor=product.vendor,
        gift_card=product.gift_card,
    )
    known = parse_programme(rules)
    earned = preview(Basket(currency=currency, lines=[line]), known, Context(tier or "entry"), now=NOON, zone=PARIS)
    drawn = sentence_of(language, earned.target) if earned.target else ""
    assert said(page) == " ".join(drawn.split())


pairs = st.tuples(st.integers(0, 9), st.integers(1, 9)).map(list)
matches = st.sampled_from(["", "variant", "product", "collection", "tag", "vendor"]).flatmap(
    lambda kind: (
        st.just({}) if not kind else names.map(lambda name: {kind: str(IDS.get(name)) if kind in IDENTIFIED else name})
    )
)
says = st.fixed_dictionaries(
    {},
    optional={
        "rates": st.fixed_dictionaries({"EUR": pairs}),
        "m": st.integers(1, 2),
        "bonus": st.integers(1, 9),
        "exclude": st.sampled_from([True, False, False]),
    },
)
IDENTIFIED = ("variant", "product")
tables = st.fixed_dictionaries(
    {
        "v": st.just(1),
        "until": st.none(),
        "ask": st.just(False),
        "rounding": st.sampled_from(["floor", "half_up", "ceil"]),
        "cap": st.none() | st.integers(0, 3000),
        "bonus": st.integers(0, 9),
        "gift_cards": st.booleans(),
        "rates": st.fixed_dictionaries(dict.fromkeys(("EUR", "JPY", "KWD"), pairs)),
        "digits": st.just({"EUR": 2, "JPY": 0, "KWD": 3}),
        "rules": st.lists(st.builds(lambda match, told: match | told, matches, says), max_size=5),
        "factors": st.fixed_dictionaries({key: st.lists(pairs, min_size=3, max_size=3) for key in ("", "gold")}),
        "entry": st.just("entry"),
        "tiers": st.just({}),
        "text": st.just(
            {"en": {"group": "", "earn": {"other": "{n}"}, "points": {"other": "{n}"}, "cart": "{points}"}}
        ),
    }
)


def facts_of(product: Product) -> dict[str, tuple[str, ...]]:
    return {
        "product": (str(product.id),),
        "variant": (str(product.variant.id),),
        "vendor": (product.vendor,),
        "tag": tuple(product.tags),
        "collection": (*product.collections, *(str(900 + number) for number in range(len(product.collections)))),
    }


@given(
    table=tables,
    product=products,
    tier=st.sampled_from(["", "entry", "gold", "black"]),
    currency=st.sampled_from(["EUR", "EUR", "JPY", "KWD", "USD"]),
    price=st.integers(0, 30) | st.integers(0, 10**5),
)
def test_liquid_reads_a_table_as_its_description_says(
    table: Any, product: Product, tier: str, currency: str, price: int
) -> None:
    """Denser than programmes are: every rule meets every other."""
    digits = table["digits"].get(currency, 2)
    price = price * 100 if digits == 0 else price
    sold = replace(product, variant=replace(product.variant, price=price))
    wanted = drawn(table, Sold(currency, price * 10**digits // 100, facts_of(product), product.gift_card), 0, tier)
    page = Page(table=table, product=sold, currency=currency, member={"tier": {"key": tier}} if tier else None)
    assert said(page.draw("product")) == (str(wanted) if wanted else "")


MUG = Product(id=7, variant=Variant(id=70, price=1000), tags=["x", "y"], collections=["c", "d"], vendor="V")
READINGS: list[tuple[dict[str, Any], Product, str]] = [
    ({}, MUG, "100"),
    ({"rules": [{"tag": "y", "m": 1}, {"tag": "x", "m": 2}]}, MUG, "200"),  # the first has its say
    ({"rules": [{"tag": "z", "m": 2}, {"m": 1}]}, MUG, "200"),
    ({"rules": [{"vendor": "V", "bonus": 5}, {"bonus": 9}]}, MUG, "105"),
    ({"rules": [{"vendor": "W", "bonus": 5}, {"bonus": 9}]}, MUG, "109"),
    ({"rules": [{"product": "7", "rates": {"EUR": [1, 5]}}, {"rates": {"EUR": [1, 2]}}]}, MUG, "200"),
    ({"rules": [{"product": "70", "rates": {"USD": [1, 5]}}, {"rates": {"EUR": [1, 2]}}]}, MUG, "500"),
    ({"rules": [{"variant": "70", "m": 2}, {"m": 1}]}, MUG, "300"),
    ({"rules": [{"variant": "7", "m": 2}, {"m": 1}]}, MUG, "200"),
    ({"rules": [{"collection": "d", "m": 1}]}, MUG, "200"),
    ({"rules": [{"collection": "901", "m": 1}]}, MUG, "200"),
    ({"rules": [{"collection": "90", "m": 1}]}, MUG, "100"),
    ({"rules": [{"m": 1}, {"tag": "x", "exclude": True, "bonus": 5}]}, MUG, ""),
    ({"bonus": 30, "rules": [{"bonus": 5}]}, MUG, "135"),
    ({"bonus": 30}, replace(MUG, variant=Variant(price=0)), ""),
    ({"cap": 60, "bonus": 30}, MUG, "60"),
    ({"cap": 0}, MUG, ""),
    ({}, replace(MUG, gift_card=True), ""),
    ({"gift_cards": True}, replace(MUG, gift_card=True), "100"),
]


@pytest.mark.parametrize(("changes", "sold", "points"), READINGS, ids=range(len(READINGS)))
def test_a_table_is_read_line_by_line(changes: Any, sold: Product, points: str) -> None:
    text = {"en": {"group": "", "earn": {"other": "{n}"}}}
    table = table_of(document()) | {"factors": {"": [[1, 1], [2, 1], [3, 1]]}, "text": text} | changes
    assert said(Page(table=table, product=sold).draw("product")) == points


def test_a_member_of_a_tier_reads_what_it_adds() -> None:
    table = table_of({**document(), "tiers": GOLD})
    gold, entry = ({"tier": {"key": key}} for key in ("gold", "entry"))
    text = {
        key: Elements(Page(table=table, member=one).draw("product")).text for key, one in (("g", gold), ("e", entry))
    }
    assert text == {"g": "Earn 299 points · ×1.5 for Gold", "e": "Earn 199 points"}
    plain = Page(table=table, member=gold, settings={"show_tier": False})
    assert Elements(plain.draw("product")).text == "Earn 299 points"
    assert Elements(Page(table=table, member=gold, language="fr").draw("product")).text.endswith("×1,5 pour Gold")


def test_the_merchants_own_name_for_points_is_used_in_its_plurals() -> None:
    stars = {"one": "звезда", "few": "звезды", "many": "звёзд", "other": "звезды"}
    table = table_of({**document(rate={"points": "1", "per": "1"}), "points_name": {"ru": stars}})
    for price, name in ((100, "1 звезда"), (300, "3 звезды"), (500, "5 звёзд"), (2100, "21 звезда")):
        page = Page(table=table, language="ru", product=Product(variant=Variant(price=price))).draw("product")
        assert Elements(page).text.replace("\u00a0", " ") == f"+{name} за покупку"


@pytest.mark.parametrize(
    "changes",
    [{"until": int((NOW - timedelta(seconds=2)).timestamp())}, {"ask": True}, {"rates": {}}, {"v": 2}, {"factors": {}}],
)
def test_a_table_that_may_be_wrong_draws_nothing_and_leaves_it_to_the_element(changes: Any) -> None:
    page = Elements(Page(table=table_of(document(), **changes)).draw("product"))
    assert page.text == ""
    assert page.one("tessera-product")["price"] == "19.99"


def test_a_table_that_is_good_for_another_hour_draws() -> None:
    table = table_of(document(), until=int((NOW + timedelta(hours=1)).timestamp()))
    assert Elements(Page(table=table).draw("product")).text == "Earn 199 points"


def test_before_anything_is_told_the_blocks_draw_nothing() -> None:
    for block in ("product", "cart", "balance", "gate"):
        assert "Earn" not in Page(table=None, cart={"items": []}).draw(block)
    assert Page().draw("embed").strip() == ""


def test_the_element_has_what_its_question_needs() -> None:
    sold = Product(id=7, variant=Variant(id=8, price=5), tags=["a", "b"], collections=["c"], vendor="V & W")
    found = Elements(Page(product=sold, currency="JPY").draw("product")).one("tessera-product")
    assert found == {
        "product-id": "7",
        "variant-id": "8",
        "price": "0.05",
        "currency": "JPY",
        "tags": "a,b",
        "collections": "c",
        "vendor": "V & W",
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_inert(text: str) -> None:
    tiers = [GOLD[0], {**GOLD[1], "name": text[:200]}]
    rules = {**document(), "tiers": tiers, "points_name": {"en": {"other": text[:200]}}}
    sold = Product(title=text, tags=[text.replace(",", "")], vendor=text, collections=[text])
    member = {"tier": {"key": "gold"}, "points": 12}
    page = Page(table=table_of(rules), product=sold, member=member)
    drawn = Elements(page.draw("product"))
    assert [tag for tag, _ in drawn.tags] == ["tessera-product"]
    assert drawn.one("tessera-product")["vendor"] == text
    assert text[:200] in drawn.text
    assert [tag for tag, _ in Elements(page.draw("balance")).tags] == ["tessera-balance", "p"]


# --- the cart ---------------------------------------------------------------------------------------------------------


def item(**changes: Any) -> dict[str, Any]:
    quantity, price = changes.get("quantity", 1), changes.get("original_price", 1000)
    whole = quantity * price
    product = {"tags": ["x"], "collections": [{"handle": "c"}]}
    given = {"product_id": 1, "variant_id": 11, "quantity": quantity, "original_price": price, "vendor": "V"}
    return {
        **given,
        "original_line_price": whole,
        "final_line_price": whole,
        "gift_card": False,
        "product": product,
        **changes,
    }


def cart_of(cart: Any, language: str = "en") -> Any:
    page = Page(cart=cart, language=language).draw("cart")
    assert page.count("</script>") == 1
    inside = page.partition('<script type="application/json">')[2].partition("</script>")[0]
    return json.loads(inside)


def first_line(page: str) -> str:
    """Return what the cart says before any script."""
    return html.unescape(page.partition("<p>")[2].partition("</p>")[0])


def row(product: Product, quantity: int, less: int) -> dict[str, Any]:
    """Return a line of Shopify's cart."""
    told = product.liquid()
    told |= {"variant": told["selected_or_first_available_variant"]}
    whole = quantity * product.variant.price
    return item(
        quantity=quantity,
        original_price=product.variant.price,
        final_line_price=max(0, whole - less),
        gift_card=product.gift_card,
        product=told,
        variant=told["variant"],
    )


def even(table: Any) -> Any:
    """Let all fractions have one denominator, as those of most programmes."""
    pairs = [pair for pairs in table["factors"].values() for pair in pairs]
    rates = [*table["rates"].values(), *(pair for rule in table["rules"] for pair in rule.get("rates", {}).values())]
    for pair in (*pairs, *rates):
        pair[1] = 4
    return table


bought_lines = st.lists(st.tuples(products, st.integers(1, 3), st.integers(0, 100)), min_size=1, max_size=4)


@given(
    table=tables.map(even) | tables.map(even) | tables,
    bought=bought_lines,
    off=st.integers(0, 500),
    tier=st.sampled_from(["", "", "gold", "gold", "black"]),
    currency=st.sampled_from(["EUR", "EUR", "EUR", "KWD", "KWD", "USD"]),
    codes=st.sampled_from([[]] * 7 + [["SPRING"]]),
)
def test_liquid_draws_of_a_cart_what_the_description_says(
    table: Any, bought: Any, off: int, tier: str, currency: str, codes: list[str]
) -> None:
    rows = [row(product, quantity, less) for product, quantity, less in bought]
    off = min(off, sum(one["final_line_price"] for one in rows))
    applied = [{"type": "discount_code", "title": code} for code in codes]
    cart = {
        "items": rows,
        "cart_level_discount_applications": [{"total_allocated_amount": off}],
        "discount_applications": applied,
    }
    page = Page(table=table, cart=cart, currency=currency, member={"tier": {"key": tier}} if tier else None).draw(
        "cart"
    )
    told = json.loads(page.partition('<script type="application/json">')[2].partition("</script>")[0])
    paid = [Decimal(one["unit_price"]) * one["quantity"] - Decimal(one["discount"]) for one in told["lines"]]
    digits = table["digits"].get(currency, 2)
    lines = [
        Sold(currency, int(net.scaleb(digits)), facts_of(product), product.gift_card)
        for net, (product, _, _) in zip(paid, bought, strict=True)
    ]
    if sum(line.minor for line in lines) <= DEAREST:
        points = drawn_cart(table, lines, 0, tier, codes)
        assert first_line(page) == (str(points) if points else "")


PLAIN, EXTRA = Product(variant=Variant(price=1005)), Product(variant=Variant(price=1005), vendor="V")
THREE = [
    (Product(variant=Variant(price=999)), 1, 0),
    (Product(variant=Variant(price=1000), vendor="V"), 1, 0),
    (Product(variant=Variant(price=0)), 1, 0),
]
CARTS: list[tuple[dict[str, Any], list[tuple[Product, int, int]], int, str]] = [
    ({}, [(PLAIN, 1, 0)], 0, "100"),
    ({}, [(PLAIN, 1, 0), (PLAIN, 1, 0)], 0, "201"),  # rounded once
    ({"rounding": "ceil"}, [(PLAIN, 1, 0), (PLAIN, 2, 0)], 0, "302"),
    ({}, [(PLAIN, 2, 10)], 0, "200"),
    ({}, [(PLAIN, 1, 0), (PLAIN, 1, 0)], 1000, "101"),
    ({}, [(PLAIN, 1, 1005)], 0, ""),
    # The last line that costs something takes what is left: 9.99 − 0.99, 10.00 − 1.01, and a gift.
    ({"rates": {"EUR": [1, 1]}, "rules": [{"vendor": "V", "exclude": True}]}, THREE, 200, "900"),
    ({"bonus": 30, "rules": [{"vendor": "V", "bonus": 5}]}, [(EXTRA, 1, 0), (EXTRA, 1, 0), (PLAIN, 1, 0)], 0, "341"),
    ({"rules": [{"vendor": "V", "bonus": 5}]}, [(EXTRA, 1, 1005), (PLAIN, 1, 0)], 0, "100"),  # nothing kept, no bonus
    ({"rules": [{"vendor": "V", "exclude": True}]}, [(EXTRA, 1, 0), (PLAIN, 1, 0)], 0, "100"),
    ({"rules": [{"vendor": "V", "exclude": True}]}, [(EXTRA, 1, 0)], 0, ""),
    ({"rules": [{"vendor": "V", "m": 1}]}, [(EXTRA, 1, 0), (PLAIN, 1, 0)], 0, "301"),
    ({"rules": [{"vendor": "V", "rates": {"EUR": [1, 7]}}]}, [(EXTRA, 1, 0), (PLAIN, 1, 0)], 0, ""),  # two denominators
    ({"rules": [{"vendor": "V", "rates": {"EUR": [1, 7]}}]}, [(EXTRA, 7, 0)], 0, "1005"),
    ({"cap": 60}, [(PLAIN, 1, 0)], 0, "60"),
    ({"ask": True}, [(PLAIN, 1, 0)], 0, ""),
    ({}, [(replace(PLAIN, gift_card=True), 1, 0), (PLAIN, 1, 0)], 0, "100"),
]


@pytest.mark.parametrize(("changes", "bought", "off", "points"), CARTS, ids=range(len(CARTS)))
def test_a_carts_lines_are_read_one_by_one(changes: Any, bought: Any, off: int, points: str) -> None:
    text = {"en": {"group": "", "points": {"other": "{n}"}, "cart": "{points}"}}
    table = table_of(document()) | {"factors": {"": [[1, 1], [2, 1]]}, "text": text} | changes
    cart = {
        "items": [row(product, quantity, less) for product, quantity, less in bought],
        "cart_level_discount_applications": [{"total_allocated_amount": off}],
        "discount_applications": [{"type": "automatic", "title": "Autumn"}],
    }
    assert first_line(Page(table=table, cart=cart).draw("cart")) == points
    coded = cart | {"discount_applications": [{"type": "discount_code", "title": "SPRING"}]}
    assert first_line(Page(table=table, cart=coded).draw("cart")) == ""


def test_a_themes_cart_says_what_it_earns_before_any_script() -> None:
    cart = {
        "items": [row(Product(variant=Variant(price=1995)), 1, 0), row(Product(variant=Variant(price=1005)), 100, 0)]
    }
    names = {"fr": {"one": "étoile", "other": "étoiles"}}
    table = table_of({**document(), "points_name": names})
    assert first_line(Page(table=table, cart=cart).draw("cart")) == "This cart earns 10,249 points"
    french = first_line(Page(table=table, cart=cart, language="fr").draw("cart"))
    assert french.endswith("étoiles")
    hostile = table_of({**document(), "points_name": {"en": {"one": "<b>p", "other": "<i>{points}&"}}})
    page = Page(table=hostile, cart=cart).draw("cart")
    assert first_line(page) == "This cart earns 10,249 <i>{points}&"
    assert "<i>" not in page
    assert first_line(Page(table=table, cart={"items": []}).draw("cart")) == ""


def test_the_cart_is_told_with_its_lines_and_discounts() -> None:
    codes = [{"type": "discount_code", "title": "FIVE"}, {"type": "automatic", "title": "Autumn"}]
    lines = [item(quantity=2, final_line_price=1900), item(product_id=2, original_price=335, gift_card=True)]
    told = cart_of(
        {
            "items": lines,
            "discount_applications": codes,
            "cart_level_discount_applications": [{"total_allocated_amount": 500}],
        }
    )
    assert (told["currency"], told["discount_codes"]) == ("EUR", ["FIVE"])
    facts = {"vendor": "V", "tags": ["x"], "collections": ["c"]}
    first = {"product_id": "1", "variant_id": "11", "quantity": 2, "unit_price": "10.00", "discount": "5.25"}
    second = {"product_id": "2", "variant_id": "11", "quantity": 1, "unit_price": "3.35", "discount": "0.75"}
    assert told["lines"] == [{**first, "gift_card": False, **facts}, {**second, "gift_card": True, **facts}]


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9999), st.integers(0, 100)), max_size=4), st.integers(0, 500)
)
def test_what_is_taken_off_the_cart_is_taken_off_its_lines(bought: Any, off: int) -> None:
    lines = [
        item(quantity=quantity, original_price=price, final_line_price=max(0, quantity * price - less))
        for quantity, price, less in bought
    ]
    off = min(off, sum(line["final_line_price"] for line in lines))
    told = cart_of({"items": lines, "cart_level_discount_applications": [{"total_allocated_amount": off}]})
    paid = sum(Decimal(one["unit_price"]) * one["quantity"] - Decimal(one["discount"]) for one in told["lines"])
    assert paid * 100 == sum(line["final_line_price"] for line in lines) - off


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_product_does_not_leave_the_carts_script(text: str) -> None:
    product = {"tags": [text], "collections": [{"handle": text}]}
    codes = [{"type": "discount_code", "title": text}]
    told = cart_of({"items": [item(vendor=text, product=product)], "discount_applications": codes})
    (line,) = told["lines"]
    assert (line["vendor"], line["tags"], line["collections"]) == (text, [text], [text])
    assert told["discount_codes"] == [text]


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_the_script_is_told_of_the_session_only_where_somebody_is_logged_in() -> None:
    ours = {"id": 's"1', "script": "https://tessera.example/widgets/v1/tessera.js"}
    guest, member = Elements(Page(ours=ours).draw("embed")), Elements(Page(ours=ours, member={}).draw("embed"))
    tags = [page.one("script") for page in (guest, member)]
    assert [tag["src"] for tag in tags] == ["//cdn.test/assets/tessera-shop-product.js"] * 2  # there is no table
    assert (tags[0]["data-script"], tags[0]["data-cart"]) == (ours["script"], "//cdn.test/assets/tessera-shop-cart.js")
    assert (tags[0]["data-shop"], tags[0]["data-login"]) == ('s"1', "/account/login")
    assert ["data-session" in tag for tag in tags] == [False, True]
    moved = Page(ours=ours, member={}, settings={"session": "/tools/club/session"})
    assert 'data-session="/tools/club/session"' in moved.draw("embed")
    assert "tessera-panel" not in Page(ours=ours, settings={"launcher": False}).draw("embed")


def bar(announcement: Any, language: str = "en") -> Elements:
    ours = {} if announcement is None else {"announcement": announcement}
    return Elements(Page(ours=ours, language=language).draw("bar"))


def announced(**changes: Any) -> dict[str, Any]:
    return {"text": {"default": "Double points"}, "link": None, "from": None, "until": None} | changes


def text_of(page: Elements) -> str:
    """What is drawn, without the button and the script."""
    return page.text.partition("×")[0].strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_announcement_is_drawn_with_the_word_that_closes_it(language: str) -> None:
    found = bar(announced(), language)
    assert text_of(found) == "Double points"
    assert found.one("button")["aria-label"] == words(language).say("widget.close")
    assert "a" not in [tag for tag, _ in found.tags]


def test_an_announcement_is_drawn_in_the_pages_language_and_leads_where_it_should() -> None:
    told = announced(text={"default": "Now", "fr": "Maintenant"}, link='https://shop.example/now?a="b"&c')
    assert [text_of(bar(told, language)) for language in ("fr", "de")] == ["Maintenant", "Now"]
    assert bar(told).one("a")["href"] == 'https://shop.example/now?a="b"&c'


def test_a_member_reads_the_balance_beside_it() -> None:
    table = table_of(document())
    page = Page(ours={"announcement": announced()}, table=table, member={"points": 1234}, language="fr").draw("bar")
    assert text_of(Elements(page)).split("\n")[-1].split() == ["\u20681", "234", "points"]


def test_an_announcement_is_drawn_only_while_it_is_in_force() -> None:
    before, after = (int((NOW + timedelta(hours=hours)).timestamp()) for hours in (-1, 1))
    assert text_of(bar(announced(**{"from": before, "until": after}))) == "Double points"
    for told in ({"until": before}, {"from": after}):
        assert bar(announced(**told)).tags == []


def test_without_an_announcement_there_is_no_bar_and_an_unknown_one_is_asked_for() -> None:
    assert bar({}).tags == []
    found = bar(None)
    assert (found.text.strip(), [tag for tag, _ in found.tags]) == ("", ["tessera-bar"])


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_announcement_is_inert(text: str) -> None:
    found = bar(announced(text={"default": text}))
    assert [tag for tag, _ in found.tags] == ["tessera-bar", "p", "span", "small", "button", "script"]
    assert text_of(found) == text


def test_an_orders_page_names_its_order_to_the_element() -> None:
    assert Elements(Page(order=1001).draw("earned")).one("tessera-earned")["order"] == "1001"
    assert Page().draw("earned").strip() == ""


def test_what_merchants_write_goes_before_our_words() -> None:
    ours = {"id": "s1", "script": "https://tessera.example/widgets/v1/tessera.js"}
    drawn = [
        Elements(Page(ours=ours, settings={"label": label}).draw("embed")).text.strip() for label in ("", "My <club>")
    ]
    assert drawn == ["Points", "My <club>"]
    told = [Elements(Page(settings={"message": text}).draw("gate")).text.strip() for text in ("", "Members & co.")]
    assert told == ["For members only. Log in", "Members & co. Log in"]


def test_the_gate_keeps_its_content_from_whoever_may_not_see_it() -> None:
    def shown(member: Any, tiers: str = "") -> bool:
        page = Page(member=member, settings={"content": "<p>Secret</p>", "tiers": tiers}).draw("gate")
        assert ("Secret" in page) != ("For members only." in page)
        return "Secret" in page

    gold = {"tier": {"key": "gold"}, "access": {"tiers": ["entry", "gold"]}}
    assert [shown(gold, "entry"), shown(gold, "black")] == [True, False]
    assert [shown(None), shown({}), shown(gold)] == [False, True, True]
    assert [shown(None, "gold, black"), shown({}, "gold"), shown(gold, "black, gold"), shown(gold, "golden")] == [
        False,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_balance_is_drawn_in_every_language(language: str) -> None:
    page = Page(table=table_of(document()), language=language, member={"points": 1234}).draw("balance")
    assert Elements(page).text.strip() == words(language).points(1234)


def test_escaped_text_reads_as_it_was_written() -> None:
    rules = {**document(), "points_name": {"en": {"other": "R&B <stars>"}}}
    page = Page(table=table_of(rules)).draw("product")
    assert "R&amp;B &lt;stars&gt;" in page
    assert html.unescape("R&amp;B &lt;stars&gt;") in Elements(page).text
