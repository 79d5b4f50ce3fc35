"""Alerts of far sides that several workers see: each tells what it found itself, and ends only what it saw mended."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from channels.errors import AccountError, UnreachableError
from channels.guards.breaker import Breaker, Patience
from channels.guards.far_side import FarSide, FarSides
from channels.message import Progress, Receipt
from config.promises import load_promises
from streams.alerts import list_alerts
from streams.alerts.far_sides import tell_far_sides
from tests.support.flow import Flow

DOWN_FOR = load_promises().down_for
LOOK = timedelta(seconds=15)
MINUTE = timedelta(minutes=1)
GATEWAY = "sms:carrier"
WENT = Receipt(Progress.SENT)
REFUSED = AccountError("out of credit", 600)


class Worker:
    """One process before the record that all share, with what it alone knows of the gateway."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.start = flow.clock.now()
        self.desk = replace(flow.desk, far_sides=FarSides())
        self.side: FarSide = self.desk.far_sides.open(GATEWAY)
        self.side.now = self.side.line.now = self._now
        self.side.breaker = Breaker(lambda: 0.0, Patience(in_a_row=1, first_wait_s=1))

    def _now(self) -> float:
        return (self.flow.clock.now() - self.start).total_seconds()

    async def look(self) -> None:
        await tell_far_sides(self.desk, DOWN_FOR)


async def look(flow: Flow, *workers: Worker, for_: timedelta = LOOK) -> list[list[str]]:
    """Let time pass; return after each look which kinds of alerts are open."""
    found = []
    for _ in range(int(for_ / LOOK)):
        flow.clock.advance(LOOK)
        for worker in workers:
            await worker.look()
        found.append([one["kind"] for one in await alerts(flow)])
    return found


async def alerts(flow: Flow, *, ended: bool = False) -> list[dict[str, Any]]:
    async with flow.record.read() as conn:
        return await list_alerts(conn, ended=ended)


# -- a standing line ---------------------------------------------------------------------------------------------------


async def test_a_line_that_is_down_is_told_although_nothing_was_sent_there(flow: Flow) -> None:
    one = Worker(flow)
    one.side.line.is_down("the gateway takes no connection")
    assert await look(flow, one, for_=DOWN_FOR - LOOK) == [[]] * 7
    assert await look(flow, one) == [["far_side"]]
    (alert,) = await alerts(flow)
    assert alert["subject"] == GATEWAY
    assert alert["detail"] == f"{GATEWAY} is down: the gateway takes no connection"
    one.side.line.stands()
    assert (await look(flow, one, for_=MINUTE))[-1] == []


async def test_a_line_that_is_lost_for_a_moment_is_nobodys_alert(flow: Flow) -> None:
    one = Worker(flow)
    for _ in range(5):
        one.side.line.is_down("the far side took leave")
        assert await look(flow, one, for_=MINUTE) == [[]] * 4
        one.side.line.stands()
        assert await look(flow, one, for_=MINUTE) == [[]] * 4


async def test_a_line_that_is_let_in_and_thrown_out_again_and_again_is_down(flow: Flow) -> None:
    one = Worker(flow)
    for _ in range(12):
        one.side.line.stands()
        flow.clock.advance(timedelta(seconds=1))
        one.side.line.is_down("the gateway ended it")
        await look(flow, one)
    assert [one["kind"] for one in await alerts(flow, ended=True)] == ["far_side"]
    assert [one["kind"] for one in await alerts(flow)] == ["far_side"]


async def test_a_line_that_stands_again_outweighs_what_could_not_be_sent_before(flow: Flow) -> None:
    one = Worker(flow)
    one.side.told([UnreachableError("refused")])
    one.side.line.is_down("refused")
    await look(flow, one, for_=DOWN_FOR)
    one.side.line.stands()
    assert not one.side.up, "nothing was sent since"
    assert (await look(flow, one, for_=MINUTE))[-1] == []
    assert one.side.allows()
    one.side.told([UnreachableError("no answer")])
    assert await look(flow, one) == [["far_side"]], "it stands, and takes nothing"


# -- several workers ---------------------------------------------------------------------------------------------------


async def test_a_line_of_one_worker_that_stands_does_not_end_the_alert_of_another(flow: Flow) -> None:
    one, other = Worker(flow), Worker(flow)
    other.side.line.stands()
    one.side.line.is_down("too many connections")
    await look(flow, one, other, for_=DOWN_FOR)
    for _ in range(8):
        one.side.line.is_down("too many connections")
        assert await look(flow, other, one, for_=MINUTE) == [["far_side"]] * 4
    assert len(await alerts(flow, ended=True)) == 1


async def test_an_account_that_one_worker_finds_refused_and_another_not_is_one_alert(flow: Flow) -> None:
    one, other = Worker(flow), Worker(flow)
    for _ in range(6):
        one.side.told([REFUSED])
        other.side.told([WENT])
        assert await look(flow, one, other, for_=MINUTE) == [["account"]] * 4
    assert len(await alerts(flow, ended=True)) == 1


async def test_whoever_sent_nothing_since_ends_nothing(flow: Flow) -> None:
    one, other = Worker(flow), Worker(flow)
    other.side.told([WENT])
    other.side.line.stands()
    one.side.told([REFUSED])
    await look(flow, one)
    assert await look(flow, other, for_=timedelta(hours=1)) == [["account"]] * 240


async def test_an_alert_whose_worker_has_gone_ends_when_another_saw_it_mended(flow: Flow) -> None:
    one, other = Worker(flow), Worker(flow)
    one.side.told([REFUSED])
    await look(flow, one)
    flow.clock.advance(LOOK)
    other.side.told([WENT])
    assert (await look(flow, other, for_=MINUTE))[-1] == []


async def test_a_worker_that_sends_nothing_does_not_insist_for_ever_on_what_it_saw(flow: Flow) -> None:
    one, other = Worker(flow), Worker(flow)
    one.side.told([REFUSED])
    await look(flow, one, other)
    flow.clock.advance(timedelta(hours=1))
    other.side.told([WENT])
    assert (await look(flow, one, other, for_=MINUTE))[-1] == []


async def test_what_is_refused_again_while_it_is_being_ended_stays_open(flow: Flow) -> None:
    one, other = Worker(flow), Worker(flow)
    one.side.told([REFUSED])
    await look(flow, one)
    flow.clock.advance(timedelta(minutes=5))
    other.side.told([WENT])
    one.side.told([REFUSED])
    await one.look()
    await other.look()
    assert [alert["kind"] for alert in await alerts(flow)] == ["account"]
