"""The first start makes the first operator key, and in the demo the keys of its agency; all are shown once."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.record import insert_new
from config.database.schema import installation
from service.discovery import DiscoveryError, discovery_path, read_discovery
from service.house import House
from streams.access import NewKey, Role, authenticate, create_key, put_agency
from streams.audit import note

DEMO_AGENCY = "demo"
DEMO_AGENCY_NAME = "示范市政策服务中心"
DEMO_REGION = "310000"


@dataclass(frozen=True)
class Keys:
    """Keys that this machine may use; ``fresh`` names those made just now, to be shown once."""

    operator: str | None = field(repr=False)
    publisher: str | None = field(repr=False)
    reviewer: str | None = field(repr=False)
    fresh: tuple[str, ...] = ()


async def first_start(house: House, *, demo: bool) -> Keys:
    """Return the keys that stand in ``service.json`` and still hold, making those that were never made."""
    try:
        found = read_discovery(discovery_path(house.settings.data))
    except DiscoveryError:
        found = None  # a broken file is written anew; its keys are lost, the record's remain
    kept = (found.operator_key, found.publisher_key, found.reviewer_key) if found else (None, None, None)
    fresh: list[str] = []
    async with house.record.write() as conn:
        operator, publisher, reviewer = [key if await _holds(conn, key) else None for key in kept]
        if operator is None and await _is_first(conn):
            operator = (await _key(conn, house, Role.OPERATOR, "operator", None)).bearer
            fresh.append("operator")
        if demo:
            await put_agency(conn, DEMO_AGENCY, DEMO_AGENCY_NAME, DEMO_REGION, house.clock.now())
            if publisher is None:
                publisher = (await _key(conn, house, Role.PUBLISHER, "演示发布员", DEMO_AGENCY)).bearer
            if reviewer is None:
                reviewer = (await _key(conn, house, Role.REVIEWER, "演示审查员", DEMO_AGENCY)).bearer
    return Keys(operator, publisher, reviewer, tuple(fresh))


async def _holds(conn: AsyncConnection, key: str | None) -> bool:
    return key is not None and await authenticate(conn, key) is not None


async def _is_first(conn: AsyncConnection) -> bool:
    # Several roles may start together on one record: the row goes in once, and who put it in makes the key.
    done = await conn.execute(insert_new(conn, installation), {"name": "first_operator", "value": "made"})
    return bool(done.rowcount)


async def _key(conn: AsyncConnection, house: House, role: Role, holder: str, agency: str | None) -> NewKey:
    now = house.clock.now()
    made = await create_key(conn, house.vault, role=role, holder=holder, agency_id=agency, now=now)
    bound = {"role": role.value, "holder": holder} | ({"agency_id": agency} if agency else {})
    await note(
        conn,
        key=made.key_id,
        actor="first start",
        action="key.created",
        subject=made.key_id,
        details=bound,
        now=now,
    )
    return made
