"""What SP and ISMG say to each other in CMPP 2.0 and 3.0, as values; how they lie on the wire is `codec`'s matter.

Names are those of the interface specification of China Mobile (中国移动通信互联网短信网关接口协议), in our spelling.
"""

from dataclasses import dataclass, field

V20 = 0x20
V30 = 0x30

ASCII, BINARY, UCS2, GBK = 0, 4, 8, 15  # Msg_Fmt

# Result of SUBMIT_RESP and DELIVER_RESP.
OK, WRONG_STRUCTURE, WRONG_LENGTH, BUSY, OTHER = 0, 1, 4, 8, 9


@dataclass(frozen=True, slots=True)
class Connect:
    """The SP asks to be let in; ``proof`` is AuthenticatorSource, ``timestamp`` MMDDHHMMSS as a number."""

    user: str
    proof: bytes
    version: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class ConnectResp:
    """The ISMG's answer: 0 lets in. ``proof`` is AuthenticatorISMG, ``version`` the highest that it speaks."""

    status: int
    proof: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Terminate:
    """Either side wants to end the connection."""


@dataclass(frozen=True, slots=True)
class TerminateResp:
    """… and the other has heard it."""


@dataclass(frozen=True, slots=True)
class Submit:
    """One short message, or one part of a long one, for up to 100 numbers.

    ``fee_user_type`` 2 bills the SP, ``fee_type`` 01 is free for who gets it. ``fee_number_type``, ``number_type`` and
    ``link_id`` exist in 3.0 only; in 2.0 they are not sent.
    """

    src_id: str
    numbers: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    msg_src: str
    service_id: str = ""
    msg_fmt: int = UCS2
    udhi: int = 0
    pk_total: int = 1
    pk_number: int = 1
    registered_delivery: int = 0
    msg_level: int = 0
    fee_user_type: int = 2
    fee_number: str = ""
    fee_number_type: int = 0
    fee_type: str = "01"
    fee_code: str = "000000"
    valid_time: str = ""
    at_time: str = ""
    pid: int = 0
    number_type: int = 0
    link_id: str = ""
    msg_id: int = 0


@dataclass(frozen=True, slots=True)
class SubmitResp:
    """0 takes the message: ``msg_id`` is its id from now on, one for all of its numbers."""

    msg_id: int
    result: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """What somebody wrote to the SP or, with ``registered_delivery``, a status report (`report.Report` in content).

    ``number_type`` and ``link_id`` exist in 3.0 only.
    """

    msg_id: int
    dest_id: str
    number: str = field(repr=False)
    content: bytes = field(repr=False)
    registered_delivery: int = 0
    msg_fmt: int = ASCII
    udhi: int = 0
    pid: int = 0
    service_id: str = ""
    number_type: int = 0
    link_id: str = ""


@dataclass(frozen=True, slots=True)
class DeliverResp:
    """0: it is in our hands. Anything else: it is not."""

    msg_id: int
    result: int


@dataclass(frozen=True, slots=True)
class Query:
    """How many messages went on a day (YYYYMMDD): all (``kind`` 0), or those of a service id (1)."""

    day: str
    kind: int = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class QueryResp:
    """Counts of a day: taken from the SP (messages, users), then delivered, waiting and failed; out and in."""

    day: str
    kind: int
    code: str
    out_messages: int
    out_users: int
    out_delivered: int
    out_waiting: int
    out_failed: int
    in_delivered: int
    in_waiting: int
    in_failed: int


@dataclass(frozen=True, slots=True)
class ActiveTest:
    """Are you there?"""


@dataclass(frozen=True, slots=True)
class ActiveTestResp:
    """I am."""


@dataclass(frozen=True, slots=True)
class Other:
    """A command that neither side of an SP's connection has to know; ``body`` as it came."""

    command: int
    body: bytes = field(repr=False)


Request = Connect | Terminate | Submit | Deliver | Query | ActiveTest
Answer = ConnectResp | TerminateResp | SubmitResp | DeliverResp | QueryResp | ActiveTestResp
Pdu = Request | Answer | Other
