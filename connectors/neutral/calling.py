"""One HTTP call to a platform: bounded in time and size, never redirected, and clear about what may be done next.

Timeouts: 5 s to connect, 30 s between two bytes, 60 s in all, whatever is dripped (bounding.py). At most 32 MiB. What
can be repeated is, up to four times with growing random pauses, with full jitter
(https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter); a Retry-After of at most 30 s is obeyed, a
longer one is handed on to whoever may wait that long.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests_hardened import Config, HTTPSession
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from connectors.contract import PlatformDown, PlatformRefused
from connectors.neutral.bounding import bounded, within
from connectors.neutral.buckets import Buckets, OwnBuckets

CONNECT_S, READ_S, WHOLE_S = 5.0, 30.0, 60.0
_CHUNK = 65_536
LONGEST_WAIT_S = 86_400.0  # whatever Retry-After says
MOST_BYTES = 32 * 1024 * 1024
LONGEST_FILE = 16 * 1024**3
TRIES, PATIENCE_S = 4, 30.0
_DOWN = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `repeatable`: doing it twice is doing it once, so that it may be tried again."""

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None  # sent as JSON
    form: Mapping[str, str] | None = None
    data: bytes | None = None  # sent as it is
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    def document(self) -> Any:
        """Return the JSON that was answered. Raises: PlatformDown: a firewall or a fatal error answers HTML."""
        try:
            return json.loads(self.body)
        except ValueError:
            kind = self.headers.get("content-type", "nothing it names")[:40]
            raise PlatformDown(f"the answer ({self.status}) is {kind} instead of JSON", acted=None) from None


def public_session() -> requests.Session:
    """Return a session for addresses that a merchant gives: it resolves once, refuses inside addresses, and connects
    to what it has looked at, so that a name whose answer changes leads nowhere else."""
    session: requests.Session = HTTPSession(
        Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(CONNECT_S, READ_S),
        )
    )
    session.trust_env = False  # neither a proxy of this machine nor its .netrc is for a stranger's address
    return bounded(session)


def private_session() -> requests.Session:
    """Return a session that may also reach addresses inside our network (ALLOW_PRIVATE_SHOPS)."""
    session = requests.Session()
    session.trust_env = False
    return bounded(session)


def _unheard(shop: str, text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Caller:
    """Makes calls. Its seams are arguments: the session, how to sleep, and the dice."""

    session: requests.Session
    sleep: Callable[[float], None] = time.sleep
    dice: random.Random = field(default_factory=random.Random)
    buckets: Buckets = field(default_factory=OwnBuckets)  # of platforms that count what calls cost
    alarm: Callable[[str, str], None] = _unheard  # (shop, what its operator should know)
    whole_s: float = WHOLE_S

    def __call__(self, call: Call) -> Answer:
        """Return the answer, whatever its status, unless that says to come again later.

        Raises: PlatformDown: nobody answers, 408, 425, 429 or a 5xx. PlatformRefused: the address may not be called.
        """
        tries = Retrying(
            stop=stop_after_attempt(TRIES if call.repeatable else 1),
            retry=retry_if_exception(self._again),
            wait=self._pause,
            sleep=self.sleep,
            reraise=True,
        )
        return tries(self._once, call)

    def lines(self, url: str, begin: int = 0) -> Iterator[bytes]:
        """Yield the lines of a long file from a byte on, with their ends, as they come; its length is bounded.

        Units: whole_s is for its head, and for each 64 KiB. Raises: PlatformDown, PlatformRefused.
        """
        response, wanted = None, {"Range": f"bytes={begin}-", "Accept-Encoding": "identity"}
        try:
            with within(self.whole_s):
                response = self.session.request(
                    "GET", url, headers=wanted, timeout=(CONNECT_S, READ_S), allow_redirects=False, stream=True
                )
            if response.status_code in _DOWN:
                raise PlatformDown(f"it answered {response.status_code}", acted=False)
            if response.status_code == 416:
                return  # it ends there
            if response.status_code not in (200, 206):
                raise PlatformRefused(f"the file is not there ({response.status_code})", status=response.status_code)
            chunks = _each_within(self.whole_s, response.iter_content(_CHUNK))
            yield from _lines(chunks, begin if response.status_code == 200 else 0)
        except requests.RequestException as error:
            raise PlatformDown(f"the connection broke: {type(error).__name__}", acted=False) from None
        finally:
            if response is not None:
                response.close()

    def _again(self, error: BaseException) -> bool:
        return isinstance(error, PlatformDown) and (error.after_s or 0) <= PATIENCE_S

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        told = error.after_s if isinstance(error, PlatformDown) and error.after_s else 0.0
        return told + self.dice.uniform(0, min(PATIENCE_S, 0.5 * 2**state.attempt_number))

    def _once(self, call: Call) -> Answer:
        try:
            with within(self.whole_s):
                answer = self._sent(call)
        except requests.exceptions.InvalidURL as error:
            raise PlatformRefused(f"not an address: {error}") from None
        except requests.ConnectTimeout:
            raise PlatformDown("nobody answers", acted=False) from None
        except requests.exceptions.SSLError:
            raise PlatformRefused("its certificate is not valid") from None
        except (requests.ConnectionError, requests.Timeout) as error:
            raise PlatformDown(f"the connection broke: {type(error).__name__}", acted=None) from None
        except requests.RequestException as error:  # an inside address among them: all alike, so that nobody can probe
            raise PlatformRefused(f"this address cannot be called ({type(error).__name__})") from None
        if answer.status in _DOWN:
            raise PlatformDown(
                f"it answered {answer.status}",
                acted=False if answer.status == 429 else None,
                after_s=_retry_after(answer),
            )
        return answer

    def _sent(self, call: Call) -> Answer:
        response = self.session.request(
            call.method,
            call.url,
            params=call.params,
            headers=dict(call.headers),
            json=call.body,
            data=call.form if call.data is None else call.data,
            timeout=(CONNECT_S, READ_S),
            allow_redirects=False,
            stream=True,
        )
        with response:
            chunks: list[bytes] = []
            size = 0
            for chunk in response.iter_content(_CHUNK):
                chunks.append(chunk)
                size += len(chunk)
                if size > MOST_BYTES:
                    raise requests.ReadTimeout("the answer does not end")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, b"".join(chunks))


def _each_within(seconds: float, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks that come in time each, however long their taker has them."""
    while True:
        with within(seconds):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def _lines(chunks: Iterator[bytes], skip: int) -> Iterator[bytes]:
    """Yield lines with their ends. `skip`: bytes that were not asked for."""
    rest, size = b"", 0
    for told in chunks:
        size += len(told)
        if size > LONGEST_FILE:
            raise PlatformRefused("the file does not end")
        chunk, skip = told[skip:], max(0, skip - len(told))
        *whole, rest = (rest + chunk).splitlines(keepends=True) or [b""]
        if rest.endswith(b"\n"):
            whole, rest = [*whole, rest], b""
        yield from whole
    if rest:
        yield rest


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds that Retry-After asks for; a date or nonsense counts as not told."""
    told = answer.headers.get("retry-after", "")
    try:
        seconds = float(told)
    except ValueError:
        return None
    return min(max(0.0, seconds), LONGEST_WAIT_S) if math.isfinite(seconds) else None
