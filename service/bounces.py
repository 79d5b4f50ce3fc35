"""Takes bounces from the mail server: SMTP or LMTP, one domain, nothing acknowledged that is not in the record.

The mail server of the office hands the mail of ZHENGDA_BOUNCE_DOMAIN to ZHENGDA_BOUNCE_LISTEN. Whatever comes there is
a stranger's: it is limited in size, number and time, and no failure here ends the service.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import Envelope, Session

from channels.email.bounces import Bounce, Rules, delivery_of_bounce, read_bounce
from channels.email.verp import PURPOSE, delivery_of
from config.clock import Clock
from config.database.record import Record, is_outage
from config.logging import get_logger
from service.house import House
from service.smtp_server import Address, Doors, SmtpListener, address_of
from streams.receipts.bounces import apply, keep

log = get_logger(__name__)

MOST_BYTES = 1 << 20
MOST_RECIPIENTS = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
# Besides return paths: where complaints are sent to, and whom every domain must have (RFC 5321, RFC 2142). What comes
# there is known by what it returns.
MAILBOXES = ("abuse", "postmaster", "fbl")

TAKEN = "250 2.0.0 taken"
AWAY = "451 4.3.0 the record is away, try again later"
FAILED = "451 4.3.0 something failed here, try again later"
NOT_OURS = "550 5.7.1 no mail is relayed here"
NOBODY = "550 5.1.1 no such return path"
TOO_MANY = "452 4.5.3 too many recipients"


@dataclass(frozen=True)
class BounceTaker:
    """What an SMTP server calls (aiosmtpd's handler); its answers are replies of SMTP.

    Attributes:
        domain: whose mail is taken.
        key: of this installation, for `channels.email.verp.PURPOSE`.
        lmtp: whether each recipient gets an answer of its own.
    """

    record: Record
    clock: Clock
    rules: Rules
    domain: str
    key: bytes
    lmtp: bool = False

    async def handle_RCPT(
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: Sequence[str]
    ) -> str:
        """Take return paths that this installation has made, and the domain's few other mailboxes."""
        local, _, domain = address.strip("<>").rpartition("@")
        if domain.lower() != self.domain:
            return NOT_OURS
        if local.lower() not in MAILBOXES and delivery_of(address, self.key) is None:
            return NOBODY
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:
        """Keep what came; apply it at once, or leave that to the sweep. LMTP gets an answer for each recipient."""
        raw = bytes(envelope.original_content or b"")
        try:
            await self._take(raw, envelope.rcpt_tos)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the mail server keeps the message and asks again
            away = is_outage(exc)
            told = log.warning if away else log.error
            told("bounce.not_taken", why=f"{type(exc).__name__}: {exc}"[:300])
            answer = AWAY if away else FAILED
        else:
            answer = TAKEN
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if self.lmtp else 1))

    async def handle_exception(self, error: Exception) -> str:
        """Say nothing of the inside to strangers."""
        log.warning("bounce.session_failed", why=f"{type(error).__name__}: {error}"[:300])
        return FAILED

    async def _take(self, raw: bytes, recipients: Sequence[str]) -> None:
        bounce = await asyncio.to_thread(read_bounce, raw, self.rules)
        about = dict.fromkeys(delivery_of_bounce(bounce, [one], self.key) for one in recipients)
        body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
        try:
            await self._write(bounce, about, body, applying=True)
        except Exception as exc:
            if is_outage(exc):
                raise
            log.error("bounce.left_to_the_sweep", why=f"{type(exc).__name__}: {exc}"[:300])
            await self._write(bounce, about, body, applying=False)
        log.info("bounce.taken", word=bounce.word, rule=bounce.rule, deliveries=len(about))

    async def _write(
        self, bounce: Bounce, about: Iterable[str | None], body: bytes, *, applying: bool
    ) -> None:
        now = self.clock.now()
        async with self.record.write() as conn:
            for delivery_id in about:
                bounce_id = await keep(conn, bounce, delivery_id, body, now)
                if applying:
                    await apply(conn, bounce_id, now)


async def receive_bounces(house: House, rules: Rules) -> None:
    """Take bounces until cancelled; where nobody may listen it is tried again, and the service goes on without."""
    url = house.settings.bounce_listen
    if url is None:
        await asyncio.Event().wait()
        return
    address = address_of(url)
    listener = _listener(house, rules, address)
    wait_s = FIRST_WAIT_S
    while True:
        try:
            await listener.open()
        except OSError as exc:
            log.error("bounces.not_listening", at=url, why=str(exc)[:300])
        else:
            break
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)
    log.info("bounces.listening", at=url, domain=house.settings.bounce_domain)
    try:
        await asyncio.Event().wait()
    finally:
        await listener.close()


def _listener(house: House, rules: Rules, address: Address) -> SmtpListener:
    domain = house.settings.bounce_domain or ""
    key = house.vault.derive(PURPOSE)
    return bounce_listener(BounceTaker(house.record, house.clock, rules, domain, key, address.lmtp), address)


def bounce_listener(taker: BounceTaker, address: Address) -> SmtpListener:
    """Return what listens at ``address`` for ``taker``; nothing is opened."""
    return SmtpListener(address, taker, Doors(), hostname=taker.domain, most_bytes=MOST_BYTES)
