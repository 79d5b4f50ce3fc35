"""Recipients that nobody is: what becomes of what goes to them, and that nothing of it leaves the house."""

import re
from collections.abc import Sequence

import pytest

from channels.channel import Outcome
from channels.errors import (
    ContentError,
    DoubtfulError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    UnknownOutcomeError,
)
from channels.guards.simulated import OUTCOMES, SimulatingChannel
from channels.message import Message, Progress, Receipt
from config.simulated import simulated_numbers, simulated_recipients
from subscribers.addresses import normalise
from subscribers.errors import AddressError
from tests.servers.messages import message

KINDS = {
    "delivered": Receipt,
    "sent": Receipt,
    "gone": PermanentError,
    "full": DoubtfulError,
    "timeout": UnknownOutcomeError,
    "later": TemporaryError,
    "throttled": ThrottledError,
    "refused": ContentError,
}


class Network:
    """Notes what reached it."""

    name = "email"

    def __init__(self) -> None:
        self.reached: list[str] = []

    async def send(self, batch: Sequence[Message]) -> Sequence[Outcome]:
        self.reached += [one.address for one in batch]
        return [Receipt(Progress.SENT, one.address) for one in batch]

    async def close(self) -> None:
        """Nothing is open."""


def test_every_address_and_number_passes_where_people_enter_theirs() -> None:
    for one in simulated_recipients():
        assert normalise("email", one.address) == one.address
        assert normalise("sms", one.number) == one.number
        assert normalise("sms", one.number.removeprefix("+86")) == one.number


def test_other_numbers_of_that_range_are_still_nobodys() -> None:
    with pytest.raises(AddressError):
        normalise("sms", "15400000999")
    assert "+8615400000999" not in simulated_numbers()


def test_every_outcome_of_the_table_can_be_played() -> None:
    assert {one.outcome for one in simulated_recipients()} == set(OUTCOMES)


@pytest.mark.parametrize("kind", ["address", "number"])
async def test_each_recipient_gets_its_outcome_and_none_reaches_the_network(kind: str) -> None:
    network = Network()
    batch = [message(address=getattr(one, kind)) for one in simulated_recipients()]
    outcomes = await SimulatingChannel(network).send(batch)
    found = {
        one.address.partition("@")[0]: type(outcome)
        for one, outcome in zip(simulated_recipients(), outcomes, strict=True)
    }
    assert found == KINDS
    assert network.reached == []


async def test_only_one_address_is_gone_for_good() -> None:
    batch = [message(address=one.address) for one in simulated_recipients()]
    outcomes = await SimulatingChannel(Network()).send(batch)
    dead = [one for one in outcomes if isinstance(one, PermanentError) and one.dead]
    assert len(dead) == 1


async def test_real_recipients_beside_them_go_and_keep_their_places() -> None:
    network = Network()
    batch = [
        message(1),
        message(2, address="gone@simulated.zhengda.example"),
        message(3),
        message(4, address="Delivered@Simulated.Zhengda.Example"),
    ]
    outcomes = await SimulatingChannel(network).send(batch)
    assert network.reached == ["user1@example.cn", "user3@example.cn"]
    assert [getattr(one, "reference", None) for one in outcomes] == [
        "user1@example.cn",
        None,
        "user3@example.cn",
        "simulated",
    ]


@pytest.mark.parametrize(("name", "with_code"), [("email", True), ("sms", False)])
async def test_only_a_mail_is_refused_by_a_code_of_mail(name: str, with_code: bool) -> None:
    inside = Network()
    inside.name = name
    batch = [message(address=one.address if with_code else one.number) for one in simulated_recipients()]
    outcomes = await SimulatingChannel(inside).send(batch)
    said = [one.reason for one in outcomes if isinstance(one, (PermanentError, TemporaryError, ContentError))]
    assert len(said) == 5
    assert all(reason.startswith("simulated: ") for reason in said)
    assert [bool(re.search(r"\d", reason)) for reason in said] == [with_code] * 5
    assert any("mailbox" in reason for reason in said) is with_code
