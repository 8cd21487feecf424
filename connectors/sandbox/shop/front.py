"""The shop window: home, product, picture, cart."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from connectors.sandbox.shop import context
from connectors.sandbox.shop.catalogue import COLLECTIONS, DARK_PAINT, GLAZES, PAINTS, Product, product_of
from connectors.sandbox.shop.documents import cart_document
from connectors.sandbox.shop.goods import GOODS
from connectors.sandbox.shop.money import decimal_text

pages = Blueprint("front", __name__)


@pages.get("/")
def home() -> str:
    chosen = request.args.get("show", "")
    goods = [product for product in GOODS if product.collection == chosen or chosen not in COLLECTIONS]
    return render_template("home.html", goods=goods, chosen=chosen)


@pages.get("/products/<product_id>")
def product(product_id: str) -> str:
    found = next((one for one in GOODS if one.id == product_id), None) or abort(404)
    related = [one for one in GOODS if one.collection == found.collection and one is not found]
    more = (related + [one for one in GOODS if one not in related and one is not found])[:4]
    chosen = request.args.get("variant", found.first.id)
    variant = next((one for one in found.variants if one.id == chosen), found.first)
    return render_template("product.html", product=found, variant=variant, more=more)


@pages.get("/pictures/<variant_id>.svg")
def picture(variant_id: str) -> Response:
    """Draw a variant. The picture is its own document, so its colour may be a style."""
    goods = product_of(GOODS, variant_id) or abort(404)
    glaze = goods[1].glaze
    colours = {"glaze": GLAZES[glaze], "paint": PAINTS.get(glaze, DARK_PAINT)}
    drawing = render_template("pictures/document.svg", picture=goods[0].id, **colours)
    answer = Response(drawing, mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return answer


@pages.get("/cart")
def cart() -> str:
    document = cart_document(context.cart(), context.here().settings.currency)
    return render_template("cart.html", document=document)


@pages.post("/cart/add")
def add() -> Redirect:
    variant_id = request.form.get("variant", "")
    goods = product_of(GOODS, variant_id) or abort(404)
    already = session.get("cart", {}).get(variant_id, 0)
    context.put_in_cart(variant_id, already + context.form_number("quantity"))
    flash(f"{goods[0].title} is in your cart.")
    return redirect(url_for("front.cart"), 303)


@pages.post("/cart/change")
def change() -> Redirect:
    variant_id = request.form.get("variant", "")
    product_of(GOODS, variant_id) or abort(404)
    context.put_in_cart(variant_id, context.form_number("quantity"))
    return redirect(url_for("front.cart"), 303)


@pages.post("/cart/code")
def code() -> Redirect:
    context.use_code(request.form.get("code", "").strip().upper()[:40])
    return redirect(url_for("front.cart"), 303)


@pages.post("/cart/arm")
def arm() -> tuple[str, int]:
    """Keep the arm of an experiment that the page was shown in; the order will say it."""
    session["arm"] = request.form.get("arm", "")[:130]
    return "", 204


@pages.post("/cart/friend")
def friend() -> tuple[str, int]:
    """Keep the code of the friend who sent the shopper; the order will say it."""
    session["friend"] = request.form.get("code", "")[:40]
    return "", 204


@pages.app_template_global()
def widget_attributes(product: Product) -> dict[str, str]:
    """Return what the product widget is told of a product, whatever its variant."""
    return {
        "product-id": product.id,
        "variant-id": product.first.id,
        "price": decimal_text(product.first.cents),
        "quantity": "1",
        "currency": context.here().settings.currency,
        "tags": ",".join(product.tags),
        "collections": product.collection,
        "vendor": product.vendor,
    }
