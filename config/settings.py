"""Settings: the environment is read once, here, and every mistake in it is reported at once."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from email_validator import EmailNotValidError, validate_email
from pydantic import AwareDatetime, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.setting_words import words_of
from config.sms_urls import sms_urls, sound_sms_urls

BROKER_SCHEMES = ("embedded", "kafka")
DATABASE_SCHEMES = ("sqlite", "postgresql")
REDIS_SCHEMES = ("embedded", "redis", "rediss", "unix")
PREFIX = "ZHENGDA_"
SMTP_SCHEMES = ("smtp", "smtps", "smtp+starttls")
BOUNCE_SCHEMES = ("smtp", "lmtp")
MAILBOX = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
SHORTEST_LEASE_S = 3.0
DOMAIN = re.compile(r"\w(?:[\w-]{0,61}\w)?(?:\.\w(?:[\w-]{0,61}\w)?)*", re.ASCII)


class SettingsError(Exception):
    """One or more ZHENGDA_* settings are wrong.

    The message has a line per mistake: the setting's name, what is wrong and what would be right. Mend them all and
    start again; nothing was started.

    Attributes:
        rest: the settings with what is wrong taken for not set, so that the files they name can be looked at as well;
            None where that was not asked for.
    """

    def __init__(self, message: str, rest: "Settings | None" = None) -> None:
        super().__init__(message)
        self.rest = rest


class Settings(BaseSettings):
    """Everything an operator may set, from environment variables with the prefix ``ZHENGDA_``.

    The empty string means "not set" for every URL, so that a compose file may pass variables through. What may hold a
    password or a key is left out of the representation and of error messages.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    data: Path = Path("zhengda-data")
    broker: str = Field(default="embedded://", repr=False)
    database: str = Field(default="sqlite://", repr=False)
    redis: str = Field(default="embedded://", repr=False)
    smtp_url: str | None = Field(default=None, repr=False)
    mail_from: str = "政达政策推送 <zhengda@localhost>"
    bounce_domain: str | None = None
    bounce_listen: str | None = None
    mail_bounces: Path | None = None
    dkim_key: Path | None = None
    dkim_selector: str = "zhengda"
    dkim_domain: str | None = None
    sms_url: str | None = Field(default=None, repr=False)
    sms_signature: str = Field(default="政达", min_length=2, max_length=20)
    sms_reply: str = Field(default="", max_length=60)
    sms_codes: Path | None = None
    sms_templates: Path | None = None
    webhook_allow: str = Field(default="", max_length=2000)
    email_per_second: float | None = Field(default=None, gt=0, le=100_000)
    sms_per_second: float | None = Field(default=None, gt=0, le=100_000)
    mail_domains: Path | None = None
    retries: Path | None = None
    promises: Path | None = None
    alert_to: str | None = Field(default=None, max_length=320)
    public_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8300, ge=0, le=65535)
    demo: bool = True
    master_keys: str | None = Field(default=None, repr=False)
    shards: int = Field(default=16, ge=1, le=1024)
    index_dir: Path | Literal["off"] | None = None
    kafka_replication: int = Field(default=1, ge=1, le=7)
    smtp_connections: int = Field(default=16, ge=1, le=256)
    email_delivered_after_h: float = Field(default=24.0, ge=0)
    lease_s: float = Field(default=300.0, le=86_400)
    lost_after_s: float = Field(default=300.0, gt=0)
    calendar: Path | None = None
    lexicon: Path | None = None
    templates: Path | None = None
    uninterpreted: Literal["flag", "hold"] = "flag"
    interpretation_due_days: int = Field(default=3, ge=1, le=250)
    tracking_after_days: int = Field(default=60, ge=1, le=1000)
    clock_speed: float | None = Field(default=None, gt=0, le=1_000_000)
    clock_start: AwareDatetime | None = None
    metrics_public: bool = False
    log_format: Literal["console", "json"] = "console"

    @field_validator("broker")
    @classmethod
    def _broker(cls, url: str) -> str:
        return _scheme(url, BROKER_SCHEMES, "kafka://host:9092")

    @field_validator("database")
    @classmethod
    def _database(cls, url: str) -> str:
        return _scheme(url, DATABASE_SCHEMES, "postgresql://user:password@host/zhengda")

    @field_validator("redis")
    @classmethod
    def _redis(cls, url: str) -> str:
        return _scheme(url, REDIS_SCHEMES, "redis://host:6379/0")

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, url: str | None) -> str | None:
        return None if url is None else _scheme(url, SMTP_SCHEMES, "smtp://user:password@host:25")

    @field_validator("sms_url")
    @classmethod
    def _sms(cls, url: str | None) -> str | None:
        if url is not None:
            sms_urls(url)
        return url

    @field_validator("lease_s")
    @classmethod
    def _lease(cls, seconds: float) -> float:
        if seconds < SHORTEST_LEASE_S:
            raise ValueError(
                f"it must be at least {SHORTEST_LEASE_S:g} seconds: a sender at work prolongs its claim three times a "
                "lease, and one that comes too late loses it, so that messages go twice; leave it out for 300"
            )
        return seconds

    @field_validator("bounce_listen")
    @classmethod
    def _bounces(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None:
            return None
        if info.data.get("bounce_domain") is None:
            raise ValueError("ZHENGDA_BOUNCE_DOMAIN must name the domain whose mail comes there")
        parts = urlsplit(_scheme(url, BOUNCE_SCHEMES, "lmtp://127.0.0.1:2525"))
        if parts.path.strip("/"):
            if parts.scheme != "lmtp" or parts.netloc:
                raise ValueError("only lmtp:// listens on a socket, e.g. lmtp:///run/zhengda.sock")
            return url
        if not has_port(url):
            raise ValueError(
                "it needs host and port, e.g. smtp://127.0.0.1:2525, or a socket: lmtp:///run/zhengda.sock"
            )
        return url

    @field_validator("bounce_domain", "dkim_domain", "dkim_selector")
    @classmethod
    def _domain(cls, name: str | None) -> str | None:
        if name is not None and (len(name) > 200 or not DOMAIN.fullmatch(name)):
            raise ValueError("it must be a domain name in ASCII, e.g. bounce.example.gov.cn")
        return name.lower() if name else None

    @field_validator("webhook_allow")
    @classmethod
    def _webhook_allow(cls, networks: str) -> str:
        for part in filter(None, map(str.strip, networks.split(","))):
            try:
                ip_network(part)
            except ValueError as exc:
                raise ValueError(f"{part[:50]} is no network; write e.g. 10.0.0.0/8,fd00::/8") from exc
        return networks

    @field_validator("alert_to")
    @classmethod
    def _alert_to(cls, address: str | None) -> str | None:
        if address is not None:
            try:
                validate_email(address, check_deliverability=False)
            except EmailNotValidError as exc:
                raise ValueError("it must be one address, e.g. operator@example.gov.cn") from exc
        return address

    @field_validator("public_url")
    @classmethod
    def _public(cls, url: str | None) -> str | None:
        return (
            None
            if url is None
            else _scheme(url, ("http", "https"), "https://policy.example.gov.cn").rstrip("/")
        )

    @field_validator("master_keys")
    @classmethod
    def _keys(cls, keys: str | None) -> str | None:
        for key in (keys or "").split(","):
            if key.strip():
                try:
                    Fernet(key.strip())
                except ValueError as exc:
                    raise ValueError(
                        "each key is 32 random bytes in URL-safe base64, keys parted by commas, newest first"
                    ) from exc
        return keys

    @property
    def broker_url(self) -> str:
        """The broker as Faust wants it; ``embedded://`` alone lives in the data directory."""
        if self.broker.rstrip("/") == "embedded:":
            return f"embedded://{self.data.resolve() / 'log.db'}"
        return self.broker

    @property
    def database_url(self) -> str:
        """The record's URL with its async driver; ``sqlite://`` alone lives in the data directory."""
        if self.database.rstrip("/") == "sqlite:":
            return f"sqlite+aiosqlite:///{self.data.resolve() / 'record.db'}"
        scheme, rest = self.database.split("://", 1)
        return (
            {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[scheme.split("+")[0]]
            + "://"
            + rest
        )

    @property
    def index_directory(self) -> Path | None:
        """Where a worker keeps snapshots of its index; None where it is to keep none."""
        if self.index_dir == "off":
            return None
        return self.data / "index" if self.index_dir is None else Path(self.index_dir)

    @property
    def keeps_state_in_data(self) -> bool:
        """Whether any part of the state lives in the data directory, so that one process may use it at a time."""
        return (
            self.broker.startswith("embedded:")
            or self.database.startswith("sqlite:")
            or self.redis.startswith("embedded:")
        )

    @property
    def embedded_redis(self) -> bool:
        """Whether the service starts its own Valkey."""
        return self.redis.startswith("embedded:")

    @property
    def base_url(self) -> str:
        """Where recipients reach this service; goes into unsubscribe links."""
        return self.public_url or f"http://127.0.0.1:{self.port}"


def has_port(url: str) -> bool:
    """Whether a URL names host and port."""
    parts = urlsplit(url)
    try:
        return bool(parts.hostname) and bool(parts.port)
    except ValueError:
        return False


def _scheme(url: str, allowed: tuple[str, ...], example: str) -> str:
    scheme = urlsplit(url).scheme
    if scheme not in allowed:
        # Not the URL itself: its password would stand on the terminal and in the supervisor's log.
        raise ValueError(f"it must start with {' or '.join(s + '://' for s in allowed)}, e.g. {example}")
    return url


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: with a line per wrong setting.
    """
    try:
        return Settings()
    except ValidationError as exc:
        lines = [
            f"ZHENGDA_{'_'.join(map(str, e['loc'])).upper()}: {line}"
            for e in exc.errors()
            for line in words_of(e).splitlines()
        ]
        wrong = {str(e["loc"][0]): e["input"] for e in exc.errors()}
        raise SettingsError("\n".join(lines), _rest(wrong)) from exc


def _rest(wrong: Mapping[str, Any]) -> Settings:
    """Return the settings without those that are wrong; of several gateways only the wrong ones are left out."""
    given: dict[str, Any] = {name: Settings.model_fields[name].default for name in wrong}
    if "sms_url" in wrong:
        given["sms_url"] = sound_sms_urls(str(wrong["sms_url"])) or None
    return Settings(**given)
