"""The back office: what the people at the desk do to orders, and what became of the webhooks."""

from __future__ import annotations

import random
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from connectors.sandbox.shop import changes, context
from connectors.sandbox.shop.carts import price_cart
from connectors.sandbox.shop.documents import order_document
from connectors.sandbox.shop.goods import GOODS
from connectors.sandbox.shop.money import parse_amount
from connectors.sandbox.shop.orders import Buyer, Order, keep_order, newest_orders, order_by_number, place_order
from connectors.sandbox.shop.outgoing import again, deliveries_of, enqueue, newest_deliveries
from connectors.sandbox.shop.store import put_setting, setting

pages = Blueprint("office", __name__, url_prefix="/back-office")

SWITCHES = ("thrice", "disorder")


@pages.get("/")
def desk() -> str:
    with context.here().store.reading() as db:
        orders, deliveries = newest_orders(db), newest_deliveries(db)
        switches = {name: setting(db, name) == "on" for name in SWITCHES}
    return render_template("office.html", orders=orders, deliveries=deliveries, switches=switches)


@pages.get("/orders/<int:number>")
def order(number: int) -> str:
    with context.here().store.reading() as db:
        found = order_by_number(db, number) or abort(404)
        deliveries = deliveries_of(db, str(number))
    possible = changes.possible(found)
    return render_template("office_order.html", order=found, deliveries=deliveries, possible=possible)


@pages.post("/orders/<int:number>/<any(pay,fulfil,deliver,cancel,reopen,refund_all):name>")
def change(number: int, name: str) -> Redirect:
    return _change(number, changes.PLAIN[name.replace("_", "-")])


@pages.post("/orders/<int:number>/refund-unit")
def refund_unit(number: int) -> Redirect:
    return _change(number, lambda found: changes.refund_unit(found, request.form.get("line", "")))


@pages.post("/orders/<int:number>/edit")
def edit(number: int) -> Redirect:
    quantity = context.form_number("quantity")
    return _change(number, lambda found: changes.edit_quantity(found, request.form.get("line", ""), quantity))


@pages.post("/orders/<int:number>/refund-money")
def refund_money(number: int) -> Redirect:
    return _change(number, lambda found: changes.refund_money(found, parse_amount(request.form.get("amount", ""))))


@pages.post("/orders/<int:number>/tell-again")
def tell_again(number: int) -> Redirect:
    return _change(number, lambda found: found)


@pages.post("/guest-order")
def guest_order() -> Redirect:
    """Make a guest's order of one to three things."""
    chosen = random.sample([product for product in GOODS if not product.gift_card], random.randint(1, 3))  # noqa: S311
    email = request.form.get("email", "").strip()[:200] or "guest@example.com"
    here = context.here()
    with here.store.transaction() as db:
        cart = price_cart({product.first.id: random.randint(1, 2) for product in chosen})  # noqa: S311 no secret
        made = place_order(db, cart, Buyer(name="A guest", email=email), paid=True)
        enqueue(db, "order", order_document(made, here.settings.currency))
    here.sender.wake()
    flash(f"Order {made.number} is {email}'s.")
    return redirect(url_for("office.order", number=made.number), 303)


@pages.post("/switches")
def switch() -> Redirect:
    with context.here().store.transaction() as db:
        for name in SWITCHES:
            put_setting(db, name, "on" if request.form.get(name) else "off")
    return redirect(url_for("office.desk"), 303)


@pages.post("/deliveries/<int:row_id>/again")
def send_again(row_id: int) -> Redirect:
    with context.here().store.transaction() as db:
        again(db, row_id)
    context.here().sender.wake()
    return redirect(url_for("office.desk"), 303)


def _change(number: int, how: Callable[[Order], Order]) -> Redirect:
    """Change an order and tell of it, both or neither."""
    here = context.here()
    try:
        with here.store.transaction() as db:
            found = order_by_number(db, number) or abort(404)
            kept = keep_order(db, how(found))
            enqueue(db, "order", order_document(kept, here.settings.currency))
    except (changes.NotPossible, ValueError) as refusal:
        flash(str(refusal), "wrong")
    here.sender.wake()
    return redirect(url_for("office.order", number=number), 303)
