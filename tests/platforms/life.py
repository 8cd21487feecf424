"""A connected shop with a programme, and what shoppers, merchants and workers do in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from app import programmes, schedules, shops
from app.audit import audit
from app.db import reading as reading_from
from app.db import retrying, transaction
from app.intake import inbox
from app.models import balances, identities, orders
from app.outbox import working
from app.platforms import installing, reading
from app.platforms.rewarding import EFFECTS
from app.rewards import ending, redeeming
from app.rewards.redeeming import Wish
from app.rewards.rows import Redemption, find
from app.services import Services
from app.shops import Shop
from connectors.contract.installing import Held
from tests.build import programme
from tests.fakes.woocommerce import Doc
from tests.platforms.world import World

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)  # the programme of a test's shop, unless it says otherwise


class Books:
    """What every connected shop has with us: its books, its rewards, its work."""

    world: World
    services: Services
    shop_id: str

    def publish(self, begins: datetime | None = None, **rules: Any) -> None:
        with transaction(self.services.engine) as connection:
            programmes.publish(
                connection, self.shop_id, programme(**rules), begins, self.services.clock.now(connection)
            )

    @property
    def shop(self) -> Shop:
        with reading_from(self.services.engine) as connection:
            return shops.get(connection, self.shop_id)

    def drain(self) -> None:
        while inbox.drain_shop(self.services.drain, self.shop_id).total:
            pass

    def read(self, minutes: float = 11) -> int:
        """Let time pass, and a worker look."""
        self.world.pass_time(minutes=minutes)
        done = reading.run_again(self.services) + reading.run_due(self.services, limit=10_000)
        self.drain()
        return done

    def points(self) -> int:
        with reading_from(self.services.engine) as connection:
            return sum(
                connection.execute(select(balances.c.available).where(balances.c.shop_id == self.shop_id)).scalars()
            )

    def target(self, order_id: object) -> int:
        with reading_from(self.services.engine) as connection:
            mine = and_(orders.c.shop_id == self.shop_id, orders.c.id == str(order_id))
            return connection.execute(select(orders.c.target).where(mine)).scalar_one_or_none() or 0

    # --- rewards ---------------------------------------------------------------------------------------------------

    def member(self, customer: int = 7) -> str:
        with reading_from(self.services.engine) as connection:
            known = and_(identities.c.kind == "customer", identities.c.value == str(customer))
            mine = and_(identities.c.shop_id == self.shop_id, known)
            return connection.execute(select(identities.c.member_id).where(mine)).scalar_one()

    def redeem(self, reward: str, customer: int = 7, points: int | None = None) -> Redemption:
        """Redeem a reward; the platform has yet to make it."""
        member = self.member(customer)

        def work(connection: Connection) -> Redemption:
            shop, now = shops.hold(connection, self.shop_id), self.services.clock.now(connection)
            return redeeming.redeem(connection, shop, member, Wish(reward=reward, points=points), now)

        return retrying(self.services.engine, work)

    def cancel(self, redemption: Redemption) -> None:
        def work(connection: Connection) -> None:
            shop, now = shops.hold(connection, self.shop_id), self.services.clock.now(connection)
            ending.cancel(connection, shop, redemption.id, now)

        retrying(self.services.engine, work)

    def tick(self) -> None:
        schedules.tick(self.services.engine, self.services.clock)

    def work(self, minutes: float = 0) -> int:
        """Let time pass, and the outbox be emptied as far as it is due."""
        self.world.pass_time(minutes=minutes)
        return working.run_due(self.services, EFFECTS, threads=1)

    def now(self, redemption: Redemption) -> Redemption:
        """Return a redemption as it is now."""
        with reading_from(self.services.engine) as connection:
            return find(connection, self.shop_id, redemption.id)

    def held(self) -> int:
        with reading_from(self.services.engine) as connection:
            mine = select(balances.c.held).where(balances.c.shop_id == self.shop_id)
            return sum(connection.execute(mine).scalars())

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call our own REST API as the merchant."""
        with transaction(self.services.engine) as connection:
            key = shops.add_key(connection, self.shop_id, "admin", self.world.real)
        headers = {"Authorization": f"Bearer {key}"}
        return self.world.app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def sound(self) -> None:
        found = [each.line() for each in audit(self.services.engine, self.shop_id)]
        assert not found, "\n".join(found)


class Life(Books):
    """A WooCommerce shop."""

    def __init__(
        self, world: World, host: str = "mugs.example", begins: datetime | None = BEGINS, **rules: Any
    ) -> None:
        self.world, self.store, self.services = world, world.store, world.tessera.services
        key = self.store.grant()
        held = Held({"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret})
        made = installing.connect(self.services, "woocommerce", host, held, None)
        self.shop_id = made.id
        if begins is not None:
            self.publish(begins, **rules)
        assert installing.equip(self.services, made) is None
        self.mug = self.store.product("Mug", "10.00")
        self.hat = self.store.product("Hat", "15.00")
        self.store.hooks.visit()

    def buy(self, customer: int = 7, total: int = 1, **given: Any) -> Doc:
        """Buy for 35.00, so many times over."""
        return self.store.orders.checkout(
            [(self.mug, 2 * total), (self.hat, total)], email=f"c{customer}@example.com", customer_id=customer, **given
        )

    def told(self, one_process: bool = False) -> None:
        self.store.hooks.visit(one_process)
        self.drain()

    def earned(self, order: Doc) -> int:
        """Return what an order earned while it stood."""
        return int(float(order["total"]) - float(order["shipping_total"])) * 10

    def target(self, order: Doc) -> int:  # type: ignore[override]
        return super().target(order["id"])

    def coupons(self, redemption: Redemption) -> list[Doc]:
        """Return what the shop has under a redemption's code."""
        return self.store.coupons.by_code(str(self.now(redemption).code))
