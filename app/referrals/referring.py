"""Codes of members, and links told by the shop's server."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select

from app import journal, programmes
from app.errors import FieldError, Invalid, NotFound
from app.members.emails import NO_TRAITS, Traits, email_ref, keyed, traits_of
from app.models import fingerprints, referral_codes, referrals
from app.referrals import rows as referral_rows
from app.referrals.review import Link, review_of
from app.referrals.rows import Referral
from app.rules.document import Referrals
from app.rules.referrals import ALPHABET, CODE_LENGTH, NETWORK_SPAN, link, read_code, show_code
from app.settling import Settling
from app.shops import Shop
from app.vault import Vault
from connectors.contract import CustomerRef

STATES = ("open", "waiting", "review", "rewarded", "rejected", "expired")


def code_of(connection: Connection, shop_id: str, member_id: str, now: datetime) -> str:
    """Return a member's code, made on first demand. The caller holds the member.

    Raises: IntegrityError, where another transaction was quicker.
    """
    mine = and_(referral_codes.c.shop_id == shop_id, referral_codes.c.member_id == member_id)
    known = connection.execute(select(referral_codes.c.code).where(mine)).scalar()
    if known is not None:
        return str(known)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    write_code(connection, shop_id, member_id, code)
    journal.write(
        connection, shop_id, [journal.Row("referral_code", member_id, now, {"member": member_id, "code": code})]
    )
    return code


def write_code(connection: Connection, shop_id: str, member_id: str, code: str) -> None:
    connection.execute(insert(referral_codes).values(shop_id=shop_id, member_id=member_id, code=code))


def counts(connection: Connection, shop_id: str, member_id: str) -> dict[str, int]:
    """Return how many friends of a member are in each state."""
    mine = and_(referrals.c.shop_id == shop_id, referrals.c.referrer_id == member_id)
    statement = select(referrals.c.state, func.count().label("friends")).where(mine).group_by(referrals.c.state)
    found: dict[str, int] = {row.state: row.friends for row in connection.execute(statement)}
    return {state: found.get(state, 0) for state in STATES}


def offer(connection: Connection, shop_id: str, now: datetime) -> Referrals:
    """Return what referrals give now. Raises: NotFound."""
    rules = programmes.current(connection, shop_id, now).programme.referrals
    if rules is None:
        raise NotFound("the programme has no referrals")
    return rules


def shared(connection: Connection, shop: Shop, member_id: str, now: datetime) -> dict[str, Any]:
    """Return what a member shares: code, link, and how many friends came. Raises: NotFound."""
    rules = offer(connection, shop.id, now)
    code = code_of(connection, shop.id, member_id, now)
    landing = rules.landing_url or next(iter(shop.origins), None)
    url = link(landing, code) if landing else None
    return {"code": show_code(code), "url": url, "counts": counts(connection, shop.id, member_id)}


# --- a link told by the shop's server ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A friend who came by a code. At least one of e-mail and platform id."""

    code: str
    email: str | None = None
    platform_id: str | None = None
    at: datetime | None = None
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    network: str | None = None


def tell(connection: Connection, vault: Vault, shop: Shop, told: Telling, now: datetime) -> tuple[Referral, bool]:
    """Link a friend to the member whose code they brought; say whether that is new.

    Once: the friend's first link that has not expired stays. Raises: Invalid.
    """
    code = read_code(told.code)
    maker = referral_rows.members_of(connection, shop.id, [code]).get(code) if code else None
    if code is None or maker is None:
        raise _wrong("code", "unknown", "There is no such code.")
    at = told.at or now
    if at > now:
        raise _wrong("at", "in_the_future", "Write a moment that has been.")
    pepper = shop.pepper(vault)
    settling = Settling(connection, shop, now)
    version = settling.desk.version_at(at)
    rules = version.programme.referrals if version is not None else None
    if rules is None:
        raise _wrong("at", "not_offered", "The programme had no referrals then.")
    brought = _Brought(
        CustomerRef(id=told.platform_id, email_ref=email_ref(pepper, told.email)), traits_of(pepper, told.email)
    )
    sealed = None if told.email is None else vault.seal(shop.id, told.email.strip().encode())
    friend, referrer = _meet(settling, brought, maker, sealed)
    _keep_fingerprints(connection, shop.id, friend, _hashed(pepper, told.fingerprints))
    network_ref = keyed(pepper, "network", told.network) if told.network else None
    pair = {friend: (referrer, friend)}
    signs = referral_rows.signs(connection, shop.id, pair)[friend]
    if network_ref and _crowded(connection, shop.id, Link("", referrer, at, "", (), network_ref), rules):
        signs.add("network")
    told_link = Link(code, referrer, at, "api", sorted(signs), network_ref)
    return _link(settling, told_link, friend, brought)


@dataclass(frozen=True, slots=True)
class _Brought:
    """Who the friend is, without personal data."""

    ref: CustomerRef
    traits: Traits = NO_TRAITS


def _meet(settling: Settling, brought: _Brought, maker: str, sealed: bytes | None = None) -> tuple[str, str]:
    """Lock and load both; return the friend, enrolled if need be, and the referrer."""
    settling.load([], member_ids=[maker], refs=[brought.ref])
    people = settling.desk.people
    friend = people.resolve(brought.ref, settling.desk.now)
    people.people[friend].note_email(brought.traits, sealed, replace=False)
    return friend, people.survivor(maker)


def _link(settling: Settling, link: Link, friend: str, brought: _Brought) -> tuple[Referral, bool]:
    row, new = review_of(settling.reviews).link(link, friend, link.at)
    if row is None:
        raise AssertionError("the version was looked at before")
    told = {"code": link.code, "referrer": link.referrer_id, "at": link.at.isoformat(), "signs": list(link.signs)}
    ref = {"id": brought.ref.id, "email_ref": brought.ref.email_ref}
    traits = {"ref": brought.traits.ref, "disposable": brought.traits.disposable}
    body = {**told, "ref": ref, "traits": traits, "enrolled": settling.desk.people.enrolled}
    settling.rows.append(journal.Row("referral", row.id, settling.desk.now, body))
    settling.flush()
    return row, new


def replay_link(settling: Settling, body: Mapping[str, Any]) -> None:
    """Link again as the journal tells."""
    settling.desk.people.named = list(body["enrolled"])
    brought = _Brought(CustomerRef(**body["ref"]), Traits(**body["traits"]))
    friend, referrer = _meet(settling, brought, body["referrer"])
    at = datetime.fromisoformat(body["at"])
    _link(settling, Link(body["code"], referrer, at, "api", body["signs"]), friend, brought)


def _crowded(connection: Connection, shop_id: str, link: Link, rules: Referrals) -> bool:
    """Tell whether with this link one member has brought more friends from one network than are usual in a family."""
    most = rules.checks.per_network
    if most is None:
        return False
    mine = and_(
        referrals.c.shop_id == shop_id,
        referrals.c.referrer_id == link.referrer_id,
        referrals.c.network_ref == link.network_ref,
        referrals.c.at > link.at - NETWORK_SPAN,
        referrals.c.at <= link.at,
    )
    return (connection.execute(select(func.count()).where(mine)).scalar() or 0) >= most


def note_fingerprints(
    connection: Connection, vault: Vault, shop: Shop, member_id: str, told: Mapping[str, str]
) -> None:
    """Keep what a member's address, device or payment looks like, as keyed hashes that are only compared."""
    _keep_fingerprints(connection, shop.id, member_id, _hashed(shop.pepper(vault), told))


def _hashed(pepper: bytes, told: Mapping[str, str]) -> set[tuple[str, str]]:
    return {(kind, keyed(pepper, kind, text)) for kind, text in told.items()}


def _keep_fingerprints(connection: Connection, shop_id: str, member_id: str, seen: set[tuple[str, str]]) -> None:
    mine = and_(fingerprints.c.shop_id == shop_id, fingerprints.c.member_id == member_id)
    known = {(row.kind, row.value) for row in connection.execute(select(fingerprints).where(mine))}
    rows = [
        {"shop_id": shop_id, "id": secrets.token_hex(10), "member_id": member_id, "kind": kind, "value": value}
        for kind, value in sorted(seen - known)
    ]
    if rows:
        connection.execute(insert(fingerprints), rows)


def _wrong(name: str, code: str, message: str) -> Invalid:
    return Invalid(f"{name}: {message}", (FieldError(name, code, message),))
