"""A message that only the browser it is for can read. Source: RFC 8291 with the content coding of RFC 8188."""

from __future__ import annotations

import base64
import binascii
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD = 4096  # the size of the one record; push services take no larger message
_LAST = b"\x02"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a browser made when it subscribed: its public key, and a secret it shares with us."""

    p256dh: bytes
    auth: bytes


def decode(text: str) -> bytes:
    """Read base64url with or without padding. Raises: ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as browsers write it: uncompressed, 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def read_keys(p256dh: str, auth: str) -> Keys:
    """Return a browser's keys. Raises: ValueError, for what is none."""
    keys = Keys(decode(p256dh), decode(auth))
    if len(keys.p256dh) != 65 or len(keys.auth) != 16:
        raise ValueError("keys of another length")
    ec.EllipticCurvePublicKey.from_encoded_point(CURVE, keys.p256dh)
    return keys


def seal(keys: Keys, message: bytes, own: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None) -> bytes:
    """Encrypt a message to a browser. `own` and `salt` are made anew for each message."""
    own, salt = own or ec.generate_private_key(CURVE), salt or os.urandom(16)
    theirs, ours = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, keys.p256dh), point(own.public_key())
    shared = own.exchange(ec.ECDH(), theirs)
    secret = _derive(shared, keys.auth, b"WebPush: info\x00" + keys.p256dh + ours, 32)
    key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
    head = salt + struct.pack("!LB", RECORD, len(ours)) + ours
    return head + AESGCM(key).encrypt(nonce, message + _LAST, None)


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
