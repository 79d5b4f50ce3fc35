"""The flow: one agent per arrow of the picture in docs/architecture.md.

agency → [policy.events] gate → [policies.accepted] label          … waits for a reviewer's policy.released
       → [policy.events] gate → [policies.released] dispatch → [match.tasks] match, fan out → [deliveries.*] deliver
                                                              what is urgent → [deliveries.*.urgent] deliver
subscriber → [subscription.changes] refresh             preview → [preview.tasks] count
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

import faust
import orjson

from streams.carry import Parcel, Step, Steps, carry, carry_together
from streams.desk import Desk
from streams.events.signing import read_headers
from streams.log import Position
from streams.matching.shards import Highwater, Shards
from streams.names import (
    DELIVERIES,
    MATCH_TASKS,
    POLICIES_ACCEPTED,
    POLICIES_RELEASED,
    POLICY_EVENTS,
    PREVIEW_TASKS,
    SUBSCRIPTION_CHANGES,
    URGENT,
)
from streams.steps.admit import admit
from streams.steps.count import count
from streams.steps.deliver import deliver
from streams.steps.dispatch import dispatch
from streams.steps.label import label
from streams.steps.match import match
from streams.steps.refresh import refresh
from streams.together import together
from streams.transport import done
from streams.wrong import Wrong

CHANGES_TOGETHER = 500
BATCHES_TOGETHER = 8  # of at most 500 deliveries each
# A campaign's tasks are asked for at once and come one by one. Begun with the first, its deliveries would go out beside
# the planning of the others, and hold it up.
TASKS_LINGER_S = 0.05


def install(
    app: faust.App, topics: Mapping[str, Any], desk: Desk, shards: Shards, highwater: Highwater
) -> None:
    """Give ``app`` its agents."""

    async def gate(parcel: Parcel) -> None:
        await admit(desk, parcel.value, parcel.headers, parcel.at, parcel.key)

    async def labels(parcel: Parcel) -> None:
        await label(desk, _told(parcel))

    async def campaigns(parcel: Parcel) -> None:
        await dispatch(desk, _told(parcel), highwater)

    async def matches(parcels: Sequence[Parcel]) -> None:
        await match(desk, shards, *map(_told, parcels))

    async def changes(parcels: Sequence[Parcel]) -> None:
        await refresh(
            desk, shards, *((one.at.partition, one.at.offset, _told(one)["data"]) for one in parcels)
        )

    async def previews(parcel: Parcel) -> None:
        await count(desk, shards, _told(parcel))

    async def sends(channel: str, parcels: Sequence[Parcel]) -> None:
        await deliver(desk, desk.channels[channel], *map(_told, parcels))

    _agent(app, topics[POLICY_EVENTS], desk, "gate", gate)
    _agent(app, topics[POLICIES_ACCEPTED], desk, "label", labels)
    _agent(app, topics[POLICIES_RELEASED], desk, "dispatch", campaigns)
    _agent_together(app, topics[MATCH_TASKS], desk, "match", matches, desk.shards, TASKS_LINGER_S)
    _agent_together(app, topics[SUBSCRIPTION_CHANGES], desk, "refresh", changes, CHANGES_TOGETHER)
    _agent(app, topics[PREVIEW_TASKS], desk, "preview", previews)
    for channel, topic in DELIVERIES.items():
        step = partial(sends, channel)
        _agent_together(app, topics[topic], desk, f"deliver-{channel}", step, BATCHES_TOGETHER)
        _agent_together(app, topics[URGENT[channel]], desk, f"urgent-{channel}", step, BATCHES_TOGETHER)


def _agent(app: faust.App, topic: Any, desk: Desk, name: str, step: Step) -> None:
    """One message after another."""

    async def work(stream: Any) -> None:
        async for event in stream.events():
            await carry(desk, name, step, _parcel(event.message))
            done(event)

    app.agent(topic, name=name, concurrency=1)(work)


def _agent_together(
    app: faust.App, topic: Any, desk: Desk, name: str, steps: Steps, most: int, linger_s: float = 0.0
) -> None:
    """As many messages at a time as have come, at most ``most``; see `together`."""

    async def work(stream: Any) -> None:
        async with aclosing(together(stream, most, linger_s)) as taken:
            async for events in taken:
                await carry_together(desk, name, steps, [_parcel(event.message) for event in events])
                for event in events:
                    done(event)

    app.agent(topic, name=name, concurrency=1)(work)


def _parcel(message: Any) -> Parcel:
    at = Position(message.topic, message.partition, message.offset)
    return Parcel(at, message.key, message.value or b"", read_headers(message.headers))


def _told(parcel: Parcel) -> dict[str, Any]:
    """Return a hand-over between agents, which is always a JSON object of ours."""
    try:
        told = orjson.loads(parcel.value)
    except orjson.JSONDecodeError as exc:
        raise Wrong(f"not JSON: {exc}") from exc
    if not isinstance(told, dict):
        raise Wrong("not a JSON object")
    return told
