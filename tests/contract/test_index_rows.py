"""What the index is told of a subscriber besides what it wants: where nothing arrives and why, when, and how often."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet

from config.database import Record
from subscribers.by_number import close_number
from subscribers.contacts import Vault, open_vault
from subscribers.model import SubscriberIn
from subscribers.registry import (
    IndexRow,
    load_shard,
    mark_announced,
    opt_in,
    opt_out,
    put_subscriber,
    unannounced,
)
from subscribers.suppression import suppress, suppress_contact

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CONSENT = {"basis": "订阅申请表", "at": NOW - timedelta(days=9), "evidence": "表单 7"}
MAIL, OTHER_MAIL, NUMBER = "firm@example.com", "boss@example.com", "13800000007"


@pytest.fixture
async def vault(record: Record) -> Vault:
    return await open_vault(record, Fernet.generate_key().decode())


def address(channel: str, where: str, *, consented: bool = True) -> dict[str, Any]:
    return {"channel": channel, "address": where} | ({"consent": CONSENT} if consented else {})


async def put(record: Record, vault: Vault, *contacts: dict[str, Any], who: str = "S-1", **more: Any) -> None:
    given = SubscriberIn.model_validate({"name": "示范公司", "contacts": contacts, **more})
    async with record.write() as conn:
        change = await put_subscriber(conn, vault, who, given, shards=4, now=NOW, actor="tests")
        await mark_announced(conn, [(who, change.version)])


async def row_of(record: Record, who: str = "S-1") -> IndexRow:
    async with record.read() as conn:
        [row] = [row async for row in load_shard(conn, None, ids=[who])]
    return row


async def to_be_told(record: Record) -> set[str]:
    async with record.read() as conn:
        return {change.subscriber_id for change in await unannounced(conn, NOW + timedelta(days=1), 99)}


async def test_nothing_is_blocked_where_every_contact_gets_its_messages(record: Record, vault: Vault) -> None:
    await put(record, vault, address("email", MAIL), address("sms", NUMBER))
    row = await row_of(record)
    assert (row.blocked, row.quiet_hours, row.frequency) == ((), None, "instant")


async def test_a_channel_is_blocked_for_want_of_consent_only_where_no_contact_has_one(
    record: Record, vault: Vault
) -> None:
    without = address("email", OTHER_MAIL, consented=False)
    await put(record, vault, without, address("sms", NUMBER, consented=False))
    assert (await row_of(record)).blocked == (("email", "no_consent"), ("sms", "no_consent"))
    await put(record, vault, without, address("email", MAIL))
    assert (await row_of(record)).blocked == ()


async def test_a_suppressed_address_blocks_its_channel_when_no_other_is_left_and_stays_a_contact(
    record: Record, vault: Vault
) -> None:
    await put(record, vault, address("email", MAIL), address("email", OTHER_MAIL))
    async with record.write() as conn:
        await suppress(conn, vault, "email", MAIL, reason="550 no such user", now=NOW)
    assert (await row_of(record)).blocked == ()
    async with record.write() as conn:
        await suppress(conn, vault, "email", OTHER_MAIL, reason="550 no such user", now=NOW)
    row = await row_of(record)
    assert row.blocked == (("email", "contact_suppressed"),)
    assert [channel for channel, _ in row.contacts] == ["space", "email", "email"]


async def test_a_suppressed_contact_beside_one_without_consent_blocks_as_suppressed(
    record: Record, vault: Vault
) -> None:
    await put(record, vault, address("email", MAIL), address("email", OTHER_MAIL, consented=False))
    async with record.write() as conn:
        await suppress(conn, vault, "email", MAIL, reason="550 no such user", now=NOW)
    assert (await row_of(record)).blocked == (("email", "contact_suppressed"),)


async def test_a_closed_channel_is_blocked_as_opted_out_whatever_else_is_wrong_with_it(
    record: Record, vault: Vault
) -> None:
    await put(record, vault, address("email", MAIL), address("email", OTHER_MAIL, consented=False))
    async with record.write() as conn:
        await suppress(conn, vault, "email", MAIL, reason="550 no such user", now=NOW)
        for scope in ("channel:email", "channel:sms", "channel:space"):
            await opt_out(conn, "S-1", scope, via="link", now=NOW)
    row = await row_of(record)
    assert row.blocked == (
        ("email", "opted_out"),
        ("space", "opted_out"),
    )  # there is no number to be kept from
    assert row.contacts == ()


async def test_quiet_hours_are_minutes_of_the_day_and_the_frequency_is_told(
    record: Record, vault: Vault
) -> None:
    wish = {"quiet_hours": {"from": "21:30", "to": "07:05"}, "frequency": "weekly"}
    await put(record, vault, address("email", MAIL), preferences=wish)
    row = await row_of(record)
    assert (row.quiet_hours, row.frequency) == ((21 * 60 + 30, 7 * 60 + 5), "weekly")


async def test_everybody_who_holds_an_address_has_changed_when_it_is_suppressed_once(
    record: Record, vault: Vault
) -> None:
    for who in ("S-1", "S-2"):
        await put(record, vault, address("email", MAIL), who=who)
    await put(record, vault, address("email", OTHER_MAIL), who="S-3")
    before = (await row_of(record)).version
    async with record.write() as conn:
        await suppress(conn, vault, "email", MAIL, reason="550 no such user", now=NOW)
    assert await to_be_told(record) == {"S-1", "S-2"}
    contact_id = (await row_of(record)).contacts[1][1]
    async with record.write() as conn:
        await suppress_contact(conn, contact_id, reason="gone", now=NOW)  # it is on the list already
    assert (await row_of(record)).version == before + 1


async def test_a_no_by_text_message_and_taking_it_back_change_all_who_hold_the_number(
    record: Record, vault: Vault
) -> None:
    for who in ("S-1", "S-2"):
        await put(record, vault, address("sms", NUMBER), who=who)
    async with record.write() as conn:
        told = await close_number(conn, vault, NUMBER, now=NOW)
        await mark_announced(conn, [(change.subscriber_id, change.version) for change in told])
    assert await to_be_told(record) == set()  # what was returned is the newest there is
    async with record.write() as conn:
        change = await opt_in(conn, "S-1", "channel:sms", now=NOW)
        await mark_announced(conn, [("S-1", change.version)])
    assert await to_be_told(record) == {"S-2"}
    assert (await row_of(record)).blocked == ()
