"""Aloni, the demo shop: a small pottery that knows nothing of Tessera's inside.

It is a foreign shop that happens to run in the same process. It has its own database and its own clock, and it
speaks to Tessera only as any shop does: signed webhooks, the REST API with its key, and the widgets on its pages.

    goods, catalogue    what it sells              site       the Flask application and its gates
    carts, orders       what people buy            front      home, product, cart
    changes             what the desk does to it   checkout   buying
    documents           how it tells of it         account    log in, points, history
    outgoing            webhooks, sent until heard office     the back office
    tessera             the REST API               gallery    every widget in every state
                                                   pictures   its pictures, drawn by hand
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.sandbox.shop.customers import KNOWN, add_customer
from connectors.sandbox.shop.documents import customer_document, product_document
from connectors.sandbox.shop.goods import GOODS
from connectors.sandbox.shop.outgoing import Post, Sender, enqueue, post_over_http
from connectors.sandbox.shop.settings import SandboxSettings
from connectors.sandbox.shop.site import make_site
from connectors.sandbox.shop.store import Store, put_setting, setting

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["SandboxSettings", "Shop", "make_shop"]


class Shop:
    """The running shop: a WSGI callable that can be closed."""

    def __init__(self, settings: SandboxSettings, post: Post = post_over_http) -> None:
        self._store = Store(settings.database)
        _open_for_the_first_time(self._store)
        self._sender = Sender(self._store, settings, post)
        self._site = make_site(settings, self._store, self._sender)
        self._sender.start()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._site(environ, start_response)

    def close(self) -> None:
        """Stop sending webhooks; what waits is sent at the next start."""
        self._sender.close()


def make_shop(settings: SandboxSettings) -> Shop:
    """Open the shop. Its webhooks begin to leave at once, from a thread of their own."""
    return Shop(settings)


def _open_for_the_first_time(store: Store) -> None:
    """Make the known customers and tell Tessera of them and of the goods. Once: later starts find it done."""
    with store.transaction() as db:
        if setting(db, "opened"):
            return
        for name, email in KNOWN:
            customer = add_customer(db, name, email, verified=True)
            if customer:
                enqueue(db, "customer", customer_document(customer))
        now = datetime.now(UTC)
        for product in GOODS:
            enqueue(db, "product", product_document(product, now))
        put_setting(db, "opened", now.isoformat())
