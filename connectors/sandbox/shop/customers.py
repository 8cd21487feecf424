"""The shop's customers. Logging in takes no password here: it is a demo, and says so."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

# Already customers on the first day: (name, e-mail).
KNOWN = (
    ("Eleni Vidali", "eleni@example.com"),
    ("Jonas Berg", "jonas@example.com"),
    ("Amara Okafor", "amara@example.com"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: str
    name: str
    email: str
    verified: bool
    updated_at: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


def add_customer(db: sqlite3.Connection, name: str, email: str, *, verified: bool) -> Customer | None:
    """Make an account; None where the e-mail has one."""
    (number,) = db.execute("SELECT count(*) + 1 FROM customers").fetchone()
    customer = Customer(id=f"c{number}", name=name, email=email, verified=verified, updated_at=_now())
    added = db.execute(
        "INSERT INTO customers VALUES (?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
        (customer.id, name, email, verified, customer.updated_at),
    )
    return customer if added.rowcount else None


def seen_customer(db: sqlite3.Connection, customer_id: str) -> Customer | None:
    """Note that a customer logged in, which makes their record newer."""
    db.execute("UPDATE customers SET updated_at = ? WHERE id = ?", (_now(), customer_id))
    return customer_by_id(db, customer_id)


def customer_by_id(db: sqlite3.Connection, customer_id: str) -> Customer | None:
    row = db.execute("SELECT * FROM customers WHERE id = ?", (customer_id,)).fetchone()
    return _customer(row) if row else None


def newest_customers(db: sqlite3.Connection, limit: int = 6) -> list[Customer]:
    """List accounts to log in as: the known ones, then the newest."""
    rows = db.execute("SELECT * FROM customers ORDER BY rowid > ?, rowid DESC LIMIT ?", (len(KNOWN), limit))
    found = [_customer(row) for row in rows]
    return sorted(found, key=lambda customer: int(customer.id[1:]))


def _customer(row: sqlite3.Row) -> Customer:
    return Customer(**{**dict(row), "verified": bool(row["verified"])})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
