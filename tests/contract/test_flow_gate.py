"""The gate, labelling and dispatch on a real record."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from config.database.schema import audit, campaigns, events, policy_labels
from streams.access import revoke_key
from streams.events import parse_event
from streams.events.signing import SIGNATURE_HEADER
from streams.gate.judging import note_received
from streams.log import LogUnavailable, Position
from streams.names import MATCH_TASKS, POLICIES_ACCEPTED, POLICIES_RELEASED, POLICY_EVENTS
from streams.policies import find_policy
from streams.policies.reading import Reading
from streams.policies.revisions import write_reading
from streams.steps.dispatch import dispatch
from streams.steps.label import ensure_labelled
from streams.wrong import Wrong
from tests.support.fakes import Logged
from tests.support.flow import AGENCY, NOW, Flow, cloud_event, policy

PUBLISHED = cloud_event("policy.published", policy(), "e-1")


async def state(flow: Flow, revision: int = 1, policy_id: str = "P-1") -> str:
    async with flow.record.read() as conn:
        view = await find_policy(conn, AGENCY, policy_id, revision)
    assert view is not None
    return view.state


async def count(flow: Flow, table: object) -> int:
    async with flow.record.read() as conn:
        return int((await conn.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]


async def by_api(flow: Flow, raw: bytes, who: str = "publisher") -> Logged:
    await flow.desk.log.emit(raw, parse_event(raw), await flow.actor(who))
    return flow.log.messages[-1]


async def revoke(flow: Flow, who: str) -> None:
    async with flow.record.write() as conn:
        assert await revoke_key(conn, flow.keys[who].key_id, NOW)


# -- who speaks ------------------------------------------------------------------------------------------------------


async def test_an_event_without_a_signature_is_wrong(flow: Flow) -> None:
    message = await flow.log_event(PUBLISHED)
    with pytest.raises(Wrong, match="unsigned event"):
        await flow.admit(replace(message, headers={}))
    assert await flow.count(events) == 0


@pytest.mark.parametrize("damage", ["value", "signature", "key"])
async def test_an_event_with_a_bad_signature_is_wrong(flow: Flow, damage: str) -> None:
    message = await flow.log_event(PUBLISHED)
    headers = dict(message.headers)
    if damage == "signature":
        headers[SIGNATURE_HEADER] = b"\xc3\xa9" * 32
    if damage == "key":
        headers["zhengda-key-id"] = flow.keys["other-publisher"].key_id.encode()
    value = message.value + b" " if damage == "value" else message.value
    with pytest.raises(Wrong, match="signature does not fit"):
        await flow.admit(replace(message, value=value, headers=headers))
    assert await flow.count(events) == 0


async def test_an_unknown_key_is_wrong(flow: Flow) -> None:
    message = await flow.log_event(PUBLISHED)
    with pytest.raises(Wrong, match="unknown or revoked key nobody"):
        await flow.admit(replace(message, headers=message.headers | {"zhengda-key-id": b"nobody"}))


async def test_a_revoked_key_signs_nothing_more_but_what_the_api_took_before_stands(flow: Flow) -> None:
    straight = await flow.log_event(PUBLISHED)
    through_api = await by_api(flow, PUBLISHED)
    await revoke(flow, "publisher")
    with pytest.raises(Wrong, match="unknown or revoked key"):
        await flow.admit(straight)
    await flow.admit(through_api)
    assert await state(flow) == "received"


async def test_the_key_s_own_secret_does_not_sign_for_the_api(flow: Flow) -> None:
    message = await flow.log_event(PUBLISHED)
    forged = message.headers | {"zhengda-key-id": f"api:{flow.keys['publisher'].key_id}".encode()}
    with pytest.raises(Wrong, match="signature does not fit"):
        await flow.admit(replace(message, headers=forged))


async def test_a_malformed_event_is_wrong_and_names_its_fields(flow: Flow) -> None:
    with pytest.raises(Wrong, match="malformed event: title: missing"):
        await flow.admit(await flow.log_event(cloud_event("policy.published", policy(title=None))))


# -- once ------------------------------------------------------------------------------------------------------------


async def test_the_same_event_at_another_place_is_a_duplicate(flow: Flow) -> None:
    await flow.admit(await flow.log_event(PUBLISHED))
    await flow.admit(await flow.log_event(PUBLISHED))
    assert len(flow.log.on(POLICIES_ACCEPTED)) == 1
    assert await flow.count(events) == 1


async def test_an_id_that_said_something_else_before_is_wrong_and_not_dropped(flow: Flow) -> None:
    await flow.admit(await flow.log_event(PUBLISHED))
    other = cloud_event("policy.published", policy(title="另一份文件"), "e-1")
    with pytest.raises(Wrong, match="belongs to an event that says something else"):
        await flow.admit(await flow.log_event(other))
    assert await flow.count(events) == 1


async def test_the_same_id_from_another_source_or_agency_is_another_event(flow: Flow) -> None:
    await flow.admit(await flow.log_event(PUBLISHED))
    await flow.admit(await flow.log_event(cloud_event("policy.amended", policy(), "e-1", source="/two")))
    await flow.admit(await flow.log_event(PUBLISHED, "other-publisher"))
    assert await flow.count(events) == 3
    assert await state(flow, 2) == "received"


async def test_the_same_place_again_hands_on_again_and_changes_nothing(flow: Flow) -> None:
    message = await flow.log_event(PUBLISHED)
    await flow.admit(message)
    await flow.admit(message)
    first, again = flow.log.on(POLICIES_ACCEPTED)
    assert first.value == again.value
    assert (first.key, first.json["revision"]) == (b"sheet/P-1", 1)
    assert await flow.count(audit) == 1


async def test_a_crash_between_the_event_s_row_and_its_output_loses_nothing(flow: Flow) -> None:
    message = await flow.log_event(PUBLISHED)
    flow.log.breaks[POLICIES_ACCEPTED] = LogUnavailable("away")
    with pytest.raises(LogUnavailable):
        await flow.admit(message)
    assert await state(flow) == "received"
    flow.log.breaks.clear()
    await flow.admit(message)
    assert len(flow.log.on(POLICIES_ACCEPTED)) == 1
    assert await state(flow) == "received"


async def test_an_event_that_the_api_noted_first_is_judged_at_its_place_only(flow: Flow) -> None:
    message = await by_api(flow, PUBLISHED)
    async with flow.record.write() as conn:
        await note_received(conn, parse_event(PUBLISHED), await flow.actor("publisher"), message.at, NOW)
    await flow.admit(replace(message, at=Position(POLICY_EVENTS, 0, 99)))
    assert flow.log.on(POLICIES_ACCEPTED) == []
    await flow.admit(message)
    assert len(flow.log.on(POLICIES_ACCEPTED)) == 1


# -- what is decided -------------------------------------------------------------------------------------------------


async def test_what_is_accepted_has_an_audit_row_without_the_text(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    async with flow.record.read() as conn:
        row = (await conn.execute(select(audit))).one()
    assert (row.actor, row.action, row.object) == ("张三", "policy.published", "sheet/P-1@1")
    assert row.details["title"] == policy()["title"]
    assert "body" not in row.details


async def test_a_refusal_is_kept_with_its_reason_and_hands_nothing_on(flow: Flow) -> None:
    status = await flow.tell("policy.repealed", {"policy_id": "P-9"})
    assert status.status == "refused"
    assert status.reason == "there is no policy P-9; publish it first with policy.published"
    assert status.handled_at == NOW
    assert (flow.log.on(POLICIES_RELEASED), await flow.count(audit)) == ([], 0)


async def test_a_refused_event_stays_refused_at_its_place(flow: Flow) -> None:
    early = await flow.log_event(cloud_event("policy.repealed", {"policy_id": "P-1"}, "e-0"))
    await flow.admit(early)
    await flow.tell("policy.published", policy())
    await flow.admit(early)
    assert await state(flow) == "received"


async def test_a_release_that_overtakes_the_labelling_labels_first(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    released = await flow.tell("policy.released", {"policy_id": "P-1", "revision": 1}, "reviewer")
    assert released.status == "accepted"
    assert await state(flow) == "released"
    assert await flow.count(policy_labels) > 0
    (told,) = flow.log.on(POLICIES_RELEASED)
    assert told.json == {"agency_id": AGENCY, "policy_id": "P-1", "revision": 1, "occurrence": "policy"}


async def test_a_release_writes_who_and_when_and_supersedes_the_one_before(flow: Flow) -> None:
    await flow.campaign()
    await flow.campaign()
    assert (await state(flow, 1), await state(flow, 2)) == ("superseded", "released")
    async with flow.record.read() as conn:
        view = await find_policy(conn, AGENCY, "P-1")
    assert view is not None
    assert (view.revision, view.decided_by, view.decided_at) == (2, "李四", NOW)


async def test_an_amendment_supersedes_what_still_waits_but_not_what_was_released(flow: Flow) -> None:
    await flow.campaign()
    await flow.tell("policy.amended", policy())
    await flow.tell("policy.amended", policy())
    assert [await state(flow, n) for n in (1, 2, 3)] == ["released", "superseded", "received"]


async def test_labels_are_written_once_and_those_a_reviewer_corrected_stay(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    await flow.pump(POLICIES_ACCEPTED)
    edit = {"policy_id": "P-1", "revision": 1, "add": ["industry:C39"], "remove": ["industry:I65"]}
    assert (await flow.tell("policy.labels_edited", edit, "reviewer")).status == "accepted"
    await flow.step(flow.log.on(POLICIES_ACCEPTED)[0])
    async with flow.record.read() as conn:
        view = await find_policy(conn, AGENCY, "P-1")
    assert view is not None
    assert [(str(one), one.origin) for one in view.labels if one.dimension == "industry"] == [
        ("industry:C39", "reviewer")
    ]
    assert view.state == "waiting"


@pytest.mark.parametrize("meanwhile", ["policy.repealed", "policy.amended"])
async def test_labels_that_come_too_late_do_not_bring_back_what_has_ended(flow: Flow, meanwhile: str) -> None:
    await flow.tell("policy.published", policy())
    data = {"policy_id": "P-1"} if meanwhile == "policy.repealed" else policy()
    await flow.tell(meanwhile, data)
    ended = await state(flow)
    assert ended in ("repealed", "superseded")
    async with flow.record.write() as conn:  # the labeller had read it before, and writes now
        await write_reading(conn, AGENCY, "P-1", 1, Reading((), (), {}), NOW)
    assert await state(flow) == ended


async def test_labelling_what_is_not_there_is_passed_over(flow: Flow) -> None:
    assert await ensure_labelled(flow.desk, AGENCY, "P-9", 1) is None


# -- dispatch --------------------------------------------------------------------------------------------------------


async def test_a_campaign_asks_every_shard_on_its_own_partition_with_what_it_must_have_seen(
    flow: Flow,
) -> None:
    flow.desk = replace(flow.desk, shards=16)
    for _ in range(3):
        await flow.log("subscription.changes", key=None, value=b"{}", partition=5)
    campaign = await flow.campaign()
    tasks = flow.log.on(MATCH_TASKS)
    assert [(task.at.partition, task.json["shard"]) for task in tasks] == [(n, n) for n in range(16)]
    assert {task.json["after"] for task in tasks if task.at.partition != 5} == {0}
    assert tasks[5].json == {"campaign_id": campaign, "shard": 5, "after": 3}


async def test_a_release_told_twice_opens_one_campaign(flow: Flow) -> None:
    await flow.campaign()
    await flow.step(flow.log.on(POLICIES_RELEASED)[0])
    assert await flow.count(campaigns) == 1
    assert len({task.json["campaign_id"] for task in flow.log.on(MATCH_TASKS)}) == 1


async def test_a_revision_that_was_superseded_before_its_dispatch_is_skipped(flow: Flow) -> None:
    await flow.tell("policy.published", policy())
    await flow.tell("policy.released", {"policy_id": "P-1", "revision": 1}, "reviewer")
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    (released, _) = flow.log.on(POLICIES_RELEASED)
    await dispatch(flow.desk, released.json, flow.log.highwater)
    assert await flow.count(campaigns) == 0


async def test_what_was_never_released_has_no_notice_of_repeal(flow: Flow) -> None:
    await flow.tell("policy.published", policy(audience_scope={"subscribers": ["S-1"]}))
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await flow.pump()
    assert await flow.count(campaigns) == 0


async def test_a_notice_of_repeal_tells_of_the_revision_that_a_reviewer_had_seen(flow: Flow) -> None:
    await flow.campaign()
    await flow.tell("policy.amended", policy(title="未经审核的标题"))
    await flow.tell("policy.repealed", {"policy_id": "P-1", "reason": "到期"})
    await flow.pump(POLICIES_ACCEPTED, POLICIES_RELEASED)
    async with flow.record.read() as conn:
        found = (await conn.execute(select(campaigns).where(campaigns.c.occurrence == "repeal"))).one()
    assert found.revision == 1
