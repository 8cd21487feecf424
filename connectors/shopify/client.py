"""Shopify's Admin GraphQL API: https://shopify.dev/docs/api/admin-graphql and /docs/api/usage/limits

Every query costs points from a bucket that all callers of the app share for a shop. An empty one answers HTTP 200 with
the error THROTTLED, so each call first waits for what it will cost; what it costs is learned from the answers.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import NotThere, PlatformDown, PlatformRefused, Unauthorized
from connectors.neutral.buckets import Buckets
from connectors.neutral.calling import PATIENCE_S, Answer, Call, Caller

API_VERSION = "2026-10"
TRIES = 5


@dataclass(frozen=True, slots=True)
class Document:
    """One GraphQL operation. `repeatable`: doing it twice is doing it once. `partial`: a field that we may not see, as
    an e-mail whose use Shopify has not approved, comes as null beside an error; the rest counts."""

    text: str
    repeatable: bool
    partial: bool = False
    cost: float = 50.0  # points, until an answer tells

    @property
    def name(self) -> str:
        return self.text.split("(", 1)[0].split("{", 1)[0].split()[-1]


Token = Callable[[str | None], str]
"""Return an access token that is good for a while; given one that was refused, another. Raises: Unauthorized."""


@dataclass(frozen=True)
class Client:
    caller: Caller
    shop: str  # mugs.myshopify.com; checked before it got here
    token: Token
    buckets: Buckets
    other_version: Callable[[str], None] = lambda version: None  # told when Shopify answers by another version
    sleep: Callable[[float], None] = time.sleep
    dice: random.Random = field(default_factory=random.Random)
    costs: dict[str, float] = field(default_factory=dict)  # by document: what it was last asked for

    def ask(self, document: Document, **variables: Any) -> dict[str, Any]:
        """Return the `data` of an answer.

        Raises: PlatformDown (also when throttled for longer than half a minute), Unauthorized, PlatformRefused.
        """
        refused: str | None = None
        for attempt in range(TRIES):
            self.sleep(self._wait(document))
            token = self.token(refused)
            answer = self._sent(document, variables, token)
            if answer.status == 401 and refused is None:
                refused = token
                continue
            told = self._read(document, answer)
            if told is not None:
                return told
            self.sleep(self.dice.uniform(0, 2**attempt))
        raise PlatformDown("Shopify throttles this shop", acted=False, after_s=PATIENCE_S)

    def _wait(self, document: Document) -> float:
        wait = self.buckets.wait_s(self.shop, self.costs.get(document.name, document.cost))
        if wait > PATIENCE_S:
            raise PlatformDown("Shopify throttles this shop", acted=False, after_s=wait)
        return wait

    def _sent(self, document: Document, variables: Mapping[str, Any], token: str) -> Answer:
        return self.caller(
            Call(
                method="POST",
                url=f"https://{self.shop}/admin/api/{API_VERSION}/graphql.json",
                headers={"X-Shopify-Access-Token": token, "Accept": "application/json"},
                body={"query": document.text, "variables": dict(variables), "operationName": document.name},
                repeatable=document.repeatable,
            )
        )

    def _read(self, document: Document, answer: Answer) -> dict[str, Any] | None:
        """Return the data; None: throttled. Raises: as `ask`."""
        version = answer.headers.get("x-shopify-api-version", API_VERSION)
        if version != API_VERSION:
            self.other_version(version)
        if answer.status in (401, 403):
            raise Unauthorized("Shopify no longer accepts the token", status=answer.status)
        if answer.status in (402, 404, 423):
            raise NotThere(f"the shop is closed, frozen or gone ({answer.status})", status=answer.status)
        if answer.status != 200:
            raise PlatformRefused(f"Shopify answered {answer.status}", status=answer.status)
        told = answer.document()
        self._learn(document, told)
        errors = told.get("errors") or []
        codes = {_code(error) for error in errors} if isinstance(errors, list) else {str(errors)}
        if "THROTTLED" in codes:
            return None
        if codes and not (document.partial and codes == {"ACCESS_DENIED"} and told.get("data")):
            code = sorted(codes)[0]
            raise PlatformRefused(f"Shopify refused {document.name}: {code}", code=code, status=200)
        return dict(told["data"])

    def _learn(self, document: Document, told: Mapping[str, Any]) -> None:
        cost = (told.get("extensions") or {}).get("cost") or {}
        status = cost.get("throttleStatus")
        if cost.get("requestedQueryCost") is not None:
            self.costs[document.name] = float(cost["requestedQueryCost"])
        if status:
            self.buckets.told(
                self.shop, status["currentlyAvailable"], status["maximumAvailable"], status["restoreRate"]
            )

    def pages(self, document: Document, path: str, **variables: Any) -> Iterator[list[dict[str, Any]]]:
        """Yield all pages of a connection: the document takes $after, and asks for nodes and pageInfo."""
        after: str | None = None
        while True:
            connection = self.ask(document, after=after, **variables)[path]
            yield connection["nodes"]
            if not connection["pageInfo"]["hasNextPage"]:
                return
            after = connection["pageInfo"]["endCursor"]


def _code(error: Mapping[str, Any]) -> str:
    """Return an error's code; a validation error has none, only a message."""
    return str((error.get("extensions") or {}).get("code") or error.get("message", "unknown"))[:200]
