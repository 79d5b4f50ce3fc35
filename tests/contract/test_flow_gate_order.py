"""A policy's events keep their order, and what loses it nevertheless loses nothing silently."""

from dataclasses import replace

import pytest

from config.database.schema import policies
from streams.events import parse_event
from streams.gate.judging import judge, known_event
from streams.names import POLICIES_ACCEPTED
from streams.wrong import Wrong
from tests.support.flow import AGENCY, NOW, Flow, cloud_event, policy

PUBLISHED = cloud_event("policy.published", policy(), "e-1")


async def test_a_message_under_a_foreign_key_is_wrong_because_it_would_lose_its_order(flow: Flow) -> None:
    with pytest.raises(Wrong, match="the message key must be sheet/P-1"):
        await flow.admit(await flow.log_event(PUBLISHED, key=b"sheet/P-2"))
    with pytest.raises(Wrong, match="the message key must be sheet/P-1"):
        await flow.admit(replace(await flow.log_event(PUBLISHED), key=None))
    await flow.admit(await flow.log_event(PUBLISHED, key=b"sheet/P-1"))
    assert len(flow.log.on(POLICIES_ACCEPTED)) == 1


async def test_two_events_that_make_one_revision_at_the_same_moment_are_one_revision_and_one_refusal(
    flow: Flow,
) -> None:
    second = cloud_event("policy.published", policy(title="另一份"), "e-2")
    messages = [await flow.log_event(PUBLISHED), await flow.log_event(second)]
    for (
        message
    ) in messages:  # SQLite lets one in at a time; a revision that is there already is what the race leaves
        async with flow.record.write() as conn:
            event, actor = parse_event(message.value), await flow.actor("publisher")
            await conn.execute(policies.delete())
            await judge(conn, event, actor, message.at, codes=flow.desk.taxonomy, now=NOW)
    async with flow.record.read() as conn:
        known = await known_event(conn, AGENCY, "e-2")
    assert known is not None
    assert (known.status, "taken by another event" in str(known.reason)) == ("refused", True)
