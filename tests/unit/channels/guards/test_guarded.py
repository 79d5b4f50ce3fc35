"""Which guards stand around which channel, and in which order."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from channels.channel import Outcome
from channels.guards.breaking import BreakingChannel
from channels.guards.far_side import FarSides
from channels.guards.guarded import LONGEST_PATIENCE_S, Guards
from channels.guards.pacing import PacedChannel
from channels.guards.rates import Turns
from channels.guards.simulated import SimulatingChannel
from channels.message import Message, Progress, Receipt
from channels.outbox import SandboxChannel
from config.channels import CHANNELS
from config.settings import Settings
from tests.servers.messages import message

SPECS = {spec.name: spec for spec in CHANNELS}


class Real:
    """A channel that reaches somebody."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = 0

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        return [Receipt(Progress.SENT, one.address) for one in batch]

    async def close(self) -> None:
        self.closed += 1


def guards(**settings: object) -> Guards:
    return Guards(Settings(**settings), FarSides(), Turns(None))  # type: ignore[arg-type]


def test_mail_is_simulated_first_then_broken_then_paced() -> None:
    real = Real("email")
    around = guards(email_per_second=50).around(real, SPECS["email"])
    assert isinstance(around, SimulatingChannel)
    assert isinstance(around.channel, BreakingChannel)
    assert isinstance(around.channel.channel, PacedChannel)
    assert around.channel.channel.channel is real
    assert around.channel.channel.pace is not None
    assert around.channel.channel.pace.rate.per_second == 50
    assert "163.com" in around.channel.channel.families


def test_mail_without_a_cap_of_its_own_still_spares_the_big_providers() -> None:
    around = guards().around(Real("email"), SPECS["email"])
    assert isinstance(around, SimulatingChannel)
    assert isinstance(around.channel, BreakingChannel)
    assert isinstance(around.channel.channel, PacedChannel)
    assert around.channel.channel.pace is None


def test_text_messages_have_breakers_at_their_gateways_and_a_pace_where_one_is_set() -> None:
    real = Real("sms")
    around = guards().around(real, SPECS["sms"])
    assert isinstance(around, SimulatingChannel)
    assert around.channel is real
    around = guards(sms_per_second=5).around(real, SPECS["sms"])
    assert isinstance(around, SimulatingChannel)
    assert isinstance(around.channel, PacedChannel)


def test_a_pace_never_uses_up_the_lease_of_a_claim() -> None:
    around = guards(sms_per_second=5, lease_s=50).around(Real("sms"), SPECS["sms"])
    assert isinstance(around, SimulatingChannel)
    assert isinstance(around.channel, PacedChannel)
    assert around.channel.pace is not None
    assert around.channel.pace.patience_s == min(10, LONGEST_PATIENCE_S)


@pytest.mark.parametrize("name", ["space", "webhook"])
def test_channels_without_a_far_side_in_common_stand_alone(name: str) -> None:
    real = Real(name)
    assert guards().around(real, SPECS[name]) is real


async def test_the_sandbox_has_the_simulated_recipients_and_no_pace(tmp_path: Path) -> None:
    around = guards(email_per_second=1).around(SandboxChannel("email", tmp_path), SPECS["email"])
    assert isinstance(around, SimulatingChannel)
    assert isinstance(around.channel, SandboxChannel)
    outcomes = await around.send(
        [message(n) for n in range(9)] + [message(9, address="gone@simulated.zhengda.example")]
    )
    assert [isinstance(one, Receipt) for one in outcomes] == [True] * 9 + [False]


@pytest.mark.parametrize("name", [*SPECS])
async def test_every_guard_keeps_name_order_and_goodbye(name: str) -> None:
    real = Real(name)
    around = guards(email_per_second=1000, sms_per_second=1000).around(real, SPECS[name])
    assert around.name == name
    batch = [
        message(n, address=f"user{n}@{'qq.com' if n % 2 else 'corp.cn'}", urgent=n % 3 == 0)
        for n in range(20)
    ]
    outcomes = await around.send(batch)
    assert [getattr(one, "reference", None) for one in outcomes] == [one.address for one in batch]
    await around.close()
    assert real.closed == 1
