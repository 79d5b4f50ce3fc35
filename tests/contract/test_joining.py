"""Signing up, confirming, signing in and erasing on both databases; notices go out over a scripted channel."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from channels.channel import Outcome
from channels.errors import PermanentError, TemporaryError, UnknownOutcomeError
from channels.message import Message
from config.database.schema import contacts, notices, subscribers, suppressions
from streams.delivery.notices import forget_unconfirmed, send_notices
from subscribers.confirming import NoticeOverError, Redeemed
from subscribers.joining import AddressIn, sign_in
from subscribers.model import ContactIn, Enrolment, SubscriberIn
from subscribers.notices import CONFIRM, SIGN_IN, ask_many_to_confirm, ask_to_sign_in
from subscribers.registry import erase, get_subscriber, get_subscriptions, opt_out, put_many, unannounced
from subscribers.suppression import suppress
from tests.support.door import DAY, MAIL, MOBILE, Door
from tests.support.fakes import arrives
from tests.support.flow import NOW, SHARDS, SOFTWARE, open_flow


@pytest.fixture
async def door(record_url: str) -> AsyncIterator[Door]:
    async with open_flow(record_url) as flow:
        yield Door(flow)


async def joined(door: Door, *addresses: tuple[str, str], **changes: Any) -> str:
    """Sign up and confirm by e-mail; returns the subscriber_id."""
    await door.join(*(addresses or (("email", MAIL),)), **changes)
    message = next(one for one in await door.send() if "/" in one.secret)
    return (await door.follow(message)).subscriber_id


async def test_who_signs_up_is_pending_until_the_link_is_used_and_then_has_given_consent(door: Door) -> None:
    wish = {"name": "软件", "criteria": SOFTWARE, "channels": ["space", "email"]}
    await door.join(("email", MAIL), subscriptions=[wish])
    (message,) = await door.send()
    assert (message.address, message.content.occasion) == (MAIL, CONFIRM)
    async with door.record.read() as conn:
        pending = await get_subscriber(conn, door.vault, message.subscriber_id)
        assert await unannounced(conn, door.now + DAY, 10) == []
    assert (pending.status, pending.contacts[0].consent_basis) == ("pending", None)
    done = await door.follow(message)
    async with door.record.read() as conn:
        active = await get_subscriber(conn, door.vault, done.subscriber_id)
        assert [item.name for item in await get_subscriptions(conn, done.subscriber_id)] == ["软件"]
    contact = active.contacts[0]
    assert active.status == "active"
    assert (contact.consent_basis, contact.consent_at) == ("double opt-in", door.now)
    assert contact.consent_evidence == f"notice {message.delivery_id}"
    assert done.change is not None
    assert done.change.version == active.version


async def test_a_link_is_good_once(door: Door) -> None:
    await door.join(("email", MAIL))
    (message,) = await door.send()
    await door.follow(message)
    with pytest.raises(NoticeOverError):
        await door.follow(message)


async def test_a_link_pressed_by_two_at_once_is_used_once(door: Door) -> None:
    await door.join(("email", MAIL))
    (message,) = await door.send()
    ends = await asyncio.gather(*(door.follow(message) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(end, Redeemed) for end in ends) == 1
    assert sum(isinstance(end, NoticeOverError) for end in ends) == 3


@pytest.mark.parametrize(("days", "good"), [(2.99, True), (3, False)])
async def test_a_request_to_confirm_is_good_for_three_days_from_its_sending(
    door: Door, days: float, good: bool
) -> None:
    await door.join(("email", MAIL))
    door.flow.clock.advance(timedelta(hours=5))
    (message,) = await door.send()
    door.flow.clock.advance(timedelta(days=days))
    if good:
        assert (await door.follow(message)).kind == CONFIRM
    else:
        with pytest.raises(NoticeOverError):
            await door.follow(message)


async def test_a_sign_in_link_confirms_nothing_and_a_confirmation_signs_nobody_in(door: Door) -> None:
    await door.join(("email", MAIL))
    (message,) = await door.send()
    with pytest.raises(NoticeOverError):
        await door.follow(message, SIGN_IN)


async def test_a_mobile_number_is_confirmed_by_the_code_it_got(door: Door) -> None:
    await door.join(("sms", MOBILE))
    (message,) = await door.send()
    assert re.fullmatch(r"\d{6}", message.secret)
    async with door.record.read() as conn:
        row = (await conn.execute(select(notices))).one()
    assert message.secret not in str(row._mapping)
    done = await door.type_in(message.secret)
    assert done is not None
    assert done.kind == CONFIRM
    assert await door.type_in(message.secret) is None, "a code is good once"


async def test_after_five_wrong_guesses_the_right_code_is_wrong_too(door: Door) -> None:
    await door.join(("sms", MOBILE))
    (message,) = await door.send()
    wrong = f"{(int(message.secret) + 1) % 10**6:06d}"
    answers = await asyncio.gather(*(door.type_in(wrong) for _ in range(5)))
    assert answers == [None] * 5
    assert await door.type_in(message.secret) is None


async def test_a_code_is_over_after_ten_minutes(door: Door) -> None:
    await door.join(("sms", MOBILE))
    (message,) = await door.send()
    door.flow.clock.advance(timedelta(minutes=10))
    assert await door.type_in(message.secret) is None


async def test_signing_up_with_a_known_address_sends_a_sign_in_link_and_keeps_nothing(door: Door) -> None:
    subscriber_id = await joined(door)
    await door.join(("email", MAIL), name="冒名公司")
    (message,) = await door.send()
    assert message.content.occasion == SIGN_IN
    assert message.recipient == "示范软件有限公司"
    assert await door.count(subscribers) == 1
    assert (await door.follow(message, SIGN_IN)).subscriber_id == subscriber_id


async def test_a_sign_in_link_is_over_after_a_quarter_of_an_hour(door: Door) -> None:
    await joined(door)
    async with door.record.write() as conn:
        given = [AddressIn.model_validate({"channel": "email", "address": MAIL.upper()})]
        assert await sign_in(conn, door.vault, given, now_real=door.now)
    (message,) = await door.send()
    door.flow.clock.advance(timedelta(minutes=15))
    with pytest.raises(NoticeOverError):
        await door.follow(message, SIGN_IN)


async def test_nobody_is_asked_at_a_suppressed_address_and_nothing_is_kept(door: Door) -> None:
    async with door.record.write() as conn:
        await suppress(conn, door.vault, "email", MAIL, reason="550 gone", now=NOW)
    await door.join(("email", MAIL))
    assert await door.send() == []
    assert await door.count(subscribers) == 0
    await door.join(("email", MAIL), ("sms", MOBILE))
    assert [message.address for message in await door.send()] == ["+8613812340000"]
    assert await door.count(contacts) == 1


async def test_one_address_gets_three_requests_a_day_whoever_signs_up_with_it(door: Door) -> None:
    for number in range(5):
        await door.join(("email", MAIL), name=f"第{number}公司")
        door.flow.clock.advance(timedelta(minutes=5))
    assert len(await door.send()) == 3
    assert await door.count(subscribers) == 3, "what nobody can confirm is not kept"
    door.flow.clock.advance(DAY)
    await door.join(("email", MAIL))
    assert len(await door.send()) == 1


async def test_an_import_asks_a_contact_once_a_month_and_never_against_its_word(door: Door) -> None:
    rows = [
        Enrolment(
            f"i{n}",
            SubscriberIn(name="企业", contacts=(ContactIn(channel="email", address=f"i{n}@firm.cn"),)),
        )
        for n in range(3)
    ]

    async def imported() -> int:
        async with door.record.write() as conn:
            await put_many(conn, door.vault, rows, shards=SHARDS, now=door.now, actor="tests")
            c = contacts.c
            found = await conn.execute(select(c.subscriber_id, c.channel, c.contact_id))
            asks = [(row.subscriber_id, row.channel, row.contact_id) for row in found]
            return await ask_many_to_confirm(conn, asks, now_real=door.now)

    assert await imported() == 3
    assert await imported() == 0
    messages = await door.send()
    assert len(messages) == 3
    await door.follow(next(one for one in messages if one.subscriber_id == "i0"))
    async with door.record.write() as conn:
        await opt_out(conn, "i1", "channel:email", via="page", now=door.now)
    door.flow.clock.advance(31 * DAY)
    assert await imported() == 1
    assert [message.subscriber_id for message in await door.send()] == ["i2"]


async def test_an_import_at_night_asks_a_mobile_number_in_the_morning_and_whoever_waits_at_once(
    door: Door,
) -> None:
    door.flow.clock.advance(timedelta(hours=12))  # ten in the evening in Shanghai
    mail, mobile = (ContactIn(channel="email", address=MAIL), ContactIn(channel="sms", address=MOBILE))
    row = Enrolment("i0", SubscriberIn(name="企业", contacts=(mail, mobile)))
    async with door.record.write() as conn:
        await put_many(conn, door.vault, [row], shards=SHARDS, now=door.now, actor="tests", ask_at=door.now)
    await door.join(("sms", "13912340000"))
    assert sorted(message.address for message in await door.send()) == ["+8613912340000", MAIL]
    door.flow.clock.advance(timedelta(hours=10) - timedelta(seconds=1))
    assert await door.send() == []
    door.flow.clock.advance(timedelta(seconds=1))
    assert [message.address for message in await door.send()] == [f"+86{MOBILE}"]


async def test_a_code_that_the_gateway_did_not_take_wakes_nobody_later_in_the_night(door: Door) -> None:
    door.flow.clock.advance(
        timedelta(hours=10, minutes=59)
    )  # a minute before nine in the evening in Shanghai
    script(door, "sms", TemporaryError("503 later"))
    await door.join(("sms", MOBILE))
    await door.send()
    assert await door.states() == ["planned"]
    door.flow.clock.advance(timedelta(minutes=30))
    assert await door.send() == []
    door.flow.clock.advance(timedelta(hours=11))
    assert [message.address for message in await door.send()] == [f"+86{MOBILE}"]


async def test_two_sweepers_send_a_notice_once(door: Door) -> None:
    await door.join(("email", MAIL), ("sms", MOBILE))
    await asyncio.gather(*(send_notices(door.flow.desk, door.flow.clock) for _ in range(4)))
    assert {name: len(channel.sent) for name, channel in door.flow.channels.items() if channel.sent} == {
        "email": 1,
        "sms": 1,
    }


async def test_a_notice_that_did_not_go_is_tried_again_and_given_up_when_its_time_is_over(door: Door) -> None:
    script(door, "email", TemporaryError("451 later"), TemporaryError("451 later"))
    await joined_with_sign_in(door)
    assert await door.states() == ["planned"]
    door.flow.clock.advance(timedelta(minutes=2))
    await door.send()
    assert await door.states() == ["planned"]
    door.flow.clock.advance(timedelta(minutes=15))
    assert await door.send() == []
    assert await door.states() == ["expired"]


async def joined_with_sign_in(door: Door) -> None:
    """A subscriber with a confirmed address that asks to sign in; the first attempt is made."""
    await door.flow.subscriber("S-1", channels=("email",))
    async with door.record.write() as conn:
        c = contacts.c
        mails = select(c.subscriber_id, c.channel, c.contact_id).where(c.channel == "email")
        row = (await conn.execute(mails)).one()
        assert await ask_to_sign_in(conn, *row, now_real=door.now)
    await door.send()


async def test_a_dead_address_is_suppressed_and_a_lost_text_message_is_not_sent_again(door: Door) -> None:
    script(door, "email", PermanentError("550 5.1.1 gone", dead=True))
    script(door, "sms", UnknownOutcomeError("cut"))
    await door.join(("email", MAIL), ("sms", MOBILE))
    await door.send()
    assert sorted(await door.states()) == ["failed", "sent"]
    assert await door.count(suppressions) == 1
    door.flow.clock.advance(timedelta(hours=1))
    assert await door.send() == []


async def test_what_nobody_confirms_is_forgotten_after_a_week_and_a_proof_of_consent_is_not(
    door: Door,
) -> None:
    kept = await joined(door)
    await door.join(("email", "other@firm.cn"))
    await door.send()
    door.flow.clock.advance(6 * DAY)
    assert await forget_unconfirmed(door.flow.desk, door.flow.clock) == 0
    door.flow.clock.advance(2 * DAY)
    assert await forget_unconfirmed(door.flow.desk, door.flow.clock) == 1
    door.flow.clock.advance(100 * DAY)
    await forget_unconfirmed(door.flow.desk, door.flow.clock)
    async with door.record.read() as conn:
        assert list(await conn.scalars(select(subscribers.c.subscriber_id))) == [kept]
        assert list(await conn.scalars(select(notices.c.subscriber_id))) == [kept]


async def test_an_erased_subscriber_leaves_no_contact_no_notice_and_no_way_back_in(door: Door) -> None:
    subscriber_id = await joined(door)
    await door.join(("email", MAIL))
    (message,) = await door.send()
    async with door.record.write() as conn:
        await erase(conn, subscriber_id, now=door.now, actor="tests")
    assert await door.count(contacts) == await door.count(notices) == 0
    with pytest.raises(NoticeOverError):
        await door.follow(message, SIGN_IN)
    await door.join(("email", MAIL))
    assert (await door.send())[0].content.occasion == CONFIRM, "it may come back as somebody new"


def script(door: Door, channel: str, *outcomes: Outcome) -> None:
    """Let a channel answer with these, one per message, and then as always."""
    left = list(outcomes)

    def answer(message: Message) -> Outcome:
        return left.pop(0) if left else arrives(message)

    door.flow.channels[channel].script = answer
