"""Our own link that proves an e-mail: signed, good once, for a day. Source: semantics 1.2."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, and_, insert, select, update

from app import journal
from app.errors import Conflict, FieldError, IdentityConflict, Invalid, NotFound, TesseraError
from app.members import enrolling
from app.members.emails import Traits, email_ref, traits_of
from app.members.views import member_row
from app.models import identities, verifications
from app.settling import Settling
from app.shops import Shop
from app.vault import Vault
from connectors.contract import CustomerRef

LIFE = timedelta(hours=24)


class LinkEnded(TesseraError):
    """The link is not good: `reason` is broken, expired or used."""

    status, code, title = 410, "link_ended", "The link is no longer good"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the link is {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Made:
    token: str
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine link says. Times are real."""

    shop_id: str
    member_id: str
    email_ref: str
    nonce: str
    expires_at: datetime


def _serializer(secret_key: str) -> URLSafeSerializer:
    # their own key: such a link is never good for anything else that SECRET_KEY signs
    options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    return URLSafeSerializer(secret_key, salt="verify-email-v1", signer_kwargs=options)


def make(
    connection: Connection,
    vault: Vault,
    shop: Shop,
    member_id: str,
    email: str | None,
    *,
    secret_key: str,
    now: datetime,
) -> Made:
    """Make a link that proves a member's e-mail, or another one of theirs.

    Units: `now` is real time. Raises: NotFound, Invalid, Conflict, IdentityConflict.
    """
    row = member_row(connection, shop.id, member_id)
    if row.erased_at is not None:
        raise Conflict("this member has been erased")
    if email is None:
        if row.email is None:
            raise _wrong("missing", "The member has no e-mail; name one.")
        email = vault.open(shop.id, row.email).decode()
    ref = str(email_ref(shop.pepper(vault), email))
    _may_prove(connection, shop.id, row.id, row.claimed, ref)
    nonce, ends = secrets.token_hex(16), now + LIFE
    payload = {"s": shop.id, "m": row.id, "h": ref, "n": nonce, "e": ends.timestamp()}
    sealed = vault.seal(shop.id, email.strip().encode())
    kept = {"member_id": row.id, "email_ref": ref, "email": sealed, "expires_at": ends}
    connection.execute(insert(verifications).values(shop_id=shop.id, id=_id_of(nonce), **kept))
    return Made(str(_serializer(secret_key).dumps(payload)), email.strip(), ends)


def _may_prove(connection: Connection, shop_id: str, member_id: str, claimed: bool, ref: str) -> None:
    mine = and_(identities.c.shop_id == shop_id, identities.c.value == ref, identities.c.closed_at.is_(None))
    rows = connection.execute(select(identities.c.kind, identities.c.member_id).where(mine))
    leads = {row.kind: row.member_id for row in rows if row.kind in ("email", "unclaimed")}
    if leads.get("email", member_id) != member_id:
        raise IdentityConflict(f"the e-mail has been verified for {leads['email']}")
    if not claimed and leads.get("unclaimed") != member_id:
        raise _wrong("other_email", "An unclaimed member is known by its own e-mail only; name that one.")


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(f"email: {message}", (FieldError("email", code, message),))


def _id_of(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()


def read(secret_key: str, token: str, now: datetime) -> Claims:
    """Return what a link says. Units: real time. Raises: LinkEnded."""
    try:
        told = _serializer(secret_key).loads(token)
        claims = Claims(told["s"], told["m"], told["h"], told["n"], datetime.fromtimestamp(told["e"], UTC))
    except (BadSignature, KeyError, TypeError, ValueError) as error:
        raise LinkEnded("broken") from error
    if now >= claims.expires_at:
        raise LinkEnded("expired")
    return claims


def shop_of(secret_key: str, token: str) -> str | None:
    """Return the shop of a genuine link, whether or not it is still good."""
    try:
        return str(_serializer(secret_key).loads(token)["s"])
    except (BadSignature, KeyError, TypeError):
        return None


def waiting(connection: Connection, claims: Claims, lock: bool = False) -> bytes:
    """Return the sealed e-mail of a link that has not been used. Raises: LinkEnded."""
    mine = and_(verifications.c.shop_id == claims.shop_id, verifications.c.id == _id_of(claims.nonce))
    statement = select(verifications.c.email, verifications.c.used_at).where(mine)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None or row.used_at is not None:
        raise LinkEnded("used" if row is not None else "expired")
    return bytes(row.email)


def confirm(connection: Connection, vault: Vault, shop: Shop, claims: Claims, *, real: datetime, now: datetime) -> str:
    """Let the e-mail be verified; return the member that lives on.

    Once: the link is used up in the transaction of its effect. Raises: LinkEnded, IdentityConflict.
    """
    sealed = waiting(connection, claims, lock=True)
    email = vault.open(shop.id, sealed).decode()
    settling = Settling(connection, shop, now)
    member_id = carry_out(settling, claims.member_id, claims.email_ref, traits_of(shop.pepper(vault), email), sealed)
    mine = and_(verifications.c.shop_id == shop.id, verifications.c.id == _id_of(claims.nonce))
    connection.execute(update(verifications).where(mine).values(used_at=real))
    return member_id


def carry_out(settling: Settling, member_id: str, ref: str, traits: Traits, sealed: bytes | None = None) -> str:
    """Let a proof take effect; replay comes through here too."""
    settling.load([], member_ids=[member_id], refs=[CustomerRef(email_ref=ref, email_verified=True)])
    people, now = settling.desk.people, settling.desk.now
    if member_id not in people.people or people.people[member_id].erased:
        raise NotFound("there is no such member")
    member_id = people.survivor(member_id)
    known = people.proofs.get(("email", ref))
    guest = people.proofs.get(("unclaimed", ref))
    stranger = not people.people[member_id].claimed and (guest is None or people.survivor(guest) != member_id)
    if stranger or (known is not None and people.survivor(known) != member_id):
        raise IdentityConflict("the e-mail belongs to another member by now")
    people.prove(member_id, ref, now)
    people.people[member_id].note_email(traits, sealed)
    told = {"member": member_id, "email_ref": ref, "traits": {"ref": traits.ref, "disposable": traits.disposable}}
    settling.rows.append(journal.Row("verified", member_id, now, told))
    enrolling.flush(settling, now)
    return member_id


def replay(settling: Settling, body: Mapping[str, Any]) -> None:
    carry_out(settling, body["member"], body["email_ref"], Traits(**body["traits"]))
