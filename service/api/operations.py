"""Running the installation: agencies, keys, dead letters, the sandbox's outbox, backups."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from channels.building import outbox_directory
from channels.outbox import OutboxEntry, read_outbox
from config.channels import NAMES as CHANNELS
from service.api.problems import Problem, not_found, wrong
from service.api.security import HouseOf, Operator
from service.api.shapes import After, AnyChannel, Body, Limit, Slug, Text200, cursor_checked, plain
from service.backup import write_backup
from service.house import House
from streams import access, deadletters
from streams.access import Actor, Role
from streams.audit import note
from subscribers.contacts import rewrap

router = APIRouter(prefix="/api/v1", tags=["operations"])


class AgencyIn(Body):
    """An agency; ``region`` is its division code (GB/T 2260)."""

    agency_id: Slug | None = None
    name: Text200
    region: str | None = Field(default=None, pattern=r"^\d{6}$")


class KeyIn(Body):
    """What a new key is for; each role needs what it is bound to."""

    role: Role
    holder: Text200
    agency_id: Slug | None = None
    association_id: Slug | None = None
    subscriber_id: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = None


@router.put("/agencies/{agency_id}")
async def put_agency(agency_id: Slug, house: HouseOf, actor: Operator, given: AgencyIn) -> dict[str, Any]:
    """Write an agency; its name and region may be corrected later."""
    if given.agency_id not in (None, agency_id):
        raise wrong("agency_id", f"differs from the address, which says {agency_id}")
    if given.region is not None and not house.taxonomy.exists("region", given.region):
        raise wrong("region", f"{given.region} is no division code of GB/T 2260")
    now, details = house.clock.now(), {"name": given.name, "region": given.region}
    async with house.record.write() as conn:
        await access.put_agency(conn, agency_id, given.name, given.region, now)
        await _note(conn, actor, "agency.put", agency_id, details, now)
    return {"agency_id": agency_id, "name": given.name, "region": given.region}


@router.get("/agencies")
async def get_agencies(house: HouseOf, actor: Operator) -> dict[str, Any]:
    """Every agency."""
    async with house.record.read() as conn:
        return {"agencies": plain(await access.list_agencies(conn))}


@router.post("/keys", status_code=201)
async def post_key(house: HouseOf, actor: Operator, given: KeyIn) -> dict[str, Any]:
    """Make a key; it is shown once."""
    now = house.clock.now()
    async with house.record.write() as conn:
        made = await access.create_key(conn, house.vault, **given.model_dump(), now=now)
        # The audit outlives an erasure: of a subscriber's key it keeps the subscriber's id and no name.
        unsaid = {"holder"} if given.role is Role.SUBSCRIBER else None
        bound = given.model_dump(mode="json", exclude_none=True, exclude=unsaid)
        await _note(conn, actor, "key.created", made.key_id, bound, now)
    shown = {"key_id": made.key_id, "key": made.bearer}
    return shown | ({"hmac_secret": made.hmac_secret} if made.hmac_secret else {})


@router.get("/keys")
async def get_keys(house: HouseOf, actor: Operator) -> dict[str, Any]:
    """Every key without its secrets."""
    async with house.record.read() as conn:
        return {"keys": plain(await access.list_keys(conn))}


@router.delete("/keys/{key_id}", status_code=204)
async def delete_key(key_id: str, house: HouseOf, actor: Operator) -> Response:
    """End a key and every session that it opened."""
    if key_id == actor.key_id:
        raise Problem(409, "this is the key you are using; end it with another operator key")
    now = house.clock.now()
    async with house.record.write() as conn:
        if not await access.revoke_key(conn, key_id, now):
            raise not_found(f"a living key {key_id}")
        await _note(conn, actor, "key.revoked", key_id, {}, now)
    return Response(status_code=204)


async def _note(
    conn: AsyncConnection, actor: Actor, action: str, subject: str, details: dict[str, Any], now: datetime
) -> None:
    key = f"{subject}|{now.isoformat()}"
    await note(conn, key=key, actor=actor.holder, action=action, subject=subject, details=details, now=now)


@router.post("/master-keys/rewrap")
async def post_rewrap(house: HouseOf, actor: Operator) -> dict[str, Any]:
    """Wrap every key by the newest master key, so that older ones may be thrown away; again does no harm."""
    rewrapped = await rewrap(house.record, house.vault)
    now = house.clock.now()
    async with house.record.write() as conn:
        await _note(conn, actor, "master_keys.rewrapped", "", {"keys": rewrapped}, now)
    return {"rewrapped": rewrapped}


@router.get("/deadletters")
async def get_deadletters(
    house: HouseOf, actor: Operator, after: After = None, limit: Limit = 100
) -> dict[str, Any]:
    """What was put aside as wrong for good, with the reason."""
    async with house.record.read() as conn:
        with cursor_checked(after):
            found, following = await deadletters.list_dead(conn, limit=limit, after=after)
    return {"dead_letters": plain(found), "next": following}


@router.post("/deadletters/{dead_letter_id}/replay", status_code=202)
async def post_replay(dead_letter_id: str, house: HouseOf, actor: Operator) -> dict[str, str]:
    """Put a dead letter into its topic again, under its old identity."""
    if not await deadletters.replay(house.record, house.log, dead_letter_id, actor, house.clock.now()):
        raise not_found(f"dead letter {dead_letter_id}")
    return {"dead_letter_id": dead_letter_id, "status": "replayed"}


@router.get("/outbox")
async def get_outbox(
    house: HouseOf,
    actor: Operator,
    channel: AnyChannel | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """What the sandbox would have sent, newest first, every contact masked; ``after`` needs a ``channel``."""
    if after is not None and channel is None:
        raise wrong("after", "name the channel that it belongs to")
    with cursor_checked(after, timed=False):
        found = await outbox(house, channel, limit, after)
    following = found[-1]["cursor"] if channel and len(found) == limit else None
    return {"messages": plain(found), "next": following}


async def outbox(
    house: House, channel: str | None, limit: int, after: str | None = None
) -> list[dict[str, Any]]:
    """Return entries of the sandbox, of one channel or of all, newest first."""
    directory = outbox_directory(house.settings)
    wanted = [channel] if channel else list(CHANNELS)

    def read() -> list[tuple[str, OutboxEntry]]:
        return [(name, entry) for name in wanted for entry in read_outbox(directory, name, limit, after)]

    entries = await asyncio.to_thread(read)
    entries.sort(key=lambda pair: pair[1].at, reverse=True)
    return [{"channel": name} | asdict(entry) for name, entry in entries[:limit]]


@router.post("/backup")
async def post_backup(house: HouseOf, actor: Operator) -> dict[str, Any]:
    """Write a backup into the data directory of the service's machine."""
    now = house.real_clock.now()  # a backup is as old as it is, whatever time is simulated
    target = house.settings.data / "backups" / f"zhengda-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    size = await write_backup(house.record, house.settings, target, now)
    return {"path": str(target.resolve()), "bytes": size}
