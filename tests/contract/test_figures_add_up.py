"""Every ledger row is in exactly one figure of its funnel, whatever became of it, on both databases."""

import random
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import delete, insert

from channels.errors import PermanentError, TemporaryError, UnknownOutcomeError
from channels.message import Message, Progress, Receipt
from config.database.schema import campaigns, deliveries
from service.api.ledger import DeliveryState
from streams.digests.gathering import gather_digests
from streams.names import MATCH_TASKS
from streams.receipts.receipts import ACCEPTED, DELIVERED, FAILED, Report, apply, keep
from streams.sweeps import count_as_delivered, end_leases, give_up_unknown, hand_over_due
from tests.support.figures import added_up
from tests.support.flow import NOW, Flow, policy

STATES = get_args(DeliveryState)
REASONS = (
    None,
    "unknown",
    "gone",
    "opted_out",
    "valid_until",
    "apply_window",
    "superseded",
    "repealed",
    "450 忙",
)
WENT = ("sent", "delivered", "unknown")
WINDOW = {"opens": "2026-03-01", "closes": "2026-03-31"}
WHO: dict[str, dict[str, Any]] = {
    "S-1": {},
    "S-2": {"channels": ("email", "sms", "space")},
    "S-3": {"channels": ("sms",)},
    "S-4": {"preferences": {"frequency": "daily"}},
    "S-5": {"preferences": {"quiet_hours": {"from": "18:00", "to": "09:00"}}},
}


def a_row(dice: random.Random, campaign: str) -> dict[str, Any]:
    """A row of any state with the times that go with it."""
    state = dice.choice(STATES)
    went = state in WENT or (state == "failed" and dice.random() < 0.5)
    lost = (
        state not in (*WENT, "failed") and dice.random() < 0.2
    )  # it may have gone: nobody knows, and it goes again
    delivered = state == "delivered"
    return {
        "delivery_id": str(uuid.UUID(int=dice.getrandbits(128))),
        "campaign_id": campaign,
        "shard": dice.randrange(4),
        "subscriber_id": f"S-{dice.randrange(30)}",
        "channel": dice.choice(("email", "sms", "space")),
        "contact_id": "x",
        "reasons": [],
        "state": state,
        "reason": dice.choice(REASONS),
        "attempts": 1,
        "due_at": NOW,
        "planned_at": NOW,
        "sent_at": NOW if went or lost else None,
        "delivered_at": NOW if delivered else None,
        "read_at": NOW if delivered and dice.random() < 0.5 else None,
        "acknowledged_at": NOW if delivered and dice.random() < 0.2 else None,
    }


async def test_every_row_of_a_random_ledger_is_in_exactly_one_figure(flow: Flow) -> None:
    campaign = await flow.campaign()
    other = await flow.campaign("P-2")
    for seed in range(25):
        dice = random.Random(seed)
        rows = [a_row(dice, campaign) for _ in range(dice.choice((0, 1, 5, 60, 300)))]
        strange = [a_row(dice, other) for _ in range(7)]
        async with flow.record.write() as conn:
            await conn.execute(delete(deliveries))
            await conn.execute(insert(deliveries), [*rows, *strange])
        found = await flow.funnel()
        count = Counter(row["state"] for row in rows)
        assert added_up(found) == found.planned == len(rows), seed
        assert found.waiting == {state: count[state] for state in ("planned", "claimed", "held")}
        assert found.held == sum(found.held_for.values()) == count["held"]
        assert (found.delivered, found.unreported) == (count["delivered"], count["sent"] + count["unknown"])
        for state in ("failed", "suppressed", "expired", "superseded"):
            whys = Counter(row["reason"] or "unknown" for row in rows if row["state"] == state)
            assert found.as_dict()[state] == dict(whys), (seed, state)
        went = [row for row in rows if row["state"] in (*WENT, "failed")]
        assert found.sent == sum(row["sent_at"] is not None for row in went)
        arrived = {row["subscriber_id"] for row in rows if row["state"] == "delivered"}
        opened = {row["subscriber_id"] for row in rows if row["read_at"] or row["acknowledged_at"]}
        assert (found.reached, found.aware) == (len(arrived), len(opened))


async def test_rows_of_reminders_are_in_no_figure_of_the_policy(flow: Flow) -> None:
    dice = random.Random(1)
    campaign = await flow.campaign()
    reminder = {
        "campaign_id": str(uuid.uuid4()),
        "agency_id": "sheet",
        "policy_id": "P-1",
        "revision": 1,
        "occurrence": "reminder:3:2026-03-31",
        "state": "running",
        "shards": 4,
        "tokens": {},
        "created_at": NOW,
    }
    async with flow.record.write() as conn:
        await conn.execute(insert(campaigns), [reminder])
        rows = [a_row(dice, reminder["campaign_id"]) for _ in range(40)]
        await conn.execute(insert(deliveries), [*rows, a_row(dice, campaign)])
    found = await flow.funnel()
    assert (found.planned, added_up(found)) == (1, 1)


@pytest.mark.parametrize(
    ("ends", "reason"),
    [({"valid_until": "2026-03-03"}, "valid_until"), ({"apply_window": WINDOW}, "apply_window")],
)
async def test_what_came_too_late_is_expired_with_the_end_that_it_missed(
    flow: Flow, ends: dict[str, Any], reason: str
) -> None:
    await flow.subscriber("S-1", channels=("email", "space"))
    await flow.campaign(**ends)
    await flow.pump(MATCH_TASKS)
    flow.clock.advance(timedelta(days=40))
    await flow.pump()
    found = await flow.funnel()
    assert (found.complete, found.planned, found.expired, added_up(found)) == (True, 2, {reason: 2}, 2)


async def test_what_was_not_sent_of_an_older_or_repealed_revision_is_superseded(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=("email", "space"))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    await flow.tell("policy.amended", policy(title="修改后的若干措施"))
    await flow.release("P-1", 2)
    await flow.pump()
    older = await flow.funnel(revision=1)
    assert (older.complete, older.superseded, added_up(older)) == (True, {"superseded": 2}, older.planned)
    await flow.campaign("P-2")
    await flow.pump(MATCH_TASKS)
    await flow.tell("policy.repealed", {"policy_id": "P-2"})
    await flow.pump()
    repealed = await flow.funnel("P-2")
    assert (repealed.superseded, added_up(repealed)) == ({"repealed": 2}, repealed.planned)


def by_the_dice(dice: random.Random) -> Any:
    """A channel that answers anything."""

    def answer(message: Message) -> Any:
        return dice.choice(
            (
                Receipt(Progress.SENT),
                Receipt(Progress.SENT),
                Receipt(Progress.DELIVERED),
                PermanentError("550 no such user", dead=True),
                PermanentError("554 refused"),
                TemporaryError("450 busy"),
                UnknownOutcomeError("the line broke"),
            )
        )

    return answer


async def _report(flow: Flow, dice: random.Random) -> None:
    """A gateway says something about a row, whatever that row's state."""
    rows = [row for row in await flow.rows() if row["channel"] != "space"]
    if not rows:
        return
    told = dice.choice(((ACCEPTED, None), (DELIVERED, None), (FAILED, "gone"), (FAILED, None)))
    now, delivery = flow.clock.now(), dice.choice(rows)["delivery_id"]
    async with flow.record.write() as conn:
        await keep(conn, Report(delivery, *told), now)
        await apply(conn, delivery, now)


@pytest.mark.parametrize("seed", range(3))
async def test_the_figures_add_up_at_each_moment_of_a_random_push(flow: Flow, seed: int) -> None:
    dice = random.Random(seed)
    for name in ("email", "sms"):  # the space has no far side that could refuse
        flow.channels[name].script = by_the_dice(dice)
    for name, given in WHO.items():
        await flow.subscriber(name, **given)
    await flow.campaign(apply_window=WINDOW)
    await flow.pump(MATCH_TASKS)
    seen: Counter[str] = Counter()
    for step in range(30):
        await _something(flow, dice, step)
        found = await flow.funnel(revision=1)
        own = next(one["campaign_id"] for one in found.campaigns if one["occurrence"] == "policy")
        rows = await flow.rows(campaign_id=own)
        assert added_up(found) == found.planned == len(rows), (seed, step)
        seen.update(row["state"] for row in rows)
    assert len(seen) > 2, seen


async def _something(flow: Flow, dice: random.Random, step: int) -> None:
    match dice.randrange(6):
        case 0 | 1:
            await flow.pump()
        case 2:
            flow.clock.advance(timedelta(hours=dice.choice((1, 7, 30, 200))))
        case 3:
            await _report(flow, dice)
        case 4:
            for sweep in (end_leases, gather_digests, hand_over_due):
                await sweep(flow.desk)
        case _:
            await count_as_delivered(flow.desk, timedelta(hours=24))
            await give_up_unknown(flow.desk)
    if step == 20 and dice.random() < 0.5:
        await flow.tell("policy.repealed", {"policy_id": "P-1"})
