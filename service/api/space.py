"""The enterprise space: its messages, what was read, and the token for EventSource."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from channels import inbox
from channels.inbox import InboxMessage
from service.api.problems import not_found
from service.api.security import HouseOf, OperatorOrSubscriber, Subscriber, own
from service.api.shapes import After, plain
from service.pages.render import because
from streams.relay.notes import Note, notes_beside
from subscribers.model import SubscriberId

router = APIRouter(prefix="/api/v1/space", tags=["space"])

TOKEN_LIFE = timedelta(minutes=10)


def message_json(message: InboxMessage, notes: Sequence[Note] = ()) -> dict[str, Any]:
    """A message as the space shows it, with its reasons and what the subscriber's associations say to it."""
    shown: dict[str, Any] = plain(
        {
            "message_id": message.message_id,
            "title": message.title,
            "agency_id": message.agency_id,
            "policy_id": message.policy_id,
            "revision": message.revision,
            "occurrence": message.occurrence,
            "reasons": [
                {
                    "subscription": reason.subscription,
                    "because": because(reason),
                    "labels": [
                        {"dimension": e.dimension, "code": e.code, "name": e.name, "quote": e.quote}
                        for e in reason.evidence
                    ],
                }
                for reason in message.reasons
            ],
            "notes": [
                {
                    "association_id": note.association_id,
                    "association": note.association,
                    "note": note.words,
                    "at": note.at,
                }
                for note in notes
            ],
            "at": message.at,
            "read_at": message.read_at,
            "acknowledged_at": message.acknowledged_at,
        }
    )
    return shown


@router.get("/{subscriber_id}/messages")
async def get_messages(
    subscriber_id: SubscriberId,
    house: HouseOf,
    actor: OperatorOrSubscriber,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=inbox.MOST)] = 50,
) -> dict[str, Any]:
    """The inbox, newest first."""
    own(actor, subscriber_id)
    async with house.record.read() as conn:
        unread = await inbox.unread_count(conn, subscriber_id)
        found = await inbox.messages(conn, subscriber_id, before=after, limit=limit)
        beside = await notes_beside(conn, subscriber_id, found)
    following = found[-1].message_id if len(found) == limit else None
    shown = [message_json(message, beside.get(message.message_id, ())) for message in found]
    return {"unread": unread, "messages": shown, "next": following}


@router.post("/{subscriber_id}/messages/{message_id}/read", status_code=204)
async def post_read(
    subscriber_id: SubscriberId, message_id: str, house: HouseOf, actor: Subscriber
) -> Response:
    """Note that a message was opened; the first time counts."""
    own(actor, subscriber_id)
    async with house.record.write() as conn:
        found = await inbox.mark_read(conn, subscriber_id, message_id, house.clock.now())
    await house.live.announce([subscriber_id])  # who else looks hears the count from where it is kept
    return _done(found, message_id)


@router.post("/{subscriber_id}/messages/{message_id}/acknowledge", status_code=204)
async def post_acknowledge(
    subscriber_id: SubscriberId, message_id: str, house: HouseOf, actor: Subscriber
) -> Response:
    """Acknowledge a message (签收); the first time counts."""
    own(actor, subscriber_id)
    async with house.record.write() as conn:
        found = await inbox.acknowledge(conn, subscriber_id, message_id, house.clock.now())
    await house.live.announce([subscriber_id])
    return _done(found, message_id)


@router.post("/{subscriber_id}/token")
async def post_token(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber
) -> dict[str, str]:
    """A token that EventSource, which cannot send a key, puts into its address."""
    own(actor, subscriber_id)
    now = house.real_clock.now()
    token = house.tokens.sign_session({"space": subscriber_id}, TOKEN_LIFE, now=now)
    return {"token": token, "expires_at": plain(now + TOKEN_LIFE)}


def _done(found: bool, message_id: str) -> Response:
    if not found:
        raise not_found(f"message {message_id}")
    return Response(status_code=204)
