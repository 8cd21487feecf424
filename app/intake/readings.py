"""What we read or are given ourselves goes into the inbox like a delivery."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from app.intake import inbox
from app.vault import Vault
from connectors.contract import Envelope, VerifiedBody


def put(
    connection: Connection, vault: Vault, shop_id: str, topic: str, document: Mapping[str, Any], moment: str = ""
) -> bool:
    """Put a JSON document into the inbox; return whether it is new.

    Once: the same document under the same topic is stored once; with a `moment` (ISO 8601), once at that moment, for
    a thing that may become again what it was before.
    """
    body = VerifiedBody(json.dumps(document, sort_keys=True).encode())
    key = f"{topic}:{hashlib.sha256(body).hexdigest()}" + (f":{moment}" if moment else "")
    return inbox.accept(connection, vault, shop_id, Envelope(key=key, topic=topic), body)
