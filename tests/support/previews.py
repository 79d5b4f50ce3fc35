"""Previews asked in a flow whose log is pumped by hand, and what a shard may answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from config.clock import SHANGHAI
from streams.events.policy_data import PolicyData
from streams.names import PREVIEW_TASKS
from streams.preview import preview
from streams.preview.asking import Asked, of_draft
from streams.preview.tally import COUNTS
from tests.support.flow import SHARDS, Flow, policy


async def ask(
    flow: Flow,
    timeout_s: float = 20.0,
    own: bool = True,
    before: tuple[str, str, int] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Ask for the audience of `flow.policy`, changed."""
    asked = of_draft(
        PolicyData.model_validate(policy(**changes)),
        flow.desk.labeller,
        region=None,
        today=flow.clock.now().astimezone(SHANGHAI).date(),
        calendar=flow.desk.calendar,
        before=before,
    )
    return await ask_of(flow, asked, timeout_s, own)


async def ask_of(flow: Flow, asked: Asked, timeout_s: float = 20.0, own: bool = True) -> dict[str, Any]:
    """Ask for the audience of any policy."""
    given = {"taxonomy": flow.desk.taxonomy, "shards": SHARDS, "timeout_s": timeout_s, "clock": flow.clock}
    return await preview(flow.record, flow.desk.log, asked, own=own, **given)


async def answered(flow: Flow, **more: Any) -> dict[str, Any]:
    """Ask, and let the shards answer."""
    return await _pumped(flow, ask(flow, **more))


async def answered_of(flow: Flow, asked: Asked) -> dict[str, Any]:
    """Ask for any policy, and let the shards answer."""
    return await _pumped(flow, ask_of(flow, asked))


async def _pumped(flow: Flow, question: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    asking = asyncio.create_task(question)
    while not asking.done():
        await flow.pump(PREVIEW_TASKS)
        await asyncio.sleep(0.01)
    return await asking


def counted(matched: int = 0, **changes: Any) -> dict[str, Any]:
    """Return what one shard answers."""
    empty: dict[str, Any] = {name: {} for name in (*COUNTS, "held_back")}
    return {"matched": matched, **empty, "samples": [], **changes}
