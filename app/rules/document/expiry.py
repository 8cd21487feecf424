"""When points lapse."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.rules.fields import Days, Part


class Expiry(Part):
    """When points lapse; a lot's life counts from the moment its points become available.

    `days` and `months` need their number; the ends of calendar periods count `after` whole periods later (0: the one
    they became available in); `inactivity` moves all open lots with each order or redemption.
    """

    kind: Literal["never", "days", "months", "end_of_month", "end_of_quarter", "end_of_year", "inactivity"] = "never"
    days: Annotated[Days, Field(ge=1)] | None = None
    months: Annotated[int, Field(ge=1, le=1200)] | None = None
    after: Annotated[int, Field(ge=0, le=1200)] | None = None
