"""The enterprise space: a durable inbox in the record, announced live."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from channels.building import Announce, Building
from channels.channel import Channel, Outcome
from channels.errors import ContentError, PermanentError, TemporaryError
from channels.message import Message, Progress, Receipt
from channels.reasons import dump_reasons
from channels.writing.render import headline
from config.database.record import Record, insert_new
from config.database.schema import inbox
from config.logging import get_logger

log = get_logger(__name__)

ANNOUNCE_TIMEOUT_S = 2.0


class SpaceChannel:
    """Puts messages into the inbox; ``message_id`` is the delivery's id, so a repetition changes nothing."""

    name = "space"

    def __init__(self, record: Record, announce: Announce) -> None:
        """Nothing is opened here.

        Args:
            record: holds the inbox.
            announce: told the subscribers whose inbox changed, after the rows are durable. What it raises is logged
                and fails no delivery: a page that missed it sees the message when it next asks.
        """
        self.record = record
        self.announce = announce

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        """Send ``batch`` in one transaction; see `Channel.send`."""
        built = [_built(message) for message in batch]
        rows = [row for row in built if not isinstance(row, ContentError)]
        stored = iter(await self._store(rows) if rows else [])
        outcomes = [row if isinstance(row, ContentError) else next(stored) for row in built]
        arrived = [
            message.subscriber_id
            for message, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, Receipt)
        ]
        if arrived:
            await self._tell(list(dict.fromkeys(arrived)))
        return outcomes

    async def close(self) -> None:
        """Do nothing: the record belongs to who opened it."""

    async def _store(self, rows: Sequence[dict[str, Any]]) -> list[Outcome]:
        """Insert all rows at once; if one of them cannot be stored at all, each on its own to find which."""
        try:
            async with self.record.write() as conn:
                await conn.execute(insert_new(conn, inbox), rows)
        except Exception as exc:  # noqa: BLE001 - drivers raise classes of their own while a server starts or stops
            if not _row_is_wrong(exc):
                return [TemporaryError(f"the record is away: {type(exc).__name__}") for _ in rows]
            if len(rows) == 1:
                return [PermanentError(f"the inbox cannot hold it: {type(exc).__name__}")]
            return [(await self._store([row]))[0] for row in rows]
        return [Receipt(Progress.DELIVERED, row["message_id"]) for row in rows]

    async def _tell(self, subscriber_ids: Sequence[str]) -> None:
        try:
            async with asyncio.timeout(ANNOUNCE_TIMEOUT_S):
                await self.announce(subscriber_ids)
        except Exception as exc:  # noqa: BLE001 - whatever live pub/sub raises, the rows are durable
            log.warning("space_not_announced", error=type(exc).__name__, subscribers=len(subscriber_ids))


def open_channel(building: Building) -> Channel:
    """Return the channel; the inbox is the record's own."""
    return SpaceChannel(building.record, building.announce)


def _built(message: Message) -> dict[str, Any] | ContentError:
    try:
        return _row(message)
    except Exception as exc:  # noqa: BLE001 - building is pure: whatever fails in it fails for this content
        return ContentError(f"the message cannot be built: {type(exc).__name__}")


def _row(message: Message) -> dict[str, Any]:
    content = message.content
    return {
        "message_id": message.delivery_id,
        "subscriber_id": message.subscriber_id,
        "agency_id": content.agency_id,
        "policy_id": content.policy_id,
        "revision": content.revision,
        "occurrence": message.occurrence,
        "title": headline(content),
        "reasons": dump_reasons(message.reasons),
        "at": message.at,
    }


def _row_is_wrong(exc: BaseException) -> bool:
    """Whether a value cannot be stored; such an error repeats for ever, an outage does not."""
    if isinstance(exc, (DataError, IntegrityError, ValueError, TypeError, ArithmeticError)):
        return True
    if type(exc) is StatementError:
        return True
    # asyncpg's wrapper has no class of its own for these: SQLSTATE 22 is wrong data, 23 a broken constraint.
    state = getattr(exc.orig, "sqlstate", None) if isinstance(exc, DBAPIError) else None
    return str(state or "")[:2] in ("22", "23")
