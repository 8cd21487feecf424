"""Who a customer is to us, whom a shop's platform vouches for."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select

from app import shops
from app.errors import NotFound, Unauthorized
from app.models import identities
from app.shops import Shop
from connectors.contract.visiting import Visitor


def member_of(connection: Connection, platform: str, visitor: Visitor) -> tuple[Shop, str]:
    """Return a customer's shop and member. Raises: Unauthorized (nobody is logged in), NotFound (no member yet)."""
    if visitor.customer_id is None:
        raise Unauthorized("nobody is logged in")
    shop, member_id = whoever(connection, platform, visitor)
    if not member_id:
        raise NotFound("this customer is not a member yet")
    return shop, member_id


def whoever(connection: Connection, platform: str, visitor: Visitor) -> tuple[Shop, str]:
    """Return a visitor's shop and member; no member: an empty text. Raises: NotFound, for a shop that is not here."""
    shop = shops.find(connection, platform, visitor.ref)
    if shop is None or shop.state != "active":
        raise NotFound("this shop has no programme")
    theirs = and_(identities.c.kind == "customer", identities.c.value == visitor.customer_id)
    mine = and_(identities.c.shop_id == shop.id, theirs, identities.c.closed_at.is_(None))
    return shop, str(connection.execute(select(identities.c.member_id).where(mine)).scalar() or "")
