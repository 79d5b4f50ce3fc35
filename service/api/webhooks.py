"""Webhooks: what their owners and operators see of them, their secrets, tests and replays."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field, model_validator

from channels.webhook import Tested, webhook_channel
from channels.webhook.endpoints import Endpoint, attempts_of, endpoints, rotate
from service.api.changes import tell
from service.api.own import said_by
from service.api.problems import Problem, not_found, wrong
from service.api.security import HouseOf, OperatorOrSubscriber, own
from service.api.shapes import Body, cursor_checked, plain
from service.api.throttle import WEBHOOK_TESTS, Throttle
from service.house import House
from streams.access import Actor
from streams.delivery.replays import replay
from subscribers.addresses import mask
from subscribers.endpoints import (
    WEBHOOK,
    HeldEndpoint,
    confirm_endpoint,
    enable_endpoint,
    endpoints_of,
)
from subscribers.model import SubscriberId
from subscribers.rows import note

router = APIRouter(prefix="/api/v1/subscribers/{subscriber_id}/webhook", tags=["webhooks"])

Contact = Annotated[
    str | None, Query(max_length=36, description="which endpoint, where the subscriber has several")
]


# What a test event that is answered refutes; a no, or an operator's word, it does not.
ENDED_BY_ITSELF = "gone"


class ReplayIn(Body):
    """What goes again: one delivery, or all since a moment; ``after`` is ``next`` of the answer before."""

    delivery_id: Annotated[str | None, Field(max_length=36)] = None
    since: AwareDatetime | None = None
    after: Annotated[str | None, Field(max_length=400)] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "ReplayIn":
        if (self.delivery_id is None) == (self.since is None):
            raise ValueError("name delivery_id or since, one of them")
        return self


@router.get("")
async def get_webhooks(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber
) -> dict[str, Any]:
    """The endpoints of a subscriber: whether they proved themselves, are disabled, and what they answered lately."""
    own(actor, subscriber_id)
    async with house.record.read() as conn:
        held = await endpoints_of(conn, house.vault, subscriber_id)
        wanted = [(subscriber_id, one.url) for one in held]
        known = await endpoints(conn, house.vault.derive, wanted)
        tries = {one.contact_id: await attempts_of(conn, known[subscriber_id, one.url]) for one in held}
    return {
        "endpoints": [
            plain(_shown(one, known[subscriber_id, one.url]) | {"attempts": tries[one.contact_id]})
            for one in held
        ]
    }


@router.get("/secret")
async def get_secret(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber, contact_id: Contact = None
) -> dict[str, Any]:
    """The secret that signs what goes there, and for a day after a change the one before."""
    own(actor, subscriber_id)
    held, endpoint = await _endpoint(house, subscriber_id, contact_id)
    await _noted(house, actor, "webhook.secret_shown", held)
    return _secrets(house, held, endpoint)


@router.post("/rotate")
async def post_rotate(
    subscriber_id: SubscriberId, house: HouseOf, actor: OperatorOrSubscriber, contact_id: Contact = None
) -> dict[str, Any]:
    """Begin a new secret; for 24 hours what goes there is signed by both."""
    own(actor, subscriber_id)
    held, endpoint = await _endpoint(house, subscriber_id, contact_id)
    async with house.record.write() as conn:
        await rotate(conn, endpoint, house.real_clock.now())
    await _noted(house, actor, "webhook.rotated", held)
    _, endpoint = await _endpoint(house, subscriber_id, contact_id)
    return _secrets(house, held, endpoint)


@router.post("/test")
async def post_test(
    subscriber_id: SubscriberId,
    request: Request,
    house: HouseOf,
    actor: OperatorOrSubscriber,
    contact_id: Contact = None,
) -> dict[str, Any]:
    """Send a signed test event now; an answer that repeats its challenge confirms an endpoint without consent."""
    own(actor, subscriber_id)
    held, _ = await _endpoint(house, subscriber_id, contact_id)
    tested = await _tested(request, house, held)
    change = None
    if tested.repeated and not held.consented:
        async with house.record.write() as conn:
            change = await confirm_endpoint(conn, held, tested.webhook_id, now=house.clock.now())
    await tell(house, [change] if change else [])
    return _told(tested) | {"confirmed": held.consented or change is not None}


@router.post("/enable")
async def post_enable(
    subscriber_id: SubscriberId,
    request: Request,
    house: HouseOf,
    actor: OperatorOrSubscriber,
    contact_id: Contact = None,
) -> dict[str, Any]:
    """Let an endpoint that answered 410 have messages again, once it answers a test event by 2xx."""
    own(actor, subscriber_id)
    held, _ = await _endpoint(house, subscriber_id, contact_id)
    if held.suppressed not in (None, ENDED_BY_ITSELF):
        raise Problem(
            409, f"the endpoint stands on the suppression list for another reason: {held.suppressed}"
        )
    tested = await _tested(request, house, held)
    enabled = False
    if tested.failure is None:
        async with house.record.write() as conn:
            enabled = await enable_endpoint(conn, held, actor=said_by(actor), now=house.clock.now())
    return _told(tested) | {"enabled": enabled}


@router.post("/replay")
async def post_replay(
    subscriber_id: SubscriberId,
    house: HouseOf,
    actor: OperatorOrSubscriber,
    given: ReplayIn,
    contact_id: Contact = None,
) -> dict[str, Any]:
    """Send again under the same ids: what failed is planned anew, what was delivered goes at once (100 a call)."""
    own(actor, subscriber_id)
    held, _ = await _endpoint(house, subscriber_id, contact_id)
    if held.suppressed is not None:
        raise Problem(409, f"the endpoint is disabled ({held.suppressed}); enable it first")
    with cursor_checked(given.after):
        done = await replay(
            house.desk(),
            subscriber_id,
            held.contact_id,
            delivery_id=given.delivery_id,
            since=given.since,
            after=given.after,
        )
    if done is None:
        raise Problem(404, f"no message {given.delivery_id} has gone to this endpoint and ended")
    await _noted(house, actor, "webhook.replayed", held)
    return {
        "planned": done.planned,
        "sent": done.sent,
        "failed": done.failed,
        "withheld": done.withheld,
        "next": done.next,
        "retry_after_s": done.retry_after_s,
        "disabled": done.disabled,
    }


async def _endpoint(
    house: House, subscriber_id: str, contact_id: str | None
) -> tuple[HeldEndpoint, Endpoint]:
    async with house.record.read() as conn:
        held = await endpoints_of(conn, house.vault, subscriber_id)
        if contact_id is not None:
            held = [one for one in held if one.contact_id == contact_id]
        if not held:
            raise not_found(f"an endpoint of {subscriber_id}")
        if len(held) > 1:
            raise wrong("contact_id", "the subscriber has several endpoints; say which one")
        (one,) = held
        where = (subscriber_id, one.url)
        known = await endpoints(conn, house.vault.derive, [where])
    return one, known[where]


async def _tested(request: Request, house: House, held: HeldEndpoint) -> Tested:
    throttle: Throttle = request.app.state.throttle
    if not await throttle.allows(WEBHOOK_TESTS, held.subscriber_id, house.real_clock.now()):
        raise Problem(429, "too many test events; wait an hour", headers={"Retry-After": "3600"})
    channel = webhook_channel(house.settings, house.record, house.vault.derive, house.real_clock)
    try:
        return await channel.test(held.subscriber_id, held.url)
    finally:
        await channel.close()


async def _noted(house: House, actor: Actor, action: str, held: HeldEndpoint) -> None:
    async with house.record.write() as conn:
        details = {"contact_id": held.contact_id, "role": str(actor.role)}
        await note(conn, said_by(actor), action, held.subscriber_id, details, house.clock.now())


def _shown(held: HeldEndpoint, endpoint: Endpoint) -> dict[str, Any]:
    disabled = {"reason": held.suppressed, "at": held.suppressed_at} if held.suppressed else None
    return {
        "contact_id": held.contact_id,
        "url": mask(WEBHOOK, held.url),
        "consented": held.consented,
        "verified_at": endpoint.verified_at,
        "disabled": disabled,
        "secret_generation": endpoint.generation,
        "previous_secret_until": endpoint.previous_until,
    }


def _secrets(house: House, held: HeldEndpoint, endpoint: Endpoint) -> dict[str, Any]:
    current, *before = endpoint.secrets(house.vault.derive, house.real_clock.now())
    previous = {"secret": before[0], "until": endpoint.previous_until} if before else None
    shown: dict[str, Any] = plain({"contact_id": held.contact_id, "secret": current, "previous": previous})
    return shown


def _told(tested: Tested) -> dict[str, Any]:
    answer = tested.answer
    return {
        "ok": tested.failure is None,
        "reason": tested.failure.reason if tested.failure else None,
        "status": answer.status if answer else None,
        "answer": answer.text[:300] if answer else None,
        "took_ms": answer.took_ms if answer else None,
        "challenge_repeated": tested.repeated,
    }
