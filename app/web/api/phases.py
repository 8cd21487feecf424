"""Pause, resume, wind down and end the programme: each publishes the version in effect again, in another phase."""

from __future__ import annotations

from app.errors import Conflict, NotFound
from app.members.views import time_text
from app.programmes import Version, phases
from app.rules.fields import CalendarDay
from app.web.api import answers, schemas
from app.web.api.fields import Given
from app.web.api.operations import Answer, Call, operation


class WindDown(Given):
    spend_until: CalendarDay


_TOLD = {"tag": "Programme", "gives": {201: answers.Published}, "errors": (NotFound, Conflict)}


def _published(version: Version) -> Answer:
    return Answer({"version": version.number, "effective_from": time_text(version.effective_from)}, 201)


@operation("POST", "/programme/pause", takes=schemas.Nothing, **_TOLD)
def pause_programme(call: Call, _: schemas.Nothing) -> Answer:
    """Pause the programme.

    Orders placed from now on earn nothing; points can still be spent, and refunds of earlier orders are settled.
    """
    return _published(phases.change(call.connection, call.shop.id, "paused", call.now))


@operation("POST", "/programme/resume", takes=schemas.Nothing, **_TOLD)
def resume_programme(call: Call, _: schemas.Nothing) -> Answer:
    """Resume the programme.

    Orders placed from now on earn again. What a last day to spend has brought forward stays so.
    """
    return _published(phases.change(call.connection, call.shop.id, "running", call.now))


@operation("POST", "/programme/wind-down", takes=WindDown, **_TOLD)
def wind_programme_down(call: Call, given: WindDown) -> Answer:
    """Wind the programme down.

    Orders placed from now on earn nothing; all points lapse with the local end of the last day to spend, and members
    are warned of that as of any expiry.
    """
    return _published(phases.change(call.connection, call.shop.id, "winding_down", call.now, given.spend_until))


@operation("POST", "/programme/end", takes=schemas.Nothing, **_TOLD)
def end_programme(call: Call, _: schemas.Nothing) -> Answer:
    """End the programme.

    At once: nothing is earned, and nothing can be spent any more.
    """
    return _published(phases.change(call.connection, call.shop.id, "ended", call.now))
