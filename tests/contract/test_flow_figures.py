"""The figures of the ledger and the lists, on a real record."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from channels.errors import PermanentError
from channels.message import Progress, Receipt
from config.database.schema import deliveries
from streams.fanout.ledger import list_deliveries
from streams.names import DELIVERIES, MATCH_TASKS, POLICIES_ACCEPTED
from streams.policies import list_policies
from tests.support.flow import AGENCY, NOW, SHARDS, Flow, policy

EMAILS = DELIVERIES["email"]


async def planned(flow: Flow, count: int = 1, channels: tuple[str, ...] = ("email",)) -> None:
    for number in range(count):
        await flow.subscriber(f"S-{number}", channels=channels)
    await flow.campaign()
    await flow.pump(MATCH_TASKS)


async def change_rows(flow: Flow, **values: Any) -> None:
    async with flow.record.write() as conn:
        await conn.execute(update(deliveries).values(**values))


# -- figures ---------------------------------------------------------------------------------------------------------


async def test_the_funnel_counts_what_happened(flow: Flow) -> None:
    script: dict[str, Any] = {
        "S-0": Receipt(Progress.SENT),
        "S-1": Receipt(Progress.DELIVERED),
        "S-2": Receipt(Progress.DELIVERED),
        "S-3": PermanentError("550", dead=True),
    }
    flow.channels["email"].script = lambda message: script[message.subscriber_id]
    await planned(flow, 5)
    await flow.subscriber("S-4", {})  # ended its subscription since
    await flow.pump()
    async with flow.record.write() as conn:
        mine = deliveries.c.subscriber_id == "S-1"
        await conn.execute(update(deliveries).where(mine).values(read_at=NOW))
    found = await flow.funnel()
    assert found.complete
    assert (found.shards, found.shards_marked, found.matched, found.planned) == (SHARDS, SHARDS, 5, 5)
    assert (found.sent, found.delivered, found.read, found.acknowledged) == (3, 2, 1, 0)
    assert (found.failed, found.suppressed) == ({"gone": 1}, {"subscription_ended": 1})
    assert (found.reached, found.aware, found.reach_rate, found.awareness_rate) == (2, 1, 0.4, 0.5)
    assert found.waiting == {"planned": 0, "claimed": 0, "held": 0}


async def test_a_policy_is_complete_when_every_shard_is_marked_and_nothing_waits_to_be_sent(
    flow: Flow,
) -> None:
    await flow.subscriber("S-0")
    await flow.tell("policy.published", policy())
    assert not (await flow.funnel()).complete  # nobody has decided
    await flow.tell("policy.released", {"policy_id": "P-1", "revision": 1}, "reviewer")
    assert not (await flow.funnel()).complete  # its campaign is not open yet
    await flow.pump("policies.released")
    tasks = flow.log.on(MATCH_TASKS)
    for task in tasks[:-1]:
        await flow.step(task)
    assert not (await flow.funnel()).complete
    await flow.step(tasks[-1])
    assert not (await flow.funnel()).complete  # a row is planned
    await change_rows(flow, state="claimed")
    assert not (await flow.funnel()).complete
    await change_rows(flow, state="held")
    done = await flow.funnel()
    assert (done.complete, done.held, done.reach_rate, done.awareness_rate) == (True, 1, 0.0, None)


async def test_a_policy_that_was_refused_is_complete_without_a_campaign(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    await flow.pump(POLICIES_ACCEPTED)
    await flow.tell("policy.refused", {"policy_id": "P-1", "revision": 1, "reason": "有误"}, "reviewer")
    found = await flow.funnel()
    assert (found.complete, found.state, found.matched, found.reach_rate) == (True, "refused", 0, None)


async def test_the_ledger_is_listed_page_by_page_and_by_what_is_asked(flow: Flow) -> None:
    await planned(flow, 5)
    seen: list[str] = []
    async with flow.record.read() as conn:
        after = None
        for _ in range(3):
            page, after = await list_deliveries(conn, limit=2, after=after)
            seen += [row["subscriber_id"] for row in page]
        assert (sorted(seen), after) == ([f"S-{n}" for n in range(5)], None)
        one, _ = await list_deliveries(
            conn, subscriber_id="S-3", channel="email", state="planned", policy_id="P-1"
        )
        assert [(row["subscriber_id"], row["agency_id"], row["occurrence"]) for row in one] == [
            ("S-3", AGENCY, "policy")
        ]
        assert await list_deliveries(conn, agency_id="other") == ([], None)


async def test_policies_are_listed_newest_first_page_by_page(flow: Flow) -> None:
    for number in range(5):
        await flow.tell("policy.published", policy(f"P-{number}"))
        if number % 2:
            flow.clock.advance(timedelta(minutes=1))
    seen: list[str] = []
    async with flow.record.read() as conn:
        after = None
        for _ in range(3):
            page, after = await list_policies(conn, limit=2, after=after)
            seen += [view.policy_id for view in page]
    assert (seen, after) == ([f"P-{n}" for n in (4, 3, 2, 1, 0)], None)


async def test_the_public_sees_what_stands_even_while_an_amendment_waits(flow: Flow) -> None:
    await flow.campaign("P-1")
    await flow.tell("policy.amended", policy("P-1", title="待审的修改"))
    await flow.campaign("P-2", audience_scope={"subscribers": ["S-1"]})
    await flow.tell("policy.published", policy("P-3"))
    await flow.tell("policy.published", policy("P-4", disclosure="withheld"))
    async with flow.record.read() as conn:
        public, _ = await list_policies(conn, public_only=True)
        waiting, _ = await list_policies(conn, states=["received", "waiting"], agency_id=AGENCY)
    assert [(view.policy_id, view.revision, view.title) for view in public] == [("P-1", 1, policy()["title"])]
    assert {(view.policy_id, view.revision) for view in waiting} == {("P-1", 2), ("P-3", 1), ("P-4", 1)}
