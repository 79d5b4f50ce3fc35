"""A line to an SMSC that stands: it binds, and when it is lost it binds again, after longer and longer waits."""

import asyncio
import ssl
from collections.abc import Callable

from channels.errors import AccountError, TransportError, UnreachableError
from channels.sms.codes import ACCOUNT_S, Codes
from channels.sms.gateways.smpp.pdu import Frame
from channels.sms.gateways.smpp.place import Place
from channels.sms.gateways.smpp.session import BindRefusedError, Session
from channels.sms.gateways.smpp.statuses import code_of, name_of
from config.logging import get_logger

log = get_logger(__name__)

CONNECT_S = 5.0
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
REFUSED_WAIT_S = 60.0  # an account that knocks too often is locked
SPREAD = 0.3  # so that what was lost together does not come back together
STEADY_S = 30.0  # a connection that lasted so long was a good one


class Line:
    """One standing bind."""

    def __init__(
        self,
        name: str,
        place: Place,
        command: int,
        codes: Codes,
        delivered: Callable[[Session, Frame], None],
        changed: Callable[[], None],
        told: Callable[[], None],
        random: Callable[[], float],
    ) -> None:
        """Nothing is opened before `run`.

        Args:
            name: the gateway's.
            place: where.
            command: of the bind.
            codes: what a refusal means.
            delivered: see `Session`.
            changed: is called when there may be room for a message, or none any more.
            told: is called when the line stands, and when it is down.
            random: returns a number from 0 to 1, for the waits.
        """
        self.name = name
        self.place = place
        self.command = command
        self.session: Session | None = None
        self.why: TransportError | None = None  # it is down and waits; None while it is up or being tried
        self._leaving = False
        self._codes = codes
        self._delivered = delivered
        self._changed = changed
        self._told = told
        self._random = random

    @property
    def has_room(self) -> bool:
        """Whether a message may be written now."""
        return self.session is not None and self.session.has_room

    async def run(self) -> None:
        """Keep the line up until it is cancelled, or takes leave."""
        loop = asyncio.get_running_loop()
        wait = FIRST_WAIT_S
        while True:
            began = loop.time()
            self.why = None
            why = await self._stand()
            if self._leaving:
                return
            if loop.time() - began >= STEADY_S:
                wait = FIRST_WAIT_S
            self.why = why
            self._told()
            self._changed()
            refused = isinstance(why, AccountError)
            log.warning("smpp.down", gateway=self.name, place=str(self.place), reason=why.reason)
            await asyncio.sleep((REFUSED_WAIT_S if refused else wait) * (1 + SPREAD * self._random()))
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def leave(self, patience_s: float) -> None:
        """Take leave of the far side; `run` has to be cancelled after it, as it may be waiting to bind again."""
        self._leaving = True
        if self.session is not None:
            await self.session.leave(patience_s)

    async def _stand(self) -> TransportError:
        """Bind and stay; return why it ended."""
        session: Session | None = None
        try:
            session = await self._connected()
            await session.bind(self.command)
            self.session = session
            self._told()
            log.info("smpp.bound", gateway=self.name, place=str(self.place))
            return UnreachableError(await session.lasts())
        except BindRefusedError as exc:
            return self._refused(exc)
        except TimeoutError:
            return UnreachableError("the SMSC does not answer in time")
        except (OSError, UnicodeError) as exc:  # UnicodeError: a name that is no host's
            return UnreachableError(f"the SMSC takes no connection ({type(exc).__name__})")
        finally:
            self.session = None
            if session is not None:
                session.end("the line was given up")

    async def _connected(self) -> Session:
        place = self.place
        context = ssl.create_default_context(cafile=place.ca or None) if place.tls else None
        async with asyncio.timeout(CONNECT_S):
            _, session = await asyncio.get_running_loop().create_connection(
                lambda: Session(place, self._delivered, self._changed), place.host, place.port, ssl=context
            )
        return session

    def _refused(self, exc: BindRefusedError) -> TransportError:
        """Return what a refusal means: the account's, which is the operator's to mend, or a busy moment's."""
        code = code_of(exc.status)
        reason = f"bind refused: {code} {name_of(exc.status)}".strip()
        if self._codes.known(self.name, code) == "account":
            return AccountError(reason, ACCOUNT_S)
        return UnreachableError(reason)
