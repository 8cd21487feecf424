"""A call to a platform ends in time, goes only where it may, and says whether it may be made again."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from werkzeug.wrappers import Request, Response

from connectors.contract import PlatformDown, PlatformRefused
from connectors.neutral import calling
from connectors.neutral.calling import Call, Caller, private_session, public_session
from tests.fakes.wire import Wire, in_turn

URL = "https://mugs.example/thing"


class Shop:
    """Answers, and counts how often it has acted."""

    def __init__(self) -> None:
        self.acted = 0

    def __call__(self, environ: dict, start_response: Callable) -> list[bytes]:
        self.acted += 1
        asked = Request(environ)
        answer = Response('{"ok": true}', content_type="application/json")
        if asked.path == "/elsewhere":
            answer = Response(status=302, headers={"Location": "https://evil.example/"})
        return answer(environ, start_response)


class World:
    def __init__(self, *faults: str | None) -> None:
        self.shop, self.slept = Shop(), list[float]()
        self.wire = Wire({"mugs.example": self.shop}, in_turn(*faults))
        self.caller = Caller(self.wire.session(), self.slept.append, random.Random(1))

    def call(self, repeatable: bool, url: str = URL) -> calling.Answer:
        return self.caller(Call(method="POST", url=url, body={}, repeatable=repeatable))


def test_an_answer_is_returned_as_it_came() -> None:
    answer = World().call(repeatable=False)
    assert (answer.status, answer.headers["content-type"], answer.document()) == (200, "application/json", {"ok": True})


@pytest.mark.parametrize("fault", ["fail", "lose", "throttle", "act_then_fail", "act_then_lose"])
def test_what_can_be_repeated_is_until_it_works(fault: str) -> None:
    world = World(fault, fault, None)
    assert world.call(repeatable=True).status == 200
    assert len(world.slept) == 2


@pytest.mark.parametrize(
    ("fault", "acted", "times"),
    [
        ("fail", None, 0),
        ("lose", False, 0),
        ("throttle", False, 0),
        ("act_then_fail", None, 1),
        ("act_then_lose", None, 1),
    ],
)
def test_what_cannot_be_repeated_is_made_once_and_told_apart(fault: str, acted: bool | None, times: int) -> None:
    world = World(fault)
    with pytest.raises(PlatformDown) as down:
        world.call(repeatable=False)
    assert (down.value.acted, world.shop.acted, world.slept) == (acted, times, [])


def test_it_gives_up_after_four_tries_with_longer_and_longer_pauses() -> None:
    world = World(*["fail"] * 9)
    with pytest.raises(PlatformDown):
        world.call(repeatable=True)
    assert len(world.wire.calls) == 4
    longest = [0.5 * 2**attempt for attempt in (1, 2, 3)]
    assert all(slept <= most for slept, most in zip(world.slept, longest, strict=True))


def test_who_asks_to_be_left_alone_is_left_alone() -> None:
    world = World("throttle", None)
    world.call(repeatable=True)
    assert 1 <= world.slept[0] <= 2


def test_a_page_instead_of_a_document_is_no_answer() -> None:
    with pytest.raises(PlatformDown, match="text/html"):
        World("garble").call(repeatable=False).document()


def test_nobody_is_led_elsewhere() -> None:
    world = World()
    assert world.call(repeatable=True, url="https://mugs.example/elsewhere").status == 302
    assert len(world.wire.calls) == 1


INSIDE = [
    "http://127.0.0.1/",
    "http://localhost:6379/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://[::ffff:127.0.0.1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[64:ff9b::7f00:1]/",
]


@pytest.mark.parametrize("url", INSIDE)
def test_no_address_inside_is_called_and_all_refusals_sound_alike(url: str) -> None:
    with pytest.raises(PlatformRefused) as refused:
        Caller(public_session())(Call(method="GET", url=url, repeatable=True))
    assert str(refused.value) == "this address cannot be called (InvalidIPAddress)"


def test_a_name_that_answers_otherwise_the_second_time_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was looked at is the one that is connected to: the name is asked once."""
    asked: list[str] = []

    def resolve(host: str, port: int, *_: object, **__: object) -> list[object]:
        if host != "shop.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    called: list[object] = []

    def connect(self: socket.socket, address: object) -> None:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(PlatformDown):
        Caller(public_session())(Call(method="GET", url="http://shop.example/"))
    assert called == [("93.184.215.14", 80)]
    assert asked == ["shop.example"]


@pytest.fixture
def endless() -> Iterator[str]:
    """A server whose answer never ends."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            try:
                while True:
                    connection.sendall(b" " * 65_536)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    listener.close()


def test_an_answer_that_does_not_end_is_cut_off(endless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "MOST_BYTES", 1_000_000)
    with pytest.raises(PlatformDown) as down:
        Caller(private_session())(Call(method="GET", url=endless))
    assert down.value.acted is None


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
DRIPS_S = 8.0  # long past what a call may take, so that one without a bound gets its answer


@contextmanager
def dripping(at_once: bytes, ending: bytes) -> Iterator[str]:
    """A server that tells some bytes at once, then one in 20 ms, and ends at last as if nothing had been."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(at_once)
            ends = time.monotonic() + DRIPS_S
            try:
                while time.monotonic() < ends and not done.wait(0.02):
                    connection.sendall(b"a")
                connection.sendall(ending)
            except OSError:
                pass

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        listener.close()
        serving.join(DRIPS_S)


DRIPPED = {
    "the status": (b"HTTP/1.1 200 ", b"\r\nContent-Length: 0\r\n\r\n"),
    "a header": (HEAD + b"X: ", b"\r\nContent-Length: 0\r\n\r\n"),
    "a body of a told length": (HEAD + b"Content-Length: 65536\r\n\r\n", b"a" * 65_536),
    "a body until the end": (HEAD + b"\r\n", b""),
    "a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n", b"a" * 65_535 + b"\r\n0\r\n\r\n"),
    "a chunk's length": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0;", b"\r\n\r\n"),
}


def impatient(whole_s: float = 0.3) -> Caller:
    return Caller(private_session(), whole_s=whole_s)


@pytest.mark.parametrize("dripped", DRIPPED)
def test_a_call_ends_in_time_whatever_is_dripped(dripped: str) -> None:
    with dripping(*DRIPPED[dripped]) as host, pytest.raises(PlatformDown) as down:
        impatient()(Call(method="POST", url=f"http://{host}/", body={}))
    assert down.value.acted is None


def test_tls_that_is_not_agreed_on_in_time_has_asked_for_nothing() -> None:
    record = b"\x16\x03\x03\x40\x00"  # of 16 KiB: the greeting that never gets whole
    with dripping(record, b"") as host, pytest.raises(PlatformDown) as down:
        impatient()(Call(method="POST", url=f"https://{host}/", body={}))
    assert down.value.acted is False


def test_who_does_not_read_what_is_sent_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        call = Call(method="POST", url=f"http://127.0.0.1:{deaf.getsockname()[1]}/", data=b"a" * 16_000_000)
        with pytest.raises(PlatformDown) as down:
            impatient()(call)
    assert down.value.acted is None


@pytest.mark.parametrize("dripped", ["a header", "a body of a told length"])
def test_a_long_file_begins_in_time_and_goes_on_in_time(dripped: str) -> None:
    with dripping(*DRIPPED[dripped]) as host, pytest.raises(PlatformDown) as down:
        list(impatient().lines(f"http://{host}/"))
    assert down.value.acted is False


def test_a_long_file_may_take_longer_in_all_and_its_taker_any_time() -> None:
    body = b"a line\n" * 60_000
    with dripping(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body, b"") as host:
        lines = []
        for line in impatient(0.2).lines(f"http://{host}/"):
            if len(lines) % 15_000 == 0:
                time.sleep(0.1)
            lines.append(line)
    assert len(lines) == 60_000


def test_neither_a_proxy_nor_a_netrc_of_this_machine_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    for session in (public_session(), private_session()):
        found = session.merge_environment_settings("https://mugs.example", {}, None, None, None)
        assert not found["proxies"]
        assert isinstance(session, requests.Session)
