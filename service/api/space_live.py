"""The enterprise space as it happens: server-sent events out of the record, hurried by the live news."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from sse_starlette import EventSourceResponse, ServerSentEvent

from channels import inbox as space
from channels.inbox import InboxMessage
from config.clock import BEGINNING
from config.database.schema import inbox
from service.api.problems import Problem
from service.api.security import HouseOf, VisitorOf, own, unknown_key
from service.api.space import message_json
from service.house import House
from streams.access import Actor, Role, actor_by_key
from streams.relay.notes import notes_beside
from subscribers.model import SubscriberId
from subscribers.registry import active_name
from subscribers.tokens import TokenError

router = APIRouter(prefix="/api/v1/space", tags=["space"])

HEARTBEAT_S = 15
# Two transactions may become visible in another order than their messages' times.
OVERLAP = timedelta(minutes=1)
PAGE = 200


@router.get("/{subscriber_id}/events")
async def get_events(
    subscriber_id: SubscriberId,
    house: HouseOf,
    actor: VisitorOf,
    token: Annotated[str | None, Query(max_length=1000)] = None,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
    after: Annotated[str | None, Query(max_length=64, description="the newest message already seen")] = None,
) -> EventSourceResponse:
    """Server-sent events: ``unread`` with the count, then ``message`` for each that comes, and ``unread`` again."""
    may_listen(house, actor, subscriber_id, token)
    stream = inbox_events(house, subscriber_id, last_event_id or after, actor)
    return EventSourceResponse(stream, ping=HEARTBEAT_S, headers={"X-Accel-Buffering": "no"})


def may_listen(house: House, actor: Actor | None, subscriber_id: str, token: str | None) -> None:
    """Let in an operator, the subscriber itself, or who shows its token.

    Raises:
        Problem: 401 for nobody and for a token that is wrong or over, 403 for somebody else.
    """
    if actor is not None:
        if actor.role not in (Role.OPERATOR, Role.SUBSCRIBER):
            raise Problem(403, f"this takes an operator or subscriber key; the role of yours is {actor.role}")
        own(actor, subscriber_id)
        return
    if token is None:
        raise unknown_key("send a key, a session cookie or ?token=")
    try:
        bound_to = house.tokens.read_session(token, now=house.real_clock.now()).get("space")
    except TokenError as exc:
        raise unknown_key(str(exc)) from exc
    if bound_to != subscriber_id:
        raise Problem(403, "this token is bound to another subscriber")


async def inbox_events(
    house: House, subscriber_id: str, last_id: str | None, actor: Actor | None = None
) -> AsyncIterator[ServerSentEvent]:
    """Yield ``unread`` first, then every message after ``last_id`` (None: after now), each once, oldest first.

    No connection of the record is held while nothing happens. It ends at the first look after the key of ``actor`` was
    revoked, or, of who has none (signed in by a link or code, or let in by a token), after the subscriber left.
    """
    async with house.record.read() as conn:
        bookmark = await Bookmark.at(conn, subscriber_id, last_id, house.clock.span(OVERLAP))
        unread = await space.unread_count(conn, subscriber_id)
    yield _event("unread", {"unread": unread})
    async for _ in house.live.listen(subscriber_id):
        async with house.record.read() as conn:
            if not await _stands(conn, actor, subscriber_id):
                return
            # Counted first: what comes in between is told as a message before it is counted.
            count = await space.unread_count(conn, subscriber_id)
            fresh = await bookmark.fresh(conn)
            beside = await notes_beside(conn, subscriber_id, fresh)
        for message in fresh:
            yield _event(
                "message", message_json(message, beside.get(message.message_id, ())), message.message_id
            )
        if count != unread:
            unread = count
            yield _event("unread", {"unread": unread})


async def _stands(conn: AsyncConnection, actor: Actor | None, subscriber_id: str) -> bool:
    """Whether its key still opens, or, of who has none, the subscriber is still with the service."""
    if actor is not None and actor.key_id:
        return await actor_by_key(conn, actor.key_id) is not None
    return await active_name(conn, subscriber_id) is not None


class Bookmark:
    """What one listener has seen: everything before ``since``, and after it what stands in ``seen``."""

    def __init__(
        self, subscriber_id: str, since: datetime, seen: dict[str, datetime], overlap: timedelta
    ) -> None:
        self._subscriber_id = subscriber_id
        self._since = since
        self._seen = seen
        self._overlap = overlap

    @classmethod
    async def at(
        cls, conn: AsyncConnection, subscriber_id: str, last_id: str | None, overlap: timedelta = OVERLAP
    ) -> "Bookmark":
        """Return the bookmark behind ``last_id``, or behind the newest message where that is not in the inbox."""
        mine = select(inbox.c.message_id, inbox.c.at).where(inbox.c.subscriber_id == subscriber_id)
        newest = mine.order_by(inbox.c.at.desc(), inbox.c.message_id.desc()).limit(1)
        last = (await conn.execute(mine.where(inbox.c.message_id == last_id))).first() if last_id else None
        last = last or (await conn.execute(newest)).first()
        if last is None:
            return cls(subscriber_id, BEGINNING, {}, overlap)
        since = last.at - overlap
        rows = await conn.execute(mine.where(inbox.c.at >= since, inbox.c.at <= last.at))
        before = {
            row.message_id: row.at for row in rows if (row.at, row.message_id) <= (last.at, last.message_id)
        }
        return cls(subscriber_id, since, before, overlap)

    async def fresh(self, conn: AsyncConnection) -> list[InboxMessage]:
        """Return what came since, oldest first, and move on."""
        query = select(inbox.c.message_id, inbox.c.at).where(
            inbox.c.subscriber_id == self._subscriber_id, inbox.c.at >= self._since
        )
        new = {
            row.message_id: row.at for row in await conn.execute(query) if row.message_id not in self._seen
        }
        found = await self._load(conn, set(new))
        self._seen |= new
        self._since = max([self._since, *(at - self._overlap for at in new.values())])
        self._seen = {message_id: at for message_id, at in self._seen.items() if at >= self._since}
        return found

    async def _load(self, conn: AsyncConnection, wanted: set[str]) -> list[InboxMessage]:
        found: list[InboxMessage] = []
        before = None
        while wanted:
            page = await space.messages(conn, self._subscriber_id, before=before, limit=PAGE)
            if not page:
                break
            found += [message for message in page if message.message_id in wanted]
            wanted -= {message.message_id for message in page}
            before = page[-1].message_id
        return found[::-1]


def _event(name: str, data: dict[str, Any], event_id: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(orjson.dumps(data).decode(), event=name, id=event_id)
