"""What changed about subscribers is told to the shards; the record holds it already."""

from collections.abc import Sequence

from config.database import Record
from config.database.record import is_outage
from config.logging import get_logger
from streams.log import EventLog, LogUnavailable
from subscribers.model import Change
from subscribers.registry import mark_announced

log = get_logger(__name__)


async def announce(record: Record, events: EventLog, changes: Sequence[Change]) -> None:
    """Announce ``changes`` and note that it was done.

    Nothing is raised when the log or the record is away: the change stands, sending checks the record anyway, and the
    sweep announces whatever is not noted as announced.
    """
    try:
        await events.announce(changes)
        async with record.write() as conn:
            await mark_announced(conn, [(change.subscriber_id, change.version) for change in changes])
    except Exception as exc:
        if not isinstance(exc, LogUnavailable) and not is_outage(exc):
            raise
        log.warning("change_left_to_the_sweep", changes=len(changes), reason=type(exc).__name__)
