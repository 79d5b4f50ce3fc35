"""The register of subscribers, once on SQLite and once on PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, select

from config.database.jsontext import from_text
from config.database.record import Record
from config.database.schema import audit, contacts, notices, subscribers, suppressions
from subscribers.associations import count_members, members, named_audience, put_association, put_membership
from subscribers.contacts import Vault, VaultError, open_vault, rewrap
from subscribers.correcting import remove_contact
from subscribers.errors import (
    SubscriberLeftError,
    SuppressedContactError,
    TooManySubscriptionsError,
    UnknownSubscriberError,
)
from subscribers.leaving import ScopeError
from subscribers.model import Change, Enrolment, SubscriberIn, SubscriptionIn, shard_of
from subscribers.registry import (
    IndexRow,
    erase,
    get_subscriber,
    get_subscriptions,
    load_shard,
    mark_announced,
    opt_in,
    opt_out,
    put_many,
    put_subscriber,
    put_subscriptions,
    unannounced,
)
from subscribers.standing import standings
from subscribers.verdict import GO, Stop, judge

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
MAIL = "firm@example.com"


@pytest.fixture
async def vault(record: Record) -> Vault:
    return await open_vault(record, KEY)


def consent(at: datetime = NOW - timedelta(days=9)) -> dict[str, Any]:
    return {"basis": "订阅申请表", "at": at, "evidence": "表单 7"}


def firm(**changes: Any) -> SubscriberIn:
    given: dict[str, Any] = {
        "name": "示范软件有限公司",
        "profile": {"region": "310115", "industries": ["I65"], "size": "small"},
        "contacts": [{"channel": "email", "address": MAIL, "consent": consent()}],
    }
    return SubscriberIn.model_validate(given | changes)


def topic(name: str = "软件", code: str = "I65", **changes: Any) -> SubscriptionIn:
    given = {
        "name": name,
        "criteria": {"any": [{"all": [{"industry": code}]}]},
        "channels": ["space", "email"],
    }
    return SubscriptionIn.model_validate(given | changes)


async def put(
    record: Record, vault: Vault, given: SubscriberIn | None = None, name: str = "s1", **more: Any
) -> Change:
    options: dict[str, Any] = {"shards": 4, "now": NOW, "actor": "test"} | more
    async with record.write() as conn:
        return await put_subscriber(conn, vault, name, given or firm(), **options)


async def subscribe(record: Record, *given: SubscriptionIn, name: str = "s1", now: datetime = NOW) -> Change:
    async with record.write() as conn:
        return await put_subscriptions(conn, name, given, now=now)


async def leave(record: Record, scope: str, name: str = "s1", now: datetime = NOW) -> Change:
    async with record.write() as conn:
        return await opt_out(conn, name, scope, via="test", now=now)


async def shard_rows(record: Record, name: str = "s1", ids: list[str] | None = None) -> list[IndexRow]:
    async with record.read() as conn:
        return [row async for row in load_shard(conn, shard_of(name, 4), ids=ids)]


async def show(record: Record, vault: Vault, name: str = "s1", *, reveal: bool = False) -> Any:
    async with record.read() as conn:
        return await get_subscriber(conn, vault, name, reveal=reveal)


async def email_of(record: Record, vault: Vault, name: str = "s1") -> str:
    shown = await show(record, vault, name)
    return next(str(contact.contact_id) for contact in shown.contacts if contact.channel == "email")


async def suppress(record: Record, vault: Vault, address: str = MAIL) -> None:
    row = {
        "channel": "email",
        "blind_index": vault.blind_index("email", address),
        "reason": "bounced",
        "at": NOW,
    }
    async with record.write() as conn:
        await conn.execute(insert(suppressions), [row])


# -- putting ---------------------------------------------------------------------------------------------------------


async def test_what_was_put_comes_back_masked_unless_asked_for_in_the_clear(
    record: Record, vault: Vault
) -> None:
    change = await put(record, vault)
    assert change == Change("s1", shard_of("s1", 4), 1)
    shown = await show(record, vault)
    assert (shown.name, shown.kind, shown.status, shown.profile["region"]) == (
        "示范软件有限公司",
        "enterprise",
        "active",
        "310115",
    )
    assert [contact.address for contact in shown.contacts] == ["f***@example.com"]
    assert [c.address for c in (await show(record, vault, reveal=True)).contacts] == [MAIL]


async def test_no_address_lies_readable_in_the_record(record: Record, vault: Vault) -> None:
    await put(record, vault)
    async with record.read() as conn:
        row = (await conn.execute(select(contacts))).one()
        noted = (await conn.execute(select(audit))).one()
    assert b"example" not in row.address
    assert "example" not in row.blind_index
    assert "example" not in str(noted)


async def test_putting_again_raises_the_version_and_keeps_the_contact_ids(
    record: Record, vault: Vault
) -> None:
    await put(record, vault)
    before = await email_of(record, vault)
    more = [
        {"channel": "email", "address": "Firm@Example.com"},
        {"channel": "sms", "address": "13800138000"},
    ]
    assert (await put(record, vault, firm(contacts=more))).version == 2
    shown = await show(record, vault)
    assert await email_of(record, vault) == before
    assert {c.channel: c.consent_basis for c in shown.contacts} == {"email": "订阅申请表", "sms": None}


async def test_a_contact_no_longer_named_is_gone_and_comes_back_under_its_id(
    record: Record, vault: Vault
) -> None:
    await put(record, vault)
    before = await email_of(record, vault)
    await put(record, vault, firm(contacts=[]))
    assert (await show(record, vault)).contacts == ()
    await put(record, vault)
    assert await email_of(record, vault) == before


async def test_a_suppressed_address_is_refused_without_showing_it(record: Record, vault: Vault) -> None:
    await suppress(record, vault, "FIRM@example.com")
    with pytest.raises(SuppressedContactError, match=r"f\*\*\*@example.com is suppressed \(bounced\)"):
        await put(record, vault)
    with pytest.raises(UnknownSubscriberError):
        await show(record, vault)


async def test_an_older_consent_does_not_undo_a_withdrawal_and_a_newer_one_does(
    record: Record, vault: Vault
) -> None:
    await put(record, vault)
    async with record.write() as conn:
        await conn.execute(contacts.update().values(withdrawn_at=NOW))
    await put(record, vault, firm(contacts=[]))
    await put(record, vault)
    assert (await show(record, vault)).contacts[0].withdrawn_at == NOW
    newer = [{"channel": "email", "address": MAIL, "consent": consent(NOW + timedelta(hours=1))}]
    await put(record, vault, firm(contacts=newer))
    assert (await show(record, vault)).contacts[0].withdrawn_at is None


async def test_two_writers_of_a_new_subscriber_leave_contacts_that_open(record: Record, vault: Vault) -> None:
    mobile = firm(contacts=[{"channel": "sms", "address": "13800138000"}])
    rows = [Enrolment("s1", firm()), Enrolment("s1", mobile)]

    async def write(row: Enrolment) -> None:
        async with record.write() as conn:
            await put_many(conn, vault, [row], shards=4, now=NOW, actor="test")

    await asyncio.gather(*(write(row) for row in rows))
    shown = await show(record, vault, reveal=True)
    assert {contact.address for contact in shown.contacts} == {MAIL, "+8613800138000"}
    assert shown.version == 2


# -- the bulk path ---------------------------------------------------------------------------------------------------


async def bulk(record: Record, vault: Vault, *rows: Enrolment) -> Any:
    async with record.write() as conn:
        return await put_many(conn, vault, rows, shards=4, now=NOW, actor="import")


async def test_rows_of_one_subscriber_add_up(record: Record, vault: Vault) -> None:
    other = firm(name="新名", contacts=[{"channel": "sms", "address": "13800138000", "consent": consent()}])
    done = await bulk(
        record,
        vault,
        Enrolment("s1", firm(), (topic(),), 2),
        Enrolment("s1", other, (topic("贸易", "F51"),), 3),
    )
    assert [(change.subscriber_id, change.version) for change in done.changes] == [("s1", 1)]
    (row,) = await shard_rows(record)
    assert [channel for channel, _ in row.contacts] == ["space", "email", "sms"]
    assert len(row.subscriptions) == 2
    assert (await show(record, vault)).name == "新名"


async def test_an_import_twice_changes_nothing_but_the_version(record: Record, vault: Vault) -> None:
    rows = [Enrolment(f"s{n}", firm(contacts=[]), (topic(),)) for n in range(1200)]
    await bulk(record, vault, *rows)
    done = await bulk(record, vault, *rows)
    assert {change.version for change in done.changes} == {2}
    assert len(done.changes) == 1200
    async with record.read() as conn:
        assert len(await get_subscriptions(conn, "s1199", ended=True)) == 1


async def test_an_import_never_overrides_what_the_subscriber_decided(record: Record, vault: Vault) -> None:
    own = firm(profile_matching=False, preferences={"quiet_hours": {"from": "22:00", "to": "07:00"}})
    await put(record, vault, own)
    await subscribe(record, topic(id="mine"))
    async with record.read() as conn:
        (mine,) = await get_subscriptions(conn, "s1")
    await leave(record, f"subscription:{mine.id}")
    await leave(record, "channel:email")
    await bulk(record, vault, Enrolment("s1", firm(name="新名"), (topic(id="mine"),)))
    (row,) = await shard_rows(record)
    shown = await show(record, vault)
    assert (shown.name, shown.profile_matching, shown.opted_out) == ("新名", False, ("email",))
    assert shown.preferences.quiet_hours is not None
    assert row.subscriptions == ()
    assert row.contacts == (("space", "space"),)


@pytest.mark.parametrize("way", ["removed", "left out"])
async def test_an_address_that_its_owner_took_back_is_not_brought_back_by_an_older_consent(
    record: Record, vault: Vault, way: str
) -> None:
    await put(record, vault)
    contact_id = (await show(record, vault)).contacts[0].contact_id
    if way == "removed":
        async with record.write() as conn:
            await remove_contact(conn, "s1", contact_id, now=NOW)
    else:
        await put(record, vault, firm(contacts=[]), rejoin=True)
    await bulk(record, vault, Enrolment("s1", firm()))
    (shown,) = (await show(record, vault)).contacts
    assert (shown.contact_id, shown.withdrawn_at) == (contact_id, NOW)
    assert [row.contacts for row in await shard_rows(record)] == [(("space", "space"),)]


async def test_an_import_refuses_suppressed_contacts_and_those_who_left_by_line(
    record: Record, vault: Vault
) -> None:
    await put(record, vault, firm(contacts=[]), "gone")
    async with record.write() as conn:
        await erase(conn, "gone", now=NOW, actor="test")
    await suppress(record, vault)
    done = await bulk(
        record,
        vault,
        Enrolment("bad", firm(), (), 2),
        Enrolment("gone", firm(contacts=[]), (), 3),
        Enrolment("good", firm(contacts=[]), (), 4),
    )
    assert [change.subscriber_id for change in done.changes] == ["good"]
    assert [refusal.line for refusal in done.refused] == [2, 3]
    assert "suppressed (bounced)" in done.refused[0].reason
    assert "has left" in done.refused[1].reason


async def test_every_line_of_a_subscriber_that_left_is_refused(record: Record, vault: Vault) -> None:
    await put(record, vault, firm(contacts=[]), "gone")
    async with record.write() as conn:
        await erase(conn, "gone", now=NOW, actor="test")
    rows = [Enrolment("gone", firm(contacts=[]), (), line) for line in (2, 7)]
    done = await bulk(record, vault, *rows)
    assert [refusal.line for refusal in done.refused] == [2, 7]


async def test_an_import_asks_each_contact_without_consent_once_and_no_other(
    record: Record, vault: Vault
) -> None:
    silent = [
        {"channel": "email", "address": "silent@example.com"},
        {"channel": "sms", "address": "13800138000"},
    ]
    rows = [Enrolment("s1", firm(), (), 2), Enrolment("s2", firm(contacts=silent), (), 3)]

    async def bring(at: datetime | None) -> int:
        async with record.write() as conn:
            done = await put_many(conn, vault, rows, shards=4, now=NOW, actor="import", ask_at=at)
        return int(done.confirmations)

    assert await bring(None) == 0
    assert await bring(NOW) == 2
    assert await bring(NOW + timedelta(days=4)) == 0
    async with record.write() as conn:
        await conn.execute(notices.update().values(state="expired"))
        await opt_out(conn, "s2", "channel:sms", via="test", now=NOW)
    assert await bring(NOW + timedelta(days=31)) == 1
    async with record.read() as conn:
        asked = await conn.execute(select(notices.c.subscriber_id, notices.c.kind))
        assert {tuple(row) for row in asked} == {("s2", "confirm"), ("s2", "invite")}


async def test_a_suppressed_contact_is_refused_and_not_asked(record: Record, vault: Vault) -> None:
    await suppress(record, vault)
    silent = firm(contacts=[{"channel": "email", "address": MAIL}])
    async with record.write() as conn:
        rows = [Enrolment("s1", silent, (), 2)]
        done = await put_many(conn, vault, rows, shards=4, now=NOW, actor="import", ask_at=NOW)
    assert (done.changes, done.confirmations, len(done.refused)) == ((), 0, 1)


async def test_more_contacts_than_one_may_have_are_refused_with_the_row_that_brings_them(
    record: Record, vault: Vault
) -> None:
    def mails(start: int) -> SubscriberIn:
        return firm(
            contacts=[{"channel": "email", "address": f"m{n}@example.com"} for n in range(start, start + 10)]
        )

    done = await bulk(record, vault, Enrolment("s1", mails(0), (), 2), Enrolment("s1", mails(10), (), 3))
    assert [(refusal.line, "it may have 16" in refusal.reason) for refusal in done.refused] == [(3, True)]
    assert len((await show(record, vault)).contacts) == 10


# -- subscriptions ---------------------------------------------------------------------------------------------------


async def test_a_put_replaces_the_whole_of_the_subscriptions(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await subscribe(record, topic("软件"), topic("贸易", "F51"))
    change = await subscribe(record, topic("贸易二", "F51"))
    assert change.version == 3
    async with record.read() as conn:
        active = await get_subscriptions(conn, "s1")
        everything = await get_subscriptions(conn, "s1", ended=True)
    assert [item.name for item in active] == ["贸易二"]
    assert {item.ended_at for item in everything} == {None, NOW}


async def test_what_was_read_can_be_put_back_without_a_new_subscription(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await subscribe(record, topic())
    async with record.read() as conn:
        (before,) = await get_subscriptions(conn, "s1")
    await subscribe(record, topic(id=before.id, name="改名"))
    async with record.read() as conn:
        assert [(item.id, item.name) for item in await get_subscriptions(conn, "s1", ended=True)] == [
            (before.id, "改名")
        ]


async def test_an_ended_subscription_is_taken_up_again_by_its_subscriber(
    record: Record, vault: Vault
) -> None:
    await put(record, vault)
    await subscribe(record, topic())
    await subscribe(record)
    assert (await shard_rows(record))[0].subscriptions == ()
    await subscribe(record, topic())
    assert len((await shard_rows(record))[0].subscriptions) == 1


async def test_subscriptions_need_a_subscriber_and_a_measure(record: Record, vault: Vault) -> None:
    with pytest.raises(UnknownSubscriberError):
        await subscribe(record, topic())
    await put(record, vault)
    with pytest.raises(TooManySubscriptionsError, match="may hold 64"):
        await subscribe(record, *(topic(id=f"n{n}") for n in range(65)))


# -- leaving ---------------------------------------------------------------------------------------------------------


async def test_second_unsubscribe_succeeds_quietly(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await subscribe(record, topic())
    (row,) = await shard_rows(record)
    scope = f"subscription:{row.subscriptions[0][0]}"
    first, second = await leave(record, scope), await leave(record, scope)
    assert first == second == Change("s1", shard_of("s1", 4), 3)
    assert await leave(record, "channel:email") == await leave(record, "channel:email")


async def test_nobody_ends_the_subscription_of_another(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await put(record, vault, name="s2")
    await subscribe(record, topic())
    (row,) = await shard_rows(record)
    await leave(record, f"subscription:{row.subscriptions[0][0]}", "s2")
    assert len((await shard_rows(record))[0].subscriptions) == 1


async def test_a_closed_channel_leaves_the_index_and_opens_again_on_request(
    record: Record, vault: Vault
) -> None:
    await put(record, vault)
    await leave(record, "channel:email")
    assert (await shard_rows(record))[0].contacts == (("space", "space"),)
    async with record.write() as conn:
        change = await opt_in(conn, "s1", "channel:email", now=NOW)
    assert change.version == 3
    assert [channel for channel, _ in (await shard_rows(record))[0].contacts] == ["space", "email"]


async def test_an_ended_subscription_does_not_come_back_as_the_sixty_fifth(
    record: Record, vault: Vault
) -> None:
    await put(record, vault)
    await subscribe(record, topic(id="old"))
    await subscribe(record, *(topic(id=f"n{n}") for n in range(64)))
    async with record.read() as conn:
        every = await get_subscriptions(conn, "s1", ended=True)
    (old,) = (one.id for one in every if one.ended_at)
    other = next(one.id for one in every if not one.ended_at)
    with pytest.raises(TooManySubscriptionsError, match="end one first"):
        async with record.write() as conn:
            await opt_in(conn, "s1", f"subscription:{old}", now=NOW)
    await leave(record, f"subscription:{other}")
    async with record.write() as conn:
        await opt_in(conn, "s1", f"subscription:{old}", now=NOW)
    assert len((await shard_rows(record))[0].subscriptions) == 64


async def test_who_left_everything_is_not_in_the_index(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await leave(record, "all")
    assert await shard_rows(record) == []
    assert await shard_rows(record, ids=["s1"]) == []


@pytest.mark.parametrize("scope", ["", "all:", "channel:", "channel:fax", "subscription:", "email"])
async def test_a_scope_that_means_nothing_is_refused(record: Record, vault: Vault, scope: str) -> None:
    await put(record, vault)
    with pytest.raises(ScopeError, match="is not subscription"):
        await leave(record, scope)


async def test_erasure_leaves_an_id_and_nothing_to_read(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await subscribe(record, topic())
    async with record.write() as conn:
        change = await erase(conn, "s1", now=NOW, actor="test")
    assert change.version == 3
    shown = await show(record, vault, reveal=True)
    assert (shown.status, shown.name, shown.profile, shown.contacts) == ("left", "", {}, ())
    async with record.read() as conn:
        assert await conn.scalar(select(subscribers.c.wrapped_key)) is None
        assert (await conn.execute(select(contacts))).all() == []
    assert await shard_rows(record) == []
    with pytest.raises(SubscriberLeftError):
        await put(record, vault)
    assert (await put(record, vault, rejoin=True)).version == 4
    assert [c.address for c in (await show(record, vault, reveal=True)).contacts] == [MAIL]


# -- telling the log and the index -------------------------------------------------------------------------------------


async def test_a_change_that_was_not_announced_is_found_again(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await put(record, vault, name="s2", now=NOW + timedelta(minutes=1))
    async with record.write() as conn:
        await mark_announced(conn, [("s1", 1)])
        assert [c.subscriber_id for c in await unannounced(conn, NOW + timedelta(hours=1), 10)] == ["s2"]
        assert await unannounced(conn, NOW, 10) == []
    await put(record, vault)
    async with record.write() as conn:
        await mark_announced(conn, [("s1", 1)])
        assert await unannounced(conn, NOW + timedelta(seconds=1), 1) == [Change("s1", shard_of("s1", 4), 2)]


async def test_a_shard_is_loaded_in_pages_without_gap_or_double(record: Record, vault: Vault) -> None:
    rows = [Enrolment(f"s{n:04}", firm(contacts=[]), (topic(),)) for n in range(2300)]
    await bulk(record, vault, *rows)
    found: list[str] = []
    async with record.read() as conn:
        for shard in range(4):
            of_shard = [row.subscriber_id async for row in load_shard(conn, shard)]
            assert {shard_of(name, 4) for name in of_shard} == {shard}
            found += of_shard
    assert sorted(found) == [row.subscriber_id for row in rows]


async def test_an_index_row_says_what_matching_needs(record: Record, vault: Vault) -> None:
    mobile = {"channel": "sms", "address": "13800138000"}
    mail = {"channel": "email", "address": MAIL, "consent": consent()}
    await put(
        record, vault, firm(contacts=[mobile, mail], preferences={"profile_channels": ["space", "email"]})
    )
    await subscribe(record, topic())
    (row,) = await shard_rows(record, ids=["s1", "nobody"])
    assert (row.subscriber_id, row.version, row.kind, row.profile_matching) == ("s1", 2, "enterprise", True)
    assert row.profile_channels == ("email", "space")
    assert row.contacts == (("space", "space"), ("email", await email_of(record, vault)))
    assert row.profile["industries"] == ["I65"]
    ((_, criteria, channels),) = row.subscriptions
    assert from_text(criteria) == {"any": [{"all": [{"industry": ["I65"]}]}]}
    assert channels == ("email", "space")


# -- at send time ----------------------------------------------------------------------------------------------------


async def verdict(record: Record, vault: Vault, channel: str, contact: str, *reasons: str | None) -> Any:
    async with record.read() as conn:
        found = await standings(conn, vault, [("s1", channel, contact)])
    return judge(found.get(("s1", channel, contact)), channel=channel, reasons_subscriptions=reasons, now=NOW)


async def test_the_standing_is_what_the_record_says_now(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await subscribe(record, topic())
    (row,) = await shard_rows(record)
    (mine, _, _) = row.subscriptions[0]
    mail = ("s1", "email", row.contacts[1][1])
    space = ("s1", "space", "space")
    async with record.read() as conn:
        found = await standings(
            conn, vault, [mail, space, ("s1", "email", "no such"), ("s9", "space", "space")]
        )
    assert set(found) == {mail, space}
    assert (found[mail].address, found[space].address) == (MAIL, "")
    assert MAIL not in repr(found[mail])
    assert found[mail].subscriptions == found[space].subscriptions == {mine}


async def test_what_changed_after_matching_stops_the_send(record: Record, vault: Vault) -> None:
    await put(record, vault)
    await subscribe(record, topic())
    (row,) = await shard_rows(record)
    mine, mail = row.subscriptions[0][0], row.contacts[1][1]
    assert await verdict(record, vault, "email", mail, mine) == GO
    assert await verdict(record, vault, "space", "space", None) == GO
    assert await verdict(record, vault, "email", mail, None) == Stop("suppressed", "profile_matching_off")
    await subscribe(record, topic(channels=["space"]))
    assert await verdict(record, vault, "email", mail, mine) == Stop("suppressed", "subscription_ended")
    await subscribe(record, topic())
    await suppress(record, vault)
    assert await verdict(record, vault, "email", mail, mine) == Stop("suppressed", "contact_suppressed")
    await leave(record, "channel:email")
    assert await verdict(record, vault, "email", mail, mine) == Stop("suppressed", "opted_out")
    assert await verdict(record, vault, "space", "space", mine) == GO
    async with record.write() as conn:
        await erase(conn, "s1", now=NOW, actor="test")
    assert await verdict(record, vault, "email", mail, mine) == Stop("suppressed", "gone")
    assert await verdict(record, vault, "space", "space", mine) == Stop("suppressed", "left")


async def test_standings_of_more_than_one_statement_are_all_there(record: Record, vault: Vault) -> None:
    await bulk(record, vault, *(Enrolment(f"s{n}", firm(contacts=[]), (topic(),)) for n in range(1100)))
    wanted = [(f"s{n}", "space", "space") for n in range(1100)]
    async with record.read() as conn:
        found = await standings(conn, vault, wanted)
    assert list(found) == wanted
    assert {len(one.subscriptions) for one in found.values()} == {1}


# -- the vault and the associations ----------------------------------------------------------------------------------


async def test_first_starts_at_once_agree_on_the_secrets(record: Record) -> None:
    first, second = await asyncio.gather(open_vault(record, KEY), open_vault(record, KEY))
    assert first.derive("x") == second.derive("x")
    assert first.blind_index("email", MAIL) == second.blind_index("email", MAIL)


async def test_after_a_rotation_the_old_master_key_may_be_thrown_away(record: Record, vault: Vault) -> None:
    await bulk(record, vault, *(Enrolment(f"s{n}", firm()) for n in range(600)))
    new = Fernet.generate_key().decode()
    assert await rewrap(record, await open_vault(record, f"{new},{KEY}")) == 602
    rotated = await open_vault(record, new)
    assert [c.address for c in (await show(record, rotated, "s7", reveal=True)).contacts] == [MAIL]
    assert rotated.blind_index("email", MAIL) == vault.blind_index("email", MAIL)
    assert rotated.derive("unsubscribe") == vault.derive("unsubscribe")
    with pytest.raises(VaultError, match="no master key opens"):
        await open_vault(record, KEY)


async def test_an_association_counts_its_active_members(record: Record, vault: Vault) -> None:
    for name in ("s1", "s2", "s3"):
        await put(record, vault, name=name)
    async with record.write() as conn:
        await put_association(conn, "park", "示范园区", now=NOW)
        await put_association(conn, "park", "示范产业园", now=NOW)
        for name in ("s1", "s2", "s1"):
            await put_membership(conn, "park", name, consent_at=NOW, evidence="入会申请")
        await erase(conn, "s2", now=NOW, actor="test")
        assert await count_members(conn, "park") == 1
        assert await members(conn, "park") == ["s1"]
        named = set[str]()
        for shard in range(4):
            found = await named_audience(
                conn, shard, subscriber_ids=["s3", "s2", "s9"], association_ids=["park"]
            )
            assert all(shard_of(name, 4) == shard for name in found)
            named |= found
        assert named == {"s1", "s3"}


async def test_a_credit_code_names_its_subscriber(record: Record, vault: Vault) -> None:
    code = "91310115000000012P"
    await put(record, vault, firm().model_copy(update={"credit_code": code}))
    async with record.read() as conn:
        codes = [code, "91310115000000099X"]
        assert await named_audience(conn, shard_of("s1", 4), credit_codes=codes) == {"s1"}
        assert not await named_audience(conn, shard_of("s1", 4) ^ 1, credit_codes=codes)
