"""Audience preview: what a release would do, asked of every shard and answered without planning anything."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.clock import Clock
from config.database import Record
from config.database.schema import previews
from config.taxonomies import Taxonomy
from streams.log import EventLog
from streams.preview.asking import Asked, question
from streams.preview.breakdown import breakdown
from streams.preview.crowds import SAMPLES
from streams.preview.tally import total
from subscribers.subscriptions import names_of

POLL_S = 0.02
KEPT = timedelta(hours=1)


class PreviewTimeout(Exception):
    """Not every shard answered in time: a worker is down, starting or very busy. Look at /healthz and ask again."""


async def preview(
    record: Record,
    log: EventLog,
    policy: Asked,
    *,
    taxonomy: Taxonomy,
    shards: int,
    timeout_s: float,
    clock: Clock,
    own: bool = True,
) -> dict[str, Any]:
    """Return what `breakdown.breakdown` does, with ``"labels"`` and ``"samples"``, for a release at this moment.

    Args:
        record: holds question and answers.
        log: carries the question to the shards.
        policy: whose audience is asked for.
        taxonomy: names what is counted.
        shards: how many must answer.
        timeout_s: how long to wait for them.
        clock: the time.
        own: whether the asker is the policy's own agency; others see neither small counts nor samples.

    Raises:
        PreviewTimeout: too few answers.
        LogUnavailable: the question could not be asked.
    """
    preview_id = await _ask(record, log, question(policy, clock.now()), shards, clock)
    answers = await _answers(record, preview_id, shards, timeout_s)
    async with record.write() as conn:
        await conn.execute(delete(previews).where(previews.c.preview_id == preview_id))
    # Whoever names a few enterprises must not learn from the tables what they are.
    tables = own and not policy.data.get("audience_scope")
    return {
        **breakdown(total(answers), policy.codes, taxonomy, own=own, tables=tables),
        "samples": await _named(record, _samples(answers) if own else []),
        "labels": [
            {
                "dimension": one.dimension,
                "code": one.code,
                "name": taxonomy.name(one.dimension, one.code),
                "quote": one.quote,
            }
            for one in policy.labels
        ],
    }


async def _ask(record: Record, log: EventLog, question: dict[str, Any], shards: int, clock: Clock) -> str:
    preview_id, now = str(uuid.uuid4()), clock.now()
    rows = [
        {"preview_id": preview_id, "shard": shard, "tokens": question, "at": now} for shard in range(shards)
    ]
    async with record.write() as conn:
        await _forget_older(conn, now - clock.span(KEPT))
        await conn.execute(previews.insert(), rows)
    await log.ask_preview(preview_id, shards)
    return preview_id


def _samples(answers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return a few from all shards, one of each in turn."""
    turns = zip_longest(*(answer["samples"] for answer in answers))
    return [sample for sample in chain.from_iterable(turns) if sample is not None][:SAMPLES]


async def _named(record: Record, samples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add to the samples' reasons what their subscribers call the subscription; null where it is none."""
    ids = {why["subscription"] for sample in samples for why in sample["reasons"]} - {None}
    async with record.read() as conn:
        names = await names_of(conn, ids)
    return [
        {**sample, "reasons": [why | {"name": names.get(why["subscription"])} for why in sample["reasons"]]}
        for sample in samples
    ]


async def _answers(record: Record, preview_id: str, shards: int, timeout_s: float) -> list[dict[str, Any]]:
    query = select(previews.c.result).where(
        previews.c.preview_id == preview_id, previews.c.result.is_not(None)
    )
    found: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                async with record.read() as conn:
                    found = [row.result for row in await conn.execute(query)]
                if len(found) == shards:
                    return found
                await asyncio.sleep(POLL_S)
    except TimeoutError as exc:
        raise PreviewTimeout(
            f"{len(found)} of {shards} shards answered within {timeout_s:.0f} s; ask again"
        ) from exc


async def _forget_older(conn: AsyncConnection, moment: datetime) -> None:
    await conn.execute(delete(previews).where(previews.c.at < moment))
