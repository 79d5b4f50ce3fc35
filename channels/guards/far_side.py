"""What this process knows of each far side: whether to leave it alone, and whether our account there is in order."""

import random
import time
from collections.abc import Callable, Sequence

from channels.channel import Outcome
from channels.errors import AccountError, PacedError, ParkedError, UnreachableError
from channels.guards.breaker import Breaker, Position
from channels.guards.line import LineState
from channels.message import Receipt
from config.logging import get_logger
from config.metrics import BREAKER_OPEN

log = get_logger(__name__)


class FarSide:
    """One server, gateway or service of others, with its breaker; who sends there asks first and tells what came of it.

    Attributes:
        name: in metrics, log lines and alerts: ``email``, ``sms:kannel`` …
        down_since: when its breaker opened, by the clock of ``now``; None while it is closed.
        failed_at: when it last was unreachable, by the same clock; None before it was.
        answered: when it last answered; None before it did.
        reason: why it was last unreachable, or what is wrong with our account.
        account: since when our account there has been refused; None while it is in order.
        refused_at: when it last was refused; None before it was.
        took_at: when it last took a message; None before it did.
        line: what is known of a standing line to it, which may be down although nothing was sent there.
    """

    def __init__(
        self, name: str, breaker: Breaker | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is asked yet; ``now`` is seconds of a clock that never goes back."""
        self.name = name
        self.breaker = breaker or Breaker(random.random)
        self.now = now
        self.down_since: float | None = None
        self.failed_at: float | None = None
        self.account: float | None = None
        self.refused_at: float | None = None
        self.answered: float | None = None
        self.took_at: float | None = None
        self.reason = ""
        self.line = LineState(now)
        BREAKER_OPEN.labels(name).set(0)

    @property
    def up(self) -> bool:
        """Whether nothing is known against it."""
        return self.breaker.position is Position.CLOSED

    @property
    def on_trial(self) -> bool:
        """Whether only one message may go, to see whether it is back; ask after `allows`."""
        return self.breaker.position is Position.HALF_OPEN

    @property
    def out_since(self) -> float | None:
        """Since when it has been of no use, as far as is known: its line is down, or what was sent found it so.

        A line that came to stand outweighs what could not be sent before.
        """
        stood, failed = self.line.stood_at, self.failed_at
        sent = None if stood is not None and failed is not None and stood > failed else self.down_since
        return min((one for one in (self.line.down_since, sent) if one is not None), default=None)

    @property
    def found_out_at(self) -> float | None:
        """When it was last found to be of no use."""
        return max((one for one in (self.line.found_at, self.failed_at) if one is not None), default=None)

    @property
    def worked_at(self) -> float | None:
        """When it was last found to be of use: it answered, or its line stands."""
        return self.now() if self.line.in_use else self.answered

    def allows(self) -> bool:
        """Whether to try now; then `told` what came of it, or `untold` that nothing did."""
        return self.breaker.allows(self.now())

    def untold(self) -> None:
        """Nothing came of the trial that was allowed: it was cut off, or held back by a pace of ours."""
        self.breaker.undecided(self.now())

    def told(self, outcomes: Sequence[Outcome]) -> None:
        """Take what came of messages that went there together.

        It counts once, as a failure where most could not even be said to it. What we held back ourselves says nothing.
        """
        tried = [one for one in outcomes if not isinstance(one, PacedError | ParkedError)]
        if not tried:
            return
        self._judge_account(tried)
        lost = [one for one in tried if isinstance(one, UnreachableError)]
        if len(lost) * 2 > len(tried):
            self.breaker.failed(self.now())
            self.failed_at = self.now()
            self.reason = lost[0].reason
        else:
            self.breaker.succeeded(self.now())
            self.answered = self.now()
        self._show()

    def park(self, at_least_s: float = 0.0) -> ParkedError:
        """Return the outcome of what is not tried because the far side is down; no trial can be made sooner."""
        wait_s = max(self.breaker.retry_after(self.now()), at_least_s)
        return ParkedError(f"{self.name} is down: {self.reason}", wait_s)

    def _judge_account(self, tried: Sequence[Outcome]) -> None:
        refused = [one for one in tried if isinstance(one, AccountError)]
        if refused:
            self.reason, self.refused_at = refused[0].reason, self.now()
            if self.account is None:
                self.account = self.now()
                log.error("account.refused", far_side=self.name, reason=self.reason)
        elif any(isinstance(one, Receipt) for one in tried):
            self.took_at = self.now()
            if self.account is not None:
                self.account = None
                log.info("account.accepted", far_side=self.name)

    def _show(self) -> None:
        if not self.up and self.down_since is None:
            self.down_since = self.now()
            BREAKER_OPEN.labels(self.name).set(1)
            log.error("breaker.opened", far_side=self.name, reason=self.reason)
        elif self.up and self.down_since is not None:
            down_s = round(self.now() - self.down_since, 1)
            self.down_since = None
            BREAKER_OPEN.labels(self.name).set(0)
            log.info("breaker.closed", far_side=self.name, down_s=down_s)


class FarSides:
    """Every far side of this process by its name, so that what watches over it sees them all."""

    def __init__(self) -> None:
        self._known: dict[str, FarSide] = {}

    def open(self, name: str) -> FarSide:
        """Return the one of that name; a new one at the first call."""
        if name not in self._known:
            self._known[name] = FarSide(name)
        return self._known[name]

    def all(self) -> list[FarSide]:
        """Return those that are known so far."""
        return list(self._known.values())
