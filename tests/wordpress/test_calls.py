"""The plugin between shop and server: who may pair it, whom it vouches for, what it tells, what the merchant clicks."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from base64 import b64decode
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.contract import ShopSettings
from connectors.woocommerce import CONNECTOR
from connectors.woocommerce.plugin import DIST
from tests.wordpress.conftest import OURS, PAIRING, SECRET, can, page_facts, table
from tests.wordpress.site import SETTINGS, Person, Site

PAIR, POST = "/wp-json/tessera/v1/pair", "/wp-admin/admin-post.php"
BOSS, ADA = ("ck_boss", "cs_boss"), ("ck_ada", "cs_ada")


def test_it_declares_what_woocommerce_asks_for(wordpress: Site) -> None:
    told = wordpress.run("return Automattic\\WooCommerce\\Utilities\\FeaturesUtil::$declared;")
    mine = ["tessera-loyalty/tessera-loyalty.php", True]
    assert told == {"custom_order_tables": mine, "cart_checkout_blocks": mine}


# --- pairing ----------------------------------------------------------------------------------------------------------


def test_only_a_key_of_the_shop_pairs_and_only_with_the_server_it_belongs_to(unpaired: Site) -> None:
    person = unpaired.person()
    refused = [
        person.post(PAIR, json=PAIRING),
        person.post(PAIR, json=PAIRING, auth=ADA),
        person.post(PAIR, json=PAIRING, auth=("ck_boss", "wrong")),
        unpaired.logged_in("admin").post(PAIR, json=PAIRING),  # a cookie without WordPress's nonce
        person.post(PAIR, json=PAIRING | {"app_url": "https://evil.example"}, auth=BOSS),
        person.post(PAIR, json=PAIRING | {"secret": "short"}, auth=BOSS),
        person.post(PAIR, json=PAIRING | {"shop_id": "'\"><script>"}, auth=BOSS),
        person.post(PAIR, json={}, auth=BOSS),
        person.post(PAIR, data="\x00", auth=BOSS),
    ]
    assert [answer.status_code for answer in refused] == [401, 403, 401, 401, 409, 400, 400, 400, 400]
    assert unpaired.run("return TesseraLoyalty\\Connection::is_paired();") is False
    assert person.post(PAIR, json=PAIRING, auth=BOSS).json() == {"paired": True, "version": "1.0.0"}
    secret, queue = unpaired.run("return array(TesseraLoyalty\\Connection::secret(), get_option('as_queue'));")
    assert secret == SECRET
    assert "tessera_loyalty_refresh" in [row["hook"] for row in queue]


def test_only_the_server_it_belongs_to_tells_a_new_table(changing: Site) -> None:
    told = {"table": table(version=9), "shop": {"id": PAIRING["shop_id"], "script": "x"}}
    person, address = changing.person(), "/wp-json/tessera/v1/table"
    answers = [
        person.post(address, json=told),
        person.post(address, json=told, auth=ADA),
        person.post(address, json=told | {"shop": {"id": "other"}}, auth=BOSS),
        person.post(address, json=told | {"table": "x"}, auth=BOSS),
        person.post(address, json=told, auth=BOSS),
    ]
    assert [answer.status_code for answer in answers] == [401, 403, 409, 400, 200]
    kept, queue = changing.run("return array(TesseraLoyalty\\Table::now(), get_option('as_queue'));")
    assert kept == told["table"]
    assert "tessera_loyalty_refresh" in [row["hook"] for row in queue]  # for what the programme announces


def test_a_secret_is_forgotten_when_the_merchant_names_another_server(paired: Site) -> None:
    other = "update_option('tessera_loyalty_server', 'https://another.example');"
    told = paired.run(
        other + "$told = TesseraLoyalty\\Connection::secret(); delete_option('tessera_loyalty_server'); return $told;"
    )
    assert told == ""


# --- who is logged in -------------------------------------------------------------------------------------------------


def session_of(person: Person) -> str:
    seen = person.get("/shop/").text
    parts = urlsplit(page_facts(seen)["tag"]["data-session"])
    return f"{parts.path}?{parts.query}"


def test_the_site_vouches_for_who_is_logged_in_and_for_nobody_else(changing: Site) -> None:
    token = {"token": "t1", "expires_at": "2026-11-22T12:10:00Z", "other": "x"}
    changing.run(can({"status": 200, "body": json.dumps(token)}) + "return 1;")
    ada = changing.logged_in("ada")
    path = session_of(ada)
    given = ada.get(path)
    assert given.json() == {"token": "t1", "expires_at": "2026-11-22T12:10:00Z"}
    assert "no-store" in given.headers["Cache-Control"]

    bare = path.partition("?")[0]
    guest, bob = changing.person(), changing.logged_in("bob")
    refused = (guest.get(path), guest.get(bare), ada.get(bare), bob.get(path))
    assert [each.status_code for each in refused] == [403, 401, 401, 403]

    [call] = changing.run("return get_option('asked');")
    address, _, query = call["url"].partition("?")
    told = dict(parse_qsl(query))
    signature = told.pop("signature")
    assert address == f"{OURS}/proxy/woocommerce/session"
    assert (told["shop"], told["customer_id"]) == ("mugs.example", str(changing.furniture["people"]["ada"]["id"]))
    assert abs(int(told["timestamp"]) - time.time()) < 60
    message = "\n".join(("session", *told.values())).encode()
    assert signature == hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()


def test_a_server_that_has_no_token_is_no_error_of_the_page(changing: Site) -> None:
    ada = changing.logged_in("ada")
    path = f"/wp-json/tessera/v1/session?_wpnonce={ada.nonces['wp_rest']}"
    for answer, status in (
        ({"status": 404, "body": "{}"}, 404),
        ({"status": 200, "body": "<html>"}, 503),
        ({"error": "x"}, 503),
    ):
        changing.run(can(answer) + "return 1;")
        assert ada.get(path).status_code == status


def test_the_site_serves_the_worker_of_messages_to_who_may_get_some(paired: Site) -> None:
    address = page_facts(paired.logged_in("ada").get("/shop/").text)["tag"]["data-push"]
    assert address == f"{paired.address}/?tessera-push-worker=1"
    assert "data-push" not in page_facts(paired.person().get("/shop/").text)["tag"]
    given = paired.person().get("/?tessera-push-worker=1")
    assert given.content == (DIST / "push-worker.js").read_bytes()
    assert {name: given.headers.get(name) for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control")} == {
        "Content-Type": "text/javascript; charset=utf-8",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=300",
    }
    plain = "update_option('permalink_structure', '{}'); return get_option('permalink_structure');"
    paired.run(plain.format(""))
    assert paired.person().get("/?tessera-push-worker=1").content == given.content
    assert paired.run(plain.format("/%postname%/"))


# --- what it tells ----------------------------------------------------------------------------------------------------


QUEUE = """array_column(array_filter(get_option('as_queue', array()),
    fn($row) => $row['hook'] === 'tessera_loyalty_signal'), 'args')"""


def comment(site: Site, kind: str, approved: str) -> str:
    """Return PHP that writes a comment on a product, into `$comment`."""
    return f"""$comment = wp_insert_comment(array('comment_post_ID' => {site.furniture["goods"]["cup"]},
        'comment_type' => '{kind}', 'comment_approved' => '{approved}', 'comment_author_email' => 'ada@example.com',
        'comment_content' => 'Good "cup" 😀', 'comment_date_gmt' => '2026-11-01 10:00:00'));"""


def test_reviews_sign_ups_and_deletions_are_told_until_they_have_arrived(changing: Site) -> None:
    zoe = changing.furniture["people"]["zoe"]["id"]
    number, told = changing.run(
        comment(changing, "review", "0")
        + f"""wp_set_comment_status($comment, 'approve');
        do_action('woocommerce_delete_order', 60);
        do_action('woocommerce_created_customer', {zoe}, array(), false);
        return array($comment, {QUEUE});"""
    )
    assert told == [
        ["review.created", number, 0],
        ["action.woocommerce_delete_order", 60, 0],
        ["customer.created", zoe, 0],
    ]

    def send(answer: dict[str, Any], tries: int) -> Any:
        work = (
            f"do_action('tessera_loyalty_signal', 'review.created', {number}, {tries}); return array_values({QUEUE});"
        )
        return changing.run("delete_option('as_queue');" + can(answer) + work)

    assert send({"status": 503, "body": ""}, 0) == [["review.created", number, 1]]
    assert send({"error": "away"}, 5) == [["review.created", number, 6]]
    assert send({"status": 503, "body": ""}, 6) == []
    assert send({"status": 400, "body": ""}, 0) == []

    sending = "".join(f"do_action('tessera_loyalty_signal', '{topic}', {about}, 0);" for topic, about, _ in told)
    calls = changing.run(can({"status": 200, "body": ""}) + sending + "return get_option('asked');")
    assert {call["url"] for call in calls} == {f"{OURS}/webhooks/woocommerce/{PAIRING['shop_id']}"}
    for call in calls:
        signed = hmac.new(SECRET.encode(), call["body"].encode(), hashlib.sha256).digest()
        assert b64decode(call["headers"]["X-WC-Webhook-Signature"]) == signed
    review, deleted, customer = map(understood, calls)
    assert (review["id"], review["evidence"]) == (f"review:{number}", {"text": 'Good "cup" 😀'})
    assert deleted["order_id"] == "60"
    assert (customer["id"], customer["email"]) == (str(zoe), "zoe@example.com")


def understood(call: dict[str, Any]) -> dict[str, Any]:
    """Return the fact that our side reads from a signal."""
    topic = call["headers"]["X-WC-Webhook-Topic"]
    [fact] = CONNECTOR.translate(topic, json.loads(call["body"]), ShopSettings(platform_ref="x", currency="EUR"))
    return asdict(fact)


def test_a_comment_that_is_no_review_or_not_approved_is_not_told(changing: Site) -> None:
    tell = "do_action('comment_post', $comment, 0, array());"
    written = [comment(changing, *each) + tell for each in (("review", "0"), ("comment", "1"), ("review", "spam"))]
    assert changing.run("".join(written) + f"return array_values({QUEUE});") == []


def test_an_order_tells_of_its_deleted_refund_and_its_delivery(changing: Site) -> None:
    first, again = changing.run(
        """
        update_option('wc_orders', array(90 => array('modified' => 5, 'meta' => array())));
        do_action('woocommerce_refund_deleted', 91, 90);
        do_action('woocommerce_order_action_tessera_delivered', wc_get_order(90));
        $first = get_option('wc_orders')[90];
        sleep(1);
        do_action('woocommerce_order_status_delivered', 90);
        return array($first, get_option('wc_orders')[90]);
        """
    )
    assert first["modified"] > 1_700_000_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["meta"]["_tessera_delivered_at"])
    assert again["meta"] == first["meta"]


# --- the merchant -----------------------------------------------------------------------------------------------------


def test_a_merchant_leaves_for_the_server_by_one_button(unpaired: Site) -> None:
    boss = unpaired.logged_in("admin")
    seen = boss.get("/wp-admin/admin.php?page=tessera-loyalty").text
    given = {"action": "tessera_connect", "server": OURS, "_wpnonce": boss.nonces["tessera_connect"]}
    assert all(f'value="{value}"' in seen for value in given.values())
    away = boss.post(POST, data=given, allow_redirects=False)
    assert (away.status_code, away.headers["Location"].partition("?")[0]) == (302, f"{OURS}/install/woocommerce")
    assert dict(parse_qsl(urlsplit(away.headers["Location"]).query)) == {"shop": f"{unpaired.address}/"}

    assert boss.post(POST, data=given | {"_wpnonce": "0"}, allow_redirects=False).status_code == 403
    ada = unpaired.logged_in("ada")
    hers = given | {"_wpnonce": ada.nonces["tessera_connect"]}
    assert ada.post(POST, data=hers, allow_redirects=False).status_code == 403
    for server in ("http://tessera.example", "https://a@b.example", "javascript:alert(1)"):
        wrong = boss.post(POST, data=given | {"server": server}, allow_redirects=False)
        assert wrong.headers["Location"].endswith("wrong=1"), server
    unpaired.run("delete_option('tessera_loyalty_server'); return 1;")


def test_a_merchant_sees_how_it_stands_and_disconnects(changing: Site) -> None:
    boss = changing.logged_in("admin")
    seen = boss.get("/wp-admin/admin.php?page=tessera-loyalty").text
    assert f"Connected to {OURS}." in seen
    assert SECRET not in seen
    boss.post(POST, data={"action": "tessera_forget", "_wpnonce": boss.nonces["tessera_forget"]}, allow_redirects=False)
    assert changing.run("return TesseraLoyalty\\Connection::is_paired();") is False


LEFT = """
    global $wpdb;
    $left = array();
    $places = array('options' => 'option_name', 'usermeta' => 'meta_key', 'postmeta' => 'meta_key');
    foreach ($places as $table => $column) {
        $left[$table] = $wpdb->get_col("SELECT $column FROM {$wpdb->$table} WHERE $column LIKE '%tessera%'");
    }
    $left['orders'] = get_option('wc_orders');
    $left['jobs'] = array_column(get_option('as_queue', array()), 'hook');
    $left['rules'] = strpos(json_encode(get_option('rewrite_rules')), 'tessera');
"""
UNINSTALL = """
    require_once ABSPATH . 'wp-admin/includes/plugin.php';
    deactivate_plugins('tessera-loyalty/tessera-loyalty.php');
    uninstall_plugin('tessera-loyalty/tessera-loyalty.php');
"""


def test_uninstalling_takes_away_all_that_it_made(spoilt: Site) -> None:
    assert spoilt.person().get("/").status_code == 200  # it writes its table of addresses
    before = spoilt.run(
        f"""
        $notes = array('_tessera_arm' => 'a', 'other' => 1);
        update_option('wc_orders', array(5 => array('total' => '9', 'meta' => $notes)));
        update_post_meta({spoilt.furniture["goods"]["cup"]}, '_tessera_only', 'members');
        update_user_meta(1, '_tessera_member', array('points' => 1));
        TesseraLoyalty\\Jobs::every('tessera_loyalty_refresh', 300);
        {LEFT} return $left;
        """
    )
    assert all(before.values())
    after = spoilt.run(f"{UNINSTALL} {LEFT} return $left;")
    order = {"5": {"total": "9", "meta": {"other": 1}}}
    nothing: dict[str, Any] = {"options": [], "usermeta": [], "postmeta": [], "jobs": [], "rules": False}
    assert after == nothing | {"orders": order}


def network(site: Site) -> None:
    """Make a network of a site, with a second one at /two/."""
    host = urlsplit(site.address).netloc
    site.run(
        f"""
        global $wpdb;
        foreach ($wpdb->tables('ms_global') as $table => $named) {{ $wpdb->$table = $named; }}
        define('WP_INSTALLING_NETWORK', true);
        require_once ABSPATH . 'wp-admin/includes/upgrade.php';
        install_network();
        return populate_network(1, '{host}', 'admin@example.com', 'Network', '/', false);
        """
    )
    constants = {"MULTISITE": True, "SUBDOMAIN_INSTALL": False, "DOMAIN_CURRENT_SITE": host}
    constants |= {"PATH_CURRENT_SITE": "/", "SITE_ID_CURRENT_SITE": 1, "BLOG_ID_CURRENT_SITE": 1}
    told = "".join(f"define('{name}', {json.dumps(value)});" for name, value in constants.items())
    settings = site.folder / SETTINGS
    settings.write_text(settings.read_text().replace("<?php", f"<?php {told}", 1))
    made = site.run(
        f"""
        require_once ABSPATH . 'wp-admin/includes/plugin.php';
        $two = wpmu_create_blog('{host}', '/two/', 'Two', 1);
        switch_to_blog($two);
        activate_plugin('woocommerce/woocommerce.php');
        activate_plugin('tessera-loyalty/tessera-loyalty.php');
        return $two;
        """
    )
    assert made == 2


def test_each_shop_of_a_network_knows_its_own_members(spoilt: Site) -> None:
    network(spoilt)
    keep = "switch_to_blog({}); TesseraLoyalty\\Connection::keep('shop{}', '{}', 'secret');"
    write = "update_user_meta(1, '_tessera_member', array('shop' => '{}', 'points' => {}));"
    shops = {1: "net.example", 2: "net.example/two"}
    for number, ref in shops.items():
        spoilt.run(keep.format(number, number, ref) + write.format(ref, number) + "return 1;")
    points = """return array_map(function ($one) {
        switch_to_blog($one);
        wp_set_current_user(1);
        return TesseraLoyalty\\Member::current()['points'] ?? null;
    }, array(1, 2));"""
    assert spoilt.run(points) == [1, 2]
    assert spoilt.run("update_user_meta(1, '_tessera_member', array('points' => 9)); " + points) == [1, 2]
    assert spoilt.run(keep.format(2, 2, "net.example/three") + points) == [1, None]

    each = (
        f"$all = array(); foreach (array(1, 2) as $one) {{ switch_to_blog($one); {LEFT} $all[] = $left; }} return $all;"
    )
    assert all(spoilt.run(each)[1]["options"])
    after = spoilt.run(UNINSTALL + each)
    assert [(left["options"], left["usermeta"]) for left in after] == [([], []), ([], [])]


def test_php_has_nothing_to_complain_of(paired: Site) -> None:
    assert paired.complaints() == []
