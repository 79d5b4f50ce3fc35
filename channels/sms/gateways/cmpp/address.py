"""Where a CMPP gateway is, who we are there, and how patient to be with it; from its URL, pure."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from channels.sms.gateways.cmpp.pdus import V20, V30
from channels.sms.gateways.cmpp.wire import CmppError, fixed

PORT = 7890
SCHEMES = {"cmpp": V30, "cmpp2": V20}
VERSIONS = {"2": V20, "2.0": V20, "3": V30, "3.0": V30}
TEXTS = {"src": 21, "service": 10, "sp": 6, "fee_type": 2, "fee_code": 6}  # bytes each
RANGES = {"window": (1, 1024), "connections": (1, 32), "numbers": (1, 100), "fee_user": (0, 3)}
OPTIONS = (*TEXTS, *RANGES, "version")


@dataclass(frozen=True)
class CmppPatience:
    """How long to wait for the far side; real seconds.

    Attributes:
        connect_s: for a connection and the answer to CONNECT.
        answer_s: for any other answer. The specification has 60; a chunk's lease has to hold several of them.
        idle_s: without a word from the gateway, until it is asked whether it is there.
        turn_s: until a message has found room in a window.
        first_wait_s: before the second try to connect; it doubles from try to try.
        longest_wait_s: the ceiling of these waits.
        refused_s: the wait after our account was refused: carriers lock accounts that keep trying.
        busy_s: the pauses after an answer that there was too much; then the message is given back.
        close_s: for the last answers, and the one to TERMINATE, when we end a connection.
        hold_s: for the other pieces of a long reply, until the gateway is told to bring this one again.
    """

    connect_s: float = 10.0
    answer_s: float = 30.0
    idle_s: float = 30.0
    turn_s: float = 60.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    refused_s: float = 300.0
    busy_s: tuple[float, ...] = (1.0, 2.0, 4.0)
    close_s: float = 5.0
    hold_s: float = 3.0


@dataclass(frozen=True)
class Address:
    """A gateway, and what every SUBMIT to it says.

    Attributes:
        host, port: where it listens.
        user: Source_Addr, the SP's id.
        secret: shared with the gateway.
        version: `V20` or `V30`.
        src: Src_Id, the number that messages come from.
        sp: Msg_src; the user where nothing else is agreed.
        service: Service_Id.
        window: the most SUBMITs that wait for their answers, on each of ``connections``.
        numbers: the most in one SUBMIT; the specification says fewer than 100, some gateways take one.
        fee_user, fee_type, fee_code: Fee_UserType, FeeType and FeeCode as agreed: the SP pays, free for who gets it.
    """

    host: str
    port: int
    user: str
    secret: str = field(repr=False)
    version: int = V30
    src: str = ""
    sp: str = ""
    service: str = ""
    window: int = 16
    connections: int = 1
    numbers: int = 99
    fee_user: int = 2
    fee_type: str = "01"
    fee_code: str = "000000"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def from_url(cls, url: str) -> "Address":
        """Return the address in ``cmpp://user:password@host:7890?src=10690001&service=ZWTS&window=16``.

        ``cmpp://`` speaks 3.0, ``cmpp2://`` or ``?version=2`` speaks 2.0. User and password are percent-encoded.

        Raises:
            ValueError: another scheme, no host, user, password or ``src``, a port that is none, an unknown option or a
                value that does not fit.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError("a CMPP gateway is cmpp:// or cmpp2:// and a host")
        if not parts.username or not parts.password:
            raise ValueError("a CMPP gateway needs a user and a password: cmpp://user:password@host:7890")
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        wrong = []
        if unknown := sorted(options.keys() - set(OPTIONS)):
            wrong.append(f"unknown option {', '.join(unknown)}, use one of {', '.join(OPTIONS)}")
        if "src" not in options:
            wrong.append("a CMPP gateway needs ?src=, the number that messages come from")
        if wrong:
            raise ValueError("; ".join(wrong))
        version = options.pop("version", None)
        if version is not None and version not in VERSIONS:
            raise ValueError(f"version is one of {', '.join(VERSIONS)}")
        user = _fits("the user", unquote(parts.username), 6)
        return cls(
            parts.hostname,
            parts.port or PORT,
            user,
            unquote(parts.password),
            VERSIONS[version] if version else SCHEMES[parts.scheme],
            **{"sp": user, **_values(options)},
        )


def _values(options: dict[str, str]) -> dict[str, Any]:
    """Return options as what they are.

    Raises:
        ValueError: one that does not fit.
    """
    found: dict[str, Any] = {}
    for name, value in options.items():
        found[name] = _fits(name, value, TEXTS[name]) if name in TEXTS else _number(name, value)
    return found


def _fits(name: str, value: str, width: int) -> str:
    try:
        fixed(value, width)
    except CmppError as exc:
        raise ValueError(f"{name}: at most {width} characters of ASCII") from exc
    return value


def _number(name: str, value: str) -> int:
    least, most = RANGES[name]
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ValueError(f"{name} is a number from {least} to {most}")
    return int(value)
