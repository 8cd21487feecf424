"""A shop's bucket is one, however many processes call it; without Redis each keeps its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from app.buckets import SharedBuckets, buckets_of
from connectors.neutral.buckets import OwnBuckets


@pytest.fixture
def url(valkey_url: str) -> Iterator[str]:
    with redis.Redis.from_url(valkey_url) as client:
        client.flushdb()
        yield valkey_url


def shared(url: str) -> SharedBuckets:
    made = buckets_of(url)
    assert isinstance(made, SharedBuckets)
    return made


def test_what_one_process_takes_is_gone_for_the_others(url: str) -> None:
    here, there = shared(url), shared(url)
    here.told("mugs", 2000, 2000, 0.001)
    assert here.wait_s("mugs", 1500) == 0
    assert there.wait_s("mugs", 100) == 0  # 500 are left, 400 of them in reserve
    assert there.wait_s("mugs", 100) > 0
    assert there.wait_s("hats", 100) == 0  # another shop's bucket


def test_an_answer_never_makes_it_fuller_than_is_known(url: str) -> None:
    here, there = shared(url), shared(url)
    here.told("mugs", 1000, 1000, 0.001)
    there.wait_s("mugs", 900)  # on its way
    here.told("mugs", 990, 1000, 0.001)
    assert here.wait_s("mugs", 1) > 0


def test_it_fills_by_redis_own_clock(url: str) -> None:
    here = shared(url)
    here.told("mugs", 0, 1000, 1000)
    first = here.wait_s("mugs", 50)
    assert 0 < first <= 0.25
    assert here.wait_s("mugs", 50) > first - 0.2  # what was taken once more is waited for


def test_without_redis_each_process_keeps_its_own() -> None:
    away = shared("redis://127.0.0.1:1/0")
    away.told("mugs", 0, 1000, 1)
    assert away.wait_s("mugs", 100) > 200
    assert isinstance(buckets_of(None), OwnBuckets)
