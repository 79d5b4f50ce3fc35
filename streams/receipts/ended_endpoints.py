"""Endpoints that nobody holds any more are forgotten, a month after the last that went there.

Whose an endpoint was the record tells, its URL it does not: that is a contact, and only who opens the subscriber's
contacts can say whether it is among them.
"""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from channels.webhook.endpoints import KEPT, drop_silent, silent_since
from channels.webhook.signing import endpoint_id
from config.clock import Clock
from config.logging import get_logger
from streams.desk import Desk
from subscribers.contacts import VaultError
from subscribers.endpoints import endpoints_of
from subscribers.errors import UnknownSubscriberError

log = get_logger(__name__)

AT_ONCE = 200


async def forget_ended(desk: Desk, real_clock: Clock) -> int:
    """Sweep: see which endpoints are silent since `KEPT`, and drop those that their subscriber does not hold.

    Args:
        desk: whose record and vault.
        real_clock: endpoints and attempts are of real time, also where domain time is simulated.
    """
    before, after, gone = real_clock.now() - KEPT, "", 0
    while True:
        async with desk.record.read() as conn:
            silent = await silent_since(conn, before, after, AT_ONCE)
            held = await _held(desk, conn, {whose for _, whose in silent})
        ended = [one for one, whose in silent if whose in held and one not in held[whose]]
        if ended:
            async with desk.record.write() as conn:
                gone += await drop_silent(conn, ended)
        if len(silent) < AT_ONCE:
            return gone
        after = silent[-1][0]


async def _held(desk: Desk, conn: AsyncConnection, whose: Iterable[str]) -> dict[str, set[str]]:
    """Return the endpoints that each of these subscribers holds; one whose contacts do not open is missing."""
    found: dict[str, set[str]] = {}
    for subscriber_id in sorted(whose):
        try:
            held = await endpoints_of(conn, desk.vault, subscriber_id)
        except UnknownSubscriberError:
            found[subscriber_id] = set()
        except VaultError as exc:  # this one stays; it must not keep the others
            log.warning("endpoint.not_looked_at", subscriber=subscriber_id, error=type(exc).__name__)
        else:
            found[subscriber_id] = {endpoint_id(desk.vault.derive, subscriber_id, one.url) for one in held}
    return found
