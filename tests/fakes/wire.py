"""A network without sockets: hosts are WSGI applications, and the way there fails as it is told to."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import requests
from requests.adapters import BaseAdapter
from werkzeug.test import EnvironBuilder, run_wsgi_app

Fault = str  # fail, lose, garble, throttle: before the call acts; act_then_fail, act_then_lose: after it
FAULTS = ("fail", "lose", "garble", "throttle", "act_then_fail", "act_then_lose")
Choose = Callable[[requests.PreparedRequest], Fault | None]


def never(_: requests.PreparedRequest) -> Fault | None:
    return None


def by_chance(seed: int, before: float = 0.0, after: float = 0.0) -> Choose:
    """Return a chooser that fails calls with these chances: before they act, and after."""
    dice = random.Random(seed)

    def choose(_: requests.PreparedRequest) -> Fault | None:
        drawn = dice.random()
        if drawn < before:
            return dice.choice(("fail", "lose", "garble", "throttle"))
        return dice.choice(("act_then_fail", "act_then_lose")) if drawn < before + after else None

    return choose


def in_turn(*faults: Fault | None) -> Choose:
    """Return a chooser that takes these one by one, then none."""
    left = list(faults)
    return lambda _: left.pop(0) if left else None


@dataclass
class Wire(BaseAdapter):
    """Mounted into a requests session in place of the network; no host it does not know can be reached."""

    hosts: Mapping[str, WSGIApplication]
    choose: Choose = never
    calls: list[tuple[str, str, str | None]] = field(default_factory=list)  # (method, URL, fault)

    def session(self) -> requests.Session:
        made = requests.Session()
        made.mount("https://", self)
        made.mount("http://", self)
        return made

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        fault = self.choose(request)
        self.calls.append((request.method or "", request.url or "", fault))
        if fault == "lose":
            raise requests.ConnectTimeout("lost on the way")
        if fault in _ANSWERS:
            return _answer(request, *_ANSWERS[fault])
        answer = self._act(request)
        if fault == "act_then_lose":
            raise requests.ReadTimeout("the answer is lost")
        return _answer(request, *_ANSWERS["fail"]) if fault == "act_then_fail" else answer

    def _act(self, request: requests.PreparedRequest) -> requests.Response:
        url = urlsplit(request.url or "")
        app = self.hosts.get(url.netloc)
        if app is None:
            raise requests.ConnectionError(f"no such host: {url.netloc}")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        builder = EnvironBuilder(
            path=url.path,
            query_string=url.query,
            base_url=f"{url.scheme}://{url.netloc}/",
            method=request.method,
            headers=dict(request.headers),
            input_stream=io.BytesIO(body),  # type: ignore[arg-type]
            content_length=len(body),
        )
        chunks, status, headers = run_wsgi_app(app, builder.get_environ(), buffered=True)
        return _answer(request, int(status.split()[0]), dict(headers), b"".join(chunks))

    def close(self) -> None:
        """Nothing is open."""


_HTML = {"Content-Type": "text/html; charset=UTF-8"}
_ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "fail": (503, _HTML, b"<html><h1>Service Unavailable</h1></html>"),
    "garble": (200, _HTML, b"<html>Checking your browser before accessing the shop</html>"),
    "throttle": (429, {**_HTML, "Retry-After": "1"}, b"Too many requests"),
}


def _answer(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    answer = requests.Response()
    answer.status_code = status
    answer.headers.update(headers)
    answer.raw = io.BytesIO(body)
    answer.request, answer.url = request, request.url or ""
    answer.encoding = requests.utils.get_encoding_from_headers(answer.headers)
    return answer
