"""The live gallery: every element in every state, each on a page of its own with a made-up server behind it.

gallery_states     what is shown, and the code to copy
gallery_answers    what the made-up server says
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from connectors.sandbox.shop import context, gallery_answers
from connectors.sandbox.shop.gallery_states import SECTIONS, STATES, State

pages = Blueprint("gallery", __name__)

RIGHT_TO_LEFT = ("ar",)  # no words of its own: for the direction
NAMES = {
    "en": "English",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "fr": "Français",
    "fi": "Suomi",
    "de": "Deutsch",
    "es": "Español",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "ar": "Right to left",
}


@pages.get("/gallery")
def gallery() -> str:
    chosen = request.args.get("lang", "en")
    return render_template(
        "gallery.html", sections=SECTIONS, languages=NAMES, chosen=chosen if chosen in NAMES else "en"
    )


@pages.get("/gallery/<state_id>")
def frame(state_id: str) -> Response:
    """Show one state: a page of a shop with one element on it."""
    state = _state(state_id)
    language = request.args.get("lang", "en")[:5]
    to_left = "rtl" in state.look or language in RIGHT_TO_LEFT
    page = render_template(
        "gallery_frame.html",
        state=state,
        code=Markup(state.code),  # noqa: S704 (our own)
        language=language,
        direction="rtl" if to_left else "ltr",
        theme="dark" if state.look == "dark" else request.args.get("theme", ""),
        tag=url_for("gallery.file", state_id=state_id, name="tessera.js"),
        session=url_for("gallery.session", state_id=state_id) if state.who != "guest" else None,
    )
    return Response(page, content_type="text/html; charset=utf-8")


@pages.get("/gallery/api/<state_id>/session")
def session(state_id: str) -> Response:
    until = datetime.now(UTC) + timedelta(minutes=10)
    return jsonify({"token": _state(state_id).who, "expires_at": until.isoformat().replace("+00:00", "Z")})


@pages.get("/gallery/api/<state_id>/widgets/v1/<path:name>")
def file(state_id: str, name: str) -> Redirect:
    """Lead to Tessera's own files; what the loader then asks of its server comes to us."""
    answer = redirect(f"{context.widgets_base()}/widgets/v1/{name}")
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@pages.route("/gallery/api/<state_id>/shopper/v1/<path:path>", methods=["GET", "POST", "PATCH"])
@pages.route("/gallery/api/<state_id>/widget/v1/<shop>/<path:path>", methods=["GET", "POST"])
def api(state_id: str, path: str, shop: str = "") -> Response:
    state = _state(state_id)
    said = gallery_answers.sentences(request.args.get("lang"))
    told = gallery_answers.answer(state, path, request.method, said)
    return jsonify(told) if told is not None else Response(status=503 if state.scene == "down" else 404)


def _state(state_id: str) -> State:
    return STATES.get(state_id) or abort(404)
