"""Who a member is: proving an e-mail, making two members one, fingerprints, and forgetting a person."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app import mailing, shops
from app.errors import Conflict, IdentityConflict, NotFound
from app.members import erasing, joining, verifying
from app.members.views import held_row, living, time_text, view
from app.referrals import referring
from app.web.api import answers
from app.web.api.examples import EXAMPLES
from app.web.api.fields import Email, Given, Id, Text, TimeText, Told
from app.web.api.operations import Answer, Call, operation
from app.web.api.reading import wrong
from app.web.api.referrals import Fingerprints
from app.web.api.schemas import Nothing
from app.web.gates import services
from app.web.verify import letter


class NewVerification(Given):
    email: Email | None = Field(None, description="Default: the e-mail the member has.")
    send: bool = Field(False, description="Also send the link by e-mail; needs SMTP_URL.")


class Verification(Told):
    url: str = Field(description="Good once; whoever opens it and confirms has proved the e-mail.")
    expires_at: TimeText


class Merge(Given):
    from_: Text = Field(alias="from", description="Who goes on as the other.")
    into: Text = Field(description="Who lives on.")


class Erasure(Told):
    """Nothing personal is left of this member; its entries stay under the id."""

    id: Id


class NewFingerprints(Fingerprints):
    """At least one of them."""

    @model_validator(mode="after")
    def _something(self) -> NewFingerprints:
        if not self.told():
            raise PydanticCustomError("missing", "Tell at least one of address, device and payment.")
        return self


@operation(
    "POST",
    "/members/<member:member_id>/verification",
    tag="Members",
    takes=NewVerification,
    gives={201: Verification},
    errors=(NotFound, Conflict, IdentityConflict),
)
def verify_email(call: Call, given: NewVerification, member_id: str) -> Answer:
    """Make a link that proves an e-mail.

    The page behind it asks for one click, so that mail scanners prove nothing. It is good once, for 24 hours. With
    `send` the shop's installation sends it; if the mail server does not take it, the answer is 503: ask again.
    """
    config = services().config
    if given.send and config.smtp_url is None:
        raise wrong("send", "not_available", "Nothing can be sent: SMTP_URL is not set. Send the link yourself.")
    shop = shops.hold(call.connection, call.shop.id)
    made = verifying.make(
        call.connection,
        call.vault,
        shop,
        held_row(call.connection, shop.id, member_id).id,
        given.email,
        secret_key=config.secret_key,
        now=services().clock.real(),
    )
    if given.send and not mailing.deliverable(made.email):
        raise wrong("email", "not_deliverable", "No message can be sent to this address.")
    url = f"{config.app_url}/verify/{made.token}"
    told = {"url": url, "expires_at": time_text(made.expires_at)}
    if not given.send:
        return Answer(told, 201)
    mail = letter(call.connection, shop, made.email, url)
    return Answer(told, 201, then=lambda: mailing.send(str(config.smtp_url), config.app_url, mail))


@operation(
    "POST",
    "/members/merge",
    tag="Members",
    takes=Merge,
    gives={200: answers.Member},
    errors=(NotFound, Conflict),
)
def merge_members(call: Call, given: Merge) -> Answer:
    """Make two members one.

    You say that they are one person: identities, orders, points with their dates and everything else of `from` go to
    `into`, and its id answers with the survivor. Of members who are one already nothing changes.
    """
    shop = shops.hold(call.connection, call.shop.id)
    member_id = joining.merge_members(call.connection, shop, given.from_, given.into, call.now)
    return Answer(view(call.connection, call.vault, shop, member_id, call.now))


@operation(
    "POST",
    "/members/<member:member_id>/erasure",
    tag="Members",
    takes=Nothing,
    gives={200: Erasure},
    errors=(NotFound,),
)
def erase_member(call: Call, _: Nothing, member_id: str) -> Answer:
    """Erase a person.

    E-mail, phone, birthday, tags, identities, fingerprints, kept bodies and answers go at once, shopper tokens end.
    Entries stay under the member's id, which names nobody. A later order of the same customer opens a new member.
    This cannot be undone.
    """
    shop = shops.hold(call.connection, call.shop.id, exclusive=True)
    when = erasing.Moment(call.now, services().clock.real())
    return Answer({"id": erasing.erase(call.connection, call.vault, shop, member_id, when)})


@operation(
    "POST",
    "/members/<member:member_id>/fingerprints",
    tag="Referrals",
    takes=NewFingerprints,
    gives={200: answers.Member},
    errors=(NotFound, Conflict),
)
def note_fingerprints(call: Call, given: NewFingerprints, member_id: str) -> Answer:
    """Note a member's fingerprints.

    What an address, device or payment looks like to the shop, as opaque texts: a friend who shows the same is held
    for review. Only keyed hashes are kept.
    """
    shop = shops.hold(call.connection, call.shop.id)
    row = living(held_row(call.connection, shop.id, member_id))
    referring.note_fingerprints(call.connection, call.vault, shop, row.id, given.told())
    return Answer(view(call.connection, call.vault, shop, row.id, call.now))


EXAMPLES.update(
    {
        NewVerification: {"email": "ada@example.com"},
        Verification: {"url": "https://tessera.example/verify/eyJzIjoi…", "expires_at": "2026-03-02T10:00:00Z"},
        Merge: {"from": "m_0b7d2e9f4a6c8135e1f2", "into": "m_5f3a9c1e7b2d4f608a1c"},
        Erasure: {"id": "m_5f3a9c1e7b2d4f608a1c"},
        NewFingerprints: {"device": "d-8f21"},
    }
)
