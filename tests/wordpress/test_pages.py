"""The plugin's pages in a real browser: classic ones and those of blocks."""

from __future__ import annotations

import json
from pathlib import Path

from tests.browser import browser
from tests.servers import Chromium
from tests.wordpress.conftest import can
from tests.wordpress.site import Site

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "tests" / "browser" / "screens"


def test_a_shopper_chooses_uses_her_code_and_is_known(changing: Site, chromium: Chromium) -> None:
    SHOTS.mkdir(exist_ok=True)
    goods, people = changing.furniture["goods"], changing.furniture["people"]
    ten = {"discount_type": "percent", "amount": 10}
    changing.logged_in("bob").run(
        f"""
        update_option('wc_coupons', json_decode('{json.dumps({"our1": ten, "our2": ten})}', true));
        WC()->session->set('coupons', array());
        WC()->session->set('cart', array());
        WC()->cart->add_to_cart({goods["plate"]}, 2);
        {can({"status": 200, "body": json.dumps({"announcement": {"text": "Double points", "close": "Close"}})})}
        TesseraLoyalty\\Announcement::refresh();
        {can({"status": 404, "body": "{}"})}
        return 1;
        """
    )
    changing.run(f"WC()->session->set('cart', array()); return WC()->cart->add_to_cart({goods['cup']}, 2);")
    found = browser.run(
        "wordpress.mjs",
        chromium,
        address=changing.address,
        dist=str(ROOT / "widgets" / "dist"),
        shots=str(SHOTS),
        cookies=people["bob"]["cookies"],
        goods=goods,
    )
    assert found["wrong"] == []
    assert found["still"] == "Earn 13,999 points"
    assert found["asked"] == []  # the server drew it
    assert found["untouched"] == []
    assert found["asked_twice"] == 2  # for a field that was filled in, and for a stepper that tells jQuery alone
    assert found["variable"] == 0
    assert found["chosen"] == ["Earn 125 points", "12.50"]
    assert (found["asked_for"], found["unchosen"]) == (0, 0)
    assert (found["bar"], found["closed"]) == (0, [[True, False], [True, False], "1500593995"])
    assert found["cart"] == 0
    refused = {"ok": False, "message": 'Coupon "none" does not exist!'}
    assert found["classic"] == [refused, {"ok": True}]
    assert found["block"] == [refused, {"ok": True}]
    assert [(line["unit_price"], line["discount"]) for line in found["drawn"]["lines"]] == [("60.00", "12.00")]
    assert found["told"] == ["our1", "our2"]
    assert found["quick"] == ["Earn 30 points", "3.00", 1]
    assert found["cached"] == ['<tessera-product data-until="1"></tessera-product>', "New"]
    assert found["session"] == 404  # the site asked, and the server knows no such member yet
    assert found["scope"] == found["push"]  # not the whole shop, where a worker of the shop's own may be
    kept = "return array(WC()->session->get('tessera_arm'), WC()->session->get('tessera_referral'));"
    assert changing.logged_in("bob").run(kept) == ["b", "KXW3N-T7PQ9"]
