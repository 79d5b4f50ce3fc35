"""The import over HTTP: a CSV or a workbook, read in a thread and written a thousand rows at a time."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, cast

from fastapi import APIRouter, Query, Request

from config.database.record import is_outage
from service.api.changes import tell
from service.api.problems import RETRY_AFTER_S, Problem
from service.api.security import HouseOf, Operator
from service.house import House
from streams.access import Actor
from subscribers.lists.importing import ImportHeaderError, parse_lines
from subscribers.lists.spreadsheets import FileError, lines_of
from subscribers.model import Enrolment, Refusal
from subscribers.registry import put_many

BATCH = 1_000
HELD_BYTES = 1024 * 1024  # of the file; the rest lies on the disk
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            WORKBOOK: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}

router = APIRouter(prefix="/api/v1/subscribers", tags=["subscribers"])


@dataclass
class _Tally:
    """What became of the rows so far; ``line`` is the last one that was written or refused."""

    imported: set[str] = field(default_factory=set)
    refused: list[Refusal] = field(default_factory=list)
    confirmations: int = 0
    line: int = 0

    def answer(self) -> dict[str, Any]:
        refused = sorted(self.refused, key=lambda refusal: refusal.line)
        return {
            "imported": len(self.imported),
            "refused": [{"line": refusal.line, "reason": refusal.reason} for refusal in refused],
            "confirmations": self.confirmations,
        }


@router.post("/import", openapi_extra=BODY)
async def post_import(
    request: Request,
    house: HouseOf,
    actor: Operator,
    sheet: Annotated[str | None, Query(description="of a workbook")] = None,
    confirmation: Annotated[bool, Query(description="whether addresses without consent are asked")] = True,
) -> dict[str, Any]:
    """Import subscribers with their consent from CSV or .xlsx; the columns are listed in docs/faces.md."""
    with SpooledTemporaryFile(max_size=HELD_BYTES) as spool:
        async for part in request.stream():
            spool.write(part)
        spool.seek(0)
        return await import_file(house, cast(BinaryIO, spool), actor, sheet=sheet, confirmation=confirmation)


async def import_file(
    house: House, file: BinaryIO, actor: Actor, *, sheet: str | None = None, confirmation: bool = True
) -> dict[str, Any]:
    """Import every row that is right; the others are answered by line and reason. The same file twice does no harm.

    Raises:
        Problem: 422 for a file that is no list or whose header is wrong, 503 when the record went away; the detail says
            after which line.
    """
    tally = _Tally()
    rows = parse_lines(lines_of(file, sheet), now=house.clock.now())
    try:
        async with aclosing(_batches(rows)) as batches:
            async for batch in batches:
                await _write(house, batch, actor, tally, confirmation)
    except ImportHeaderError as exc:
        raise Problem(422, str(exc), errors=[{"field": "header", "message": str(exc)}]) from exc
    except FileError as exc:
        so_far = f"; the rows to line {tally.line} were taken" if tally.line else "; nothing was taken"
        raise Problem(422, f"{exc}{so_far}") from exc
    except Exception as exc:
        if not is_outage(exc):
            raise
        went = f"the record went away after line {max(tally.line, 1)}"
        detail = f"{went}; send the whole file again, what is in stays as it is"
        raise Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)}) from exc
    return tally.answer()


async def _batches(rows: Iterator[Enrolment | Refusal]) -> AsyncGenerator[list[Enrolment | Refusal]]:
    """Yield the rows in batches, each read while the one before it is written."""
    reading = asyncio.create_task(asyncio.to_thread(_some, rows))
    try:
        while batch := await reading:
            reading = asyncio.create_task(asyncio.to_thread(_some, rows))
            yield batch
    finally:
        # A thread cannot be called back: whoever closes the file must wait until nobody reads it.
        await asyncio.wait([reading])
        reading.exception()  # of rows that nobody asks for any more


def _some(rows: Iterator[Enrolment | Refusal]) -> list[Enrolment | Refusal]:
    return list(islice(rows, BATCH))


async def _write(
    house: House, batch: list[Enrolment | Refusal], actor: Actor, tally: _Tally, confirmation: bool
) -> None:
    good = [row for row in batch if isinstance(row, Enrolment)]
    tally.refused += [row for row in batch if isinstance(row, Refusal)]
    if good:
        async with house.record.write() as conn:
            done = await put_many(
                conn,
                house.vault,
                good,
                shards=house.settings.shards,
                now=house.clock.now(),
                actor=actor.holder,
                ask_at=house.real_clock.now() if confirmation else None,
            )
        await tell(house, done.changes)
        tally.imported.update(change.subscriber_id for change in done.changes)
        tally.refused += done.refused
        tally.confirmations += done.confirmations
    tally.line = max(row.line for row in batch)
