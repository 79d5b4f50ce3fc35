"""接力推送 on a real record: whom a relay reaches, what it says, and what stops it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from channels.inbox import InboxMessage
from config.database.schema import deliveries, policy_revisions
from streams.access import Actor, Role
from streams.campaigns.record import campaign_id
from streams.log import LogUnavailable
from streams.masking import Reach
from streams.names import MATCH_TASKS, POLICIES_RELEASED
from streams.relay.kits import fitting_members, list_kits
from streams.relay.notes import notes_beside
from streams.relay.reach import is_complete, reach_of
from streams.relay.record import Relay, find_relay, hand_on, hand_on_forgotten, list_relays, make_relay
from subscribers.associations import Membership, put_association, put_membership
from subscribers.memberships import join, leave, memberships_of
from subscribers.registry import opt_out
from tests.support.flow import AGENCY, NOW, Flow, open_flow

SOFT = Actor("k", Role.ASSOCIATION, "软协秘书", association_id="soft")
FARMING: dict[str, Any] = {"any": [{"all": [{"industry": "A01"}]}]}


@pytest.fixture
async def flow(record_url: str) -> AsyncIterator[Flow]:
    async with open_flow(record_url) as opened:
        async with opened.record.write() as conn:
            await put_association(conn, "soft", "软件行业协会", now=NOW)
            await put_association(conn, "park", "科技园", now=NOW)
        yield opened


async def member(flow: Flow, subscriber_id: str, *associations: str, **changes: Any) -> None:
    """A subscriber that wants nothing of this policy, a member of ``associations``."""
    await flow.subscriber(subscriber_id, **({"criteria": FARMING} | changes))
    async with flow.record.write() as conn:
        for one in associations or ("soft",):
            await put_membership(conn, one, subscriber_id, consent_at=NOW, evidence="入会表")


async def relay(
    flow: Flow, association: str = "soft", words: str = "请留意", revision: int = 1, policy_id: str = "P-1"
) -> Relay:
    """Relay a revision and let its shards plan it; nothing is delivered yet."""
    async with flow.record.write() as conn:
        made, new = await make_relay(
            conn, SOFT, association, AGENCY, policy_id, revision, words=words, now=flow.clock.now()
        )
    assert new
    await hand_on(flow.desk.log, made)
    await flow.pump(POLICIES_RELEASED, MATCH_TASKS)
    return made


async def relayed(flow: Flow, made: Relay) -> set[tuple[str, str]]:
    """Who has a row of a relay, and on which channel."""
    mine = campaign_id(AGENCY, made.policy_id, made.revision, made.occurrence)
    rows = await flow.rows(campaign_id=mine)
    assert all(row["reasons"] == [{"subscription": "relayed", "labels": []}] for row in rows)
    return {(row["subscriber_id"], row["channel"]) for row in rows}


async def set_states(flow: Flow, **states: str) -> None:
    """Put the rows of subscribers (``S_1`` is S-1) into states."""
    async with flow.record.write() as conn:
        for who, state in states.items():
            mine = deliveries.c.subscriber_id == who.replace("_", "-")
            await conn.execute(update(deliveries).where(mine).values(state=state))


async def test_a_relay_reaches_exactly_the_members_without_a_delivery(flow: Flow) -> None:
    await flow.subscriber("S-1", channels=("email",))
    await member(flow, "S-1", criteria=None, channels=("email",))
    await member(flow, "S-2")
    await member(flow, "S-3")
    await member(flow, "S-4", "park")
    await flow.subscriber("S-5", FARMING)
    await flow.campaign()
    await flow.pump()
    assert {row["subscriber_id"] for row in await flow.rows()} == {"S-1"}
    made = await relay(flow)
    assert await relayed(flow, made) == {("S-2", "space"), ("S-3", "space")}
    await flow.pump()
    assert {message.subscriber_id for message in flow.channels["space"].sent} == {"S-2", "S-3"}
    assert [message.subscriber_id for message in flow.channels["email"].sent] == ["S-1"]


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("planned", True),
        ("held", True),
        ("claimed", True),
        ("sent", True),
        ("delivered", True),
        ("unknown", True),
        ("failed", False),
        ("suppressed", False),
        ("expired", False),
        ("superseded", False),
    ],
)
async def test_on_its_way_is_a_delivery_and_what_came_to_nothing_is_none(
    flow: Flow, state: str, counts: bool
) -> None:
    await member(flow, "S-1", criteria=None)
    await flow.campaign()
    await flow.pump()
    await set_states(flow, S_1=state)
    assert await relayed(flow, await relay(flow)) == (set() if counts else {("S-1", "space")})


async def test_the_second_association_passes_over_whom_the_first_one_reached(flow: Flow) -> None:
    await member(flow, "S-1", "soft", "park")
    await member(flow, "S-2", "park")
    await flow.campaign()
    await flow.pump()
    await relay(flow, "soft")
    assert {row["subscriber_id"] for row in await flow.rows()} == {"S-1"}
    await relay(flow, "park")
    assert [row["subscriber_id"] for row in await flow.rows()] == ["S-1", "S-2"]


async def test_a_new_revision_may_be_relayed_again_and_an_old_delivery_of_another_revision_is_none(
    flow: Flow,
) -> None:
    await member(flow, "S-1")
    await flow.campaign()
    await relay(flow)
    await flow.pump()
    async with flow.record.write() as conn:
        # Whom the relay reached would get revision 2 from the agency as a former recipient, if it had arrived.
        await conn.execute(update(deliveries).values(state="failed"))
    await flow.campaign(title="第二版")
    await flow.pump()
    again = await relay(flow, revision=2)
    await flow.pump()
    assert [message.content.revision for message in flow.channels["space"].sent] == [1, 2]
    assert again.revision == 2


async def test_a_relay_goes_where_the_member_let_unasked_matches_go(flow: Flow) -> None:
    opened = {"profile_channels": ["space", "email"]}
    await member(flow, "S-1", preferences=opened, profile_matching=True, kind="person", criteria={})
    await member(flow, "S-2", preferences=opened)
    await flow.campaign(labels=["industry:I65", "subject:enterprise"])
    await flow.pump()
    assert await flow.rows() == []
    assert await relayed(flow, await relay(flow)) == {
        ("S-1", "space"),
        ("S-1", "email"),
        ("S-2", "space"),
    }, "with profile matching switched off nothing unasked leaves the space"


async def test_who_closed_every_channel_gets_no_row(flow: Flow) -> None:
    await member(flow, "S-1")
    await member(flow, "S-2")
    async with flow.record.write() as conn:
        await opt_out(conn, "S-1", "all", via="page", now=NOW)
        await opt_out(conn, "S-2", "channel:space", via="page", now=NOW)
    await flow.campaign()
    await relay(flow)
    assert await flow.rows() == []


async def test_a_relay_says_who_relayed_it_and_why_it_came(flow: Flow) -> None:
    await member(flow, "S-1")
    await flow.campaign()
    await relay(flow, words="会员可到秘书处咨询")
    await flow.pump()
    (message,) = flow.channels["space"].sent
    assert message.content.note == "会员可到秘书处咨询"
    assert message.content.relayed_by == "软件行业协会"
    assert [(reason.subscription, reason.stated) for reason in message.reasons] == [
        ("由您所在的软件行业协会接力推送", True)
    ]


async def test_who_left_the_association_before_it_went_gets_nothing(flow: Flow) -> None:
    await member(flow, "S-1")
    await member(flow, "S-2")
    await flow.campaign()
    await relay(flow)
    async with flow.record.write() as conn:
        assert await leave(conn, "soft", "S-1", actor="S-1", now=NOW)
        assert not await leave(conn, "soft", "S-1", actor="S-1", now=NOW)
    await flow.pump()
    assert [message.subscriber_id for message in flow.channels["space"].sent] == ["S-2"]
    stopped = await flow.row(subscriber_id="S-1")
    assert (stopped["state"], stopped["reason"]) == ("suppressed", "no_member")


async def test_a_channel_closed_before_it_went_gets_nothing_and_the_space_still_does(flow: Flow) -> None:
    opened = {"profile_channels": ["space", "email"]}
    await member(flow, "S-1", preferences=opened, profile_matching=True, kind="person", criteria={})
    await flow.campaign(labels=["industry:I65", "subject:enterprise"])
    await relay(flow)
    await flow.subscriber("S-1", {}, profile_matching=True, kind="person")
    await flow.pump()
    assert flow.channels["email"].sent == []
    stopped = await flow.row(channel="email")
    assert (stopped["state"], stopped["reason"]) == ("suppressed", "profile_matching_off")
    assert len(flow.channels["space"].sent) == 1


async def test_who_had_a_policy_only_by_a_relay_hears_of_its_amendment_and_its_repeal(flow: Flow) -> None:
    await member(flow, "S-1")
    await flow.campaign()
    await relay(flow)
    await flow.pump()
    await flow.campaign(title="第二版")
    await flow.pump()
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await flow.pump()
    assert [(one.occurrence.split(":")[0], one.content.revision) for one in flow.channels["space"].sent] == [
        ("relay", 1),
        ("policy", 2),
        ("repeal", 2),
    ]


async def test_leaving_one_association_does_not_stop_what_another_relays(flow: Flow) -> None:
    await member(flow, "S-1", "soft", "park")
    await flow.campaign()
    await relay(flow, "park")
    async with flow.record.write() as conn:
        await leave(conn, "soft", "S-1", actor="S-1", now=NOW)
    await flow.pump()
    assert [message.subscriber_id for message in flow.channels["space"].sent] == ["S-1"]


async def test_a_task_that_comes_again_plans_the_same_rows(flow: Flow) -> None:
    await member(flow, "S-1")
    await flow.campaign()
    await relay(flow)
    before = await flow.rows()
    for message in flow.log.on(MATCH_TASKS):
        await flow.step(message)
    assert await flow.rows() == before


async def test_a_targeted_policy_is_never_relayed_even_if_somebody_asked(flow: Flow) -> None:
    await member(flow, "S-1")
    await flow.campaign(audience_scope={"subscribers": ["S-9"]})
    await relay(flow)
    assert await flow.rows() == []


async def test_a_relay_of_a_repealed_policy_opens_no_campaign(flow: Flow) -> None:
    await member(flow, "S-1")
    await flow.campaign()
    await flow.tell("policy.repealed", {"policy_id": "P-1"})
    await relay(flow)
    await flow.pump()
    assert flow.channels["space"].sent == []


async def test_a_second_relay_of_the_revision_leaves_the_first_as_it_is(flow: Flow) -> None:
    await flow.campaign()
    first = await relay(flow, words="第一次")
    async with flow.record.write() as conn:
        stands, new = await make_relay(conn, SOFT, "soft", AGENCY, "P-1", 1, words="第二次", now=NOW)
    assert (stands, new) == (first, False)
    async with flow.record.read() as conn:
        assert await find_relay(conn, first.relay_id) == first
        assert await list_relays(conn, "soft") == [(first, "关于支持软件产业发展的若干措施")]
        assert await list_relays(conn, "park") == []


async def test_a_relay_whose_hand_over_was_lost_is_handed_on_by_the_sweep(flow: Flow) -> None:
    await member(flow, "S-1")
    await flow.campaign()
    async with flow.record.write() as conn:
        made, _ = await make_relay(conn, SOFT, "soft", AGENCY, "P-1", 1, words="", now=flow.clock.now())
    flow.log.breaks[POLICIES_RELEASED] = LogUnavailable("away")
    with pytest.raises(LogUnavailable):
        await hand_on(flow.desk.log, made)
    flow.log.breaks.clear()
    assert await hand_on_forgotten(flow.desk) == 0, "it may still be on its way"
    flow.clock.advance(flow.desk.lost_after + timedelta(seconds=1))
    assert await hand_on_forgotten(flow.desk) == 1
    await flow.pump()
    assert [message.subscriber_id for message in flow.channels["space"].sent] == ["S-1"]
    flow.clock.advance(flow.desk.lost_after + timedelta(seconds=1))
    assert await hand_on_forgotten(flow.desk) == 0, "its campaign is there"


async def test_the_sweep_lets_a_relay_of_a_repealed_policy_be(flow: Flow) -> None:
    await flow.campaign()
    async with flow.record.write() as conn:
        await make_relay(conn, SOFT, "soft", AGENCY, "P-1", 1, words="", now=flow.clock.now())
        await conn.execute(update(policy_revisions).values(state="repealed"))
    flow.clock.advance(flow.desk.lost_after + timedelta(seconds=1))
    assert await hand_on_forgotten(flow.desk) == 0


async def test_the_reach_counts_each_member_once(flow: Flow) -> None:
    await member(flow, "S-1", criteria=None, channels=("email", "space"))
    await member(flow, "S-2", criteria=None, channels=("space",))
    await member(flow, "S-3")
    await member(flow, "S-4")
    await member(flow, "S-5", profile_matching=False)
    async with flow.record.write() as conn:
        await opt_out(conn, "S-5", "all", via="page", now=NOW)
    await flow.campaign()
    await flow.pump()
    made = await relay(flow)
    async with flow.record.read() as conn:
        assert not await is_complete(conn, made)
    await flow.pump()
    async with flow.record.write() as conn:
        await conn.execute(update(deliveries).values(delivered_at=NOW, state="delivered"))
        mine = deliveries.c.subscriber_id.in_(("S-1", "S-4"))
        await conn.execute(update(deliveries).where(mine).values(read_at=NOW))
    async with flow.record.read() as conn:
        assert await reach_of(conn, made) == Reach(members=5, by_agency=2, by_relay=2, read=2)
        assert await is_complete(conn, made)


async def test_a_kit_is_what_fits_a_member_and_counts_whom(flow: Flow) -> None:
    await member(flow, "S-1", criteria=None)
    await member(flow, "S-2", criteria=None)
    await member(flow, "S-3")
    await flow.campaign("P-1")
    await flow.campaign("P-2", labels=["industry:A01"])
    await flow.campaign("P-3", labels=["industry:C39"])
    await flow.campaign("P-4", audience_scope={"subscribers": ["S-1"]})
    await flow.pump()
    async with flow.record.read() as conn:
        kits, following = await list_kits(conn, "soft")
        assert [(kit.view.policy_id, kit.fitting) for kit in kits] == [("P-2", 1), ("P-1", 2)]
        assert following is None
        first, following = await list_kits(conn, "soft", limit=1)
        rest, end = await list_kits(conn, "soft", limit=1, after=following)
        assert [kit.view.policy_id for kit in first + rest] == ["P-2", "P-1"]
        assert end is None
        assert (await list_kits(conn, "park")) == ([], None)
        assert await fitting_members(conn, "soft", AGENCY, "P-1") == (1, 2)
        assert await fitting_members(conn, "soft", AGENCY, "P-3") is None
        assert await fitting_members(conn, "soft", AGENCY, "P-4") is None


async def test_a_kit_is_of_the_revision_that_is_released(flow: Flow) -> None:
    await member(flow, "S-1", criteria=None)
    await flow.campaign()
    await flow.pump()
    await flow.campaign(title="第二版")
    async with flow.record.read() as conn:
        assert await fitting_members(conn, "soft", AGENCY, "P-1") is None, "nobody has the new one yet"
    await flow.pump()
    async with flow.record.read() as conn:
        assert await fitting_members(conn, "soft", AGENCY, "P-1") == (2, 1)


async def test_members_see_the_notes_of_their_associations_beside_the_message_they_have(flow: Flow) -> None:
    await member(flow, "S-1", "soft", "park", criteria=None)
    await member(flow, "S-2", "park", criteria=None)
    await flow.campaign()
    await relay(flow, "soft", words="软协的话")
    await relay(flow, "park", words="")
    shown = InboxMessage("m", AGENCY, "P-1", 1, "policy", "题", (), NOW, None, None)
    old = InboxMessage("o", AGENCY, "P-1", 2, "policy", "题", (), NOW, None, None)
    reminder = InboxMessage("r", AGENCY, "P-1", 1, "reminder:3:2026-05-01", "题", (), NOW, None, None)
    async with flow.record.read() as conn:
        beside = await notes_beside(conn, "S-1", [shown, old, reminder])
        assert {name: [(n.association, n.words) for n in notes] for name, notes in beside.items()} == {
            "m": [("科技园", ""), ("软件行业协会", "软协的话")]
        }
        others = await notes_beside(conn, "S-2", [shown])
        assert [note.association for note in others["m"]] == ["科技园"]
        assert await notes_beside(conn, "S-9", [shown]) == {}
        assert await notes_beside(conn, "S-1", []) == {}


async def test_joining_twice_keeps_the_first_consent_and_leaving_takes_effect_at_once(flow: Flow) -> None:
    await flow.subscriber("S-1", FARMING)
    async with flow.record.write() as conn:
        assert await join(conn, Membership("soft", "S-1", NOW, "本人"), actor="S-1")
        later = Membership("soft", "S-1", NOW + timedelta(days=1), "再次")
        assert await join(conn, later, actor="S-1") is None
    async with flow.record.read() as conn:
        ((association, kept),) = await memberships_of(conn, "S-1")
        assert (association.name, kept.consent_at, kept.evidence) == ("软件行业协会", NOW, "本人")
    async with flow.record.write() as conn:
        await leave(conn, "soft", "S-1", actor="S-1", now=NOW)
    await flow.campaign()
    await relay(flow)
    assert await flow.rows() == []
