"""Buying: who, how, done."""

from __future__ import annotations

import re
import sqlite3

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from connectors.sandbox.shop import context
from connectors.sandbox.shop.customers import add_customer
from connectors.sandbox.shop.documents import cart_document, customer_document, order_document
from connectors.sandbox.shop.orders import Buyer, order_by_number, place_order
from connectors.sandbox.shop.outgoing import enqueue

pages = Blueprint("checkout", __name__)

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")


@pages.get("/checkout")
def form() -> str | Redirect:
    if not context.cart().lines:
        return redirect(url_for("front.cart"), 303)
    context.use_code(context.cart().code)  # it may have been used, cancelled or lapsed meanwhile
    document = cart_document(context.cart(), context.here().settings.currency)
    return render_template("checkout.html", document=document, entered={}, wrong={})


@pages.post("/checkout")
def buy() -> str | Redirect | tuple[str, int]:
    worked = context.cart().code_works
    context.use_code(context.cart().code)
    cart = context.cart()
    if worked and not cart.code_works:
        flash(f"The code {cart.code} is no longer good.", "wrong")
        return redirect(url_for("front.cart"), 303)
    wrong = {} if context.shopper() else _wrong_fields()
    if not cart.lines:
        return redirect(url_for("front.cart"), 303)
    if wrong:
        document = cart_document(cart, context.here().settings.currency)
        return render_template("checkout.html", document=document, entered=request.form, wrong=wrong), 422
    here = context.here()
    with here.store.transaction() as db:
        order = place_order(db, cart, _buyer(db), paid=request.form.get("payment") != "transfer")
        told = order_document(order, here.settings.currency)
        said = {"experiment_arm": session.get("arm"), "referral_code": session.get("friend")}
        enqueue(db, "order", told | said)  # told once: the first word counts
    here.sender.wake()
    context.remember_order(order)
    context.empty_cart()
    return redirect(url_for("checkout.thanks", number=order.number), 303)


@pages.get("/orders/<int:number>")
def thanks(number: int) -> str:
    with context.here().store.reading() as db:
        order = order_by_number(db, number)
    if order is None or not context.may_see(order):
        abort(404)
    return render_template("thanks.html", order=order, token=context.shopper_token())


def _wrong_fields() -> dict[str, str]:
    """Say what a guest forgot, by field."""
    wrong = {}
    if not request.form.get("name", "").strip():
        wrong["name"] = "Tell us your name, so the postman knows it too."
    if not _EMAIL.fullmatch(request.form.get("email", "").strip()):
        wrong["email"] = "We need an e-mail address, like eleni@example.com."
    return wrong


def _buyer(db: sqlite3.Connection) -> Buyer:
    """Return who buys: the customer, a new customer, or a guest."""
    customer = context.shopper()
    name, email = request.form.get("name", "").strip()[:100], request.form.get("email", "").strip().lower()[:200]
    if customer is None and request.form.get("account"):
        customer = add_customer(db, name, email, verified=False)
        if customer is None:
            flash("This e-mail has an account already. We took the order as a guest's.")
            return Buyer(name=name, email=email)
        session["customer"] = customer.id
        enqueue(db, "customer", customer_document(customer))
    if customer is None:
        return Buyer(name=name, email=email)
    return Buyer(id=customer.id, name=customer.name, email=customer.email, email_verified=customer.verified)
