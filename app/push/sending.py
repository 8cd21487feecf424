"""Messages are sent: an effect for each device. Nobody is asked to look after one that could not be.

A worker may die after the push service has taken a message; it is then sent again under the same topic and tag, and the
browser shows one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app import programmes
from app.db import reading
from app.errors import NotFound
from app.members import choices
from app.members.views import member_row
from app.outbox.rows import Taken
from app.outbox.working import Effect, NotYet, Told
from app.push import messages, subscriptions, vapid
from app.push.sealing import seal
from app.push.subscriptions import Address
from app.services import Services
from app.shops import Shop
from connectors.contract import PlatformRefused
from connectors.neutral.calling import Answer, Call

LASTS = timedelta(days=1)  # after a day it is no news
MORNING, EVENING = 9, 21  # reminders wait for the shop's day; what the member has just done does not
GONE = {"gone": True}
_NO_LONGER = (404, 410)  # not 403: that may be our own key or clock


@dataclass(frozen=True, slots=True)
class _Ready:
    address: Address
    text: bytes


class Push:
    """One message to one device."""

    def call(self, services: Services, shop: Shop, taken: Taken) -> Told | None:
        key, real = services.config.vapid_private_key, services.clock.real()
        if key is None:
            raise PlatformRefused("this installation has no VAPID_PRIVATE_KEY")
        if real - taken.tried_at > LASTS:
            raise PlatformRefused("no push service took it for a day")
        _wait_for_the_day(taken, real, shop.zone)
        with reading(services.engine) as connection:
            ready = _ready(connection, services, shop, taken)
        if ready is None:
            return None
        headers = {
            "Authorization": vapid.authorization(key, ready.address.endpoint, services.config.app_url, real),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(LASTS.total_seconds())),
            "Topic": taken.body["tag"],
            "Urgency": "normal",
        }
        sealed = seal(ready.address.keys, ready.text)
        return _send(services, Call(method="POST", url=ready.address.endpoint, headers=headers, data=sealed))

    def done(self, connection: Connection, services: Services, shop: Shop, subject: str, told: Told) -> None:
        """Forget a device that is there no more."""
        if told.get("gone"):
            subscriptions.forget(connection, shop.id, subject.rpartition(":")[2])

    def refused(self, connection: Connection, services: Services, shop: Shop, subject: str) -> None:
        """Leave it: nothing hangs on a message."""

    def by_hand(self, connection: Connection, shop: Shop, subject: str) -> Told:
        return {}


def _wait_for_the_day(taken: Taken, real: datetime, zone: ZoneInfo) -> None:
    """Raises: NotYet, for a reminder at night."""
    local = real.astimezone(zone)
    if taken.body["event"] == "expiring" and not MORNING <= local.hour < EVENING:
        day = local.date() + timedelta(days=1 if local.hour >= EVENING else 0)
        morning = datetime(day.year, day.month, day.day, MORNING, tzinfo=zone)
        raise NotYet("it waits for the day", morning - real)


def _ready(connection: Connection, services: Services, shop: Shop, taken: Taken) -> _Ready | None:
    """Return what is to be sent; None: the device is gone or another's by now, or such news are not wanted any more."""
    device = subscriptions.find(connection, services.vault, shop.id, taken.body["device"])
    try:
        row = member_row(connection, shop.id, taken.body["member"])
        version = programmes.current(connection, shop.id, services.clock.now(connection))
    except NotFound:
        return None
    if device is None or device.member_id != row.id:
        return None
    chosen = choices.of(connection, shop.id, row.id)
    if not chosen.wants[f"push.{taken.subject.partition(':')[0]}"]:
        return None
    told = messages.message(taken.body, version, shop, chosen.language or device.language)
    return _Ready(device.address, json.dumps(told, ensure_ascii=False).encode())


def _send(services: Services, call: Call) -> Told:
    """Hand a message to the push service. Raises: PlatformDown; PlatformRefused, also for an inside address."""
    answer = services.pusher(call)
    if answer.status in _NO_LONGER:
        return GONE
    if answer.status >= 300:
        raise PlatformRefused(f"the push service answered {answer.status}{_why(answer)}")
    return {}


def _why(answer: Answer) -> str:
    text = answer.body[:200].decode("utf-8", "replace")
    return f": {text}" if text.isprintable() and text else ""


MESSAGES: dict[str, Effect] = {"push": Push()}
