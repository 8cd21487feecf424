"""A shop whose member ada has 399 points to spend, and what a test does with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient

from app.audit import audit
from app.db import retrying
from app.rewards import ending
from tests.build import Shop, Tessera, line, order, programme
from tests.edge import client_of

FIVE = {"key": "five", "kind": "amount_off", "points": 200, "amount": {"amount": "5.00", "currency": "EUR"}}


@dataclass
class Till:
    tessera: Tessera
    shop: Shop
    client: FlaskClient = field(repr=False)

    def sound(self) -> None:
        """Hold the shop's books against its journal."""
        assert audit(self.tessera.engine, self.shop.id) == []

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.shop.keys.api_key}"}
        headers |= {"Idempotency-Key": key} if key else {}
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def member(self, platform_id: str = "ada") -> str:
        found: str = self.call("GET", f"/members?platform_id={platform_id}").json["data"][0]["id"]
        return found

    def redeem(self, reward: str, who: str = "ada", key: str | None = None, **more: Any) -> Any:
        """Redeem a reward; return the answer, or the code of its refusal."""
        body = {"member_id": self.member(who), "reward": reward, **more}
        answer = self.call("POST", "/redemptions", body, key)
        return answer.json if answer.status_code == 201 else answer.json["code"]

    def cancel(self, made: Any) -> Any:
        answer = self.call("POST", f"/redemptions/{made['id']}/cancel", {})
        return answer.json if answer.status_code == 200 else answer.json["code"]

    def read(self, made: Any) -> Any:
        return self.call("GET", f"/redemptions/{made['id']}").json

    def state(self, made: Any) -> tuple[str, str | None]:
        told = self.read(made)
        return told["state"], told["order_id"]

    def points(self, who: str = "ada") -> dict[str, int]:
        """Return what ada has, and what is on hold or spent; nothing that is 0."""
        told = self.call("GET", f"/members/{self.member(who)}").json["points"]
        plain = {name: told[name] for name in ("available", "held", "deficit") if told[name]}
        report = self.call("GET", "/reports/accounts").json
        return plain | {name: report[name] for name in ("redeemed", "written_off") if report[name]}

    def buy(
        self, number: str, code: str | None = None, off: str = "5.00", shipping: str = "0.00", **changes: Any
    ) -> None:
        """Tell an order of two mugs of EUR 10 that earns nothing: only its code matters."""
        codes = [{"code": code, "lines": [{"line_id": "l1", "amount": off}], "shipping": shipping}] if code else []
        mugs = line(unit_price="10.00", discount=off if code else "0.00", tags=["unpaid"])
        self.shop.tell(order(**{"id": number, "lines": [mugs], "discount_codes": codes, **changes}))

    def clock(self, moment: datetime) -> None:
        self.tessera.set_clock(moment)

    def sweep(self) -> int:
        """Void what has lapsed of this shop; return how many."""
        clock = self.tessera.services.clock
        return retrying(self.tessera.engine, lambda connection: ending.lapse(connection, clock, self.shop.id))


def open_till(tessera: Tessera, *rewards: dict[str, Any], platform: str = "custom", **more: Any) -> Till:
    """Make a shop with rewards, in which ada has earned 399 points; mugs with the tag `unpaid` earn nothing."""
    nothing = [{"key": "nothing", "match": {"tag": "unpaid"}, "exclude": True}]
    shop = tessera.shop(programme(rewards=list(rewards), products=nothing, **more), platform)
    till = Till(tessera, shop, client_of(tessera))
    if platform in ("custom", "sandbox"):
        shop.tell(order())
    return till
