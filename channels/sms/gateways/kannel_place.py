"""Where a Kannel-compatible gateway is, and what it says about one text message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

SCHEMES = {"kannel": "http", "kannels": "https"}
PORT = 13013
PATH = "/cgi-bin/sendsms"
OPTIONS = ("from", "smsc")
E164 = re.compile(r"\+[1-9]\d{6,14}")
UCS2 = "2"
# 1 delivered, 2 failed, 8 taken by the carrier, 16 refused by it. 4 (queued in the gateway) says nothing new.
REPORTS_WANTED = str(1 | 2 | 8 | 16)


@dataclass(frozen=True)
class KannelPlace:
    """A gateway, and how patient to be with it.

    ``options`` are parameters of every request: ``from`` the number that messages come from, ``smsc`` the way out;
    without them the gateway's own configuration decides.
    """

    url: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict)
    connect_timeout_s: float = 5.0
    answer_timeout_s: float = 30.0

    @classmethod
    def from_url(cls, url: str) -> "KannelPlace":
        """Return the gateway at ``kannel://user:password@host:13013``; ``kannels://`` speaks TLS.

        User and password are percent-encoded. A path replaces ``/cgi-bin/sendsms``; ``?from=10690001&smsc=carrier``
        goes with every message.

        Raises:
            ValueError: another scheme, no host, no user or password, a port that is none, or an unknown option.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError("an SMS gateway is kannel:// or kannels:// and a host")
        if not parts.username or not parts.password:
            raise ValueError("an SMS gateway needs a user and a password: kannel://user:password@host:13013")
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if unknown := sorted(options.keys() - set(OPTIONS)):
            raise ValueError(f"unknown option {', '.join(unknown)}, use one of {', '.join(OPTIONS)}")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        path = parts.path if parts.path.strip("/") else PATH
        return cls(
            f"{SCHEMES[parts.scheme]}://{host}:{parts.port or PORT}{path}",
            unquote(parts.username),
            unquote(parts.password),
            options,
        )

    @property
    def place(self) -> str:
        """Host and port, to be shown."""
        return urlsplit(self.url).netloc

    def access(self) -> dict[str, str]:
        """Return who asks, as parameters of a request."""
        return {"username": self.username, "password": self.password}

    def request(self, number: str, text: str, report_url: str | None) -> dict[str, str]:
        """Return the parameters of one message.

        Args:
            number: E.164.
            text: goes out as UCS-2, whatever is in it.
            report_url: where to report what became of it; None: nowhere.
        """
        asked = {"to": number, "text": text, "coding": UCS2, "charset": "UTF-8"}
        if report_url is not None:
            asked |= {"dlr-mask": REPORTS_WANTED, "dlr-url": report_url}
        return {**self.access(), **self.options, **asked}
