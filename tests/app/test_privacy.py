"""What is kept of a person: sealed for the merchant, hashed for look-ups, and nowhere else."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.db import reading
from app.models import metadata
from tests.build import Tessera, order, programme
from tests.payloads import shopify, woocommerce

CANARIES = ("canary@example.com", "Canaryson", "10.66.66.66")


def test_no_address_name_or_ip_stands_in_the_clear_in_any_table(tessera: Tessera) -> None:
    mail, name, ip = CANARIES
    who = {"id": "ada", "email": mail, "email_verified": True}
    custom = tessera.shop(programme())
    custom.tell(order(customer=who), order(id="2", customer={"id": None, "email": "G" + mail}))
    custom.tell({**who, "updated_at": "2026-03-01T00:00:00Z"}, topic="customer")
    buyer = shopify.customer(email=mail, last_name=name)
    theirs = shopify.order(customer=buyer, email=mail, contact_email=mail, browser_ip=ip)
    tessera.shop(programme(), platform="shopify").tell(theirs, topic="orders/paid")
    billing = {**woocommerce.order()["billing"], "email": mail, "last_name": name}
    told = woocommerce.order(billing=billing, customer_ip_address=ip, status="processing")
    tessera.shop(programme(), platform="woocommerce").tell(told, topic="order.created")

    with reading(tessera.engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                text = repr(tuple(row)).lower()
                assert not [canary for canary in CANARIES if canary.lower() in text], table.name


def test_what_the_database_refuses_is_not_told_to_the_log(tessera: Tessera) -> None:
    wrong = text("SELECT nothing FROM members WHERE country = :told")
    with pytest.raises(DBAPIError) as refused, reading(tessera.engine) as connection:
        connection.execute(wrong, {"told": CANARIES[0]})
    assert CANARIES[0] not in str(refused.value)
