"""What the demo shop is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """Where Tessera is, and who we are there: all that a foreign shop knows of it."""

    app_url: str
    shop_id: str
    api_key: str
    webhook_secret: str
    database: Path
    currency: str = "EUR"
