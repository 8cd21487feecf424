"""What is left of a shop's bucket, shared by all processes through Redis; each process's own while Redis is away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from connectors.neutral.buckets import RESERVE, SMALL, OwnBuckets

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger()

KEPT_S = 3600  # a bucket that nobody touches for so long is full again

# The level now, by Redis's own clock: processes on several machines need not agree on the time.
_LEVEL = """
local now = redis.call('TIME'); local at = now[1] + now[2] / 1000000
local known = redis.call('HMGET', KEYS[1], 'level', 'at', 'max', 'rate')
local level, max, rate = tonumber(known[1]), tonumber(known[3]), tonumber(known[4])
if level then level = math.min(max, level + (at - tonumber(known[2])) * rate) end
local function keep(level, max, rate)
  redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', string.format('%.6f', at), 'max', max, 'rate', rate)
  redis.call('EXPIRE', KEYS[1], ARGV[1])
end
"""
_TAKE = (
    _LEVEL
    + """
if not level then max = tonumber(ARGV[4]); rate = tonumber(ARGV[5]); level = max end
keep(level - tonumber(ARGV[2]), max, rate)
return tostring((tonumber(ARGV[2]) + tonumber(ARGV[3]) * max - level) / math.max(rate, 1))
"""
)
_TOLD = (
    _LEVEL
    + """
local told = tonumber(ARGV[2])
keep(math.min(told, level or told), tonumber(ARGV[3]), tonumber(ARGV[4]))
"""
)


@dataclass
class SharedBuckets:
    redis: Redis
    own: OwnBuckets = field(default_factory=OwnBuckets)

    def wait_s(self, shop: str, cost: float) -> float:
        told = self._run(_TAKE, shop, cost, RESERVE, *SMALL)
        return self.own.wait_s(shop, cost) if told is None else max(0.0, float(told))

    def told(self, shop: str, available: float, maximum: float, restores: float) -> None:
        self.own.told(shop, available, maximum, restores)
        self._run(_TOLD, shop, available, maximum, restores)

    def _run(self, script: str, shop: str, *given: float) -> Any:
        """Return what a script answers; None: Redis is away."""
        from redis.exceptions import RedisError

        try:
            return self.redis.eval(script, 1, f"tessera:bucket:{shop}", KEPT_S, *given)
        except RedisError as error:
            log.warning("buckets_not_shared", error=str(error))
            return None


def buckets_of(redis_url: str | None) -> OwnBuckets | SharedBuckets:
    """Return the buckets of an installation."""
    if not redis_url:
        return OwnBuckets()
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return SharedBuckets(
        Redis.from_url(redis_url, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0))
    )
