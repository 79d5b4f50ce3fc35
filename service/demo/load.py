"""Loads the demo once: enterprises, associations, then one policy after another, so that the flow can be watched."""

import asyncio
import uuid
from datetime import timedelta

import orjson

from config.clock import SHANGHAI
from config.database.record import insert_new
from config.database.schema import installation
from config.logging import get_logger
from service.demo.associations import demo_associations
from service.demo.enterprises import demo_subscribers
from service.demo.policies import demo_policies
from service.first_start import DEMO_AGENCY, Keys
from service.house import House
from streams import policies
from streams.access import Actor, authenticate
from streams.events import EventType, parse_event
from streams.gate.judging import known_event
from subscribers.associations import put_association, put_memberships
from subscribers.bulk import put_many
from subscribers.registry import mark_announced

log = get_logger(__name__)

LOADED = "demo_loaded"
SOURCE = f"/agencies/{DEMO_AGENCY}/demo"
NAMESPACE = uuid.UUID("0c1d8f52-91a5-5d0e-8a6f-2f64d7c9f1aa")
CHUNK = 500
POLL_S = 0.05
PATIENCE_S = 60.0


async def load_demo(house: House, keys: Keys) -> None:
    """Load everything unless it has been; broken off, it goes on where it stopped, for every part has its key."""
    async with house.record.read() as conn:
        if (await conn.execute(installation.select().where(installation.c.name == LOADED))).first():
            return
        publisher = await authenticate(conn, keys.publisher or "")
        reviewer = await authenticate(conn, keys.reviewer or "")
    if publisher is None or reviewer is None:
        log.warning("demo.not_loaded", why="its keys were revoked")
        return
    await _subscribers(house)
    for data in demo_policies(house.clock.now().astimezone(SHANGHAI).date()):
        await _publish(house, data, publisher, reviewer)
    async with house.record.write() as conn:
        await conn.execute(insert_new(conn, installation), {"name": LOADED, "value": "yes"})
    log.info("demo.loaded")


async def _subscribers(house: House) -> None:
    people = demo_subscribers()
    for start in range(0, len(people), CHUNK):
        async with house.record.write() as conn:
            done = await put_many(
                conn,
                house.vault,
                people[start : start + CHUNK],
                shards=house.settings.shards,
                now=house.clock.now(),
                actor="demo",
            )
        await house.log.announce(done.changes)
        async with house.record.write() as conn:
            await mark_announced(conn, [(change.subscriber_id, change.version) for change in done.changes])
    async with house.record.write() as conn:
        for association in demo_associations():
            await put_association(conn, association.association_id, association.name, now=house.clock.now())
            await put_memberships(conn, association.members)


async def _publish(house: House, data: dict[str, object], publisher: Actor, reviewer: Actor) -> None:
    policy_id = str(data["policy_id"])
    await _emit(house, EventType.PUBLISHED, policy_id, data, publisher)
    if data["disclosure"] != "open":
        return
    deadline = house.real_clock.now() + timedelta(seconds=PATIENCE_S)
    while house.real_clock.now() < deadline:
        async with house.record.read() as conn:
            view = await policies.find_policy(conn, DEMO_AGENCY, policy_id)
        if view is not None and view.state == "waiting":
            decision = {"policy_id": policy_id, "revision": view.revision}
            return await _emit(house, EventType.RELEASED, policy_id, decision, reviewer)
        if view is not None and view.state not in ("received", "waiting"):
            return None
        await asyncio.sleep(POLL_S)
    log.warning("demo.policy_not_labelled", policy=policy_id)


async def _emit(house: House, kind: EventType, policy_id: str, data: dict[str, object], actor: Actor) -> None:
    event_id = str(uuid.uuid5(NAMESPACE, f"{kind}|{policy_id}"))
    async with house.record.read() as conn:
        if await known_event(conn, DEMO_AGENCY, event_id, SOURCE):
            return
    raw = orjson.dumps(
        {"specversion": "1.0", "id": event_id, "source": SOURCE, "type": kind.value, "data": data}
    )
    await house.log.emit(raw, parse_event(raw), actor)
