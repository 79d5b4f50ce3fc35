"""The CSV import over HTTP: decoded, read and written some thousand rows at a time."""

import asyncio
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import Any

from config.database.record import is_outage
from service.api.changes import tell
from service.api.problems import RETRY_AFTER_S, Problem
from service.house import House
from streams.access import Actor
from subscribers.importing import ImportHeaderError, parse_csv
from subscribers.model import Enrolment, Refusal
from subscribers.registry import put_many

BATCH = 1_000


async def import_csv(house: House, raw: bytes, actor: Actor) -> dict[str, Any]:
    """Import every row that is right; the others are answered by line and reason. The same file twice does no harm.

    Raises:
        Problem: 422 for a file that is no text or whose header is wrong, 503 when the record went away; the detail says
            after which line.
    """
    rows = parse_csv(StringIO(decode(raw), newline=""))
    subscribers: set[str] = set()
    refused: list[Refusal] = []
    line = 1
    while batch := await asyncio.to_thread(_some, rows):
        try:
            imported, line_refusals = await _write(house, batch, actor)
        except Exception as exc:
            if not is_outage(exc):
                raise
            detail = f"the record went away after line {line}; send the whole file again, what is in stays as it is"
            raise Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)}) from exc
        subscribers |= imported
        refused += line_refusals
        line = max(row.line for row in batch)
    refused.sort(key=lambda refusal: refusal.line)
    return {"imported": len(subscribers), "refused": [{"line": r.line, "reason": r.reason} for r in refused]}


def decode(raw: bytes) -> str:
    """Return the text of a CSV file: UTF-8, or GB 18030, which Chinese spreadsheets still write.

    Raises:
        Problem: 422, it is neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Problem(422, "the file is neither UTF-8 nor GB 18030 text")


def _some(rows: Iterator[Enrolment | Refusal]) -> list[Enrolment | Refusal]:
    try:
        return list(islice(rows, BATCH))
    except ImportHeaderError as exc:
        raise Problem(422, str(exc), errors=[{"field": "header", "message": str(exc)}]) from exc


async def _write(
    house: House, batch: list[Enrolment | Refusal], actor: Actor
) -> tuple[set[str], list[Refusal]]:
    good = [row for row in batch if isinstance(row, Enrolment)]
    bad = [row for row in batch if isinstance(row, Refusal)]
    if not good:
        return set(), bad
    async with house.record.write() as conn:
        done = await put_many(
            conn,
            house.vault,
            good,
            shards=house.settings.shards,
            now=house.clock.now(),
            actor=actor.holder,
        )
    await tell(house, done.changes)
    return {change.subscriber_id for change in done.changes}, [*bad, *done.refused]
