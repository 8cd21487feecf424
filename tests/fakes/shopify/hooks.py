"""How Shopify tells: frozen when it happens, sent again for four hours, in no order, and sometimes not at all.

https://shopify.dev/docs/apps/build/webhooks (best practices; troubleshooting): 5 s to answer, only 2xx counts, 8 more
tries over 4 hours with the body of the first; a webhook id for each delivery, one event id for all of an action.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.fakes.shopify.schema import VERSION
from tests.fakes.shopify.state import Node, Shop

Post = Callable[[str, dict[str, str], bytes], int]  # (URL, headers, body) → status; raises OSError when nobody is there

TRIES = 9
PAUSES = (10, 30, 60, 300, 900, 1800, 3600, 7200)  # seconds, four hours in all


@dataclass(frozen=True)
class Delivery:
    topic: str
    body: bytes
    webhook_id: str
    event_id: str
    triggered_at: str
    due: datetime
    tries: int = 0


@dataclass
class Hooks:
    """The app's subscriptions at one shop. `weather`: chances that a delivery is lost, told twice, or late."""

    shop: Shop
    post: Post
    secret: str
    url: str = ""
    compliance_url: str = ""
    topics: frozenset[str] = frozenset()
    waiting: list[Delivery] = field(default_factory=list)
    dead: list[Delivery] = field(default_factory=list)
    lost: float = 0.0
    twice: float = 0.0
    disorder: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    statuses: list[tuple[str, int]] = field(default_factory=list)

    def fire(self, documents: dict[str, Node]) -> None:
        """One action of a merchant or shopper: its topics share an event id, and are frozen as they are now."""
        event = str(uuid.UUID(int=self.dice.getrandbits(128)))
        for topic, document in documents.items():
            if (topic in self.topics or topic in _ALWAYS) and self.dice.random() >= self.lost:
                self.waiting += self._made(topic, document, event)

    def _made(self, topic: str, document: Node, event: str) -> list[Delivery]:
        def new() -> str:
            return str(uuid.UUID(int=self.dice.getrandbits(128)))

        late = timedelta(seconds=self.dice.choice((40, 400))) if self.dice.random() < self.disorder else timedelta()
        now = self.shop.now()
        made = Delivery(topic, json.dumps(document).encode(), new(), event, now.isoformat(), now + late)
        if self.dice.random() >= self.twice:
            return [made]
        # the same id again, or, from a second subscription, another one
        return [made, self.dice.choice((made, replace(made, webhook_id=new())))]

    def send(self) -> int:
        """Send what is due; returns how many arrived."""
        now, arrived = self.shop.now(), 0
        due = [each for each in self.waiting if each.due <= now]
        self.waiting = [each for each in self.waiting if each.due > now]
        for each in due:
            status = self._sent(each)
            self.statuses.append((each.topic, status))
            if 200 <= status < 300:
                arrived += 1
            elif each.tries + 1 < TRIES:
                again = now + timedelta(seconds=PAUSES[each.tries])
                self.waiting.append(replace(each, tries=each.tries + 1, due=again))
            else:
                self.dead.append(each)
        return arrived

    def _sent(self, each: Delivery) -> int:
        signature = hmac.new(self.secret.encode(), each.body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": each.topic,
            "X-Shopify-Shop-Domain": self.shop.domain,
            "X-Shopify-API-Version": VERSION,
            "X-Shopify-Webhook-Id": each.webhook_id,
            "X-Shopify-Event-Id": each.event_id,
            "X-Shopify-Triggered-At": each.triggered_at,
            "X-Shopify-Hmac-Sha256": base64.b64encode(signature).decode(),
        }
        try:
            return self.post(self.compliance_url if each.topic in _COMPLIANCE else self.url, headers, each.body)
        except OSError:
            return 0


_COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")
_ALWAYS = _COMPLIANCE
