"""E-mail by SMTP, one message at a time, never inside a transaction."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from app.errors import Unavailable

log = structlog.get_logger()

TIMEOUT_S = 15

# In a header these part one address from the next, or a name from its address: "x,ada@example.com" is two of them.
_ONE_ADDRESS = re.compile(r"""[^\s()<>\[\]:;@\\,"]+@[\w-]+(\.[\w-]+)*""")


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str
    html: str


def deliverable(address: str) -> bool:
    """Tell whether an address is one that a message can be handed on to, and nobody else's."""
    return _ONE_ADDRESS.fullmatch(address) is not None and address.isprintable() and "=?" not in address


def send(smtp_url: str, app_url: str, mail: Mail) -> None:
    """Hand a message to the mail server of SMTP_URL. Raises: Unavailable.

    `smtp://` takes TLS where the server offers it, `smtps://` from the start; a user needs TLS. `?from=` names the
    sender. Source: docs/settings.md.
    """
    message = _message(_sender(smtp_url, app_url), mail)
    try:
        with _connect(smtp_url) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        log.error("mail_not_sent", error=type(error).__name__)  # its text may hold the address
        raise Unavailable("the mail server did not take the message; ask again") from error


def _sender(smtp_url: str, app_url: str) -> str:
    named = parse_qs(urlsplit(smtp_url).query).get("from")
    return named[0] if named else f"no-reply@{urlsplit(app_url).hostname}"


def _message(sender: str, mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("<> ") or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _connect(smtp_url: str) -> smtplib.SMTP:
    parts = urlsplit(smtp_url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT_S)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
        elif parts.username:
            server.close()
            raise ValueError("a password is not sent without TLS")
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
