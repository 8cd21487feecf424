"""The one reader of the environment. A missing or wrong value stops the start with one line that names it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.push import vapid
from connectors import CONNECTORS

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ConfigError(Exception):
    """A setting is missing or wrong; the message is the one line the owner sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    database_url: str
    app_url: str
    secret_key: str
    encryption_keys: tuple[str, ...]  # Fernet keys, newest first
    instance: Path
    listen: str = "127.0.0.1:8000"
    redis_url: str | None = None
    smtp_url: str | None = None
    log_format: str = "console"
    trusted_proxies: int = 0
    metrics_token: str | None = None
    vapid_private_key: str | None = None  # None: no messages to devices
    push_services: tuple[str, ...] = ()  # hosts of push services beside the browsers' own
    allow_private_shops: bool = False
    sandbox: bool = False
    demo: bool = False
    test_clock: bool = False
    with_worker: bool = False  # `serve --with-worker`, told to the server's own processes
    connectors: Mapping[str, str] = field(default_factory=dict)  # what the connectors declare, by name

    @property
    def loopback(self) -> bool:
        return host_of(self.listen) in LOOPBACK


def host_of(listen: str) -> str:
    return listen.rpartition(":")[0].strip("[]")


def home() -> Path:
    """Return the checkout we run from, wherever the command was called; installed as a package, the current folder."""
    checkout = Path(__file__).parents[1]
    return checkout if (checkout / "pyproject.toml").exists() else Path.cwd()


def declared_settings() -> tuple[str, ...]:
    return tuple(name for connector in CONNECTORS.values() for name in connector.settings)


def read_config(environ: Mapping[str, str] | None = None, root: Path | None = None) -> Config:
    """Read and check every setting once. Raises: ConfigError.

    Source: docs/settings.md.
    """
    env = dict(os.environ if environ is None else environ)
    instance = Path(env.get("INSTANCE") or (root or home()) / "instance")
    listen = _listen(env.get("LISTEN") or f"127.0.0.1:{_number(env, 'PORT', 8000)}")
    keys = _keys(env, instance)
    config = Config(
        database_url=_database_url(env, instance),
        app_url=_app_url(env.get("APP_URL") or f"http://{listen}"),
        secret_key=keys["SECRET_KEY"],
        encryption_keys=_fernet_keys(keys["ENCRYPTION_KEYS"]),
        instance=instance,
        listen=listen,
        redis_url=_address(env, "REDIS_URL", ("redis://", "rediss://", "unix://")),
        smtp_url=_address(env, "SMTP_URL", ("smtp://", "smtps://")),
        log_format=_choice(env, "LOG_FORMAT", ("console", "json")),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
        metrics_token=env.get("METRICS_TOKEN") or None,
        vapid_private_key=_vapid_key(env, instance),
        push_services=tuple(host for host in env.get("PUSH_SERVICES", "").replace(" ", "").split(",") if host),
        allow_private_shops=_flag(env, "ALLOW_PRIVATE_SHOPS"),
        sandbox=_flag(env, "SANDBOX"),
        demo=_flag(env, "DEMO"),
        test_clock=_flag(env, "TEST_CLOCK"),
        with_worker=_flag(env, "TESSERA_WITH_WORKER"),
        connectors={name: env[name] for name in declared_settings() if env.get(name)},
    )
    _refuse_play_in_production(config)
    return config


def _keys(env: Mapping[str, str], instance: Path) -> dict[str, str]:
    """Return the secret keys: the environment first; only for the default SQLite file, our own file."""
    given = {name: env[name] for name in ("SECRET_KEY", "ENCRYPTION_KEYS") if env.get(name)}
    if len(given) == 2:
        return given
    if env.get("DATABASE_URL"):
        missing = next(name for name in ("SECRET_KEY", "ENCRYPTION_KEYS") if name not in given)
        raise ConfigError(f"{missing} is not set (with DATABASE_URL set, keys must come from the environment)")
    return {**_instance_keys(instance), **given}


def _instance_keys(instance: Path) -> dict[str, str]:
    made = {"SECRET_KEY": secrets.token_urlsafe(32), "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    return _made_once(instance / "secrets.json", made)


def _made_once(path: Path, made: Mapping[str, str]) -> dict[str, str]:
    """Return what a file of ours keeps, written first if there is none. Raises: ConfigError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.stem}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    if not path.exists():  # two first commands at once: the first link wins, both read it
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(made, indent=1))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        loaded = json.loads(path.read_text())
        return {name: str(loaded[name]) for name in made}
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error


def _vapid_key(env: Mapping[str, str], instance: Path) -> str | None:
    """Return the key that push services know us by; without one there are no messages to devices."""
    given = env.get("VAPID_PRIVATE_KEY") or None
    if given is None and not env.get("DATABASE_URL"):
        # a file of its own: installations that were there before have their other keys already
        made = {"VAPID_PRIVATE_KEY": vapid.make_key()}
        given = _made_once(instance / "vapid.json", made)["VAPID_PRIVATE_KEY"]
    try:
        vapid.read_key(given) if given is not None else None
    except ValueError as error:
        raise ConfigError("VAPID_PRIVATE_KEY must be 32 bytes in base64url: a P-256 private key") from error
    return given


def _fernet_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    for key in keys:
        try:
            Fernet(key)
        except ValueError as error:
            raise ConfigError("ENCRYPTION_KEYS: each must be a Fernet key (32 bytes, url-safe base64)") from error
    if not keys:
        raise ConfigError("ENCRYPTION_KEYS is empty")
    return keys


def _database_url(env: Mapping[str, str], instance: Path) -> str:
    url = env.get("DATABASE_URL")
    if not url:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        return f"sqlite:///{instance / 'tessera.db'}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
    try:
        named = make_url(url).database
    except (ArgumentError, ValueError) as error:
        raise ConfigError(f"DATABASE_URL cannot be read: {error}") from error
    if url.startswith("sqlite") and named in (None, "", ":memory:"):
        raise ConfigError("DATABASE_URL must name a file: each process would have a database of its own")
    return url


def _address(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = env.get(name) or None
    if value is not None and not value.startswith(schemes):
        raise ConfigError(f"{name} must begin with {' or '.join(schemes)}")
    return value


def _listen(listen: str) -> str:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ConfigError(f"LISTEN must be HOST:PORT, not {listen}")
    return listen


def _app_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        raise ConfigError(f"APP_URL cannot be read: {error}") from error
    if not complete:
        raise ConfigError("APP_URL must be an address that begins with https://")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConfigError("APP_URL must begin with https:// (http:// is accepted on loopback only)")
    return url.rstrip("/")


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "")
    if value not in ("", "0", "1"):
        raise ConfigError(f"{name} must be 1, 0 or empty")
    return value == "1"


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and int(value) < 65536):
        raise ConfigError(f"{name} must be a whole number below 65536")
    return int(value)


def _choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = env.get(name) or choices[0]
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}")
    return value


def _refuse_play_in_production(config: Config) -> None:
    """Refuse the sandbox and the test clock where real shoppers could meet them."""
    live = any(name in config.connectors for one in CONNECTORS.values() for name in one.secret_settings)
    for name, wanted in (("SANDBOX", config.sandbox), ("TEST_CLOCK", config.test_clock)):
        if wanted and not (config.loopback or config.demo):
            raise ConfigError(f"{name}=1 is refused: LISTEN is not a loopback address and DEMO is not 1")
        if wanted and config.demo and live:
            raise ConfigError(f"{name}=1 is refused: live platform secrets are set together with DEMO=1")
