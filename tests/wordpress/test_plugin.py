"""The plugin in a real WordPress: what it draws, for whom, and what it refuses."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import brotli
import pytest

from connectors.woocommerce.plugin import DIST
from tests.wordpress.conftest import OURS, PAIRING, SECRET, begin, can, members, page_facts, table, tier
from tests.wordpress.site import Person, Site, php

KEPT = "get_option('tessera_loyalty_table')"


def page(person: Person, path: str) -> str:
    answer = person.get(path)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


def product(site: Site, name: str) -> str:
    return f"/?post_type=product&p={site.furniture['goods'][name]}"


def elements(kind: str, text: str) -> list[tuple[dict[str, str], str]]:
    """Return the elements of a kind: attributes and text, as a browser reads them."""
    found = re.findall(rf"<tessera-{kind}([^>]*)>(.*?)</tessera-{kind}>", text, re.S)
    return [
        ({name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}, html.unescape(inner))
        for tag, inner in found
    ]


# --- points -----------------------------------------------------------------------------------------------------------


def test_a_shop_that_is_not_connected_shows_and_asks_nothing(unpaired: Site) -> None:
    seen = page(unpaired.person(), product(unpaired, "mug")) + page(unpaired.person(), "/shop/")
    assert "tessera" not in seen.lower()


def test_php_draws_the_points_of_a_product_and_the_script_finds_its_facts(paired: Site) -> None:
    [(seen, text)] = elements("product", page(paired.person(), product(paired, "mug")))
    assert text == "Earn 13,999 points"
    assert seen == {
        "product-id": str(paired.furniture["goods"]["mug"]),
        "price": "1399.95",
        "currency": "EUR",
        "tags": "new",
        "collections": "cups",
        "for": "form.cart",
        "drawn": "drawn",
    }


def test_a_member_sees_what_her_tier_earns_and_a_guest_does_not(paired: Site) -> None:
    paired.run(members(ada=tier("gold")) + "return 1;")
    people = (paired.logged_in("ada"), paired.person())
    texts = [elements("product", page(who, product(paired, "cup")))[0][1] for who in people]
    assert texts == ["Earn 200 points · ×2 for Gold", "Earn 100 points"]


def test_what_the_table_does_not_tell_is_left_to_the_script(changing: Site) -> None:
    told = [
        {"ask": True},
        {"until": 1_000_000_000},
        {"rates": {"USD": [1, 10]}},
        {"v": 2},
        {"text": {}},
        {"until": None},
    ]
    work = f"""
        $drawn = array();
        foreach ({php([table(**changes) for changes in told])} as $table) {{
            update_option('tessera_loyalty_table', array('table' => $table) + {KEPT});
            $cup = wc_get_product({changing.furniture["goods"]["cup"]});
            $drawn[] = TesseraLoyalty\\Element::product($cup) . TesseraLoyalty\\Element::words($cup);
        }}
        return $drawn;
    """
    drawn = changing.run(work)
    assert ["Earn" in each for each in drawn] == [False] * 5 + [True]
    assert all(elements("product", each)[0][1] == "" for each in drawn[:5])


def test_a_table_that_nobody_renews_is_not_believed(changing: Site) -> None:
    old = f"update_option('tessera_loyalty_table', array('at' => time() - 1300) + {KEPT});"
    assert changing.run(old + "return TesseraLoyalty\\Table::now();") is None


def test_each_variation_brings_its_points(paired: Site) -> None:
    seen = page(paired.person(), product(paired, "shirt"))
    told = json.loads(html.unescape(re.findall(r'data-product_variations="([^"]*)"', seen)[0]))
    assert [one["tessera"] for one in told] == [
        {"attributes": {"variant-id": str(one["variation_id"]), "price": price}, "text": text}
        for one, (price, text) in zip(told, [("10.00", "Earn 100 points"), ("12.50", "Earn 125 points")], strict=True)
    ]
    assert not elements("product", seen)  # it comes with the variation
    [place] = re.findall(r'class="tessera-later" data-attributes="([^"]*)"', seen)
    shirt = str(paired.furniture["goods"]["shirt"])
    assert json.loads(html.unescape(place)) == {"product-id": shirt, "currency": "EUR", "for": "form.cart"}


def test_the_list_of_products_says_what_each_earns_without_a_script(changing: Site) -> None:
    until = 4_000_000_000
    begin(changing, until=until)
    seen = page(changing.person(), "/shop/")
    assert f'<span class="tessera-earn" data-until="{until}">Earn 199 points</span>' in seen
    assert not elements("product", seen)


def test_a_table_is_renewed_beside_the_page_views(changing: Site) -> None:
    refresh = f"do_action('tessera_loyalty_refresh', 'again'); return array({KEPT}, get_option('asked'));"
    new = {"status": 200, "body": json.dumps(table(version=7)), "headers": {"etag": '"e7"'}}
    assert changing.run(can(new) + refresh)[0]["table"]["version"] == 7
    old = f"update_option('tessera_loyalty_table', array('at' => 1) + {KEPT});"
    kept, [call, _] = changing.run(can({"status": 304, "body": ""}) + old + refresh)
    assert (kept["table"]["version"], kept["at"] > 1) == (7, True)
    assert call["url"] == f"{OURS}/widget/v1/{PAIRING['shop_id']}/table"
    assert call["headers"]["If-None-Match"] == '"e7"'
    for broken in ({"status": 500, "body": ""}, {"status": 200, "body": "<html>"}, {"error": "away"}):
        assert changing.run(can(broken) + refresh)[0]["table"]["version"] == 7


# --- the cart ---------------------------------------------------------------------------------------------------------


def fill(site: Site, *lines: tuple[str, int], coupon: dict[str, Any] | None = None, code: str = "OUR1") -> str:
    """Return PHP that makes the cart of whoever runs it, and a coupon, which it tries to apply into `$applied`."""
    goods = site.furniture["goods"]
    adding = "".join(f"WC()->cart->add_to_cart({goods[name]}, {quantity});" for name, quantity in lines)
    known = (
        f"update_option('wc_coupons', array('our1' => json_decode('{json.dumps(coupon)}', true)));" if coupon else ""
    )
    apply = f"$applied = WC()->cart->apply_coupon('{code}');" if coupon else ""
    return f"WC()->session->set('cart', array()); WC()->session->set('coupons', array()); {adding} {known} {apply}"


@pytest.mark.parametrize("with_tax", ["yes", "no"])
def test_a_cart_tells_its_lines_as_the_order_will(paired: Site, with_tax: str) -> None:
    bob = paired.logged_in("bob")
    taxed = f"update_option('woocommerce_prices_include_tax', '{with_tax}');"
    taxed += "update_option('woocommerce_calc_taxes', 'yes');"
    bob.run(taxed + fill(paired, ("odd", 3), coupon={"discount_type": "percent", "amount": 10}) + "return 1;")
    told = bob.get("/wp-json/wc/store/v1/cart").json()["extensions"]["tessera"]
    paired.run("delete_option('woocommerce_calc_taxes'); return 1;")
    line = {
        "product_id": str(paired.furniture["goods"]["odd"]),
        "variant_id": None,
        "quantity": 3,
        "unit_price": "19.99",
        "discount": "6.00",
        "tags": ["new"],
        "collections": [],
    }
    whole = {"currency": "EUR", "discount_codes": ["our1"], "order_discount": "0.00"}
    assert told == {**whole, "lines": [line]}


def test_cart_and_checkout_show_what_the_cart_earns(paired: Site) -> None:
    bob = paired.logged_in("bob")
    bob.run(fill(paired, ("cup", 2)) + "return 1;")
    for path in ("/cart/", "/checkout/"):
        [(told, text)] = elements("cart", page(bob, path))
        cart = json.loads(told["lines"])  # codes go along: points may hang on them
        assert (cart["currency"], cart["lines"][0]["unit_price"], cart["discount_codes"], text) == (
            "EUR",
            "10.00",
            [],
            "<p>This cart earns 200 points</p>",
        )


def test_a_cart_with_a_code_is_left_to_the_server(paired: Site) -> None:
    bob = paired.logged_in("bob")
    bob.run(fill(paired, ("cup", 2), coupon={"discount_type": "fixed_cart", "amount": 5}) + "return 1;")
    [(told, text)] = elements("cart", page(bob, "/cart/"))
    assert (len(json.loads(told["lines"])["discount_codes"]), text) == (1, "")


def test_a_fee_below_nothing_is_told_as_a_discount_of_the_whole(paired: Site) -> None:
    bob = paired.logged_in("bob")
    fees = (
        "array(array('amount' => 3, 'total' => 3.0, 'tax' => 0), array('amount' => -2.5, 'total' => -2.5, 'tax' => 0))"
    )
    bob.run(fill(paired, ("cup", 2)) + f"WC()->session->set('fees', {fees}); return 1;")
    [(told, text)] = elements("cart", page(bob, "/cart/"))
    bob.run("WC()->session->set('fees', array()); return 1;")
    assert (json.loads(told["lines"])["order_discount"], text) == ("2.50", "")


def test_a_percentage_takes_off_its_most_and_no_more(paired: Site) -> None:
    capped = {
        "discount_type": "percent",
        "amount": 20,
        "maximum_amount": 75,
        "meta": {"_tessera_max_discount": "15", "_tessera_redemption": "r1"},
    }
    three = (("plate", 1), ("jug", 1), ("cup", 1))
    bob = paired.logged_in("bob")
    discounts = "return array_column(TesseraLoyalty\\Basket::now()['lines'], 'discount');"
    assert bob.run(fill(paired, *three, coupon=capped) + discounts) == ["12.00", "3.00", "0.00"]
    theirs = {**capped, "meta": {}}
    assert bob.run(fill(paired, *three, coupon=theirs) + "return is_wp_error($applied);") is True


def test_a_members_own_coupon_is_used_by_her_alone(paired: Site) -> None:
    hers = {"discount_type": "percent", "amount": 20, "email_restrictions": ["ADA@example.com", "new@example.com"]}
    ours = {**hers, "meta": {"_tessera_redemption": "r1"}}

    def tries(coupon: dict[str, Any], setting: str = "") -> list[Any]:
        filling = fill(paired, ("cup", 1), coupon=coupon)
        result = "is_wp_error($applied) ? $applied->get_error_message() : $applied"
        return as_everyone(paired, setting, f"(function () {{ {filling} return {result}; }})()")

    refused = "This reward is a member’s own: log in to use it."
    typed = "wp_set_current_user(0); WC()->session->set('billing_email', '{}');"
    assert tries(ours, typed.format("ada@example.com")) == [True, refused, refused, refused]
    assert tries(ours, typed.format("new@example.com"))[3] is True  # nobody's account: WooCommerce's own check holds
    assert tries(hers) == [True] * 4  # not ours: WooCommerce's business


def test_what_a_shopper_saw_and_who_sent_her_is_noted_on_her_order(changing: Site) -> None:
    bob = changing.logged_in("bob")
    bob.run("WC()->session->set('tessera_arm', null); WC()->session->set('tessera_referral', null); return 1;")
    headers = {"Nonce": bob.nonces["wc_store_api"]}
    told = {"namespace": "tessera", "data": {"arm": "earn-1:b", "referral": "KXW3N-T7PQ9"}}
    assert bob.post("/wp-json/wc/store/v1/cart/extensions", json=told, headers=headers).ok
    odd = php([{"arm": {"x": 1}}, {"arm": "<script>"}, {"arm": "x" * 131}, {"referral": "a b"}, "x", None])
    bob.run(f"array_map('TesseraLoyalty\\OrderNotes::remember', {odd}); return 1;")
    bob.post("/wp-json/wc/store/v1/checkout", headers=headers)
    assert [order["meta"] for order in changing.run("return array_values(get_option('wc_orders'));")] == [
        {"_tessera_arm": "earn-1:b", "_tessera_referral": "KXW3N-T7PQ9"}
    ]
    classic = (
        "$o = new WC_Order(0, array('meta' => array())); do_action('woocommerce_checkout_create_order', $o, array());"
    )
    assert bob.run(classic + "return $o->get_meta('_tessera_arm');") == "earn-1:b"
    assert changing.run(classic + "return $o->get_meta('_tessera_arm');") == ""


# --- pages and blocks -------------------------------------------------------------------------------------------------


def test_my_account_has_a_page_of_points(paired: Site) -> None:
    seen = page(paired.logged_in("ada"), "/my-account/tessera-points/")
    assert "<li>Dashboard</li><li>Points</li><li>Log out</li>" in seen
    assert elements("panel", seen) == [({"inline": "inline"}, "")]
    assert elements("panel", page(paired.person(), "/shop/")) == [({}, '<a href="#tessera">Points</a>')]


def test_the_page_after_an_order_says_what_it_earned(changing: Site) -> None:
    changing.run("update_option('wc_orders', array(77 => array('meta' => array()))); return 1;")
    told = [elements("earned", page(changing.person(), f"/checkout/?order-received={number}")) for number in (77, 78)]
    assert told == [[({"order": "77"}, "")], []]


def test_the_page_of_an_order_has_a_way_to_pass_the_shop_on(changing: Site) -> None:
    changing.run("update_option('wc_orders', array(77 => array('meta' => array()))); return 1;")
    drawn = "ob_start(); do_action('woocommerce_view_order', {}); return ob_get_clean();"
    [(told, inside)] = elements("share", changing.run(drawn.format(77)))
    assert (told["order"], inside, told["url"].startswith("http")) == ("77", "", True)
    assert changing.run(drawn.format(78)) == ""


def test_elements_are_shortcodes_and_blocks(paired: Site) -> None:
    cup = paired.furniture["goods"]["cup"]
    drawn = paired.run(
        "return array_map('do_shortcode', array('[tessera kind=\"share\"]', '[tessera kind=\"script\"]', '[tessera]',"
        f"""'[tessera kind="product" id="{cup}"]', do_blocks('<!-- wp:tessera/element {{"kind":"share"}} /-->')));"""
    )
    share = "<tessera-share></tessera-share>"
    assert (drawn[:3], drawn[4]) == ([share, "", "<tessera-balance></tessera-balance>"], share)
    assert "Earn 100 points" in drawn[3]


def test_a_shortcode_tells_its_element_what_it_may_be_told_and_no_more(paired: Site) -> None:
    shirt, small = paired.furniture["goods"]["shirt"], "get_posts(array('post_type' => 'product', 'title' => 'S'))[0]"
    wanted = {
        f'[tessera kind="wish" id="{shirt}" onclick="x"]': f'<tessera-wish product-id="{shirt}">Put on my wish list<',
        f'[tessera kind="wish" id="{shirt}"]Remember <em>it</em>[/tessera]': ">Remember <em>it</em><",
        '[tessera kind="wish" id="99999"]': "",
        '[tessera kind="wish"]': "",  # no product's page
        f'[tessera kind="ask" id="{shirt}"]How is it?[/tessera]': f'<tessera-ask kind="review" product="{shirt}" href=',
        '[tessera kind="ask" what="question" href="javascript:alert(1)"]': '<tessera-ask kind="question"></tessera',
        '[tessera kind="share" url="https://a.example/?a=1&b=2" title="A<b>B"]': 'url="https://a.example/?a=1&amp;b=2"',
        '[tessera kind="survey" subject="spring"]<form></form>[/tessera]': '<tessera-survey subject="spring"><form></',
        '[tessera kind="earned"]': "",
        '[tessera kind="earned" order="12"]': '<tessera-earned order="12"></tessera-earned>',
        '[tessera kind="bar" close="Close &quot;"]News[/tessera]': '<tessera-bar close="Close &quot;">News<',
        f'<!-- wp:tessera/element {{"kind":"wish","id":"{shirt}"}} -->It<!-- /wp:tessera/element -->': ">It</tess",
    }
    work = "return array_map(fn($one) => do_shortcode(do_blocks($one)), {});"
    drawn = paired.run(work.format(php(list(wanted))))
    assert [(told, seen) for told, seen in zip(wanted, drawn, strict=True) if wanted[told] not in seen] == []
    assert [told for told, seen in zip(wanted, drawn, strict=True) if bool(wanted[told]) != bool(seen)] == []
    page_of = f"$GLOBALS['product'] = wc_get_product({small}->ID); return do_shortcode('[tessera kind=\"wish\"]');"
    assert f'product-id="{shirt}"' in paired.run(page_of)  # its variation: the wish is the whole product's


NEWS = {
    "text": "Double “points”: 2 < 3 😀 Ω",
    "link": "/sale/?a=1&b",
    "close": "Close",
    "until": "2099-01-01T00:00:00Z",
}


def announced(site: Site, news: dict[str, Any] | None, then: str = "") -> str:
    """Return what the shortcode draws after the server was asked."""
    heard = can({"status": 200, "body": json.dumps({"announcement": news}), "headers": {"etag": '"n1"'}})
    ask = "do_action('tessera_loyalty_refresh', 'again');"
    return str(site.run(heard + ask + then + "return do_shortcode('[tessera kind=\"bar\"]');"))


def test_an_announcement_is_drawn_while_it_is_in_force_and_the_script_asked_where_nobody_knows(changing: Site) -> None:
    drawn = announced(changing, NEWS)
    [(told, inside)] = elements("bar", drawn)
    assert told == {"drawn": "drawn", "data-text": "Double “points”: 2 < 3 😀 Ω", "data-until": "4070908800"}
    line = '<a href="/sale/?a=1&b">Double “points”: 2 < 3 😀 Ω</a>'
    assert inside == f'<p>{line}</p><small></small><button type="button" aria-label="Close">×</button>'
    assert "2 &lt; 3" in drawn
    assert (DIST / "tessera-bar.css").read_text() in drawn

    unknown = "<tessera-bar></tessera-bar>"
    kept = "update_option('tessera_loyalty_announcement', {} + get_option('tessera_loyalty_announcement'));"
    assert announced(changing, None) == ""
    assert announced(changing, {**NEWS, "until": "2001-01-01T00:00:00Z"}) == ""
    assert announced(changing, NEWS, kept.format("array('shop' => 'another')")) == unknown
    assert announced(changing, NEWS, "add_filter('locale', fn() => 'fi');") == unknown
    old = "$kept = get_option('tessera_loyalty_announcement'); $kept['by_language']['en']['at'] -= 1300;"
    assert announced(changing, NEWS, f"{old} update_option('tessera_loyalty_announcement', $kept);") == unknown
    quoted = {**NEWS, "link": "javascript:alert(1)", "text": "<b>", "close": '"><script>'}
    hostile = announced(changing, quoted)
    assert (hostile.count("<script"), "javascript" in hostile, "&lt;b&gt;" in hostile) == (1, False, True)


def test_a_members_balance_stands_beside_the_announcement(changing: Site) -> None:
    announced(changing, NEWS)
    begin(changing)  # with a table again, whose words it takes
    changing.run(members(ada=tier("gold"), zoe=None) + "return 1;")
    seen = [page(changing.logged_in(who), "/news/") for who in ("ada", "zoe")]
    assert [re.findall("<small>(.*?)</small>", text) for text in seen] == [["\u2068500 points"], [""]]


GATED = (
    "[tessera_gate]SECRET[/tessera_gate]",
    '[tessera_gate content="vip"]SECRET[/tessera_gate]',
    '[tessera_gate tier="gold, platinum"]SECRET[/tessera_gate]',
    '[tessera_gate content="other"]SECRET[/tessera_gate]',
    '<!-- wp:tessera/gate {"tier":"gold"} --><p>SECRET</p><!-- /wp:tessera/gate -->',
    '[tessera_gate tier="basic"]SECRET[/tessera_gate]',
)


EVERYONE = ("ada", "bob", "zoe", "")  # the last is a guest


def as_everyone(site: Site, setting: str, work: str) -> list[Any]:
    """Run PHP that makes a setting, then an expression as each of `EVERYONE`; return what they got."""
    return list(
        site.run(
            f"""
            {setting}
            return array_map(function ($who) {{
                wp_set_current_user($who ? get_user_by('login', $who)->ID : 0);
                return {work};
            }}, {php(EVERYONE)});
            """
        )
    )


def test_a_gate_keeps_its_content_on_the_server(paired: Site) -> None:
    told = members(ada=tier("gold", content=["vip"]), bob={"points": 5, "tier": None}, zoe=None)
    open_to = f"array_map(fn($one) => strpos(do_shortcode(do_blocks($one)), 'SECRET') !== false, {php(GATED)})"
    assert as_everyone(paired, told, open_to) == [
        [True, True, True, False, True, True],
        [True, False, False, False, False, False],
        [False] * 6,
        [False] * 6,
    ]
    reward = {"product": None, "content": "other", "until": "2099-01-01T00:00:00Z"}
    hers = members(ada={"points": 0, "tier": None, "entitlements": [reward]}, zoe=None)
    assert as_everyone(paired, hers, open_to)[0] == [True, False, False, True, False, False]


def test_products_for_members_are_bought_by_members(paired: Site) -> None:
    goods = paired.furniture["goods"]
    ours, early, gold = goods["ours"], goods["early"], goods["gold"]
    perks = {"products": [str(gold)], "early_access_days": 2}
    setting = f"""
        update_post_meta({ours}, '_tessera_only', 'members');
        update_post_meta({gold}, '_tessera_only', 'perk');
        update_post_meta({early}, '_tessera_opens_at', wp_date('Y-m-d H:i', time() + 90000));
        {members(ada=tier("gold", **perks), bob=tier("basic", early_access_days=1), zoe=None)}
    """
    may = f"array_map(fn($id) => wc_get_product($id)->is_purchasable(), array({ours}, {early}, {gold}))"
    assert as_everyone(paired, setting, may) == [
        [True, True, True],
        [True, False, False],
        [False, False, False],
        [False, False, False],
    ]
    ends = {"ada": "2001-01-01T00:00:00Z", "bob": "2099-01-01T00:00:00Z"}
    rewarded = {
        who: {**tier("basic"), "entitlements": [{"product": str(one), "until": end} for one in (gold, early)]}
        for who, end in ends.items()
    }
    assert as_everyone(paired, members(**rewarded), may) == [[True, False, False], [True] * 3, *[[False] * 3] * 2]
    seen = page(paired.person(), product(paired, "ours"))
    assert "For members only: log in to buy it." in seen
    assert not elements("product", seen)


def test_a_page_holds_nothing_of_the_secret_and_names_the_script(paired: Site) -> None:
    mine, guests = page(paired.logged_in("ada"), "/shop/"), page(paired.person(), "/shop/")
    account = f"{paired.address}/my-account/"
    assert page_facts(guests)["tag"] == {
        "src": f"{paired.address}/wp-content/plugins/tessera-loyalty/assets/widgets/tessera.js?ver=1.0.0",
        "data-shop": PAIRING["shop_id"],
        "data-lang": "en",
        "data-server": OURS,
        "data-login": account,
        "data-join": account,
    }
    assert "_wpnonce" in page_facts(mine)["tag"]["data-session"]
    assert "_wpnonce" not in guests
    assert SECRET not in mine + guests


# --- what a page weighs -----------------------------------------------------------------------------------------------


TOLD = re.compile(r"var tesseraTold=.*?\};")  # settings, which on other sites are attributes of the tag


def ours(site: Site, text: str) -> dict[str, bytes]:
    """Return what a page loads of ours at once: what it holds in itself, and files by name. Settings do not count."""
    inline = re.findall(r"<(?:style|script) [^>]*id=.tessera[^>]*>(.*?)</(?:style|script)>", text, re.S)
    loaded = re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]*/(?:tessera-loyalty|widgets)/[^"]*)"', text)
    files = {
        re.sub(r".*/|\?.*", "", one): site.person().session.get(html.unescape(one), timeout=60).content
        for one in loaded
    }
    return {"": TOLD.sub("", "".join(inline)).encode(), **files}


def weight(loaded: dict[str, bytes]) -> int:
    return sum(len(brotli.compress(one)) for one in loaded.values())


def test_a_guests_cart_that_php_has_drawn_waits_for_the_first_touch(changing: Site) -> None:
    """Blocks draw later, and a member may have a reward: the cart's code is in the one script of the page."""
    begin(changing)
    guest, bob = changing.person(), changing.logged_in("bob")
    for one in (guest, bob):
        one.run(
            f"""
            foreach (array('coupons', 'cart') as $each) WC()->session->set($each, array());
            return WC()->cart->add_to_cart({changing.furniture["goods"]["cup"]}, 2);
            """
        )
    seen = [ours(changing, page(*where)) for where in ((guest, "/cart/"), (bob, "/cart/"), (guest, "/block-cart/"))]
    assert [sorted(one)[1:] for one in seen] == [[], ["woocommerce-cart.js"], ["woocommerce-blocks.js"]]
    assert ["found_variation" in str(one) for one in seen] == [True, True, False]  # the last leaves that to shop.js
    assert all(weight(one) <= 2500 for one in seen)
    assert all(b"tessera-cart{" in one[""] for one in seen)


@pytest.mark.parametrize(("name", "rates"), [("mug", None), ("shirt", None), ("mug", {"USD": [1, 10]})])
def test_a_product_page_whose_points_have_to_be_asked_for_is_small_too(changing: Site, name: str, rates: Any) -> None:
    """Where there is no table, and where it does not tell."""
    begin(changing, **({"rates": rates} if rates else {}))
    if rates is None:
        changing.run(f"update_option('tessera_loyalty_table', array('at' => 1) + {KEPT});")
    loaded = ours(changing, page(changing.person(), product(changing, name)))
    assert b"shopper/v1" in loaded[""]
    assert weight(loaded) <= 1500


def test_a_page_of_blocks_is_known_whatever_loops_a_theme_has_run(paired: Site) -> None:
    known = paired.run(
        """
        $seen = array();
        foreach (array('block-cart', 'cart') as $name) {
            $GLOBALS['wp_query'] = new WP_Query(array('page_id' => get_page_by_path($name)->ID));
            $GLOBALS['post'] = get_page_by_path('block-cart' === $name ? 'cart' : 'block-cart');
            $seen[] = TesseraLoyalty\\Blocks::are_here();
        }
        return $seen;
        """
    )
    assert known == [True, False]


def test_only_what_ends_one_day_brings_what_ends_it(changing: Site) -> None:
    for until in (None, 4_000_000_000):
        begin(changing, until=until)
        inline = ours(changing, page(changing.person(), product(changing, "mug")))[""]
        assert (b"[data-until]" in inline) == (until is not None)


@pytest.mark.parametrize("name", ["mug", "shirt"])
@pytest.mark.parametrize("who", ["ada", ""])
def test_all_of_ours_that_a_product_page_loads_is_small(paired: Site, name: str, who: str) -> None:
    person = paired.logged_in(who) if who else paired.person()
    text = page(person, product(paired, name))
    loaded = ours(paired, text)
    inline = loaded[""].decode()
    assert "tessera-product{" in inline
    assert "tessera-panel>a{" in inline
    assert "shopper/v1" not in inline
    assert weight(loaded) + len(brotli.compress(json.dumps(page_facts(text)).encode())) <= 1500  # settings and all
    assert "tessera-ask" not in inline
