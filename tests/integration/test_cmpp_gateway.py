"""The CMPP gateway and an ISMG of the tests: what is said on the wire, and what becomes of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvloop

from channels.errors import AccountError, PermanentError, UnreachableError
from channels.heard import FarReport
from channels.message import Progress, Receipt
from channels.sms.gateways import SCHEMES, open_gateway
from channels.sms.gateways.cmpp.pdus import (
    GBK,
    UCS2,
    V20,
    V30,
    ActiveTest,
    ActiveTestResp,
    SubmitResp,
    Terminate,
    TerminateResp,
)
from tests.servers.ismg import SOURCE, USER, Ismg, running_ismg
from tests.servers.ismg_sp import (
    LONG,
    SHORT,
    Ear,
    building,
    sent_at_last,
    service_provider,
    terminal,
    text,
    until,
)

BOTH = pytest.mark.parametrize("scheme", ["cmpp", "cmpp2"])


@pytest.fixture
async def ismg() -> AsyncIterator[Ismg]:
    async with running_ismg() as ismg:
        yield ismg


@BOTH
async def test_a_text_is_sent_and_reported(ismg: Ismg, scheme: str) -> None:
    async with service_provider(ismg.url(scheme, service="ZWTS"), name="carrier") as (gateway, ear):
        outcomes = await gateway.submit([text(1)])
        await until(lambda: ear.told)
    msg_id, submit = ismg.submits[0]
    assert outcomes == [Receipt(Progress.SENT, str(msg_id), "carrier", (str(msg_id),))]
    number = "+8613800000001"
    told = FarReport("carrier", str(msg_id), number, "delivered", None, "DELIVRD", whose=number)
    assert ear.told == [told]
    assert (submit.numbers, submit.src_id, submit.msg_src) == ((terminal(1),), SOURCE, USER)
    assert (submit.service_id, submit.registered_delivery, submit.msg_fmt) == ("ZWTS", 1, UCS2)
    assert ismg.texts() == [SHORT]
    assert ismg.connects[0].version == (V30 if scheme == "cmpp" else V20)
    await until(lambda: [answer.result for answer in ismg.answers] == [0])


@BOTH
async def test_a_long_text_goes_in_parts_that_have_ids_and_reports_of_their_own(
    ismg: Ismg, scheme: str
) -> None:
    async with service_provider(ismg.url(scheme)) as (gateway, ear):
        (outcome,) = await gateway.submit([text(1, LONG)])
        await until(lambda: len(ear.told) == 3)
    assert isinstance(outcome, Receipt)
    assert outcome.ids == tuple(str(msg_id) for msg_id, _ in ismg.submits)
    assert sorted(report.message_id for report in ear.told) == sorted(outcome.ids)
    assert "".join(ismg.texts()) == LONG
    headers = [one.content[:6] for _, one in ismg.submits]
    assert [(one.udhi, one.pk_total, one.pk_number) for _, one in ismg.submits] == [
        (1, 3, 1),
        (1, 3, 2),
        (1, 3, 3),
    ]
    assert [tuple(head) for head in headers] == [(5, 0, 3, headers[0][3], 3, place) for place in (1, 2, 3)]


async def test_numbers_with_one_text_share_a_submit_up_to_its_limit(ismg: Ismg) -> None:
    async with service_provider(ismg.url(numbers=40)) as (gateway, ear):
        own = text(500, "【云山政务】验证码 123456", wants_report=False)
        outcomes = await gateway.submit([*(text(number) for number in range(100)), own])
        await until(lambda: len(ear.told) == 100)
    assert sorted(len(one.numbers) for _, one in ismg.submits) == [1, 20, 40, 40]
    assert all(isinstance(one, Receipt) for one in outcomes)
    sent = {
        (report.message_id, report.number): outcome.ids
        for report, outcome in zip(
            sorted(ear.told, key=lambda one: one.number or ""), outcomes[:100], strict=True
        )
        if isinstance(outcome, Receipt)
    }
    assert all((message_id,) == ids for (message_id, _), ids in sent.items())
    assert [one.registered_delivery for _, one in ismg.submits if one.numbers == (terminal(500),)] == [0]


async def test_two_texts_to_one_number_have_two_ids_even_when_they_say_the_same(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, _):
        outcomes = await gateway.submit([text(1), text(1)])
    assert len({one.reference for one in outcomes if isinstance(one, Receipt)}) == 2


async def test_one_wrong_number_is_told_from_those_that_it_was_sent_with(ismg: Ismg) -> None:
    ismg.faults.results.extend([13, 0, 13, 0])
    async with service_provider(ismg.url()) as (gateway, _):
        outcomes = await gateway.submit([text(1), text(2), text(3)])
    assert [type(one) for one in outcomes] == [Receipt, PermanentError, Receipt]


async def test_a_number_of_another_country_is_refused_without_asking(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, _):
        abroad = text(1)
        outcomes = await gateway.submit([type(abroad)("d", "+85261234567", SHORT), abroad])
    assert [type(one) for one in outcomes] == [PermanentError, Receipt]
    assert not getattr(outcomes[0], "dead", True)


@pytest.mark.parametrize(
    ("stat", "status", "failure"),
    [
        ("ACCEPTD", "accepted", None),
        ("EXPIRED", "failed", "off"),
        ("MI:0210", "failed", "gone"),
        ("MBBLACK", "failed", "opted_out"),
        ("UNDELIV", "failed", "ambiguous"),
        ("NEWCODE", "failed", "undelivered"),
    ],
)
async def test_a_report_says_what_became_of_it(
    ismg: Ismg, stat: str, status: str, failure: str | None
) -> None:
    ismg.faults.stats[terminal(1)] = stat
    async with service_provider(ismg.url()) as (gateway, ear):
        await gateway.submit([text(1)])
        await until(lambda: ear.told)
    assert (ear.told[0].status, ear.told[0].failure, ear.told[0].detail) == (status, failure, stat)


@BOTH
async def test_replies_are_heard_in_every_coding(ismg: Ismg, scheme: str) -> None:
    async with service_provider(ismg.url(scheme)) as (gateway, ear):
        await gateway.open()
        await until(lambda: ismg.lines)
        first = await ismg.reply("13800000001", "退订".encode("utf-16-be"))
        await ismg.reply("8613800000002", b"TD", msg_fmt=0)
        await ismg.reply("+8613800000003", "退订，谢谢".encode("gb18030"), msg_fmt=GBK)
        await ismg.reply("10086", b"carrier's own", msg_fmt=0)
        await until(lambda: len(ismg.answers) == 4)
    assert [(one.number, one.text) for one in ear.said] == [
        ("+8613800000001", "退订"),
        ("+8613800000002", "TD"),
        ("+8613800000003", "退订，谢谢"),
    ]
    assert ear.said[0].message_id == str(first)
    assert [one.result for one in ismg.answers] == [0] * 4


async def test_an_idle_connection_is_tested_by_both_sides_and_stays(ismg: Ismg) -> None:
    async with service_provider(ismg.url(), idle_s=0.05) as (gateway, _):
        await gateway.open()
        await until(lambda: ismg.requests.count(ActiveTest) >= 2)
        await ismg.send(ActiveTest())
        await until(lambda: ActiveTestResp in ismg.requests)
        assert len(ismg.connects) == 1


async def test_closing_says_terminate_after_the_last_answer(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, ear):
        sending = asyncio.create_task(gateway.submit([text(1)]))
        await until(lambda: ismg.submits)
        await gateway.close()
        assert isinstance((await sending)[0], Receipt)
        assert ismg.requests[-1] is Terminate
        assert isinstance((await gateway.submit([text(2)]))[0], Receipt)  # it can be used again
        await until(lambda: ear.told)
    assert len(ismg.connects) == 2


async def test_a_gateway_that_says_terminate_is_heard_and_visited_again(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, _):
        await gateway.submit([text(1)])
        await ismg.send(Terminate())
        await until(lambda: len(ismg.connects) == 2)
        assert TerminateResp in ismg.requests
        assert isinstance(await sent_at_last(gateway, text(2)), Receipt)


async def test_several_connections_share_the_work(ismg: Ismg) -> None:
    async with service_provider(ismg.url(connections=3, window=2)) as (gateway, ear):
        await gateway.open()
        await until(lambda: len(ismg.lines) == 3)
        outcomes = await gateway.submit([text(number, f"{SHORT}{number}") for number in range(30)])
        assert all(isinstance(one, Receipt) for one in outcomes)
        await until(lambda: len(ear.told) == 30)


@pytest.mark.parametrize(("status", "error"), [(2, AccountError), (3, AccountError), (4, AccountError)])
async def test_a_refused_account_costs_no_message_an_attempt(
    ismg: Ismg, status: int, error: type[Exception]
) -> None:
    ismg.faults.statuses.extend([status] * 100)
    async with service_provider(ismg.url()) as (gateway, _):
        (outcome,) = await gateway.submit([text(1)])
    assert isinstance(outcome, error)
    assert f"status {status}" in str(outcome)


async def test_a_wrong_password_is_an_account_of_ours_to_mend(ismg: Ismg) -> None:
    async with service_provider(ismg.url().replace("s3cret", "wrong")) as (gateway, _):
        (outcome,) = await gateway.submit([text(1)])
    assert isinstance(outcome, AccountError)
    assert "wrong" not in str(outcome)


async def test_a_gateway_of_two_is_named_to_who_configured_three(ismg: Ismg) -> None:
    ismg.faults.only_two = True
    async with service_provider(ismg.url()) as (gateway, _):
        (outcome,) = await gateway.submit([text(1)])
    assert isinstance(outcome, UnreachableError)
    assert "cmpp2://" in outcome.reason


async def test_a_gateway_that_does_not_prove_itself_is_used_and_named(
    ismg: Ismg, capsys: pytest.CaptureFixture[str]
) -> None:
    ismg.faults.lie = True
    async with service_provider(ismg.url()) as (gateway, _):
        (outcome,) = await gateway.submit([text(1)])
    assert isinstance(outcome, Receipt)
    assert "cmpp.unproven" in capsys.readouterr().out


async def test_opening_does_not_wait_for_a_gateway_that_is_away() -> None:
    async with service_provider("cmpp://900001:secret@127.0.0.1:1?src=10690001") as (gateway, _):
        async with asyncio.timeout(60):
            await gateway.open()
        (outcome,) = await gateway.submit([text(1)])
    assert isinstance(outcome, UnreachableError), "it was away all the time"


@BOTH
async def test_the_frame_opens_it_by_its_scheme(ismg: Ismg, scheme: str) -> None:
    assert scheme in SCHEMES
    gateway = open_gateway(ismg.url(scheme), building(Ear()))
    try:
        assert isinstance((await gateway.submit([text(1)]))[0], Receipt)
        assert await gateway.query([]) == ()
    finally:
        await gateway.close()


async def test_a_late_answer_disturbs_nobody(ismg: Ismg) -> None:
    async with service_provider(ismg.url()) as (gateway, _):
        await gateway.submit([text(1)])
        await ismg.send(SubmitResp(99, 0))
        assert isinstance((await gateway.submit([text(2)]))[0], Receipt)
        assert len(ismg.connects) == 1


async def test_a_refused_account_is_not_tried_again_and_again(ismg: Ismg) -> None:
    async with service_provider(ismg.url().replace("s3cret", "wrong")) as (gateway, _):
        await gateway.submit([text(1)])
        await asyncio.sleep(0.5)  # ten times the wait after other failures
        assert isinstance((await gateway.submit([text(1)]))[0], AccountError)
    assert len(ismg.connects) == 1


async def test_a_host_that_nobody_knows_is_said_in_words() -> None:
    async with service_provider("cmpp://900001:secret@nobody.invalid?src=10690001") as (gateway, _):
        (outcome,) = await gateway.submit([text(1)])
    assert isinstance(outcome, UnreachableError)
    assert "connection" in outcome.reason or "let us in" in outcome.reason


def test_it_works_on_the_loop_that_the_service_runs_on() -> None:
    async def conversation() -> None:
        async with running_ismg() as ismg, service_provider(ismg.url()) as (gateway, ear):
            outcomes = await gateway.submit([text(1), text(2, LONG)])
            assert all(isinstance(one, Receipt) for one in outcomes)
            await ismg.reply("13800000001", "退订".encode("utf-16-be"))
            await until(lambda: len(ear.told) == 4 and ear.said)
            ismg.hang_up()
            await until(lambda: len(ismg.connects) == 2)
            assert isinstance(await sent_at_last(gateway, text(3)), Receipt)
            await ismg.send(Terminate())
            await until(lambda: len(ismg.connects) == 3)
            assert isinstance(await sent_at_last(gateway, text(4)), Receipt)

    uvloop.run(conversation())
