"""The whole map of URLs: blueprint, prefix, gate. No blueprint without a gate, "open" included."""

from __future__ import annotations

from flask import Blueprint

from app.web import gates, shopper_promises, shopper_push, shopper_rewards, shopper_settings
from app.web.api import api, described
from app.web.boards import shopper
from app.web.companions import companions
from app.web.customers import customers, thanks
from app.web.docs import docs
from app.web.earn_tables import earn_tables
from app.web.experiments import exposures
from app.web.health import health, metrics
from app.web.home import home
from app.web.install import install
from app.web.merchant import files as merchant_files
from app.web.merchant import merchant
from app.web.proxy import proxy
from app.web.review_calls import review_calls
from app.web.verify import verify
from app.web.webhooks import webhooks
from app.web.widget import files, widget

BLUEPRINTS: tuple[tuple[Blueprint, str, gates.Gate], ...] = (
    (home, "/", gates.open_to_all),
    (health, "/health", gates.open_to_all),
    (metrics, "/metrics", gates.metrics_token),
    (review_calls, "/webhooks/reviews", gates.open_to_all),  # the view checks the app's proof over the raw body
    (webhooks, "/webhooks", gates.open_to_all),  # each view checks the platform's signature over the raw body
    (widget, "/widget/v1", gates.open_to_all),
    (earn_tables, "/widget/v1", gates.open_to_all),
    (exposures, "/widget/v1", gates.open_to_all),
    (files, "/widgets/v1", gates.open_to_all),
    (companions, "/widgets/v1", gates.open_to_all),
    (proxy, "/proxy", gates.open_to_all),  # the view checks the platform's signature over the raw query
    (shopper, "/shopper/v1", gates.shopper_token),
    (shopper_rewards.pages, "/shopper/v1", gates.shopper_token),
    (shopper_promises.pages, "/shopper/v1", gates.shopper_token),
    (shopper_settings.pages, "/shopper/v1", gates.shopper_token),
    (shopper_push.pages, "/shopper/v1", gates.shopper_token),
    (customers, "/customer/v1", gates.customer_session),
    (thanks, "/customer/v1", gates.platform_session),
    (api, "/api/v1", gates.api_key),
    (described, "/api/v1", gates.open_to_all),  # the API's own documents: OpenAPI and JSON Schemas
    (docs, "/api/docs", gates.open_to_all),
    (install, "/install", gates.open_to_all),  # each step checks what the platform signed, or the browser that began
    (merchant, "/admin", gates.merchant_session),
    (merchant_files, "/admin/files", gates.open_to_all),
    (verify, "/verify", gates.open_to_all),  # each view checks the link's signature
)
