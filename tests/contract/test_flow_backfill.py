"""Who joins while an application window is open gets what fits, once, in the enterprise space."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from config.database.schema import campaign_shards, deliveries, policy_revisions, subscribers
from streams.campaigns.record import halt
from streams.fanout import audience as audience_of_module
from streams.latecomers import backfill as backfill_module
from streams.latecomers.windows import Windows
from streams.log import LogUnavailable
from streams.matching.shards import Shards
from streams.names import DELIVERIES, MATCH_TASKS, POLICIES_ACCEPTED, POLICIES_RELEASED, SUBSCRIPTION_CHANGES
from streams.steps import match as match_step
from streams.steps.refresh import refresh
from streams.sweeps import hand_over_due
from subscribers.associations import Membership, put_association, put_membership
from subscribers.correcting import WhoIn, correct
from subscribers.memberships import join
from subscribers.model import SubscriptionIn
from subscribers.registry import erase, opt_out, put_subscriptions
from subscribers.vouching import vouch_for_code, vouch_for_membership
from tests.support.flow import NOW, SHARDS, SOFTWARE, Flow

OPEN = {"apply_window": {"opens": "2026-03-01", "closes": "2026-03-31"}}
DELIVERED = tuple(DELIVERIES.values())


async def released(flow: Flow, policy_id: str = "P-1", **changes: Any) -> str:
    """A policy whose push is over; the id of its campaign."""
    campaign = await flow.campaign(policy_id, **OPEN | changes)
    await flow.pump()
    return campaign


async def joins(flow: Flow, subscriber_id: str = "S-1", *given: Any, **changes: Any) -> None:
    """A subscriber is put and announced, and the index takes the change; nothing is delivered yet."""
    await flow.announce(await flow.subscriber(subscriber_id, *given, **changes))
    await flow.pump(SUBSCRIPTION_CHANGES)


def handed(flow: Flow) -> list[str]:
    return [one for message in flow.log.on(DELIVERIES["space"]) for one in message.json["delivery_ids"]]


async def matched_and_planned(flow: Flow, campaign: str) -> tuple[int, int]:
    async with flow.record.read() as conn:
        rows = await conn.execute(select(campaign_shards).filter_by(campaign_id=campaign))
        marks = [(row.matched or 0, row.planned or 0) for row in rows]
    return sum(mark[0] for mark in marks), sum(mark[1] for mark in marks)


# -- what comes ------------------------------------------------------------------------------------------------------


async def test_who_joins_during_the_window_gets_the_policy_once_and_only_in_the_space(flow: Flow) -> None:
    campaign = await released(flow)
    await joins(flow, channels=("email", "sms"))
    await flow.pump(*DELIVERED)
    row = await flow.row()
    assert (row["campaign_id"], row["channel"], row["state"]) == (campaign, "space", "sent")
    assert row["reasons"][0]["labels"] == ["industry:I65"]
    assert len(flow.channels["space"].sent) == 1
    assert flow.channels["email"].sent == flow.channels["sms"].sent == []


async def test_the_profile_of_who_joins_counts_as_well(flow: Flow) -> None:
    await released(flow)
    await joins(flow, "S-1", {}, profile_matching=True, profile={"industries": ["I65"]})
    await joins(flow, "S-2", {}, profile_matching=True, profile={"industries": ["C39"]})
    await joins(flow, "S-3", {}, profile={"industries": ["I65"]})
    await flow.pump(*DELIVERED)
    row = await flow.row()
    assert (row["subscriber_id"], row["state"]) == ("S-1", "sent")
    assert [why["subscription"] for why in row["reasons"]] == [None]


async def test_further_changes_and_the_same_change_again_bring_nothing_new(flow: Flow) -> None:
    await released(flow)
    await joins(flow)
    await flow.pump(*DELIVERED)
    before = await flow.rows()
    await joins(flow, name="新名称有限公司")
    for message in flow.log.on(SUBSCRIPTION_CHANGES):
        await flow.step(message)
    await flow.pump(*DELIVERED)
    assert await flow.rows() == before
    assert len(handed(flow)) == 1


async def test_who_got_it_at_the_release_gets_nothing_when_it_changes(flow: Flow) -> None:
    await flow.subscriber(channels=("email",))
    await released(flow)
    await joins(flow, channels=("email", "space"))
    assert [row["channel"] for row in await flow.rows()] == ["email"]


async def test_every_open_policy_that_fits_comes_and_no_other(flow: Flow) -> None:
    fitting = {await released(flow, "P-1"), await released(flow, "P-2")}
    await released(flow, "P-3", labels=["industry:C39"])
    await joins(flow)
    assert {row["campaign_id"] for row in await flow.rows()} == fitting


async def test_a_second_subscription_brings_what_the_first_did_not(flow: Flow) -> None:
    await released(flow, "P-1")
    chips = await released(flow, "P-2", labels=["industry:C39"])
    await joins(flow)
    wanted = [
        SubscriptionIn(id="soft", name="软件扶持", criteria=SOFTWARE),
        SubscriptionIn(id="chips", name="芯片扶持", criteria={"any": [{"all": [{"industry": "C39"}]}]}),
    ]
    async with flow.record.write() as conn:
        change = await put_subscriptions(conn, "S-1", wanted, now=flow.clock.now())
    await flow.announce(change)
    await flow.pump(SUBSCRIPTION_CHANGES)
    rows = await flow.rows()
    assert len(rows) == 2
    assert sum(row["campaign_id"] == chips for row in rows) == 1


# -- the window ------------------------------------------------------------------------------------------------------


async def test_the_last_day_of_the_window_still_counts_and_the_day_after_does_not(flow: Flow) -> None:
    await released(flow, apply_window={"opens": "2026-03-01", "closes": "2026-03-03"})
    flow.clock.advance(timedelta(hours=37))  # 2026-03-03 23:00 in Shanghai
    await joins(flow, "S-1")
    flow.clock.advance(timedelta(hours=1))
    await joins(flow, "S-2")
    assert [row["subscriber_id"] for row in await flow.rows()] == ["S-1"]


async def test_a_window_that_opens_later_counts_as_open(flow: Flow) -> None:
    await released(flow, apply_window={"opens": "2026-06-01", "closes": "2026-06-30"})
    await joins(flow)
    assert len(await flow.rows()) == 1


async def test_a_policy_that_nobody_applies_for_is_not_backfilled(flow: Flow) -> None:
    await released(flow, apply_window=None)
    await joins(flow)
    assert await flow.rows() == []


async def test_what_waits_for_its_review_is_not_backfilled(flow: Flow) -> None:
    await released(flow, "P-0", labels=["industry:C39"])
    status = await flow.tell("policy.published", {**(await data(flow, "P-0")), "policy_id": "P-1"})
    assert status.status == "accepted"
    await flow.pump(POLICIES_ACCEPTED)
    await joins(flow)
    assert await flow.rows() == []


async def data(flow: Flow, policy_id: str) -> dict[str, Any]:
    async with flow.record.read() as conn:
        row = (await conn.execute(select(policy_revisions).filter_by(policy_id=policy_id))).one()
    return {**row.data, "body": row.body, "labels": ["industry:I65"]}


async def test_who_joins_after_an_amendment_gets_the_new_revision_only(flow: Flow) -> None:
    first = await released(flow)
    await joins(flow, "S-1")
    await flow.pump(*DELIVERED)
    second = await released(flow, title="关于支持软件产业发展的若干措施（修订）")
    await joins(flow, "S-2")
    await flow.pump(*DELIVERED)
    rows = [(row["subscriber_id"], row["campaign_id"]) for row in await flow.rows(channel="space")]
    assert sorted(rows) == sorted([("S-1", first), ("S-1", second), ("S-2", second)])
    assert {row["state"] for row in await flow.rows()} == {"sent"}


async def test_an_amendment_that_closes_the_window_ends_the_backfill(flow: Flow) -> None:
    await released(flow)
    await joins(flow, "S-1", {"any": [{"all": [{"industry": "C39"}]}]})  # the window is known by now
    await released(flow, apply_window={"opens": "2026-02-01", "closes": "2026-03-01"})
    await joins(flow, "S-2")
    assert await flow.rows() == []


async def test_a_repealed_policy_is_not_backfilled(flow: Flow) -> None:
    await released(flow)
    await joins(flow, "S-1", {"any": [{"all": [{"industry": "C39"}]}]})
    await flow.tell("policy.repealed", {"policy_id": "P-1", "reason": "到期"})
    await joins(flow, "S-2")
    await flow.pump(POLICIES_RELEASED, MATCH_TASKS)
    assert await flow.rows() == []


async def test_what_is_backfilled_for_a_stopped_campaign_is_held(flow: Flow) -> None:
    campaign = await released(flow)
    async with flow.record.write() as conn:
        await halt(conn, campaign, "附件有误")
    await joins(flow)
    await flow.pump(*DELIVERED)
    assert (await flow.row())["state"] == "held"


# -- who gets nothing ------------------------------------------------------------------------------------------------


async def test_who_left_who_is_not_confirmed_and_who_closed_the_space_gets_nothing(flow: Flow) -> None:
    scope = {"subscribers": ["left", "shut", "all", "pending"]}
    await released(flow, "P-1")
    await released(flow, "P-2", audience_scope=scope)
    changes = [await flow.subscriber(name) for name in scope["subscribers"]]
    async with flow.record.write() as conn:
        await erase(conn, "left", now=NOW, actor="tests")
        await opt_out(conn, "shut", "channel:space", via="page", now=NOW)
        await opt_out(conn, "all", "all", via="page", now=NOW)
        await conn.execute(update(subscribers).filter_by(subscriber_id="pending").values(status="pending"))
    await flow.announce(*changes)
    await flow.pump(SUBSCRIPTION_CHANGES)
    assert await flow.rows() == []


async def test_who_unsubscribes_before_it_is_delivered_does_not_get_it(flow: Flow) -> None:
    await released(flow)
    await joins(flow)
    async with flow.record.write() as conn:
        await put_subscriptions(conn, "S-1", [], now=NOW)
    await flow.pump(*DELIVERED)
    row = await flow.row()
    assert (row["state"], row["reason"]) == ("suppressed", "subscription_ended")


async def test_a_targeted_policy_is_backfilled_only_for_whom_it_names(flow: Flow) -> None:
    async with flow.record.write() as conn:
        await put_association(conn, "soft", "软件行业协会", now=NOW)
    await released(flow, audience_scope={"subscribers": ["named", "wants"], "associations": ["soft"]})
    await flow.subscriber("member", {})
    async with flow.record.write() as conn:
        await put_membership(conn, "soft", "member", consent_at=NOW, evidence="表 1")
    await joins(flow, "member", {})
    await joins(flow, "named", {})
    await joins(flow, "wants")
    await joins(flow, "not-named")
    await flow.pump(*DELIVERED)
    rows = {
        row["subscriber_id"]: [why["subscription"] for why in row["reasons"]] for row in await flow.rows()
    }
    assert set(rows) == {"named", "wants", "member"}
    assert rows["named"] == rows["member"] == ["named"]
    assert rows["wants"][-1] == "named"
    assert len(rows["wants"]) == 2
    assert {row["state"] for row in await flow.rows()} == {"sent"}


async def test_who_joins_an_association_that_a_targeted_policy_names_gets_it_once_confirmed(
    flow: Flow,
) -> None:
    async with flow.record.write() as conn:
        await put_association(conn, "soft", "软件行业协会", now=NOW)
    await released(flow, audience_scope={"associations": ["soft"]})
    await joins(flow, "late", {})
    assert await flow.rows() == []
    async with flow.record.write() as conn:
        change = await join(conn, Membership("soft", "late", NOW, "本人"), actor="late")
    assert change is not None
    await flow.announce(change)
    await flow.pump(SUBSCRIPTION_CHANGES, *DELIVERED)
    assert await flow.rows() == []
    async with flow.record.write() as conn:
        change = await vouch_for_membership(conn, "soft", "late", confirmed=True, actor="协会", now=NOW)
    await flow.announce(change)
    await flow.pump(SUBSCRIPTION_CHANGES, *DELIVERED)
    row = await flow.row()
    assert (row["subscriber_id"], row["channel"], row["state"]) == ("late", "space", "sent")


async def test_a_credit_code_that_is_confirmed_brings_the_open_policy_that_names_it(flow: Flow) -> None:
    code = "91310000MA1K4C0T0N"
    await released(flow, audience_scope={"credit_codes": [code]})
    await joins(flow, "late", {})
    async with flow.record.write() as conn:
        change = await correct(conn, "late", WhoIn(name="示范公司", credit_code=code), now=NOW)
    await flow.announce(change)
    await flow.pump(SUBSCRIPTION_CHANGES, *DELIVERED)
    assert await flow.rows() == []
    async with flow.record.write() as conn:
        change = await vouch_for_code(conn, "late", code, confirmed=True, actor="运维", now=NOW)
    await flow.announce(change)
    await flow.pump(SUBSCRIPTION_CHANGES, *DELIVERED)
    row = await flow.row()
    assert (row["subscriber_id"], row["channel"], row["state"]) == ("late", "space", "sent")


# -- figures ---------------------------------------------------------------------------------------------------------


async def test_who_was_backfilled_counts_as_matched_planned_and_reached(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=("space",))
    campaign = await released(flow)
    await joins(flow, "S-2")
    await joins(flow, "S-2", name="新名称有限公司")
    found = await flow.funnel()
    assert (found.matched, found.planned, found.complete) == (2, 2, False)
    await flow.pump(*DELIVERED)
    async with flow.record.write() as conn:
        await conn.execute(update(deliveries).values(state="delivered", delivered_at=NOW))
    found = await flow.funnel()
    assert (found.matched, found.reached, found.reach_rate, found.complete) == (2, 2, 1.0, True)
    assert await matched_and_planned(flow, campaign) == (2, 2)


async def test_who_joins_while_the_release_is_being_matched_gets_one_row_and_counts_once(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audience is known, the shard is not marked, and the change comes in between."""
    await flow.subscriber("S-1", channels=("space",))
    await flow.campaign(**OPEN)
    real = audience_of_module.audience_of

    async def meanwhile(*given: Any) -> Any:
        audience = await real(*given)
        monkeypatch.setattr(match_step, "audience_of", real)
        await joins(flow, "S-2")
        return audience

    monkeypatch.setattr(match_step, "audience_of", meanwhile)
    await flow.pump()
    rows = await flow.rows()
    assert [(row["subscriber_id"], row["channel"], row["state"]) for row in rows] == [
        ("S-1", "space", "sent"),
        ("S-2", "space", "sent"),
    ]
    found = await flow.funnel()
    assert (found.matched, found.planned, found.complete) == (2, 2, True)


async def test_who_joined_just_before_its_shard_is_matched_gets_one_row_and_counts_once(flow: Flow) -> None:
    await flow.campaign(**OPEN)
    await joins(flow, channels=("space",))
    assert len(await flow.rows()) == 1
    await flow.pump()
    assert (await flow.row())["state"] == "sent"
    found = await flow.funnel()
    assert (found.matched, found.planned) == (1, 1)
    assert len(flow.channels["space"].sent) == 1


async def test_the_match_and_a_change_at_the_same_moment_plan_one_row(flow: Flow) -> None:
    await flow.shards.assign(range(SHARDS))
    await flow.campaign(**OPEN)
    names = [f"S-{n}" for n in range(12)]
    for name in names:
        await flow.announce(await flow.subscriber(name, channels=("space",)))
    changes = flow.log.on(SUBSCRIPTION_CHANGES)
    tasks = [
        flow.step(message)
        for pair in zip(changes, flow.log.on(MATCH_TASKS) * 3, strict=True)
        for message in pair
    ]
    await asyncio.gather(*tasks)
    await flow.pump(*DELIVERED)
    assert [row["subscriber_id"] for row in await flow.rows()] == sorted(names)
    assert len(flow.channels["space"].sent) == len(names)
    found = await flow.funnel()
    assert (found.matched, found.planned) == (len(names), len(names))


# -- crashes and restarts --------------------------------------------------------------------------------------------


async def test_a_crash_between_the_row_and_its_hand_over_loses_nobody(flow: Flow) -> None:
    await released(flow)
    flow.log.breaks[DELIVERIES["space"]] = LogUnavailable("away")
    with pytest.raises(LogUnavailable):
        await joins(flow)
    assert ((await flow.row())["state"], handed(flow)) == ("planned", [])
    flow.log.breaks.clear()
    await flow.step(flow.log.on(SUBSCRIPTION_CHANGES)[-1])  # its offset was not committed: it comes again
    await flow.pump(*DELIVERED)
    assert (await flow.row())["state"] == "sent"
    assert len(flow.channels["space"].sent) == 1


async def test_a_row_that_was_never_handed_over_is_found_by_the_sweep(flow: Flow) -> None:
    await released(flow)
    flow.log.breaks[DELIVERIES["space"]] = LogUnavailable("away")
    with pytest.raises(LogUnavailable):
        await joins(flow)
    flow.log.breaks.clear()
    flow.clock.advance(flow.desk.lost_after + timedelta(seconds=1))
    await hand_over_due(flow.desk)
    await flow.pump(*DELIVERED)
    assert (await flow.row())["state"] == "sent"


async def test_a_new_worker_knows_the_open_windows(flow: Flow) -> None:
    campaign = await released(flow)
    await joins(flow, "S-1")
    desk = replace(flow.desk, windows=Windows())
    shards = Shards(flow.record, desk.taxonomy.ancestors, flow.log.highwater)
    await flow.announce(await flow.subscriber("S-2"))
    message = flow.log.on(SUBSCRIPTION_CHANGES)[-1]
    await refresh(desk, shards, (message.at.partition, message.at.offset, message.json["data"]))
    assert [row["subscriber_id"] for row in await flow.rows(campaign_id=campaign)] == ["S-1", "S-2"]


async def test_a_campaign_that_was_opened_since_is_seen_by_the_very_next_change(flow: Flow) -> None:
    for number in range(3):
        await released(flow, f"P-{number}")
        await joins(flow, f"S-{number}")
        assert len(await flow.rows(subscriber_id=f"S-{number}")) == number + 1


async def test_changes_that_are_told_together_are_backfilled_and_counted_as_single_ones(flow: Flow) -> None:
    campaign = await released(flow)
    names = [f"S-{n}" for n in range(12)]
    await flow.announce(*[await flow.subscriber(name, channels=("space",)) for name in names])
    assert len(flow.log.on(SUBSCRIPTION_CHANGES)) <= SHARDS
    await flow.pump(SUBSCRIPTION_CHANGES)
    assert [row["subscriber_id"] for row in await flow.rows()] == sorted(names)
    assert await matched_and_planned(flow, campaign) == (12, 12)
    await flow.pump(*DELIVERED)
    for message in flow.log.on(SUBSCRIPTION_CHANGES):
        await flow.step(message)  # again, as after a crash
    assert len(handed(flow)) == len(set(handed(flow))) == 12


async def test_many_changes_at_once_are_planned_in_parts(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_module.ledger, "CHUNK", 4)
    campaigns = [await released(flow, f"P-{number}") for number in range(3)]
    names = [f"S-{n}" for n in range(7)]
    await flow.announce(*[await flow.subscriber(name) for name in names])
    told = [(m.at.partition, m.at.offset, m.json["data"]) for m in flow.log.on(SUBSCRIPTION_CHANGES)]
    await refresh(flow.desk, flow.shards, *told)
    assert len(handed(flow)) == len(set(handed(flow))) == 21
    for campaign in campaigns:
        assert len(await flow.rows(campaign_id=campaign)) == 7
        assert await matched_and_planned(flow, campaign) == (7, 7)
