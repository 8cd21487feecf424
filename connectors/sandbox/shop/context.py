"""What a page needs: the shop it is a page of, and who is looking at it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, request, session

from connectors.sandbox.shop.carts import MOST_UNITS, Cart, price_cart
from connectors.sandbox.shop.coupons import PREFIX, Coupon, coupon_of
from connectors.sandbox.shop.customers import Customer, customer_by_id
from connectors.sandbox.shop.orders import Order, code_is_taken
from connectors.sandbox.shop.outgoing import Sender
from connectors.sandbox.shop.settings import SandboxSettings
from connectors.sandbox.shop.store import Store
from connectors.sandbox.shop.tessera import Tessera

_KEY = "aloni"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    settings: SandboxSettings
    store: Store
    sender: Sender
    tessera: Tessera


def put_context(site: Flask, context: Context) -> None:
    site.extensions[_KEY] = context


def here() -> Context:
    context: Context = current_app.extensions[_KEY]
    return context


def widgets_base() -> str:
    """Return where the widgets come from: Tessera's address, or nothing where it serves this shop itself."""
    return "" if request.script_root else here().settings.app_url


def shopper() -> Customer | None:
    """Return who is logged in. Once per request."""
    if "shopper" not in g:
        with here().store.reading() as db:
            g.shopper = customer_by_id(db, session.get("customer", ""))
    found: Customer | None = g.shopper
    return found


def shopper_token() -> str | None:
    """Return a token for the widgets of who is logged in."""
    customer = shopper()
    return here().tessera.shopper_token(customer) if customer else None


def cart() -> Cart:
    kept = session.get("coupon")
    return price_cart(session.get("cart", {}), session.get("code", ""), Coupon(**kept) if kept else None)


def use_code(code: str) -> None:
    """Put a code into the cart; one of the points programme is asked for at Tessera."""
    session["code"] = code
    session.pop("coupon", None)
    if code.startswith(PREFIX):
        with here().store.reading() as db:
            told = None if code_is_taken(db, code) else here().tessera.redemption(code)
        coupon = coupon_of(told) if told else None
        if coupon:
            session["coupon"] = coupon.kept()


def put_in_cart(variant_id: str, quantity: int) -> None:
    """Set how many of a variant are in the cart; none takes it out."""
    items: dict[str, int] = dict(session.get("cart", {}))
    items[variant_id] = max(0, min(quantity, MOST_UNITS))
    session["cart"] = {variant: units for variant, units in items.items() if units}


def empty_cart() -> None:
    session.pop("cart", None)
    session.pop("code", None)
    session.pop("coupon", None)


def remember_order(order: Order) -> None:
    """Let this browser see its order again, a guest's too."""
    session["orders"] = [*session.get("orders", []), order.number][-10:]


def may_see(order: Order) -> bool:
    customer = shopper()
    mine = customer is not None and order.buyer.id == customer.id
    return mine or order.number in session.get("orders", [])


def form_number(name: str, default: int = 1) -> int:
    """Read a whole number of the form; what is none counts as the default."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else default
