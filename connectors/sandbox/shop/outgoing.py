"""Webhooks: written in the transaction of what they tell, sent from one thread after it, until they arrive."""

from __future__ import annotations

import json
import logging
import random
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable

import requests

from connectors.neutral.signature import sign
from connectors.sandbox.shop.documents import Document
from connectors.sandbox.shop.settings import SandboxSettings
from connectors.sandbox.shop.store import Store, setting

MOST_TRIES = 16  # about ten minutes
LONGEST_PAUSE_S = 60.0
DISORDER_S = 6.0
KEPT = 400

Post = Callable[[str, bytes, dict[str, str]], int]  # address, body, headers → status

log = logging.getLogger(__name__)


def enqueue(db: sqlite3.Connection, topic: str, document: Document) -> None:
    """Have a webhook sent once this transaction is through.

    The back office's switches: `thrice` sends it under its own id twice and under another id once, as platforms do
    when they repeat a delivery and when they tell one thing in two webhooks; `disorder` sends it at a random moment.
    """
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    first = str(uuid.uuid4())
    deliveries = (first, first, str(uuid.uuid4())) if setting(db, "thrice") == "on" else (first,)
    for delivery in deliveries:
        wait_s = random.uniform(0, DISORDER_S) if setting(db, "disorder") == "on" else 0.0  # noqa: S311 no secret
        db.execute(
            "INSERT INTO deliveries (delivery, topic, subject, body, due_at) VALUES (?, ?, ?, ?, ?)",
            (delivery, topic, document["id"], body, time.time() + wait_s),
        )


def again(db: sqlite3.Connection, row_id: int) -> None:
    """Have a webhook sent once more, under the id it had."""
    db.execute("UPDATE deliveries SET state = 'waiting', tries = 0, due_at = ? WHERE id = ?", (time.time(), row_id))


def newest_deliveries(db: sqlite3.Connection, limit: int = 15) -> list[sqlite3.Row]:
    return db.execute("SELECT * FROM deliveries ORDER BY id DESC LIMIT ?", (limit,)).fetchall()


def deliveries_of(db: sqlite3.Connection, subject: str) -> list[sqlite3.Row]:
    return db.execute("SELECT * FROM deliveries WHERE subject = ? ORDER BY id DESC", (subject,)).fetchall()


class Sender:
    """The one thread that sends."""

    def __init__(self, store: Store, settings: SandboxSettings, post: Post) -> None:
        self._store = store
        self._settings = settings
        self._post = post
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Say that something was committed."""
        self._wake.set()

    def close(self) -> None:
        """Stop after the webhook in hand; what waits is sent at the next start."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                wait_s = self.send_due()
            except sqlite3.Error:  # the file is busy or the disk is full: what waits is still there
                log.exception("the queue of webhooks cannot be read")
                wait_s = 1.0
            self._wake.wait(min(wait_s, 1.0))

    def send_due(self) -> float:
        """Send what is due, oldest first. Returns the seconds until the next is due."""
        while not self._stop.is_set():
            with self._store.reading() as db:
                row = db.execute(
                    "SELECT * FROM deliveries WHERE state = 'waiting' ORDER BY due_at, id LIMIT 1"
                ).fetchone()
            if row is None:
                return 1.0
            if (early_s := row["due_at"] - time.time()) > 0:
                return float(early_s)
            self._record(row, self._send(row))
        return 0.0

    def _send(self, row: sqlite3.Row) -> str:
        """Send one webhook, signed now. Returns the answer: a status or the name of what went wrong."""
        url = f"{self._settings.app_url}/webhooks/sandbox/{self._settings.shop_id}"
        body = row["body"].encode()
        headers = sign(row["topic"], row["delivery"], body, self._settings.webhook_secret, int(time.time()))
        try:
            return str(self._post(url, body, headers))
        except requests.RequestException as error:
            return type(error).__name__

    def _record(self, row: sqlite3.Row, answer: str) -> None:
        tries = row["tries"] + 1
        state = "sent" if answer.startswith("2") else "failed" if tries >= MOST_TRIES else "waiting"
        pause_s = min(LONGEST_PAUSE_S, 0.2 * 2**tries)
        if state != "sent":
            log.info("webhook %s was answered %s, try %d", row["delivery"], answer, tries)
        with self._store.transaction() as db:
            db.execute(
                "UPDATE deliveries SET state = ?, tries = ?, answer = ?, due_at = ? WHERE id = ?",
                (state, tries, answer, time.time() + pause_s, row["id"]),
            )
            db.execute("DELETE FROM deliveries WHERE state = 'sent' AND id <= ?", (row["id"] - KEPT,))


def post_over_http(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST and return the status. Raises: requests.RequestException."""
    with requests.post(url, data=body, headers=headers, timeout=(2, 5), allow_redirects=False) as answer:
        return answer.status_code
