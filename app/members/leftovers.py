"""What is still kept of a person outside the books: raw bodies of deliveries, and answers of commands."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, update

from app.errors import BadRequest
from app.models import facts, idempotency, inbox
from app.strictjson import read
from app.vault import CannotOpen, Vault

_OF_ORDERS = ("order", "refund", "fulfilment", "order_deleted")
_OF_CUSTOMERS = ("customer", "customer_deleted", "asked")
_OF_ACTIVITIES = ("activity",)
_WHO = ("customer", "customer_id", "user_id", "buyer", "order", "order_id")  # keys beside which an id names somebody
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Trace:
    """By what a person is known: members, e-mails and phones in lower case, the platform's ids."""

    members: frozenset[str]
    texts: frozenset[str]
    customers: frozenset[str]
    orders: frozenset[str]
    activities: frozenset[str]


def drop(connection: Connection, vault: Vault, shop_id: str, trace: Trace) -> None:
    """Drop every kept body and answer that speaks of the person. Once: nothing is left for the next time."""
    _drop_settled(connection, shop_id, trace)
    _drop_mentioning(connection, vault, shop_id, trace)
    _forget_answers(connection, vault, shop_id, trace)


def _drop_settled(connection: Connection, shop_id: str, trace: Trace) -> None:
    """Drop bodies whose facts the journal tells: it keeps each body's hash beside the fact."""
    hashes: set[str] = set()
    spoken_of = ((_OF_ORDERS, trace.orders), (_OF_CUSTOMERS, trace.customers), (_OF_ACTIVITIES, trace.activities))
    for kinds, subjects in spoken_of:
        for some in _chunks(sorted(subjects)):
            mine = and_(facts.c.shop_id == shop_id, facts.c.kind.in_(kinds), facts.c.subject.in_(some))
            rows = connection.execute(select(facts.c.body["sha256"].as_string()).where(mine)).scalars()
            hashes |= {sha256 for sha256 in rows if sha256}
    for some in _chunks(sorted(hashes)):
        mine = and_(inbox.c.shop_id == shop_id, inbox.c.state != "new", inbox.c.sha256.in_(some))
        connection.execute(update(inbox).where(mine).values(body=None))


def _chunks(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _drop_mentioning(connection: Connection, vault: Vault, shop_id: str, trace: Trace) -> None:
    """Read every body that no fact came of, and drop those that name the person."""
    mine = and_(inbox.c.shop_id == shop_id, inbox.c.state.in_(("failed", "ignored")), inbox.c.body.is_not(None))
    rows = connection.execute(select(inbox.c.id, inbox.c.body).where(mine).execution_options(yield_per=_CHUNK))
    doomed = [row.id for row in rows if _speaks_of(vault, shop_id, row.body, trace)]
    for start in range(0, len(doomed), _CHUNK):
        these = and_(inbox.c.shop_id == shop_id, inbox.c.id.in_(doomed[start : start + _CHUNK]))
        connection.execute(update(inbox).where(these).values(body=None))


def _speaks_of(vault: Vault, shop_id: str, sealed: bytes, trace: Trace) -> bool:
    """Tell whether a body names the person; one that cannot be opened is of no use to anybody and goes too."""
    try:
        body = vault.open(shop_id, sealed)
    except CannotOpen:
        return True
    try:
        tree = read(body)
    except BadRequest:
        text = body.decode("utf-8", "replace").lower()
        return any(known in text for known in trace.texts | {each.lower() for each in trace.customers if len(each) > 5})
    return _names(tree, trace, "")


def _names(node: object, trace: Trace, key: str) -> bool:
    """Tell whether a tree holds an e-mail or phone of the person, or their id where an id says who."""
    if isinstance(node, dict):
        who = key if key in _WHO else ""
        return any(_names(each, trace, who if name == "id" and who else name) for name, each in node.items())
    if isinstance(node, list):
        return any(_names(each, trace, key) for each in node)
    if node is None or isinstance(node, bool):
        return False
    text = str(node).strip()
    if any(known in text.lower() for known in trace.texts):
        return True
    return key in _WHO and text in (trace.orders if key.startswith("order") else trace.customers)


def _forget_answers(connection: Connection, vault: Vault, shop_id: str, trace: Trace) -> None:
    """Take the kept answers that show the person out of their keys; such a key answers nothing any more."""
    mine = and_(idempotency.c.shop_id == shop_id, idempotency.c.body.is_not(None))
    rows = connection.execute(select(idempotency.c.key, idempotency.c.path, idempotency.c.body).where(mine)).all()
    for row in rows:
        told = vault.open(shop_id, row.body).decode("utf-8", "replace").lower()
        if any(known in told or known in row.path for known in trace.members | trace.texts):
            this = and_(idempotency.c.shop_id == shop_id, idempotency.c.key == row.key)
            nothing = {"body": vault.seal(shop_id, b"{}"), "sha256": secrets.token_hex(32)}
            connection.execute(update(idempotency).where(this).values(**nothing))
