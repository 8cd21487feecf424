"""How WooCommerce tells: queued, built when it is sent, never sent twice, switched off after seven failures in a row.

class-wc-webhook.php: process (queues), build_payload (at delivery, with the rights of the hook's user), deliver,
generate_signature, get_new_delivery_id (a hash of hook and second), failed_delivery.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.fakes.woocommerce.state import Doc, State

Post = Callable[[str, dict[str, str], bytes], int]  # (URL, headers, body) → status; raises OSError when nobody is there

MAX_FAILURES = 5
REFUSED = {
    "code": "woocommerce_rest_cannot_view",
    "message": "Sorry, you cannot view this resource.",
    "data": {"status": 403},
}


@dataclass(frozen=True)
class Job:
    """One queued delivery. The same hook and argument wait once: what changes meanwhile is told together."""

    hook_id: int
    argument: int


@dataclass
class Hooks:
    """The shop's webhooks and their queue. Nothing is sent before somebody visits the shop: `visit`."""

    shop: State
    read: Callable[[str, int], Doc | None]  # (resource, id) → the REST document as it stands
    post: Post
    waiting: list[Job] = field(default_factory=list)
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def fire(self, topic: str, argument: int) -> None:
        """Something has happened: queue it for each active hook of the topic."""
        for hook in self.shop.webhooks.values():
            job = Job(hook["id"], argument)
            if hook["topic"] == topic and hook["status"] == "active" and job not in self.waiting:
                self.waiting.append(job)

    def ping(self, hook: Doc) -> None:
        """A new hook's address is tried out, unsigned. For hooks made by REST the answer does not matter."""
        body = f"webhook_id={hook['id']}".encode()
        self._post(hook["delivery_url"], {"User-Agent": self._agent()}, body)

    def visit(self, one_process: bool = False) -> int:
        """Run the queue until it is empty; returns how many were sent.

        `one_process`: as WP-CLI runs it. Objects are then kept between jobs, so that the second delivery of an order
        that changed while the first was on its way tells the old state again.
        """
        kept: dict[tuple[str, int], Doc | None] = {}
        count = 0
        while self.waiting:
            self._deliver(self.waiting.pop(0), kept if one_process else {})
            count += 1
        return count

    def _deliver(self, job: Job, kept: dict[tuple[str, int], Doc | None]) -> None:
        hook = self.shop.webhooks.get(job.hook_id)
        if hook is None or hook["status"] != "active":
            return
        body = json.dumps(self._payload(hook, job.argument, kept)).replace("/", "\\/").encode()
        headers = self._headers(hook, body)
        self.sent.append((headers, body))
        self._count(hook, self._post(hook["delivery_url"], headers, body))

    def _payload(self, hook: Doc, argument: int, kept: dict[tuple[str, int], Doc | None]) -> Doc:
        if hook["resource"] == "action":
            return {"action": hook["event"], "arg": argument}
        if hook["event"] == "deleted":
            return {"id": argument}
        if not self.shop.may_manage(hook["user"]):
            return REFUSED
        place = (hook["resource"], argument)
        if place not in kept:
            kept[place] = self.read(*place)
        return kept[place] or {**REFUSED, "code": "woocommerce_rest_invalid_id", "data": {"status": 404}}

    def _headers(self, hook: Doc, body: bytes) -> dict[str, str]:
        second = f"{hook['id']}{int(self.shop.now().timestamp())}"
        signature = hmac.new(hook["secret"].encode(), body, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "User-Agent": self._agent(),
            "X-WC-Webhook-Source": f"{self.shop.url}/",
            "X-WC-Webhook-Topic": hook["topic"],
            "X-WC-Webhook-Resource": hook["resource"],
            "X-WC-Webhook-Event": hook["event"],
            "X-WC-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-WC-Webhook-ID": str(hook["id"]),
            "X-WC-Webhook-Delivery-ID": hashlib.md5(second.encode()).hexdigest(),
            "Connection": "close",
        }

    def _agent(self) -> str:
        return f"WooCommerce/{self.shop.version} Hookshot (WordPress/6.8.7)"

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> int:
        try:
            return self.post(url, headers, body)
        except OSError:
            return 0

    def _count(self, hook: Doc, status: int) -> None:
        """A redirect counts as arrived and is not followed. The count stays when a hook is switched on again."""
        if 200 <= status <= 302:
            hook["failure_count"] = 0
        elif hook["failure_count"] > MAX_FAILURES:
            hook["status"] = "disabled"
        else:
            hook["failure_count"] += 1

    def of_topic(self, topic: str) -> Iterator[Doc]:
        return (hook for hook in self.shop.webhooks.values() if hook["topic"] == topic)
