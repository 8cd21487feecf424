"""Orders in the database: loaded under lock, written back whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from app.db import write_rows
from app.ledger.orders import OrderPoints
from app.models import orders
from app.orders import seen, state
from app.orders.arms import Sold
from app.orders.freezing import Frozen
from app.orders.order import Order
from app.orders.state import Held
from app.rules.caps import Cap
from app.rules.earning import ProductFacts
from app.rules.memberships import Bought

_CHANGES = tuple(column.name for column in orders.columns if column.name not in ("shop_id", "id"))


def load(connection: Connection, shop_id: str, ids: Iterable[str], lock: bool = True) -> dict[str, Order]:
    """Load orders, locked in id order; ids that are not held yet come back empty."""
    wanted = sorted(set(ids))
    statement = select(orders).where(orders.c.shop_id == shop_id, orders.c.id.in_(wanted)).order_by(orders.c.id)
    rows = connection.execute(statement.with_for_update() if lock else statement).mappings()
    known = {row["id"]: _order(row) for row in rows}
    return {order_id: known.get(order_id) or Order(order_id, Held(), OrderPoints(order_id)) for order_id in wanted}


def _order(row: RowMapping) -> Order:
    context = row["context"]
    return Order(
        id=row["id"],
        held=state.load(row["held"]),
        points=OrderPoints(
            row["id"],
            row["posted"],
            row["postings"],
            row["lot"],
            row["available_from"],
            row["expires_at"],
            [(slot, lot, points) for slot, lot, points in row["takes"]],
        ),
        member_id=row["member_id"],
        customer=tuple(context["customer"]) if context.get("customer") else None,
        version=row["version"],
        tier=context.get("tier"),
        boosters=_boosters(context.get("boosters"), row["counts"]),
        member=frozen_of(context),
        line_facts=facts_of(context),
        placed_at=row["placed_at"],
        state=row["state"],
        places=dict(row["places"]),
        target=row["target"],
        spend=None if row["spend"] is None else Fraction(row["spend"]),
        counts=row["counts"],
        memberships=tuple(Bought(*each) for each in row["memberships"]),
        own=row["own"],
        cap=None if row["cap"] is None else Cap(row["cap"], row["cap_from"], row["cap_to"]),
        lines=row["lines"],
        explanation=row["explanation"],
        flags=tuple(row["flags"]),
        look_again_at=row["look_again_at"],
        stored=True,
        doubted=row["reread"],
        arm=row["arm"],
        sold=Sold(row["sold"], row["sold_currency"]) if row["sold"] is not None else None,
        past=row["past"],
    )


def _boosters(frozen: list[list[str]] | None, counts: bool) -> tuple[tuple[str, str], ...] | None:
    """Return what is frozen with an order; None while a booster may still be."""
    return tuple((rule, multiplier) for rule, multiplier in frozen or ()) if frozen is not None or counts else None


def save(connection: Connection, shop_id: str, changed: Iterable[Order]) -> None:
    """Write orders back; a new one that another transaction made meanwhile raises IntegrityError."""
    rows = [(order.stored, _row(shop_id, order)) for order in changed]
    write_rows(connection, orders, [row for stored, row in rows if not stored])
    write_rows(connection, orders, [row for stored, row in rows if stored], update=_CHANGES)


def _row(shop_id: str, order: Order) -> dict[str, Any]:
    return {
        "shop_id": shop_id,
        "id": order.id,
        "held": state.dump(order.held),
        "updated_at": order.held.full.updated_at if order.held.full else None,
        "placed_at": order.placed_at,
        "member_id": order.member_id,
        "version": order.version,
        "context": _context(order),
        "state": order.state,
        "places": order.places,
        "target": order.target,
        "posted": order.points.posted,
        "postings": order.points.postings,
        "lot": order.points.lot,
        "available_from": order.points.available_from,
        "expires_at": order.points.expires_at,
        "takes": order.points.takes,
        "spend": None if order.spend is None else str(order.spend),
        "counts": order.counts,
        "memberships": [list(each) for each in order.memberships],
        "own": order.own,
        "cap": order.cap.points if order.cap else None,
        "cap_from": order.cap.begins if order.cap else None,
        "cap_to": order.cap.ends if order.cap else None,
        "lines": order.lines,
        "explanation": order.explanation,
        "flags": list(order.flags),
        "arm": order.arm,
        "sold": order.sold.amount if order.sold else None,
        "sold_currency": order.sold.currency if order.sold else None,
        "past": order.past,
        "reread": order.reread,
        "look_again_at": order.look_again_at,
    }


def _context(order: Order) -> dict[str, Any]:
    return {
        "customer": order.customer,
        "tier": order.tier,
        "boosters": order.boosters,
        "segments": list(order.member.segments) if order.member else [],
        "member": None if order.member is None else {"tags": list(order.member.tags), "unmet": order.member.unmet},
        "lines": {line: seen.dump(facts) for line, facts in order.line_facts.items()},
    }


def frozen_of(context: Mapping[str, Any]) -> Frozen | None:
    """Return what an order froze of its member."""
    told = context.get("member")
    return None if told is None else Frozen(tuple(context["segments"]), tuple(told["tags"]), told["unmet"])


def facts_of(context: Mapping[str, Any]) -> dict[str, ProductFacts]:
    """Return what an order froze of its lines' products."""
    return {line: seen.load(facts) for line, facts in context.get("lines", {}).items()}
