"""A Shopify fulfilment: https://shopify.dev/docs/api/admin-rest/latest/resources/fulfillment"""

from __future__ import annotations

from datetime import datetime

from connectors.contract import Fulfilment, FulfilmentTold
from connectors.neutral.reading import Doc, each, maybe, need, to_ident, to_text, to_time, to_units


def fulfilment_told(doc: Doc) -> FulfilmentTold:
    """Read a fulfillments/create or fulfillments/update body. Raises: BadField."""
    return FulfilmentTold(order_id=need(doc, "order_id", to_ident), fulfilment=read_fulfilment(doc))


def read_fulfilment(doc: Doc) -> Fulfilment:
    """Read one fulfilment. Only `success` counts: pending and open have not happened yet. Raises: BadField."""
    created = need(doc, "created_at", to_time)
    units: dict[str, int] = {}
    for line_id, quantity in each(doc, "line_items", _units):
        units[line_id] = units.get(line_id, 0) + quantity
    return Fulfilment(
        id=need(doc, "id", to_ident),
        created_at=created,
        updated_at=maybe(doc, "updated_at", to_time) or created,
        units=units,
        counts=maybe(doc, "status", to_text) == "success",
        delivered=maybe(doc, "shipment_status", to_text) == "delivered",
    )


def _units(doc: Doc) -> tuple[str, int]:
    return need(doc, "id", to_ident), need(doc, "quantity", to_units)


def everything_since(fulfilments: tuple[Fulfilment, ...], fallback: datetime) -> datetime:
    """Return when the last fulfilment was made; an order can be fulfilled without one (nothing to ship)."""
    return max((one.created_at for one in fulfilments if one.counts), default=fallback)


def delivered_since(fulfilments: tuple[Fulfilment, ...]) -> datetime | None:
    """Return when the last parcel arrived, once all have. Nothing shipped is nothing delivered."""
    counting = [one for one in fulfilments if one.counts]
    if not counting or not all(one.delivered for one in counting):
        return None
    return max(one.updated_at for one in counting)
