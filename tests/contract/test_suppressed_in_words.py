"""The same refusal has the same word on the suppression list, and the far side's words stand beside it."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select

from channels.email.replies import Phase, classify
from channels.errors import BarredError, TransportError
from config.database.migrate import migrate
from config.database.record import open_record
from config.database.schema import suppressions
from config.settings import Settings
from subscribers.suppression_list import Entry, list_suppressed
from tests.support.bounced import comes_back, planned, sent
from tests.support.flow import NOW, Flow

SAID = "550 5.1.1 <zhao@firm.example.cn>: Recipient address rejected: User unknown"


async def listed(flow: Flow, **which: Any) -> Sequence[Entry]:
    async with flow.record.read() as conn:
        return (await list_suppressed(conn, **which))[0]


def refusal() -> TransportError:
    """What the channel makes of those words."""
    return classify(Phase.RECIPIENT, 550, SAID.removeprefix("550 "), domain="firm.example.cn")


async def test_a_dead_address_is_gone_whether_it_is_said_at_once(flow: Flow) -> None:
    delivery_id = await planned(flow)
    flow.channels["email"].script = lambda _: refusal()
    await flow.deliver("email", [delivery_id])
    (entry,) = await listed(flow, reason="gone")
    assert entry.said is not None
    assert "User unknown" in entry.said
    assert "zhao@" not in entry.said


async def test_or_comes_back_by_a_bounce(flow: Flow) -> None:
    await comes_back(flow, await sent(flow), "gone")
    (entry,) = await listed(flow, reason="gone")
    assert entry.said == "550 no"


async def test_a_no_that_the_far_side_knows_of_stays_a_no_with_its_words(flow: Flow) -> None:
    delivery_id = await planned(flow)
    flow.channels["email"].script = lambda _: BarredError("MK:0012 black list")
    await flow.deliver("email", [delivery_id])
    (entry,) = await listed(flow, reason="opted_out")
    assert entry.said == "MK:0012 black list"


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "config.database:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@pytest.fixture
async def before(empty_record_url: str) -> AsyncIterator[Any]:
    opened = open_record(Settings(database=empty_record_url).database_url)
    async with opened.write() as conn:
        await conn.run_sync(_upgrade, "0012")
    yield opened
    await opened.close()


async def test_what_was_listed_before_gets_its_word_and_an_operators_words_stay(before: Any) -> None:
    gone = "the endpoint answers 410: it is gone"
    reasons = [
        ("email", "550 5.1.1 User unknown"), ("email", "5 letters came back"), ("email", "gone"),
        ("sms", "550 calls a day"), ("webhook", gone),
    ]  # fmt: skip
    rows = [
        {"channel": channel, "blind_index": f"{number}", "reason": reason, "at": NOW}
        for number, (channel, reason) in enumerate(reasons)
    ]
    async with before.write() as conn:
        await conn.execute(suppressions.insert(), rows)
    await migrate(before)
    async with before.read() as conn:
        s = suppressions.c
        found = await conn.execute(select(s.reason, s.said).order_by(s.blind_index))
        assert [tuple(row) for row in found] == [
            ("gone", "550 5.1.1 User unknown"),
            ("5 letters came back", None),
            ("gone", None),
            ("550 calls a day", None),
            ("gone", gone),
        ]
