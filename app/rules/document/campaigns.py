"""Something extra for a time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.rules.document.shared import Hours, Weekdays, Who
from app.rules.fields import Exact, Key, Part, PlatformText, Points, Time


class Campaign(Part):
    """Something extra for a time, tested on the moment the order was placed."""

    key: Key
    multiplier: Exact | None = None
    bonus: Points = Field(0, description="Fixed points, once per order.")
    from_: Time | None = Field(None, alias="from", description="First moment.")
    to: Time | None = Field(None, description="First moment after the end.")
    weekdays: Weekdays = Field(None, description="In the shop's zone. A night that began on such a day belongs to it.")
    hours: Hours = Field(None, description="In the shop's zone; the end is exclusive and may lie on the next day.")
    min_basis: Exact | None = Field(None, description="Least kept basis of the order, in the programme's currency.")
    who: Who = Who()
    coupon: PlatformText | None = Field(None, description="Only for orders that carry this discount code.")
    max_orders: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Only the first so many orders, over all members: limited codes."
    )
    max_orders_per_member: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    priority: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)] = 0
    stackable: bool = Field(
        True, description="false: where it is the highest in priority, no other campaign counts beside it; else not it."
    )
