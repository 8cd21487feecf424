"""What a process works with, made once at its start and handed on as an argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine

from app.buckets import buckets_of
from app.clock import Clock
from app.config import Config
from app.db import make_engine
from app.experiments.exposures import Exposures
from app.intake.doors import Doors
from app.intake.inbox import Drain
from app.patience import Patience
from app.platforms.probing import Probes
from app.scheduled.tallies import Tallies
from app.vault import Vault
from connectors.neutral.calling import Caller, private_session, public_session

log = structlog.get_logger()

EXPOSURES_A_MINUTE = 120  # of one address: one is enough for each browser behind it


def _silent(_shop_id: str) -> None:
    """Ring nobody: a sweep finds what waits."""


def alarm(shop: str, text: str) -> None:
    """Tell whoever runs this installation what only she can mend."""
    log.error("alarm", shop=shop, what=text)


@dataclass(frozen=True, slots=True)
class Services:
    config: Config
    engine: Engine
    vault: Vault
    clock: Clock
    ring: Callable[[str], None] = _silent  # tells a worker that a shop has deliveries waiting
    doors: Doors = field(default_factory=Doors)
    tallies: Tallies = field(default_factory=Tallies)
    probes: Probes = field(default_factory=Probes)
    exposures: Exposures = field(default_factory=Exposures)
    patience: Patience = field(default_factory=lambda: Patience(EXPOSURES_A_MINUTE))
    missed: set[str] = field(default_factory=set)  # shops that were answered 503: read as soon as the database is back
    caller: Caller = field(default_factory=lambda: Caller(public_session(), alarm=alarm))  # how platforms are called
    pusher: Caller = field(default_factory=lambda: Caller(public_session()))  # push services: addresses by shoppers

    @property
    def drain(self) -> Drain:
        return Drain(self.engine, self.vault, self.clock)


def make_services(config: Config, clock: Clock | None = None) -> Services:
    session = private_session() if config.allow_private_shops else public_session()
    return Services(
        config,
        make_engine(config.database_url),
        Vault(config.encryption_keys),
        clock or Clock(config.test_clock),
        caller=Caller(session, buckets=buckets_of(config.redis_url), alarm=alarm),
    )
