"""The customer's own pages: log in, orders, points."""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from connectors.sandbox.shop import context
from connectors.sandbox.shop.customers import newest_customers, seen_customer
from connectors.sandbox.shop.documents import customer_document
from connectors.sandbox.shop.orders import orders_of
from connectors.sandbox.shop.outgoing import enqueue

pages = Blueprint("account", __name__)

# Where to go after logging in: the page that sent the shopper here, by name, never by address.
AFTER_LOGIN = {"checkout": "checkout.form", "account": "account.overview"}


@pages.get("/login")
def login() -> str:
    with context.here().store.reading() as db:
        customers = newest_customers(db)
    return render_template("login.html", customers=customers, after=request.args.get("after", "account"))


@pages.post("/login")
def log_in() -> Redirect:
    here = context.here()
    with here.store.transaction() as db:
        customer = seen_customer(db, request.form.get("customer", "")) or abort(404)
        enqueue(db, "customer", customer_document(customer))
    here.sender.wake()
    session["customer"] = customer.id
    after = AFTER_LOGIN.get(request.form.get("after", ""), "account.overview")
    return redirect(url_for(after), 303)


@pages.post("/logout")
def log_out() -> Redirect:
    session.clear()
    return redirect(url_for("front.home"), 303)


@pages.get("/session")
def widgets_session() -> Response:
    """Tell the widgets on this shop's pages who is logged in: a token, never kept by anyone but the page."""
    customer = context.shopper()
    told = context.here().tessera.session(customer) if customer else None
    answer = jsonify(told) if told else Response(status=401)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/push-worker.js")
def push_worker() -> Response:
    """Hand out the worker that shows messages: a browser takes one from the shop's own origin only."""
    source = f'importScripts("{context.widgets_base()}/widgets/v1/push-worker.js");\n'
    return Response(source, mimetype="text/javascript")


@pages.get("/account")
def overview() -> str | Redirect:
    customer = context.shopper()
    if customer is None:
        return redirect(url_for("account.login"), 303)
    here = context.here()
    with here.store.reading() as db:
        orders = orders_of(db, customer.id)
    token = context.shopper_token()
    if not token:
        return render_template("account.html", orders=orders, token=None)
    return render_template(
        "account.html",
        orders=orders,
        token=token,
        history=here.tessera.history(token),
        rewards=sorted(here.tessera.rewards(token), key=lambda offer: (not offer["available"], offer["points"])),
        codes=[one for one in here.tessera.redemptions(token) if one["usable"]],
        key=secrets.token_urlsafe(12),
    )


@pages.post("/account/redeem")
def redeem() -> Redirect:
    token = context.shopper_token()
    if token is None:
        return redirect(url_for("account.login"), 303)
    points = context.form_number("points") if request.form.get("points") else None
    made = context.here().tessera.redeem(
        token, request.form.get("reward", ""), points, request.form.get("key", "") or secrets.token_urlsafe(12)
    )
    if made is None:
        flash("That did not work: this reward cannot be had right now. No points were taken.", "wrong")
    elif made["code"]:
        flash(f"It is yours. Your code is {made['code']}.")
    else:
        flash("It is yours.")
    return redirect(url_for("account.overview"), 303)


@pages.post("/account/redemptions/<redemption_id>/cancel")
def give_up(redemption_id: str) -> Redirect:
    token = context.shopper_token()
    if token is None:
        return redirect(url_for("account.login"), 303)
    if context.here().tessera.cancel(token, redemption_id):
        flash("The code is gone, the points are back.")
    else:
        flash("This reward has been used already.", "wrong")
    return redirect(url_for("account.overview"), 303)
