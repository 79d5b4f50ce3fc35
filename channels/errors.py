"""Why a message did not go: the type says what happens next."""


class TransportError(Exception):
    """The base; adapters raise (or return) only its children. ``reason`` goes into the ledger, without addresses."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TemporaryError(TransportError):
    """The far side asks to try again later (SMTP 4xx, refused connection). It is retried by the channel's table.

    The attempt counts; where the far side says when to come back, no sooner than ``not_before_s`` from now.
    """

    def __init__(self, reason: str, *, not_before_s: float = 0.0) -> None:
        super().__init__(reason)
        self.not_before_s = not_before_s


class UnreachableError(TemporaryError):
    """No connection could be had, or the far side turned away everybody at its door; nothing was said of the recipient.

    Enough of them in a row open the breaker of that far side: what comes next is parked (`ParkedError`).
    """


class ThrottledError(TemporaryError):
    """The far side is busy with us. It is retried after ``retry_after_s`` seconds; no attempt is counted."""

    def __init__(self, reason: str, retry_after_s: float = 60.0) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class ParkedError(ThrottledError):
    """The far side is down and is left alone: nobody tried. ``retry_after_s`` is when one of us may try again.

    The deliver step lets few rows come back then and parks the others for longer; all go when the far side is back.
    """


class AccountError(ThrottledError):
    """Our account at the far side is wrong, locked or spent: the operator's to mend, and no message's fault.

    The operator is told by an alert. Mend the password or top up; what waits goes by itself then.
    """


class PacedError(ThrottledError):
    """Our own pace (messages per second) is used up: its turn comes after ``retry_after_s``, without jitter."""


class NotBegunError(PacedError):
    """The service was stopped before its turn came: nothing of it was sent, and it goes as soon as somebody is back."""

    def __init__(self) -> None:
        super().__init__("the service was stopped before its turn came", 0.0)


class PermanentError(TransportError):
    """This message will never arrive there. With ``dead`` the address itself is gone and is suppressed."""

    def __init__(self, reason: str, *, dead: bool = False) -> None:
        super().__init__(reason)
        self.dead = dead


class BarredError(PermanentError):
    """Whoever has the address has said no at the far side, or the far side has it on a black list: it is suppressed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, dead=True)


class DoubtfulError(PermanentError):
    """It failed for good, which does not say that the address is dead: a full mailbox, say. Several such count."""


class ContentError(TransportError):
    """The far side refuses the text or the signature: the campaign stops and the operator is told.

    Nobody is suppressed for it. Change the text or talk to the provider, then resume the campaign.
    """


class UnknownOutcomeError(TransportError):
    """The connection ended between sending and the answer: it may have arrived.

    E-mail, space and webhook go again under the same id; SMS waits for its receipt. ``gateway`` is the one that may
    have taken it and that can be asked; "" where there is none to ask. ``reports`` is how many it will send if it
    did, each under an id that the lost answer would have named; None where that is not known.
    """

    def __init__(self, reason: str, *, gateway: str = "", reports: int | None = None) -> None:
        super().__init__(reason)
        self.gateway = gateway
        self.reports = reports
