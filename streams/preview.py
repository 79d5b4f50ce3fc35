"""Audience preview: what a release would do, asked of every shard and answered without planning anything."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.calendar import WorkingDays
from config.clock import SHANGHAI, Clock
from config.database import Record
from config.database.schema import previews
from streams.actionable import actionable
from streams.labelling import Labeller
from streams.log import EventLog
from streams.masking import Shown, few
from streams.policy_data import PolicyData
from streams.reading import read
from streams.requirements import asked, plain
from streams.steps.count import SAMPLES
from subscribers.subscriptions import names_of

POLL_S = 0.05
KEPT = timedelta(hours=1)


class PreviewTimeout(Exception):
    """Not every shard answered in time: a worker is down, starting or very busy. Look at /healthz and ask again."""


async def preview(
    record: Record,
    log: EventLog,
    data: PolicyData,
    *,
    labeller: Labeller,
    calendar: WorkingDays,
    shards: int,
    timeout_s: float,
    clock: Clock,
    own: bool = True,
    region: str | None = None,
) -> dict[str, Any]:
    """Return ``{"matched", "by_channel", "labels", "samples"}`` for a policy that has not been published.

    Args:
        record: holds question and answers.
        log: carries the question to the shards.
        data: the policy.
        labeller: reads its labels.
        calendar: of working days.
        shards: how many must answer.
        timeout_s: how long to wait for them.
        clock: the time.
        region: of the agency, as at the labelling.
        own: whether the asker is the policy's own agency; others do not see small counts.

    Raises:
        PreviewTimeout: too few answers.
        LogUnavailable: the question could not be asked.
    """
    today = clock.now().astimezone(SHANGHAI).date()
    reading = await asyncio.to_thread(
        read,
        labeller,
        data.model_dump(mode="json", exclude={"body"}, exclude_none=True),
        data.body,
        region=region,
        today=today,
        calendar=calendar,
    )
    scope = data.audience_scope.model_dump(mode="json") if data.audience_scope else None
    named = [str(label) for label in reading.labels]
    question = {
        "labels": named,
        "can_act": actionable(named, reading.data, today),
        "text": f"{data.title}\n{data.body}",
        "scope": scope,
        "requirements": plain(asked(reading.facts, reading.data, data.body)),
    }
    preview_id = await _ask(record, log, question, shards, clock)
    found = _sum(await _answers(record, preview_id, shards, timeout_s), own=own)
    return found | {
        "samples": await _named(record, found["samples"]),
        "labels": [
            {
                "dimension": one.dimension,
                "code": one.code,
                "name": labeller.taxonomy.name(one.dimension, one.code),
                "quote": one.quote,
            }
            for one in reading.labels
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


def _sum(answers: Sequence[Mapping[str, Any]], *, own: bool) -> dict[str, Any]:
    channels = Counter[str]()
    for answer in answers:
        channels.update(answer["by_channel"])
    show: Callable[[int], Shown] = int if own else few
    return {
        "matched": show(sum(answer["matched"] for answer in answers)),
        "by_channel": {channel: show(n) for channel, n in sorted(channels.items())},
        "samples": [sample for answer in answers for sample in answer["samples"]][:SAMPLES] if own else [],
    }


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
