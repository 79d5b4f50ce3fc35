"""Matching and fanning out on a real record, and the indexes that shards keep."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.database.schema import campaign_shards, deliveries
from streams.campaigns.record import mark_shard
from streams.delivery.claims import claim, settle
from streams.log import LogUnavailable
from streams.names import DELIVERIES, MATCH_TASKS, POLICIES_ACCEPTED, POLICIES_RELEASED
from streams.steps import match as match_step
from streams.wrong import Wrong
from subscribers.associations import put_association, put_membership
from subscribers.model import shard_of
from subscribers.registry import erase
from tests.support.fakes import Logged
from tests.support.flow import NOW, SHARDS, Flow

EMAILS = DELIVERIES["email"]


def task(flow: Flow, subscriber_id: str = "S-1") -> Logged:
    """The newest task of a subscriber's shard."""
    shard = shard_of(subscriber_id, SHARDS)
    return [message for message in flow.log.on(MATCH_TASKS) if message.at.partition == shard][-1]


async def marks(flow: Flow) -> dict[int, tuple[int | None, int | None]]:
    async with flow.record.read() as conn:
        rows = await conn.execute(select(campaign_shards))
        return {row.shard: (row.matched, row.planned) for row in rows}


def whys(row: dict[str, Any]) -> set[str | None]:
    return {why["subscription"] for why in row["reasons"]}


# -- matching --------------------------------------------------------------------------------------------------------


async def test_a_shard_plans_rows_hands_them_over_and_is_marked(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=("email", "space"))
    await flow.subscriber("S-2", {"any": [{"all": [{"industry": "C39"}]}]})
    campaign = await flow.campaign()
    await flow.pump(MATCH_TASKS)
    rows = await flow.rows()
    assert [(row["subscriber_id"], row["channel"], row["state"]) for row in rows] == [
        ("S-1", "email", "planned"),
        ("S-1", "space", "planned"),
    ]
    assert {row["campaign_id"] for row in rows} == {campaign}
    assert rows[0]["reasons"][0]["labels"] == ["industry:I65"]
    handed = [message for message in flow.log.messages if message.at.topic in DELIVERIES.values()]
    assert {(m.at.topic, *m.json["delivery_ids"]) for m in handed} == {
        (DELIVERIES[row["channel"]], row["delivery_id"]) for row in rows
    }
    wanted = dict.fromkeys(range(SHARDS), (0, 0)) | {shard_of("S-1", SHARDS): (1, 2)}
    assert await marks(flow) == wanted


async def test_a_broad_policy_is_handed_over_in_batches(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_step, "BATCH", 2)
    monkeypatch.setattr(match_step, "WRITTEN_TOGETHER", 3)
    names = [f"S-{n}" for n in range(40)]
    mine = [name for name in names if shard_of(name, SHARDS) == shard_of("S-1", SHARDS)][:5]
    for name in mine:
        await flow.subscriber(name)
    await flow.campaign()
    await flow.step(task(flow))
    assert sorted(len(message.json["delivery_ids"]) for message in flow.log.on(EMAILS)) == [1, 2, 2]
    assert (await marks(flow))[shard_of("S-1", SHARDS)] == (5, 5)


async def test_a_task_again_plans_nothing_new_and_hands_over_what_is_still_open(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign()
    await flow.step(task(flow))
    before = await flow.rows()
    await flow.step(task(flow))
    assert await flow.rows() == before
    first, again = flow.log.on(EMAILS)
    assert first.value == again.value
    await flow.deliver("email", first.json["delivery_ids"])
    await flow.step(task(flow))
    assert len(flow.log.on(EMAILS)) == 2


async def test_a_crash_between_the_rows_and_their_hand_over_loses_nobody(flow: Flow) -> None:
    await flow.subscriber()
    await flow.campaign()
    flow.log.breaks[EMAILS] = LogUnavailable("away")
    with pytest.raises((LogUnavailable, ExceptionGroup)):
        await flow.step(task(flow))
    assert len(await flow.rows()) == 1
    assert (await marks(flow))[shard_of("S-1", SHARDS)] == (None, None)
    flow.log.breaks.clear()
    await flow.step(task(flow))
    assert [message.json["delivery_ids"] for message in flow.log.on(EMAILS)] == [
        [(await flow.row())["delivery_id"]]
    ]
    assert (await marks(flow))[shard_of("S-1", SHARDS)] == (1, 1)


async def test_a_crash_between_the_hand_over_and_the_mark_sends_once(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flow.subscriber()
    await flow.campaign()

    async def killed(*given: Any, **more: Any) -> None:
        raise ConnectionResetError("killed")

    monkeypatch.setattr(match_step, "mark_shard", killed)
    with pytest.raises(ConnectionResetError):
        await flow.step(task(flow))
    monkeypatch.setattr(match_step, "mark_shard", mark_shard)
    await flow.step(task(flow))
    await flow.pump(EMAILS)
    assert len(flow.log.on(EMAILS)) == 2
    assert len(flow.channels["email"].sent) == 1
    assert (await marks(flow))[shard_of("S-1", SHARDS)] == (1, 1)


async def test_a_task_of_no_campaign_is_wrong_for_good(flow: Flow) -> None:
    told = {"campaign_id": "none", "shard": 0, "after": 0}
    with pytest.raises(Wrong, match="there is no campaign none"):
        await match_step.match(flow.desk, flow.shards, told)


# -- audiences that are not asked of the index -----------------------------------------------------------------------


async def test_a_targeted_policy_reaches_only_those_it_names(flow: Flow) -> None:
    code = "91110108MA01KPGK0L"
    await flow.subscriber("wants-not-named")
    await flow.subscriber("named-wants")
    await flow.subscriber("named", {})
    await flow.subscriber("by-code", {}, credit_code=code)
    await flow.subscriber("member", {})
    await flow.subscriber("left", {})
    async with flow.record.write() as conn:
        await put_association(conn, "soft", "软件行业协会", now=NOW)
        await put_membership(conn, "soft", "member", consent_at=NOW, evidence="表 1")
        await erase(conn, "left", now=NOW, actor="tests")
    scope = {
        "subscribers": ["named", "named-wants", "left"],
        "credit_codes": [code],
        "associations": ["soft"],
    }
    await flow.campaign(audience_scope=scope)
    await flow.pump(MATCH_TASKS)
    reached = {(row["subscriber_id"], row["channel"]): whys(row) for row in await flow.rows()}
    assert set(reached) == {
        ("named", "space"),
        ("by-code", "space"),
        ("member", "space"),
        ("named-wants", "space"),
        ("named-wants", "email"),
    }
    assert reached["named-wants", "space"] == {"named"}
    assert "named" not in reached["named-wants", "email"]


async def test_a_new_revision_reaches_those_who_got_the_one_before_and_says_so(flow: Flow) -> None:
    await flow.subscriber("S-1")
    await flow.subscriber("S-2")
    await flow.campaign()
    await flow.pump()
    flow.channels["email"].sent.clear()
    await flow.campaign(labels=["industry:C39"])  # nobody subscribes to that
    await flow.pump()
    rows = await flow.rows(campaign_id=task(flow).json["campaign_id"])
    assert [(row["subscriber_id"], row["channel"], whys(row)) for row in rows] == [
        ("S-1", "email", {"former"}),
        ("S-2", "email", {"former"}),
    ]
    assert {row["state"] for row in rows} == {"sent"}
    assert flow.channels["email"].sent[0].content.change_note is not None


async def test_whom_only_the_new_revision_fits_is_told_of_the_policy_and_not_of_a_change(flow: Flow) -> None:
    await flow.subscriber("had-it")
    await flow.subscriber("new", criteria={"any": [{"all": [{"industry": "C39"}]}]})
    await flow.campaign()
    await flow.pump()
    flow.channels["email"].sent.clear()
    await flow.campaign(labels=["industry:I65", "industry:C39"])
    await flow.pump()
    told = {m.subscriber_id: str(m.content.occasion) for m in flow.channels["email"].sent}
    assert told == {"had-it": "amendment", "new": "policy"}


async def test_who_wants_the_new_revision_and_got_the_old_one_has_one_row_with_both_reasons(
    flow: Flow,
) -> None:
    await flow.subscriber()
    await flow.campaign()
    await flow.pump()
    await flow.campaign()
    await flow.pump()
    row = await flow.row(campaign_id=task(flow).json["campaign_id"])
    assert len(whys(row)) == 2
    assert "former" in whys(row)


async def test_who_never_got_the_old_revision_is_not_told_of_the_new_one(flow: Flow) -> None:
    await flow.subscriber("S-1")
    await flow.campaign()
    await flow.pump(MATCH_TASKS)  # planned, and never sent
    await flow.campaign(labels=["industry:C39"])
    await flow.pump()
    assert await flow.rows(campaign_id=task(flow).json["campaign_id"]) == []


async def on_its_way(flow: Flow) -> str:
    """A push that somebody has claimed at the moment, as one of them has whose answer takes long."""
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    row = await flow.row()
    async with flow.record.write() as conn:
        assert await claim(conn, [row["delivery_id"]], "somebody", flow.clock.now(), timedelta(minutes=5))
    return str(row["delivery_id"])


async def refuse(flow: Flow, delivery_id: str) -> None:
    values = {"delivery_id": delivery_id, "state": "suppressed", "reason": "opted_out", "ended_at": NOW}
    async with flow.record.write() as conn:
        row = (await conn.execute(select(deliveries).where(deliveries.c.delivery_id == delivery_id))).one()
        await settle(conn, "somebody", [dict(row._mapping) | values])


@pytest.mark.parametrize(("labels", "ended"), [(["industry:I65"], "sent"), (["industry:C39"], "suppressed")])
async def test_whose_earlier_push_was_refused_after_all_is_not_told_that_he_had_it(
    flow: Flow, labels: list[str], ended: str
) -> None:
    await flow.subscriber()
    earlier = await on_its_way(flow)
    await flow.campaign(labels=labels)
    await flow.pump(MATCH_TASKS)
    campaign = task(flow).json["campaign_id"]
    assert "former" in whys(await flow.row(campaign_id=campaign))
    await refuse(flow, earlier)
    await flow.pump()
    row = await flow.row(campaign_id=campaign)
    assert (row["state"], row["reason"]) == (ended, None if ended == "sent" else "never_had")
    told = [
        (str(m.content.occasion), [why.subscription_id for why in m.reasons])
        for m in flow.channels["email"].sent
    ]
    assert [kind for kind, _ in told] == (["policy"] if ended == "sent" else [])
    assert all("former" not in whys for _, whys in told)


async def test_whose_earlier_push_is_still_on_its_way_is_told_of_the_amendment(flow: Flow) -> None:
    await flow.subscriber()
    await on_its_way(flow)
    await flow.campaign(labels=["industry:C39"])
    await flow.pump()
    assert [str(m.content.occasion) for m in flow.channels["email"].sent] == ["amendment"]


async def test_a_repeal_reaches_who_got_the_policy_and_nobody_else(flow: Flow) -> None:
    await flow.subscriber("S-1")
    await flow.campaign()
    await flow.pump()
    await flow.subscriber("S-2")  # wants it, but came too late
    await flow.tell("policy.repealed", {"policy_id": "P-1", "reason": "政策到期"})
    await flow.pump(POLICIES_ACCEPTED, POLICIES_RELEASED)
    await flow.pump()
    row = await flow.row(campaign_id=task(flow).json["campaign_id"])
    assert (row["subscriber_id"], whys(row), row["state"]) == ("S-1", {"former"}, "sent")
    told = flow.channels["email"].sent[-1].content
    assert (told.occasion, told.change_note) == ("repeal", None)  # no reviewer has seen the reason


async def test_the_repeal_of_a_targeted_policy_reaches_only_the_named_who_got_it(flow: Flow) -> None:
    await flow.subscriber("S-1", {})
    await flow.campaign(audience_scope={"subscribers": ["S-1", "S-2"]})
    await flow.pump()
    await flow.subscriber("S-2", {})
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await flow.pump()
    rows = await flow.rows(campaign_id=task(flow).json["campaign_id"])
    assert [(row["subscriber_id"], whys(row)) for row in rows] == [("S-1", {"former"})]


async def test_a_match_without_an_address_is_counted_but_plans_nothing(flow: Flow) -> None:
    await flow.subscriber("S-1", contacts=[])
    await flow.campaign()
    await flow.step(task(flow))
    assert await flow.rows() == []
    assert (await marks(flow))[shard_of("S-1", SHARDS)] == (1, 0)
