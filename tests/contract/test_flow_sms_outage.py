"""Every SMS gateway of the list is down for a while: nothing is lost, and nothing goes twice when they are back."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.channel import Outcome
from channels.errors import AccountError, ThrottledError, UnreachableError
from channels.guards.breaker import Breaker
from channels.guards.far_side import FarSide
from channels.sms.channel import SmsChannel
from channels.sms.gateways.gateway import Text
from channels.sms.way import Way
from streams.names import MATCH_TASKS
from streams.steps import deliver as deliver_step
from streams.steps.deliver import deliver
from streams.sweeps import end_leases, hand_over_due
from tests.support.flow import Flow
from tests.support.sms import ScriptedTexts

PEOPLE = 9
SECONDS = 60
OUTAGE = timedelta(hours=1)


def says(outcome: Outcome) -> Callable[[Text], Outcome]:
    return lambda text: outcome


@pytest.mark.parametrize(
    "others",
    [
        UnreachableError("no connection"),
        ThrottledError("busy", 30.0),
        AccountError("out of credit", 600.0),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)
async def test_an_outage_of_all_gateways_delays_texts_and_loses_none(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, others: Outcome
) -> None:
    monkeypatch.setattr(deliver_step, "CHUNK", 3)
    start, dice = flow.clock.now(), random.Random(7)

    def passed_s() -> float:
        return (flow.clock.now() - start).total_seconds()

    gateways = [ScriptedTexts("a", says(UnreachableError("refused"))), ScriptedTexts("b", says(others))]
    ways = [Way(one, FarSide(f"sms:{one.name}", Breaker(dice.random), passed_s)) for one in gateways]
    channel = SmsChannel(ways)
    for n in range(PEOPLE):
        await flow.subscriber(f"S-{n}", channels=("sms",), contacts=[number(flow, n)])
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    ids = [row["delivery_id"] for row in await flow.rows()]
    assert len(ids) == PEOPLE
    await deliver(flow.desk, channel, {"delivery_ids": ids})

    async def go_on(until: timedelta) -> None:
        seen = len(flow.log.messages)
        while flow.clock.now() - start < until:
            flow.clock.advance(timedelta(seconds=SECONDS))
            await end_leases(flow.desk)
            await hand_over_due(flow.desk)
            for message in flow.log.messages[seen:]:
                await deliver(flow.desk, channel, message.json)
            seen = len(flow.log.messages)

    await go_on(OUTAGE)
    assert {row["state"] for row in await flow.rows()} == {"planned"}
    for one in gateways:
        one.script = one.takes
        one.taken.clear()
    await go_on(OUTAGE + timedelta(hours=1, minutes=20))
    assert {row["state"] for row in await flow.rows()} == {"sent"}
    taken = Counter(text.delivery_id for one in gateways for text in one.taken)
    assert taken == Counter(ids)


def number(flow: Flow, n: int) -> dict[str, object]:
    consent = {"basis": "申请表", "at": flow.clock.now() - timedelta(days=9), "evidence": "表 7"}
    return {"channel": "sms", "address": f"138{n:08d}", "consent": consent}
