"""Several gateways: who is tried next, who is left alone, and what goes nowhere else."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from channels.channel import Outcome
from channels.errors import (
    AccountError,
    ContentError,
    PacedError,
    ParkedError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from channels.guards.far_side import FarSide
from channels.guards.pace import Rate
from channels.guards.rates import Pace, Turns
from channels.message import Message, Occasion, Progress, Receipt
from channels.sms.channel import SmsChannel
from channels.sms.gateways.gateway import Text
from channels.sms.way import Way
from tests.servers.messages import content, message
from tests.support.sms import ScriptedTexts, sms_channel


def texts(count: int = 1) -> list[Message]:
    return [message(n, address=f"+861380000{n:04d}") for n in range(1, count + 1)]


def says(outcome: Outcome) -> Callable[[Text], Outcome]:
    return lambda text: outcome


@pytest.mark.parametrize(
    "why",
    [TemporaryError("503"), ThrottledError("busy"), UnreachableError("refused"), AccountError("password")],
)
async def test_what_the_first_cannot_take_now_goes_to_the_next(why: Outcome) -> None:
    first, second = ScriptedTexts("a", says(why)), ScriptedTexts("b")
    (outcome,) = await sms_channel(first, second).send(texts())
    assert isinstance(outcome, Receipt)
    assert (outcome.gateway, outcome.ids) == ("b", ("b-1-1",))
    assert [one.delivery_id for one in second.taken] == [message(1).delivery_id]


@pytest.mark.parametrize(
    "why",
    [
        UnknownOutcomeError("cut"),
        PermanentError("no such number", dead=True),
        PermanentError("not routable"),
        ContentError("the signature"),
        PacedError("50 a second"),
    ],
)
async def test_what_may_have_gone_or_never_will_goes_nowhere_else(why: Outcome) -> None:
    first, second = ScriptedTexts("a", says(why)), ScriptedTexts("b")
    (outcome,) = await sms_channel(first, second).send(texts())
    assert type(outcome) is type(why)
    assert second.taken == []


class Slow(ScriptedTexts):
    """Refuses, after a while."""

    async def submit(self, texts: Sequence[Text]) -> Sequence[Outcome]:
        await asyncio.sleep(0.05)
        return await super().submit(texts)


async def test_after_slow_gateways_the_batch_comes_back_before_its_claim_ends() -> None:
    slow, other = Slow("a", says(TemporaryError("503"))), ScriptedTexts("b")
    (outcome,) = await SmsChannel([Way(slow), Way(other)], patience_s=0.01).send(texts())
    assert isinstance(outcome, TemporaryError)
    assert outcome.reason == "503"
    assert other.taken == []
    (outcome,) = await SmsChannel([Way(slow), Way(other)]).send(texts())
    assert isinstance(outcome, Receipt)


async def test_an_unknown_outcome_names_the_gateway_that_may_have_it() -> None:
    (outcome,) = await sms_channel(ScriptedTexts("a", says(UnknownOutcomeError("cut")))).send(texts())
    assert isinstance(outcome, UnknownOutcomeError)
    assert outcome.gateway == "a"


async def test_only_what_is_left_goes_on_and_every_neighbour_keeps_its_place() -> None:
    def script(text: Text) -> Outcome:
        number = int(text.number[-4:])
        if number == 2:
            return TemporaryError("503")
        return ContentError("word") if number == 3 else Receipt(Progress.SENT, str(number))

    second = ScriptedTexts("b")
    outcomes = await sms_channel(ScriptedTexts("a", script), second).send(texts(4))
    assert [type(one) for one in outcomes] == [Receipt, Receipt, ContentError, Receipt]
    assert [getattr(one, "gateway", None) for one in outcomes] == ["a", "b", None, "a"]
    assert len(second.taken) == 1


async def test_where_one_of_them_tried_and_failed_an_attempt_was_made() -> None:
    for first, second in (
        (TemporaryError("503"), ThrottledError("busy")),
        (ThrottledError("busy"), TemporaryError("503")),
    ):
        channel = sms_channel(ScriptedTexts("a", says(first)), ScriptedTexts("b", says(second)))
        assert type((await channel.send(texts()))[0]) is TemporaryError
    busy = sms_channel(
        ScriptedTexts("a", says(ThrottledError("a", 600))), ScriptedTexts("b", says(ThrottledError("b", 9)))
    )
    (soonest,) = await busy.send(texts())
    assert isinstance(soonest, ThrottledError)
    assert soonest.retry_after_s == 9


async def test_one_that_is_down_is_left_alone_after_a_few_tries_and_asked_again_by_a_single_text() -> None:
    now = 0.0
    down: list[bool] = [True]
    gateway = ScriptedTexts("a")
    gateway.script = lambda text: UnreachableError("refused") if down[0] else gateway.takes(text)
    second = ScriptedTexts("b")
    channel = SmsChannel([Way(gateway, FarSide("sms:a", now=lambda: now)), Way(second)])
    for _ in range(20):
        assert {type(one) for one in await channel.send(texts(3))} == {Receipt}
    assert len(gateway.taken) < 60
    assert len(second.taken) == 60
    asked = len(gateway.taken)
    now += 10_000
    assert len({one.gateway for one in await channel.send(texts(3)) if isinstance(one, Receipt)}) == 1
    assert len(gateway.taken) == asked + 1
    down[0] = False
    now += 10_000
    outcomes = await channel.send(texts(3))
    assert [one.gateway for one in outcomes if isinstance(one, Receipt)] == ["a"] * 3


async def test_one_that_takes_requests_and_says_nothing_is_left_alone_too() -> None:
    channel = sms_channel(ScriptedTexts("a", says(UnknownOutcomeError("time-out"))))
    kinds = [type((await channel.send(texts()))[0]) for _ in range(30)]
    assert kinds[0] is UnknownOutcomeError
    assert kinds[-1] is ParkedError


async def test_a_gateway_of_templates_is_passed_over_for_what_it_has_none_for() -> None:
    cloud, line = ScriptedTexts("cloud"), ScriptedTexts("line")
    channel = SmsChannel([Way(cloud, templates={"policy"}), Way(line)])
    reminder = message(2, address="+8613800000002", content=content(occasion=Occasion.REMINDER))
    outcomes = await channel.send([*texts(), reminder])
    assert [one.gateway for one in outcomes if isinstance(one, Receipt)] == ["cloud", "line"]
    (filled,) = [one.template for one in cloud.taken]
    assert filled is not None
    assert filled.name == "policy"


async def test_what_no_gateway_has_a_template_for_waits_for_the_operator_and_costs_no_attempt() -> None:
    channel = SmsChannel([Way(ScriptedTexts("cloud"), templates={"confirm"})])
    (outcome,) = await channel.send(texts())
    assert isinstance(outcome, ThrottledError)
    assert "ZHENGDA_SMS_TEMPLATES" in outcome.reason


async def test_a_mistake_of_ours_is_an_unknown_outcome_and_shows_no_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(text: Text) -> Outcome:
        raise RuntimeError(text.number)

    (outcome,) = await sms_channel(ScriptedTexts("a", broken)).send(texts())
    assert isinstance(outcome, UnknownOutcomeError)
    assert "8000" not in outcome.reason + "".join(capsys.readouterr())


async def test_all_of_them_listen_and_all_are_closed_and_each_is_asked_by_its_name() -> None:
    first, second = ScriptedTexts("a"), ScriptedTexts("b")
    channel = SmsChannel([Way(first), Way(second, asked=True)])
    await channel.open()
    assert channel.asked == ("b",)
    assert await channel.query("b", []) == []
    assert await channel.query("gone", []) == ()
    await channel.close()
    assert (first.opened, second.opened, first.closed, second.closed) == (True,) * 4


async def test_what_is_beyond_a_gateways_pace_comes_later_and_goes_nowhere_else() -> None:
    first, second = ScriptedTexts("a"), ScriptedTexts("b")
    pace = Pace("sms:a", Rate(per_second=4.0), Turns(None, now=lambda: 0.0), patience_s=0.0)
    outcomes = await SmsChannel([Way(first, pace=pace), Way(second)]).send(texts(5))
    kinds = [type(one) for one in outcomes]
    assert kinds == [Receipt, *[PacedError] * 4]
    assert len(first.taken) == 1
    assert second.taken == []
