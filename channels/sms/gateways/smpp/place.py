"""Where an SMSC is, how to bind there, and how to write to it: what its URL says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"smpp": 2775, "smpps": 3550}
MOST_WINDOW = 1000
MOST_BINDS = 32

BindType = Literal["transceiver", "split"]
Long = Literal["udh", "sar", "payload"]
Ids = Literal["auto", "same", "hex-dec", "dec-hex"]
Charset = Literal["gsm7", "latin1", "utf-8", "gb18030"]


@dataclass(frozen=True)
class Place:
    """An SMSC and the manners of its carrier.

    Attributes:
        host: name or address.
        port: of TCP.
        tls: whether TLS is spoken; certificates are checked.
        ca: a file with the authorities to trust; empty: those of the system.
        system_id: who we are.
        password: of that account.
        system_type: a word that some carriers want in the bind.
        source: the number or name that messages come from; empty: the carrier puts it in.
        ton: type of number of ``source``.
        npi: numbering plan of ``source``.
        service_type: a word that some carriers want in each message.
        binds: connections that send.
        window: messages on a connection that wait for their answer.
        bind_type: ``transceiver``, or ``split``: transmitters, and one receiver more.
        long: how the parts of a long text are marked.
        ids: how a message's id is written in its answer and in its report: as ``same``, or hexadecimal in the answer
            and decimal in the report (``hex-dec``), or the other way round; ``auto`` finds out. Where a report has it
            as a parameter and in its text, this is about the parameter.
        charset: what the carrier calls its default alphabet, in what people write.
        answer_s: how long an answer may take.
        enquire_s: after so much silence the far side is asked for a sign of life.
    """

    host: str
    port: int
    tls: bool
    system_id: str
    password: str = field(repr=False)
    ca: str = ""
    system_type: str = ""
    source: str = ""
    ton: int = 0
    npi: int = 1
    service_type: str = ""
    binds: int = 1
    window: int = 16
    bind_type: BindType = "transceiver"
    long: Long = "udh"
    ids: Ids = "auto"
    charset: Charset = "gsm7"
    answer_s: float = 60.0
    enquire_s: float = 30.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def place_of(url: str) -> Place:
    """Return what ``smpp://system_id:password@host:2775?from=10690001&window=16&binds=2`` says; ``smpps`` speaks TLS.

    Raises:
        ValueError: no host, no account, a port that is none, an unknown option, or a value that cannot be; the
            password is not in its words.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("an SMSC is smpp:// or smpps:// and a host")
    if not parts.username or not parts.password:
        raise ValueError("an SMSC needs an account: smpp://system_id:password@host:2775")
    account = unquote(parts.username), unquote(parts.password)
    if not all(word.isascii() and word.isprintable() for word in account):
        raise ValueError("an SMSC's system_id and password are ASCII")
    given = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    options = _options(given)
    source = given.get("from", "")
    if not source.isdigit():
        # A name is type of number 5, without a plan; where there is nothing both are unknown.
        options = {"ton": 5 if source else 0, "npi": 0} | options
    port = parts.port or PORTS[parts.scheme]
    return Place(parts.hostname, port, parts.scheme == "smpps", *account, **options)


def _options(given: Mapping[str, str]) -> dict[str, Any]:
    """Return options as the fields that they are.

    Raises:
        ValueError: with all that is wrong, so that one round of mending does.
    """
    wrong, options = [], {}
    if unknown := sorted(given.keys() - OPTIONS.keys()):
        wrong.append(f"unknown option {', '.join(unknown)}, use one of {', '.join(sorted(OPTIONS))}")
    for name in given.keys() & OPTIONS.keys():
        try:
            options[OPTIONS[name][0]] = _read(name, given[name])
        except ValueError as exc:
            wrong.append(str(exc))
    if wrong:
        raise ValueError("; ".join(sorted(wrong)))
    return options


def _read(name: str, value: str) -> Any:
    try:
        return OPTIONS[name][1](value)
    except ValueError as exc:
        raise ValueError(f"option {name} of an SMSC: {exc}") from None


def _one_of(words: object) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in get_args(words):
            raise ValueError(f"use one of {', '.join(get_args(words))}")
        return value

    return read


def _between(first: int, last: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not (value.isdecimal() and first <= int(value) <= last):
            raise ValueError(f"a number from {first} to {last} is needed")
        return int(value)

    return read


def _word(longest: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not (value.isascii() and value.isprintable() and len(value) <= longest):
            raise ValueError(f"at most {longest} characters of ASCII are possible")
        return value

    return read


# Name in the URL: the field, and what reads it.
OPTIONS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "from": ("source", _word(20)),
    "ton": ("ton", _between(0, 6)),
    "npi": ("npi", _between(0, 18)),
    "system_type": ("system_type", _word(12)),
    "service_type": ("service_type", _word(5)),
    "binds": ("binds", _between(1, MOST_BINDS)),
    "window": ("window", _between(1, MOST_WINDOW)),
    "type": ("bind_type", _one_of(BindType)),
    "long": ("long", _one_of(Long)),
    "ids": ("ids", _one_of(Ids)),
    "charset": ("charset", _one_of(Charset)),
    "answer": ("answer_s", _between(1, 300)),
    "enquire": ("enquire_s", _between(1, 3600)),
    "ca": ("ca", str),
}
