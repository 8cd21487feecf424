"""One shop, ready to be called: its token renewed as it is used, its bucket shared by everyone who calls it."""

from __future__ import annotations

from connectors.contract.installing import Credentials, LiveCredentials
from connectors.neutral.calling import Caller
from connectors.shopify.client import API_VERSION, Client


def client(caller: Caller, ref: str, credentials: Credentials) -> Client:
    def token(refused: str | None) -> str:
        if refused is not None and isinstance(credentials, LiveCredentials):
            credentials.renew(refused)
        return credentials["access_token"]

    def other_version(version: str) -> None:
        caller.alarm(ref, f"Shopify answers by version {version}, the app speaks {API_VERSION}: update it")

    return Client(caller, ref, token, caller.buckets, other_version, caller.sleep, caller.dice)
