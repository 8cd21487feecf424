"""Is the process alive, and can it do its work."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

import migrations
from app import counters
from app.db import reading
from app.models import inbox
from app.web.gates import services
from app.worker import redis_answers

health = Blueprint("health", __name__)
metrics = Blueprint("metrics", __name__)

LAG_LIMIT_S = 300


@health.get("/live")
def live() -> Response:
    return jsonify({"status": "ok"})


@health.get("/ready")
def ready() -> Response:
    """Answer 200 when the database is reachable and migrated and no delivery has waited too long.

    Redis is told and decides nothing: it only rings, and a sweep finds what no bell announced.
    """
    checks: dict[str, object] = {"database": "down", "queue": "database", "inbox_lag_s": None}
    try:
        with reading(services().engine) as connection:
            migrated = migrations.current(connection) == migrations.head()
            oldest = connection.execute(select(func.min(inbox.c.received_at)).where(inbox.c.state == "new")).scalar()
    except SQLAlchemyError:
        return _answer(checks, ok=False)
    lag_s = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
    checks |= {"database": "ok" if migrated else "not migrated", "inbox_lag_s": round(lag_s, 1)}
    if redis_url := services().config.redis_url:
        checks |= {"queue": "redis", "redis": "ok" if redis_answers(redis_url) else "down"}
    return _answer(checks, ok=migrated and lag_s < LAG_LIMIT_S)


def _answer(checks: dict[str, object], ok: bool) -> Response:
    response = jsonify({"status": "ok" if ok else "unready", **checks})
    response.status_code = 200 if ok else 503
    return response


@metrics.get("")
def prometheus() -> Response:
    return Response(counters.text(), content_type="text/plain; version=0.0.4")
