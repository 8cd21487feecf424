"""Tessera: a loyalty programme for online shops. Wiring only."""

from __future__ import annotations

from flask import Flask

from app.services import Services
from app.web import BLUEPRINTS, problems
from app.web.bodies import BODY_LIMIT, WholeRequest
from app.web.headers import harden


def create_app(services: Services) -> Flask:
    """Make the web application from what its process made: the engine, the clock, the doorbell."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.request_class = WholeRequest
    app.extensions["tessera"] = services
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for blueprint, prefix, gate in BLUEPRINTS:
        if gate not in blueprint.before_request_funcs.get(None, []):
            blueprint.before_request(gate)
        app.register_blueprint(blueprint, url_prefix=prefix)
    problems.register(app)
    harden(app)
    return app
