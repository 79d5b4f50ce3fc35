"""TD by text message: it holds for the number under whatever id, until the person that has it thinks better of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from config.database.schema import notices, optouts, suppressions
from subscribers.correcting import add_contact
from subscribers.errors import SuppressedContactError
from subscribers.model import ContactIn, Enrolment, SubscriberIn
from subscribers.notice_rows import claim, end_leases
from subscribers.notices import ask_many_to_confirm, ask_to_confirm
from subscribers.registry import opt_in, put_many, put_subscriber
from subscribers.rows import contact_id_of
from subscribers.standing import standings
from tests.support.door import DAY, MOBILE, Door
from tests.support.flow import NOW, SHARDS, open_flow

CONSENT = {"basis": "书面同意", "at": NOW - DAY, "evidence": "第 1 号"}


@pytest.fixture
async def door(record_url: str) -> AsyncIterator[Door]:
    async with open_flow(record_url) as flow:
        yield Door(flow)


def firm(**consent: Any) -> SubscriberIn:
    contact = {"channel": "sms", "address": MOBILE} | consent
    return SubscriberIn.model_validate({"name": "示范软件有限公司", "contacts": [contact]})


async def imported(door: Door, who: str, **consent: Any) -> list[str]:
    """Import one row; returns the reasons of a refusal."""
    async with door.record.write() as conn:
        done = await put_many(
            conn,
            door.vault,
            [Enrolment(who, firm(**consent), (), 2)],
            shards=SHARDS,
            now=door.now,
            actor="tests",
            ask_at=door.now,
        )
    return [one.reason for one in done.refused]


async def may_be_texted(door: Door, who: str) -> bool:
    """Whether a policy may go to the number under this id."""
    contact_id = contact_id_of(who, "sms", door.vault.blind_index("sms", MOBILE))
    recipient = (who, "sms", contact_id)
    async with door.record.read() as conn:
        standing = (await standings(conn, door.vault, [recipient]))[recipient]
    return standing.consented and not standing.opted_out and standing.suppressed is None


async def test_a_number_that_said_no_comes_in_under_no_other_id(door: Door) -> None:
    assert await imported(door, "S-1", consent=CONSENT) == []
    assert await may_be_texted(door, "S-1")
    assert [change.subscriber_id for change in await door.says_no()] == ["S-1"]
    (why,) = await imported(door, "S-2", consent=CONSENT)
    assert "only who holds it takes that back" in why
    assert MOBILE not in why
    with pytest.raises(SuppressedContactError):
        async with door.record.write() as conn:
            await put_subscriber(
                conn, door.vault, "S-3", firm(consent=CONSENT), shards=SHARDS, now=door.now, actor="tests"
            )


async def test_the_list_that_brought_it_may_be_imported_again_and_changes_nothing_about_the_no(
    door: Door,
) -> None:
    await imported(door, "S-1", consent=CONSENT)
    await door.says_no()
    assert await imported(door, "S-1", consent=CONSENT) == []
    async with door.record.write() as conn:
        await put_subscriber(
            conn, door.vault, "S-1", firm(consent=CONSENT), shards=SHARDS, now=door.now, actor="tests"
        )
    assert not await may_be_texted(door, "S-1")
    assert await door.count(optouts) == 1


async def test_a_request_that_waits_for_the_morning_does_not_go_to_who_says_no_meanwhile(door: Door) -> None:
    assert await imported(door, "S-1") == []
    await door.says_no()
    assert await door.send() == []
    async with door.record.read() as conn:
        assert [tuple(row) for row in await conn.execute(select(notices.c.state, notices.c.reason))] == [
            ("expired", "opted_out")
        ]
    ask = ("S-1", "sms", contact_id_of("S-1", "sms", door.vault.blind_index("sms", MOBILE)))
    async with door.record.write() as conn:
        assert await ask_many_to_confirm(conn, [ask], now_real=door.now + 40 * DAY) == 0


async def test_opening_the_channel_again_takes_the_no_back(door: Door) -> None:
    await imported(door, "S-1", consent=CONSENT)
    await door.says_no()
    async with door.record.write() as conn:
        await opt_in(conn, "S-1", "channel:sms", now=door.now)
    assert await may_be_texted(door, "S-1")
    assert await door.count(suppressions) == 0


async def test_who_only_claims_a_number_cannot_take_back_its_no(door: Door) -> None:
    await imported(door, "S-1", consent=CONSENT)
    await imported(door, "S-2")  # the same number, without consent
    await door.says_no()
    async with door.record.write() as conn:
        await opt_in(conn, "S-2", "channel:sms", now=door.now)
    assert await door.count(suppressions) == 1


async def test_a_stranger_that_said_no_may_still_sign_up_by_a_code_and_that_takes_it_back(door: Door) -> None:
    assert await door.says_no() == []
    assert await door.count(suppressions) == 1
    await door.join(("sms", MOBILE))
    (message,) = await door.send()
    assert message.address == f"+86{MOBILE}"
    assert await door.count(suppressions) == 1, "asking is not confirming"
    done = await door.type_in(message.secret)
    assert done is not None
    assert await door.count(suppressions) == 0
    assert await may_be_texted(door, done.subscriber_id)


async def test_who_said_no_still_gets_a_code_to_sign_in_and_one_for_a_number_it_adds(door: Door) -> None:
    await door.join(("sms", MOBILE))
    (message,) = await door.send()
    assert (done := await door.type_in(message.secret)) is not None
    await door.says_no()
    door.flow.clock.advance(DAY)
    await door.join(("sms", MOBILE))  # known and confirmed: a code to sign in
    (again,) = await door.send()
    assert again.content.occasion == "sign_in"
    assert (await door.type_in(again.secret) or done).kind == "sign_in"

    bare = ContactIn(channel="sms", address=MOBILE)
    async with door.record.write() as conn:
        await put_subscriber(
            conn,
            door.vault,
            "S-9",
            SubscriberIn(name="另一家"),
            shards=SHARDS,
            now=door.now,
            actor="S-9",
            rejoin=True,
        )
        _, ask = await add_contact(conn, door.vault, "S-9", bare, now=door.now)
        assert await ask_to_confirm(conn, *ask, now_real=door.now, invited=True)


async def test_what_is_dead_is_not_lifted_by_anybody(door: Door) -> None:
    await imported(door, "S-1", consent=CONSENT)
    index = door.vault.blind_index("sms", MOBILE)
    async with door.record.write() as conn:
        row = {"channel": "sms", "blind_index": index, "reason": "gone", "at": NOW}
        await conn.execute(suppressions.insert(), [row])
        await opt_in(conn, "S-1", "channel:sms", now=door.now)
    assert await door.count(suppressions) == 1
    await door.join(("sms", MOBILE))
    assert await door.send() == []


async def test_a_text_message_whose_sender_vanished_counts_as_sent_and_an_invitation_keeps_its_days(
    door: Door,
) -> None:
    await imported(door, "S-1")
    await door.join(("sms", "13912340000"))
    async with door.record.write() as conn:
        taken = await claim(conn, door.tokens, {"sms"}, "t", door.now, timedelta(minutes=5))
    assert sorted(one.kind for one in taken) == ["confirm", "invite"]
    door.flow.clock.advance(timedelta(minutes=6))
    async with door.record.write() as conn:
        await end_leases(conn, door.now)
        rows = (await conn.execute(select(notices.c.kind, notices.c.state, notices.c.expires_at))).all()
    assert {row.kind: (row.state, row.expires_at - door.now) for row in rows} == {
        "confirm": ("sent", timedelta(minutes=10)),
        "invite": ("sent", timedelta(days=3)),
    }
