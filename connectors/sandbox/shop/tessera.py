"""Tessera's REST API, as far as this shop uses it. Where Tessera is down the shop sells on, without points."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import requests

from connectors.sandbox.shop.customers import Customer
from connectors.sandbox.shop.settings import SandboxSettings

TIMEOUT_S = (1.0, 3.0)

log = logging.getLogger(__name__)


class Tessera:
    """The API with this shop's key. Answers are None where there is no answer."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._url = settings.app_url
        self._key = {"Authorization": f"Bearer {settings.api_key}"}

    def shopper_token(self, customer: Customer) -> str | None:
        """Return a token for the customer's browser; it lives ten minutes."""
        member_id = self._member_id(customer)
        if member_id is None:
            return None
        answer = self._call("POST", f"/api/v1/members/{member_id}/shopper-token", self._key, body={})
        return str(answer["token"]) if answer else None

    def history(self, token: str) -> list[Mapping[str, Any]]:
        """Return what moved a shopper's points, newest first, each with its sentence."""
        answer = self._call("GET", "/shopper/v1/entries", {"Authorization": f"Bearer {token}"})
        return list(answer["data"]) if answer else []

    def _member_id(self, customer: Customer) -> str | None:
        """Find the customer's member, or make it where our webhook is still on its way."""
        found = self._call("GET", "/api/v1/members", self._key, query={"platform_id": customer.id})
        if found and found["data"]:
            return str(found["data"][0]["id"])
        body = {"platform_id": customer.id, "email": customer.email, "email_verified": customer.verified}
        made = self._call("POST", "/api/v1/members", self._key, body=body) if found else None
        return str(made["id"]) if made else None

    def _call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            answer = requests.request(
                method, self._url + path, headers=dict(headers), params=query, json=body, timeout=TIMEOUT_S
            )
            answer.raise_for_status()
            return answer.json()
        except (requests.RequestException, ValueError) as error:
            log.warning("%s %s: %s", method, path, error)
            return None
