"""serve and demo, as real processes: few starts, each worth a second."""

from __future__ import annotations

import http.client
import json
import re
import signal
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests

from app.web.bodies import BODY_LIMIT
from app.worker import SWEEP_S
from connectors import CONNECTORS
from tests import build
from tests.cli.conftest import create
from tests.command import DidNotStart, Served, Tessera, free_port

Write = Callable[..., str]


def send(served: Served, made: dict[str, str], body: bytes, chunked: bool = False) -> int:
    delivery = f"d-{time.monotonic_ns()}"
    headers = CONNECTORS["custom"].sign("order", delivery, body, made["webhook_secret"], int(time.time()))
    parts = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    url = f"{served.url}/webhooks/custom/{made['shop_id']}"
    return requests.post(url, data=parts if chunked else body, headers=headers, timeout=30).status_code


def member_points(served: Served, made: dict[str, str]) -> list[int]:
    key = {"Authorization": f"Bearer {made['api_key']}"}
    members = requests.get(f"{served.url}/api/v1/members", headers=key, timeout=30).json()["data"]
    one = [requests.get(f"{served.url}/api/v1/members/{m['id']}", headers=key, timeout=30).json() for m in members]
    return [member["points"]["available"] for member in one]


def say_seen(served: Served, made: dict[str, str]) -> int:
    said = json.dumps({"experiment": "spring", "arm": "points"})
    return requests.post(f"{served.url}/widget/v1/{made['shop_id']}/exposures", data=said, timeout=30).status_code


def visitors(served: Served, made: dict[str, str]) -> int:
    key = {"Authorization": f"Bearer {made['api_key']}"}
    told = requests.get(f"{served.url}/api/v1/reports/experiments", headers=key, timeout=30).json()
    return int(told["data"][0]["arms"][0]["visitors"])


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_server_is_started_used_stopped_killed_and_started_again(tessera: Tessera, document: Write) -> None:
    made = create(tessera)
    spring = {"key": "spring", "kind": "points_display", "share": "0.5", "from": "2026-01-01T00:00:00Z"}
    file = document(build.programme(experiments=[spring]))
    tessera("programme", "publish", file, "--shop", made["shop_id"], "--effective-from", "2026-01-01T00:00:00Z")
    with tessera.served() as served:
        assert send(served, made, json.dumps(build.order()).encode()) == 200
        wait_for(lambda: member_points(served, made) == [399])  # the worker runs in the same process
        _large_bodies_are_413(served, made)
        _strange_headers_are_no_5xx(served, made)
        _a_second_server_stops_with_one_line(tessera, served)
        for command in (["drain"], ["tick"], ["audit"], ["clock", "show"]):
            assert tessera(*command).code == 0, command  # allowed beside it
        assert say_seen(served, made) == 204  # counted in the process, and written as it ends
        assert served.url in _one_clean_stop(served, signal.SIGTERM)
    with tessera.served() as served:
        assert member_points(served, made) == [399]  # what happened stayed
        assert visitors(served, made) == 1
        served.process.kill()
        served.process.wait()
    wait_for(lambda: _starts_again(tessera, made))


def _large_bodies_are_413(served: Served, made: dict[str, str]) -> None:
    largest = json.dumps(build.order()).encode().ljust(BODY_LIMIT)
    for chunked in (False, True):  # in chunks nothing tells the length
        assert send(served, made, largest, chunked) == 200
        assert send(served, made, largest + b" ", chunked) == 413
        assert send(served, made, largest * 2, chunked) == 413


def _strange_headers_are_no_5xx(served: Served, made: dict[str, str]) -> None:
    address = urlsplit(served.url)
    for value in (b"\xff\xfe", "é".encode(), b"a" * 60_000, b"t=1,v1=\xff"):
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        connection.putrequest("POST", f"/webhooks/custom/{made['shop_id']}")
        connection.putheader("Content-Length", "2")
        connection.putheader("Tessera-Signature", value)
        connection.endheaders(b"{}")
        assert 400 <= connection.getresponse().status < 500
        connection.close()


def _a_second_server_stops_with_one_line(tessera: Tessera, served: Served) -> None:
    ran = tessera("serve", PORT=str(free_port()))
    assert (ran.code, ran.err.count("\n"), "tessera.db" in ran.line) == (2, 1, True)
    ran = tessera("serve", "--listen", served.url.removeprefix("http://"))
    assert (ran.code, ran.err.count("\n"), "listen" in ran.line) == (2, 1, True)
    assert requests.get(f"{served.url}/health/ready", timeout=30).status_code == 200


def _one_clean_stop(served: Served, told: signal.Signals) -> str:
    code, err = served.stop(told)
    assert (code, "Traceback" in err) == (0, False), err
    with pytest.raises(requests.ConnectionError):
        requests.get(served.url, timeout=5)
    return err


def _starts_again(tessera: Tessera, made: dict[str, str]) -> bool:
    """After a kill the server's own processes leave by themselves, and with them the lock."""
    try:
        with tessera.served() as served:
            assert member_points(served, made) == [399]
            _one_clean_stop(served, signal.SIGINT)
    except DidNotStart as error:
        if "already uses" not in str(error):
            raise
        return False
    return True


def test_a_worker_beside_redis_hears_deliveries_of_its_own_process(
    tessera: Tessera, document: Write, valkey_url: str
) -> None:
    made = create(tessera)
    file = document(build.programme())
    tessera("programme", "publish", file, "--shop", made["shop_id"], "--effective-from", "2026-01-01T00:00:00Z")
    with tessera.served("serve", "--with-worker", REDIS_URL=valkey_url) as served:
        began = time.monotonic()
        for number in range(1, 4):  # one after the other: by sweeps alone two whole periods would pass
            assert send(served, made, json.dumps(build.order(id=str(number))).encode()) == 200
            wait_for(lambda number=number: member_points(served, made) == [number * 399])
        assert time.monotonic() - began < 2 * SWEEP_S
        _one_clean_stop(served, signal.SIGTERM)


def test_the_demo_has_one_sandbox_shop_touches_no_other_and_survives_a_restart(tessera: Tessera) -> None:
    create(tessera, "--ref", "mine")
    with tessera.served("demo") as served:
        assert requests.get(f"{served.url}/demo/", timeout=30).status_code == 200
        err = _one_clean_stop(served, signal.SIGINT)
        assert re.search(rf"demo shop +{served.url}/demo/", err)
        assert f"{served.url}/api/docs" in err
    listed = tessera("shop", "list", "--json").json
    assert sorted(shop["platform"] for shop in listed) == ["custom", "sandbox"]
    assert tessera("demo", SHOPIFY_API_SECRET="live").code == 2
    assert tessera("demo", LISTEN="127.0.0.1:http").code == 2
    assert tessera("shop", "list", "--json").json == listed
