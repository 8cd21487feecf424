"""Tessera's REST API, as far as this shop uses it. Where Tessera is down the shop sells on, without points."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

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
        """Return a token for calls as the customer; it lives ten minutes."""
        session = self.session(customer)
        return str(session["token"]) if session else None

    def session(self, customer: Customer) -> Mapping[str, str] | None:
        """Return a token for the customer's browser, and when it ends."""
        member_id = self._member_id(customer)
        if member_id is None:
            return None
        path = f"/api/v1/members/{member_id}/shopper-token"
        return cast("Mapping[str, str] | None", self._call("POST", path, self._key, body={}))

    def history(self, token: str) -> list[Mapping[str, Any]]:
        """Return what moved a shopper's points, newest first, each with its sentence."""
        answer = self._call("GET", "/shopper/v1/entries", _bearer(token))
        return list(answer["data"]) if answer else []

    def rewards(self, token: str) -> list[Mapping[str, Any]]:
        """Return every reward, whether the shopper can have it now, and why not."""
        answer = self._call("GET", "/shopper/v1/rewards", _bearer(token))
        return list(answer["data"]) if answer else []

    def redemptions(self, token: str) -> list[Mapping[str, Any]]:
        """Return the shopper's rewards, newest first."""
        answer = self._call("GET", "/shopper/v1/redemptions", _bearer(token))
        return list(answer["data"]) if answer else []

    def redeem(self, token: str, reward: str, points: int | None, key: str) -> Mapping[str, Any] | None:
        """Spend points on a reward; the key makes a form that is sent twice happen once."""
        body = {"reward": reward} | ({"points": points} if points else {})
        headers = {**_bearer(token), "Idempotency-Key": key}
        return cast("Mapping[str, Any] | None", self._call("POST", "/shopper/v1/redemptions", headers, body=body))

    def cancel(self, token: str, redemption_id: str) -> bool:
        """Give a reward up; tell whether that was possible."""
        path = f"/shopper/v1/redemptions/{redemption_id}/cancel"
        return self._call("POST", path, _bearer(token), body={}) is not None

    def redemption(self, code: str) -> Mapping[str, Any] | None:
        """Return what a code of the programme is good for; None where there is no such code."""
        answer = self._call("GET", "/api/v1/redemptions", self._key, query={"code": code})
        return answer["data"][0] if answer and answer["data"] else None

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


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
