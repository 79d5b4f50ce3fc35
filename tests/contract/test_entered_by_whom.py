"""Whom a targeted policy names by credit code or membership: only what others than the subscriber say counts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from channels.errors import TemporaryError
from config.database.schema import audit, subscribers
from streams.sweeps import hand_over_due
from subscribers.associations import Membership, named_audience, put_association, put_membership
from subscribers.correcting import WhoIn, correct
from subscribers.memberships import join, memberships_of
from subscribers.model import Enrolment, SubscriberIn, shard_of
from subscribers.registry import erase, get_subscriber, put_many, put_subscriber
from subscribers.vouching import (
    NoMemberError,
    OtherCodeError,
    unconfirmed_codes,
    vouch_for_code,
    vouch_for_membership,
)
from tests.support.door import MAIL, Door
from tests.support.fakes import arrives
from tests.support.flow import NOW, SHARDS, Flow

CODE, OTHER = "91310000MA1K4C0T0N", "913101150000000120"


def firm(code: str | None = CODE) -> SubscriberIn:
    return SubscriberIn(name="示范软件有限公司", credit_code=code)


async def put(flow: Flow, code: str | None = CODE, *, itself: bool = False, who: str = "S-1") -> None:
    vault = flow.desk.vault
    async with flow.record.write() as conn:
        await put_subscriber(
            conn, vault, who, firm(code), shards=SHARDS, now=NOW, actor="运维", rejoin=itself
        )


async def corrected(flow: Flow, code: str | None) -> None:
    async with flow.record.write() as conn:
        await correct(conn, "S-1", WhoIn(name="新名", credit_code=code), now=NOW)


async def named(flow: Flow, code: str = CODE) -> set[str]:
    """Who is named by a credit code, as a push asks it and as a send does."""
    async with flow.record.read() as conn:
        everybody = list(await conn.scalars(select(subscribers.c.subscriber_id)))
        found = await named_audience(conn, None, credit_codes=[code], among=everybody)
        by_shard = [await named_audience(conn, shard, credit_codes=[code]) for shard in range(SHARDS)]
    assert found == frozenset().union(*by_shard)
    return set(found)


async def confirmed(flow: Flow) -> bool:
    async with flow.record.read() as conn:
        return (await get_subscriber(conn, flow.desk.vault, "S-1")).credit_code_confirmed


async def vouch(flow: Flow, code: str = CODE, *, so: bool = True) -> None:
    async with flow.record.write() as conn:
        await vouch_for_code(conn, "S-1", code, confirmed=so, actor="运维", now=NOW)


# -- credit codes ----------------------------------------------------------------------------------------------------


async def test_a_code_that_staff_put_names_its_subscriber(flow: Flow) -> None:
    await put(flow)
    assert await named(flow) == {"S-1"}


async def test_so_does_an_imported_one_also_where_the_subscriber_had_entered_it(flow: Flow) -> None:
    await put(flow, itself=True)
    assert await named(flow) == set()
    rows = [Enrolment("S-1", firm()), Enrolment("S-2", firm())]
    async with flow.record.write() as conn:
        await put_many(conn, flow.desk.vault, rows, shards=SHARDS, now=NOW, actor="import")
    assert await named(flow) == {"S-1", "S-2"}


async def test_whoever_types_in_the_code_of_somebody_else_is_not_named(flow: Flow) -> None:
    await put(flow, None)
    await corrected(flow, CODE)
    assert await named(flow) == set()
    await put(flow, itself=True, who="S-2")
    assert await named(flow) == set()


async def test_nor_is_who_signs_up_with_it(flow: Flow) -> None:
    door = Door(flow)
    await door.join(("email", MAIL), credit_code=CODE)
    (message,) = await door.send()
    await door.follow(message)
    assert await named(flow) == set()
    async with flow.record.read() as conn:
        (waiting,) = await unconfirmed_codes(conn, limit=10)
    assert (waiting.subscriber_id, waiting.credit_code) == (message.subscriber_id, CODE)


async def test_a_code_that_stays_the_same_stays_confirmed_whatever_else_is_corrected(flow: Flow) -> None:
    await put(flow)
    await corrected(flow, CODE)
    assert await named(flow) == {"S-1"}
    await put(flow, itself=True)
    assert await named(flow) == {"S-1"}


async def test_one_that_changed_is_not_and_changing_it_back_does_not_help(flow: Flow) -> None:
    await put(flow)
    await corrected(flow, OTHER)
    assert await named(flow, OTHER) == set()
    await corrected(flow, CODE)
    assert await named(flow) == set()


@pytest.mark.parametrize("code", [OTHER, None])
async def test_nor_is_one_that_changed_by_the_subscribers_own_put(flow: Flow, code: str | None) -> None:
    await put(flow)
    await put(flow, code, itself=True)
    assert not await confirmed(flow)
    await put(flow, itself=True)
    assert await named(flow) == set()


async def test_staff_confirms_what_was_looked_into_and_takes_it_back(flow: Flow) -> None:
    await put(flow, itself=True)
    await vouch(flow)
    assert await named(flow) == {"S-1"}
    await vouch(flow, so=False)
    assert await named(flow) == set()
    async with flow.record.read() as conn:
        rows = await conn.execute(select(audit).where(audit.c.action == "credit_code.vouched"))
        assert [(row.actor, row.object) for row in rows] == [("运维", "S-1")] * 2


async def test_a_code_that_changed_meanwhile_is_not_confirmed(flow: Flow) -> None:
    await put(flow, OTHER, itself=True)
    with pytest.raises(OtherCodeError, match="look again"):
        await vouch(flow)
    assert not await confirmed(flow)


async def test_an_erased_subscriber_is_confirmed_in_nothing(flow: Flow) -> None:
    await put(flow)
    async with flow.record.write() as conn:
        await erase(conn, "S-1", now=NOW, actor="S-1")
    assert not await confirmed(flow)
    await put(flow, itself=True)
    assert await named(flow) == set()


async def test_what_waits_to_be_confirmed_is_listed_by_pages(flow: Flow) -> None:
    for who in ("S-3", "S-1", "S-2"):
        await put(flow, itself=True, who=who)
    await put(flow, who="S-4")
    await put(flow, None, itself=True, who="S-5")
    async with flow.record.read() as conn:
        first = await unconfirmed_codes(conn, limit=2)
        rest = await unconfirmed_codes(conn, after="S-2", limit=2)
    assert [one.subscriber_id for one in (*first, *rest)] == ["S-1", "S-2", "S-3"]


# -- memberships -----------------------------------------------------------------------------------------------------


async def of_association(flow: Flow) -> set[str]:
    async with flow.record.read() as conn:
        return set(await named_audience(conn, shard_of("S-1", SHARDS), association_ids=["soft"]))


async def enters(flow: Flow, *, itself: bool) -> None:
    async with flow.record.write() as conn:
        await put_association(conn, "soft", "软件行业协会", now=NOW)
        if itself:
            await join(conn, Membership("soft", "S-1", NOW, "本人"), actor="S-1")
        else:
            await put_membership(conn, "soft", "S-1", consent_at=NOW, evidence="表 1")


async def test_who_joined_by_itself_is_named_once_staff_enters_it_too(flow: Flow) -> None:
    await put(flow)
    await enters(flow, itself=True)
    assert await of_association(flow) == set()
    await enters(flow, itself=False)
    assert await of_association(flow) == {"S-1"}
    await enters(flow, itself=True)  # a second time the first consent stands, and so does the confirmation
    assert await of_association(flow) == {"S-1"}


async def test_or_once_it_is_confirmed_which_leaves_its_consent_as_it_is(flow: Flow) -> None:
    await put(flow)
    await enters(flow, itself=True)
    async with flow.record.write() as conn:
        await vouch_for_membership(conn, "soft", "S-1", confirmed=True, actor="协会", now=NOW)
        [(_, membership)] = await memberships_of(conn, "S-1")
    assert membership == Membership("soft", "S-1", NOW, "本人", confirmed=True)
    assert await of_association(flow) == {"S-1"}


async def test_nobody_becomes_a_member_by_being_confirmed(flow: Flow) -> None:
    await put(flow)
    await enters(flow, itself=True)
    for association, who in (("soft", "S-9"), ("park", "S-1")):
        async with flow.record.write() as conn:
            with pytest.raises(NoMemberError, match=f"{who} is no member of {association}"):
                await vouch_for_membership(conn, association, who, confirmed=True, actor="协会", now=NOW)


# -- the whole way ---------------------------------------------------------------------------------------------------


async def test_a_stranger_gets_nothing_of_a_targeted_policy_by_a_public_code_or_by_joining(
    flow: Flow,
) -> None:
    await flow.announce(await flow.subscriber("S-1", credit_code=CODE))
    await flow.announce(await flow.subscriber("stranger", criteria={}))
    async with flow.record.write() as conn:
        await put_association(conn, "soft", "软件行业协会", now=NOW)
        joined = await join(conn, Membership("soft", "stranger", NOW, "本人"), actor="stranger")
        typed = await correct(conn, "stranger", WhoIn(name="陌生人", credit_code=CODE), now=NOW)
    assert joined is not None
    await flow.announce(joined, typed)
    await flow.pump()
    await flow.campaign(audience_scope={"associations": ["soft"], "credit_codes": [CODE]})
    await flow.pump()
    assert {row["subscriber_id"] for row in await flow.rows()} == {"S-1"}


async def test_who_loses_the_confirmation_before_it_goes_gets_nothing(flow: Flow) -> None:
    await flow.announce(await flow.subscriber("S-1", credit_code=CODE))
    flow.channels["email"].script = lambda _: TemporaryError("greylisted")
    await flow.campaign(audience_scope={"credit_codes": [CODE]})
    await flow.pump()
    await vouch(flow, so=False)
    flow.channels["email"].script = arrives
    flow.clock.advance(timedelta(hours=2))
    await hand_over_due(flow.desk)
    await flow.pump()
    row = await flow.row(channel="email")
    assert (row["state"], row["reason"]) == ("suppressed", "not_named")
