"""The suppression list over HTTP. Addresses come in bodies, never in URLs: those stand in the logs of proxies."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, AwareDatetime, Field, WithJsonSchema
from sqlalchemy.ext.asyncio import AsyncConnection

from service.api.problems import Problem, wrong
from service.api.security import HouseOf, Operator
from service.api.shapes import After, Body, Limit, cursor_checked, plain
from service.house import House
from streams.access import Actor
from streams.events.fields import Line
from subscribers.addresses import NORMALISERS
from subscribers.errors import AddressError
from subscribers.suppression_list import (
    Entry,
    SaidNoError,
    add_suppressed,
    find_suppressed,
    lift_suppressed,
    list_suppressed,
)

router = APIRouter(prefix="/api/v1", tags=["operations"])
MOST_ROWS = 1_000
HELD = "whoever holds this address said no; only they take that back, at /join or /my"


def _known(name: str) -> str:
    if name not in NORMALISERS:
        raise ValueError(f"use one of {', '.join(NORMALISERS)}")
    return name


ChannelName = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(NORMALISERS)})
]


class AddressIn(Body):
    """An address; without a channel, one with an @ is of e-mail, one that begins with http a webhook, else a number."""

    address: str = Field(min_length=1, max_length=2000)
    channel: ChannelName | None = None

    @property
    def on(self) -> str:
        """Its channel."""
        if self.channel is not None:
            return self.channel
        if self.address.strip().lower().startswith("http"):
            return "webhook"
        return "email" if "@" in self.address else "sms"


class ReasonIn(AddressIn):
    """An address and why."""

    reason: Line


class RowsIn(Body):
    """Many addresses at once."""

    rows: Annotated[list[ReasonIn], Field(min_length=1, max_length=MOST_ROWS)]


@router.get("/suppressions")
async def get_suppressions(
    house: HouseOf,
    actor: Operator,
    channel: Annotated[ChannelName | None, Query()] = None,
    reason: Annotated[str | None, Query(max_length=500)] = None,
    since: Annotated[AwareDatetime | None, Query()] = None,
    after: After = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """Addresses that nothing goes to, newest first: by their blind index, for they are not kept in the clear."""
    async with house.record.read() as conn:
        with cursor_checked(after):
            found, following = await list_suppressed(
                conn, channel=channel, reason=reason, since=since, limit=limit, after=after
            )
    return {"suppressions": [_shown(one) for one in found], "next": following}


@router.post("/suppressions/find")
async def post_find(house: HouseOf, actor: Operator, given: AddressIn) -> dict[str, Any]:
    """Whether an address is on the list, and why; 404 where it is not."""
    async with house.record.read() as conn:
        with _address_checked():
            found = await find_suppressed(conn, house.vault, given.on, given.address)
    if found is None:
        raise Problem(404, "this address is not on the suppression list")
    return _shown(found)


@router.post("/suppressions", status_code=201)
async def post_suppression(
    house: HouseOf, actor: Operator, given: ReasonIn, response: Response
) -> dict[str, Any]:
    """Put an address on the list; 200 where it was there before, with the reason that stands."""
    async with house.record.write() as conn:
        entry, new = await _added(house, conn, given, actor)
    response.status_code = 201 if new else 200
    return _shown(entry)


@router.post("/suppressions/lift")
async def post_lift(house: HouseOf, actor: Operator, given: ReasonIn) -> dict[str, Any]:
    """Take an address off the list, with a reason that the audit keeps; 409 where its holder said no."""
    lift = partial(lift_suppressed, reason=given.reason, actor=actor.holder, now=house.clock.now())
    async with house.record.write() as conn:
        try:
            with _address_checked():
                lifted = await lift(conn, house.vault, given.on, given.address)
        except SaidNoError as exc:
            raise Problem(409, HELD) from exc
    if lifted is None:
        raise Problem(404, "this address is not on the suppression list")
    return _shown(lifted)


@router.post("/suppressions/import")
async def post_import(house: HouseOf, actor: Operator, given: RowsIn) -> dict[str, Any]:
    """Put many addresses on the list; a row that holds no address is refused and the others are taken."""
    added, refused = 0, []
    async with house.record.write() as conn:
        for number, row in enumerate(given.rows, 1):
            try:
                added += (await _added(house, conn, row, actor))[1]
            except Problem as exc:
                refused.append({"row": number, "reason": exc.detail})
    return {"added": added, "known": len(given.rows) - added - len(refused), "refused": refused}


async def _added(house: House, conn: AsyncConnection, row: ReasonIn, actor: Actor) -> tuple[Entry, bool]:
    add = partial(add_suppressed, reason=row.reason, actor=actor.holder, now=house.clock.now())
    with _address_checked():
        return await add(conn, house.vault, row.on, row.address)


@contextmanager
def _address_checked() -> Iterator[None]:
    """Turn an address that is none into a 422."""
    try:
        yield
    except AddressError as exc:
        raise wrong("address", str(exc)) from exc


def _shown(entry: Entry) -> dict[str, Any]:
    shape: dict[str, Any] = plain(asdict(entry))
    return shape
