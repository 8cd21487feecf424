"""Personal data and secrets at rest: sealed to one shop, opened with any of the keys.

AES-256-GCM under the Fernet keys of ENCRYPTION_KEYS (32 bytes each), with the shop's id as associated data:
a row copied to another shop does not open. The first byte names the format, the next four the key.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"


class CannotOpen(ValueError):
    """A key is lost, or the data belongs to another shop."""


class Vault:
    def __init__(self, fernet_keys: Sequence[str]) -> None:
        raw = [base64.urlsafe_b64decode(key) for key in fernet_keys]
        self._keys = {hashlib.sha256(b"tessera key id" + key).digest()[:4]: AESGCM(key) for key in raw}
        self._newest = hashlib.sha256(b"tessera key id" + raw[0]).digest()[:4]

    def seal(self, shop_id: str, plain: bytes) -> bytes:
        nonce = os.urandom(12)
        return _FORMAT + self._newest + nonce + self._keys[self._newest].encrypt(nonce, plain, shop_id.encode())

    def open(self, shop_id: str, sealed: bytes) -> bytes:
        """Open what `seal` made. Raises: CannotOpen."""
        key = self._keys.get(sealed[1:5])
        if key is None or sealed[:1] != _FORMAT:
            raise CannotOpen("sealed with a key that is not in ENCRYPTION_KEYS")
        try:
            return key.decrypt(sealed[5:17], sealed[17:], shop_id.encode())
        except InvalidTag as error:
            raise CannotOpen("sealed for another shop, or changed since") from error
