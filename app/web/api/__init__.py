"""REST v1: one shop, by its api key. A room for each subject; `operations` runs them, `openapi` tells of them."""

from __future__ import annotations

from app.web.api import (
    activities,
    backtest,
    deliveries,
    effects,
    experiments,
    history,
    identity,
    leaderboards,
    members,
    orders,
    phases,
    privacy,
    programme,
    referrals,
    review_apps,
    rewards,
    templates,
    tiers,
    what_if,
)
from app.web.api.openapi import described
from app.web.api.operations import api

__all__ = [
    "activities",
    "api",
    "backtest",
    "deliveries",
    "described",
    "effects",
    "experiments",
    "history",
    "identity",
    "leaderboards",
    "members",
    "orders",
    "phases",
    "privacy",
    "programme",
    "referrals",
    "review_apps",
    "rewards",
    "templates",
    "tiers",
    "what_if",
]
