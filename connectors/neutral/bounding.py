"""Calls that end in time, whatever the other side drips.

A socket's timeout bounds each wait, not their sum, and urllib3's `Timeout(total=…)` is one for the next wait too
(urllib3/util/timeout.py): a byte every 29 s holds a thread for days. Here each wait is what is left of the whole call.
Only looking a name up is left to the resolver's own limits, and a name of several addresses to as many waits.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError

_PIECE = 16_384  # of what is sent: a TLS record
_call = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Bound all that this thread connects, sends and reads meanwhile, by a session that is `bounded`."""
    _call.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        _call.ends = None


def bounded(session: requests.Session) -> requests.Session:
    """Let a session's calls be bounded by `within`."""
    for adapter in session.adapters.values():
        cast(HTTPAdapter, adapter).poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return session


def _patience(longest: float | None) -> float | None:
    """Return how long the next wait may be. Raises: TimeoutError, when nothing is left."""
    ends: float | None = getattr(_call, "ends", None)
    if ends is None:
        return longest
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("the whole call takes too long")
    return left if longest is None else min(left, longest)


class _Incoming(io.RawIOBase):
    """What a socket tells, read by http.client through a buffer that asks again and again until it has a line."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock, self._raw, self._longest = sock, raw, sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_patience(self._longest))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(_Incoming(sock, self.fp.detach()))


class _Bounded(HTTPConnection):
    """A connection whose waits `within` bounds."""

    response_class = _Response

    def connect(self) -> None:
        """Raises: ConnectTimeoutError, also where TLS is not agreed on in time: nothing was asked by then."""
        try:
            self.timeout = _patience(self.timeout)
            super().connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "the connection was not made in time") from error

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        for begin in range(0, len(data), _PIECE):
            self.sock.settimeout(_patience(self.timeout))
            super().send(data[begin : begin + _PIECE])


class _BoundedSecure(_Bounded, HTTPSConnection):
    """The same over TLS. CPython bounds a whole handshake by the socket's timeout."""


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _BoundedSecure
