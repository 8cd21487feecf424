"""The examples that stand in the rooms they belong to, together."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from app.web.api import effects, experiments, history, leaderboards, privacy

EXAMPLES: dict[type[BaseModel], Any] = {
    **effects.EXAMPLES,
    **experiments.EXAMPLES,
    **history.EXAMPLES,
    **leaderboards.EXAMPLES,
    **privacy.EXAMPLES,
}
