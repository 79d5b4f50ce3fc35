"""Alerts on a real record: raised once for a cause, ended with it, told to the operator and not too often."""

from datetime import timedelta
from typing import Any

from channels.errors import AccountError, ContentError, TemporaryError, UnreachableError
from channels.guards.breaker import Breaker, Patience
from channels.message import Progress, Receipt
from config.promises import load_promises
from streams.alert_words import sentence
from streams.alerts import list_alerts, open_subjects, raise_alert, resolve, show_open
from streams.alerts.delivery_check import check_causes, check_deliveries
from streams.alerts.far_sides import tell_far_sides
from streams.alerts.mail import letter, tell_operator
from streams.campaigns.record import halt, resume
from streams.deadletters import put_aside
from streams.log import Position
from streams.names import MATCH_TASKS
from streams.sweeps import hand_over_due
from tests.support.flow import AGENCY, Flow

PROMISES = load_promises()


async def opened(flow: Flow, kind: str | None = None) -> list[dict[str, Any]]:
    async with flow.record.read() as conn:
        return [one for one in await list_alerts(conn) if kind in (None, one["kind"])]


async def planned(flow: Flow, people: int = 10, channel: str = "email") -> list[str]:
    for n in range(people):
        await flow.subscriber(f"S-{n}", channels=(channel,))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    return [row["delivery_id"] for row in await flow.rows()]


# -- one cause, one alert ----------------------------------------------------------------------------------------------


async def test_a_cause_is_one_open_alert_however_often_it_is_found(flow: Flow) -> None:
    now = flow.clock.now()
    async with flow.record.write() as conn:
        assert await raise_alert(conn, "far_side", "email", "down", now)
        assert not await raise_alert(conn, "far_side", "email", "still down", now + timedelta(minutes=1))
    (one,) = await opened(flow)
    assert (one["detail"], one["raised_at"]) == ("still down", now)
    assert one["changed_at"] == now + timedelta(minutes=1)


async def test_a_cause_that_ended_and_comes_again_is_another_alert(flow: Flow) -> None:
    now = flow.clock.now()
    for _ in range(2):
        async with flow.record.write() as conn:
            assert await raise_alert(conn, "far_side", "email", "down", now)
        async with flow.record.write() as conn:
            assert await resolve(conn, "far_side", ["email"], now) == 1
            assert await resolve(conn, "far_side", ["email"], now) == 0
    assert await opened(flow) == []
    async with flow.record.read() as conn:
        assert [one["resolved_at"] for one in await list_alerts(conn, ended=True)] == [now, now]


async def test_the_gauge_counts_what_is_open_by_kind(flow: Flow) -> None:
    now = flow.clock.now()
    async with flow.record.write() as conn:
        await raise_alert(conn, "far_side", "email", "down", now)
        await raise_alert(conn, "far_side", "sms:kannel", "down", now)
        await raise_alert(conn, "account", "sms:aliyun", "no credit", now)
    async with flow.record.read() as conn:
        assert dict(await show_open(conn)) == {"far_side": 2, "account": 1}


# -- the delivery check ------------------------------------------------------------------------------------------------


async def test_rows_that_nobody_sends_are_late_after_the_promise_and_not_before(flow: Flow) -> None:
    await planned(flow)
    flow.clock.advance(timedelta(minutes=59))
    assert await check_deliveries(flow.desk, PROMISES) == 0
    flow.clock.advance(timedelta(minutes=2))
    assert await check_deliveries(flow.desk, PROMISES) == 1
    assert await check_deliveries(flow.desk, PROMISES) == 0
    (alert,) = await opened(flow, "late")
    assert (
        alert["detail"] == f"{AGENCY}/P-1 (policy): 10 of 10 messages by email were not sent within 1:00:00"
    )
    assert alert["details"] | {"within_s": 0} == {
        "campaign_id": alert["subject"].split("|")[0],
        "agency_id": AGENCY,
        "policy_id": "P-1",
        "revision": 1,
        "occurrence": "policy",
        "title": "关于支持软件产业发展的若干措施",
        "channel": "email",
        "step": "sent",
        "late": 10,
        "of": 10,
        "within_s": 0,
    }


async def test_when_they_go_after_all_the_alert_ends(flow: Flow) -> None:
    ids = await planned(flow)
    flow.clock.advance(timedelta(hours=2))
    await check_deliveries(flow.desk, PROMISES)
    await flow.deliver("email", ids)
    await check_deliveries(flow.desk, PROMISES)
    assert await opened(flow) == []


async def test_rows_that_fail_for_the_time_being_are_late_when_they_are_many(flow: Flow) -> None:
    ids = await planned(flow, people=40)
    flow.channels["email"].script = lambda m: (
        TemporaryError("450") if m.delivery_id == ids[0] else Receipt(Progress.SENT)
    )
    await flow.deliver("email", ids)
    flow.clock.advance(timedelta(hours=2))
    assert await check_deliveries(flow.desk, PROMISES) == 0, "one full mailbox is nobody's alert"


async def test_rows_held_for_the_night_are_not_late_in_the_morning(flow: Flow) -> None:
    flow.clock.advance(timedelta(hours=13))  # eleven at night in Shanghai
    ids = await planned(flow, channel="sms")
    await flow.deliver("sms", ids)
    assert {row["state"] for row in await flow.rows()} == {"held"}
    flow.clock.advance(timedelta(hours=9, minutes=1))
    await hand_over_due(flow.desk)
    assert {row["state"] for row in await flow.rows()} == {"planned"}
    assert await check_deliveries(flow.desk, PROMISES) == 0
    flow.clock.advance(timedelta(minutes=20))
    assert await check_deliveries(flow.desk, PROMISES) == 1


async def test_texts_that_nobody_reports_are_late_and_a_stopped_campaign_is_not(flow: Flow) -> None:
    ids = await planned(flow, channel="sms")
    await flow.deliver("sms", ids[:9])
    async with flow.record.write() as conn:
        (row,) = {row["campaign_id"] for row in await flow.rows()}
        await halt(conn, row, "错字")
    flow.clock.advance(timedelta(hours=5))
    assert await check_deliveries(flow.desk, PROMISES) == 1
    (alert,) = await opened(flow, "late")
    assert (
        alert["detail"] == f"{AGENCY}/P-1 (policy): 9 of 9 messages by sms were not delivered within 4:00:00"
    )


# -- what else is told -------------------------------------------------------------------------------------------------


async def test_a_refused_text_is_an_alert_until_the_campaign_is_resumed(flow: Flow) -> None:
    ids = await planned(flow)
    flow.channels["email"].script = lambda _: ContentError("554 5.7.1 spam")
    await flow.deliver("email", ids)
    (alert,) = await opened(flow, "halted")
    assert alert["details"]["policy_id"] == "P-1"
    assert sentence(alert, chinese=True) == (
        f"《关于支持软件产业发展的若干措施》（{AGENCY}/P-1，政策）：内容被拒（电子邮件），推送已停止：554 5.7.1 spam"
    )
    assert alert["detail"].startswith(f"{AGENCY}/P-1 (policy): the text is refused by email: 554 5.7.1 spam")
    assert await check_causes(flow.desk) == 0
    actor = await flow.actor("reviewer")
    async with flow.record.write() as conn:
        await resume(conn, AGENCY, "P-1", "已与服务商沟通", actor, flow.clock.now())
    assert await check_causes(flow.desk) == 1
    assert await opened(flow) == []


async def test_dead_letters_are_one_alert_for_each_topic(flow: Flow) -> None:
    now = flow.clock.now()
    async with flow.record.write() as conn:
        for offset in range(3):
            await put_aside(conn, Position("policy.events", 0, offset), (None, b"x", {}), "not JSON", now)
    assert await check_causes(flow.desk) == 1
    (alert,) = await opened(flow, "dead_letters")
    assert alert["detail"] == "3 messages of policy.events are dead letters"
    flow.clock.advance(timedelta(days=8))
    await check_causes(flow.desk)
    assert await opened(flow) == []


async def test_a_far_side_that_is_down_for_long_is_told_and_ends_when_it_answers(flow: Flow) -> None:
    side = flow.desk.far_sides.open("email")
    start = flow.clock.now()
    side.now = lambda: (flow.clock.now() - start).total_seconds()
    side.breaker = Breaker(lambda: 0.0, Patience(in_a_row=1, first_wait_s=1))
    side.told([UnreachableError("connection refused")])
    await tell_far_sides(flow.desk, PROMISES.down_for)
    assert await opened(flow) == []
    flow.clock.advance(timedelta(minutes=3))
    await tell_far_sides(flow.desk, PROMISES.down_for)
    (alert,) = await opened(flow)
    assert (alert["kind"], alert["subject"]) == ("far_side", "email")
    flow.clock.advance(timedelta(seconds=50))
    assert side.allows()
    side.told([Receipt(Progress.SENT)])
    await tell_far_sides(flow.desk, PROMISES.down_for)
    assert await opened(flow) == []


async def test_a_process_that_sent_nothing_does_not_end_the_alert_of_another(flow: Flow) -> None:
    async with flow.record.write() as conn:
        await raise_alert(conn, "far_side", "email", "down", flow.clock.now())
    flow.desk.far_sides.open("email")
    await tell_far_sides(flow.desk, PROMISES.down_for)
    async with flow.record.read() as conn:
        assert await open_subjects(conn, "far_side") == {"email"}


async def test_an_account_that_is_refused_is_told_at_once(flow: Flow) -> None:
    side = flow.desk.far_sides.open("sms:aliyun")
    side.told([AccountError("isv.OUT_OF_SERVICE", 600)])
    await tell_far_sides(flow.desk, PROMISES.down_for)
    (alert,) = await opened(flow, "account")
    assert alert["detail"] == "sms:aliyun refuses our account: isv.OUT_OF_SERVICE"
    flow.clock.advance(timedelta(seconds=50))
    side.told([Receipt(Progress.SENT)])
    await tell_far_sides(flow.desk, PROMISES.down_for)
    assert await opened(flow) == []


# -- mail to the operator ----------------------------------------------------------------------------------------------


class Postbox:
    """What was written; ``away`` refuses it."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str]] = []
        self.away = False

    async def __call__(self, subject: str, text: str) -> bool:
        if not self.away:
            self.written.append((subject, text))
        return not self.away


async def test_the_operator_is_written_to_once_for_an_alert_and_again_after_a_day(flow: Flow) -> None:
    postbox = Postbox()
    async with flow.record.write() as conn:
        await raise_alert(conn, "far_side", "sms:kannel", "connection refused", flow.clock.now())
    for _ in range(3):
        await tell_operator(flow.desk, postbox)
    ((subject, text),) = postbox.written
    assert subject == "政达告警：外部通道不可用"
    assert "sms:kannel" in text
    assert "connection refused" in text
    flow.clock.advance(timedelta(hours=25))
    assert await tell_operator(flow.desk, postbox) == 1


async def test_a_cause_that_comes_and_goes_is_told_once_an_hour(flow: Flow) -> None:
    postbox = Postbox()
    for _ in range(30):
        async with flow.record.write() as conn:
            await raise_alert(conn, "far_side", "email", "down", flow.clock.now())
        await tell_operator(flow.desk, postbox)
        async with flow.record.write() as conn:
            await resolve(conn, "far_side", ["email"], flow.clock.now())
        flow.clock.advance(timedelta(minutes=5))
    assert len(postbox.written) == 3


async def test_what_could_not_be_written_is_written_later(flow: Flow) -> None:
    postbox = Postbox()
    postbox.away = True
    async with flow.record.write() as conn:
        await raise_alert(conn, "far_side", "email", "down", flow.clock.now())
    assert await tell_operator(flow.desk, postbox) == 0
    postbox.away = False
    assert await tell_operator(flow.desk, postbox) == 1


async def test_a_mistake_while_one_is_written_leaves_none_unsaid(flow: Flow) -> None:
    postbox = Postbox()

    async def breaks(subject: str, text: str) -> bool:
        if "sms:kannel" in text:
            raise ValueError("something that nobody foresaw")
        return await postbox(subject, text)

    async with flow.record.write() as conn:
        await raise_alert(conn, "far_side", "sms:kannel", "down", flow.clock.now())
        await raise_alert(conn, "far_side", "email", "down", flow.clock.now())
    assert await tell_operator(flow.desk, breaks) == 1
    assert await tell_operator(flow.desk, postbox) == 1, "the other one is told when it can be"
    assert len(postbox.written) == 2


async def test_a_letter_about_a_late_policy_names_it_by_its_title_in_chinese(flow: Flow) -> None:
    postbox = Postbox()
    await planned(flow)
    flow.clock.advance(timedelta(hours=2))
    await check_deliveries(flow.desk, PROMISES)
    await tell_operator(flow.desk, postbox)
    ((_, text),) = postbox.written
    title = "《关于支持软件产业发展的若干措施》"
    assert text.startswith(f"政策未按时送达：{title}\n")
    assert f"说明：{title}（{AGENCY}/P-1，政策）：电子邮件共 10 条，其中 10 条未在 1 小时内发出\n" in text


async def test_a_letter_about_a_far_side_tells_in_chinese_why_it_is_down(flow: Flow) -> None:
    postbox, side = Postbox(), flow.desk.far_sides.open("sms:kannel")
    side.told([AccountError("isv.OUT_OF_SERVICE", 600)])
    side.line.is_down("the gateway takes no connection (ConnectError)")
    await tell_far_sides(flow.desk, timedelta())
    assert await tell_operator(flow.desk, postbox) == 2
    told = {line for _, text in postbox.written for line in text.splitlines() if line.startswith("说明")}
    assert told == {
        "说明：短信（sms:kannel）不可用：无法连接网关（ConnectError）",
        "说明：短信（sms:kannel）拒绝本系统的账户：isv.OUT_OF_SERVICE",
    }


async def test_a_letter_names_cause_moment_and_where_to_look(flow: Flow) -> None:
    async with flow.record.write() as conn:
        await raise_alert(conn, "late", "c|email|sent", "3 of 4", flow.clock.now())
    (row,) = await opened(flow)
    subject, text = letter(row, "https://push.example.cn")
    assert subject == "政达告警：政策未按时送达"
    assert "2026-03-02 10:00（北京时间）" in text
    assert "https://push.example.cn" in text
