"""A standing line that is down is known, and told, although the next gateway takes its texts."""

from collections.abc import Callable

import pytest

from channels.guards.far_side import FarSide
from channels.message import Receipt
from channels.sms.channel import SmsChannel
from channels.sms.codes import load_codes
from channels.sms.gateways.cmpp.address import Address
from channels.sms.gateways.cmpp.gateway import CmppGateway
from channels.sms.gateways.gateway import Gateway, GatewayBuilding
from channels.sms.gateways.smpp import SmppGateway, line, place_of
from channels.sms.links import SmsLinks
from channels.sms.way import Way
from tests.servers.ismg import SOURCE, running_ismg
from tests.servers.ismg_sp import IMPATIENT, until
from tests.servers.messages import message
from tests.servers.ports import free_port
from tests.servers.recording_heard import RecordingHeard
from tests.servers.scripted_smsc import scripted_smsc
from tests.support.sms import ScriptedTexts

Opened = tuple[Gateway, FarSide]


def building(far_side: FarSide) -> GatewayBuilding:
    links = SmsLinks("", b"key")
    return GatewayBuilding("carrier", "政达", links, RecordingHeard(), load_codes(), line=far_side.line)


def cmpp(port: int) -> Opened:
    far_side = FarSide("sms:carrier")
    address = Address.from_url(f"cmpp://900001:s3cret@127.0.0.1:{port}?src={SOURCE}")
    return CmppGateway(address, building(far_side), patience=IMPATIENT, chance=lambda: 0.5), far_side


def smpp(port: int, options: str = "") -> Opened:
    far_side = FarSide("sms:carrier")
    place = place_of(f"smpp://zhengda:secret@127.0.0.1:{port}?from=10690001{options}")
    return SmppGateway(place, building(far_side), random=lambda: 0.0), far_side


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(line, "LONGEST_WAIT_S", 0.05)


@pytest.mark.parametrize("opened", [cmpp, smpp])
async def test_a_line_that_nobody_answers_is_known_to_be_down_while_the_next_gateway_takes_its_texts(
    opened: Callable[[int], Opened],
) -> None:
    gateway, far_side = opened(free_port())
    other = ScriptedTexts("other")
    channel = SmsChannel([Way(gateway, far_side), Way(other)])
    await channel.open()
    try:
        await until(lambda: far_side.line.down_since is not None)
        first = far_side.out_since
        (outcome,) = await channel.send([message(1, address="+8613800000001")])
        assert isinstance(outcome, Receipt)
        assert outcome.gateway == "other"
        assert far_side.up, "one text is too few for its breaker"
        found = far_side.found_out_at
        await until(lambda: far_side.found_out_at != found)
        assert far_side.out_since == first, "it is down since the first try"
        assert "takes no connection" in far_side.line.reason
    finally:
        await channel.close()


async def test_a_line_of_cmpp_that_comes_back_stands() -> None:
    port = free_port()
    gateway, far_side = cmpp(port)
    await gateway.open()
    try:
        await until(lambda: far_side.line.down_since is not None)
        async with running_ismg(port) as ismg:
            await until(lambda: far_side.line.in_use)
            assert far_side.out_since is None
            before = far_side.line.found_at
            ismg.hang_up()
            await until(lambda: far_side.line.found_at != before)
            await until(lambda: far_side.line.in_use)
    finally:
        await gateway.close()


async def test_our_own_leave_is_no_fault_of_the_line() -> None:
    async with running_ismg() as ismg, scripted_smsc() as smsc:
        for gateway, far_side in (cmpp(ismg.port), smpp(smsc.port)):
            await gateway.open()
            await until(lambda far_side=far_side: far_side.line.in_use)  # type: ignore[misc]
            await gateway.close()
            assert far_side.out_since is None


async def test_lines_of_smpp_stand_when_each_kind_of_bind_does() -> None:
    async with scripted_smsc() as smsc:
        gateway, far_side = smpp(smsc.port, "&type=split")
        await gateway.open()
        try:
            await until(lambda: far_side.line.in_use)
            assert len(smsc.connections) == 2
            (await smsc.bound(2)).hang_up()
            await until(lambda: far_side.line.found_at is not None)
            await until(lambda: far_side.line.in_use)
        finally:
            await gateway.close()


async def test_one_of_several_lines_that_is_down_is_no_line_down() -> None:
    async with scripted_smsc() as smsc:
        gateway, far_side = smpp(smsc.port, "&binds=2")
        await gateway.open()
        try:
            (await smsc.bound(2)).hang_up()
            await smsc.bound(3)
            assert far_side.line.in_use
            assert far_side.line.found_at is None
        finally:
            await gateway.close()


async def test_log_lines_name_the_gateway_and_its_place_alike(capsys: pytest.CaptureFixture[str]) -> None:
    places = {}
    for opened in (cmpp, smpp):
        port = free_port()
        gateway, far_side = opened(port)
        places[opened.__name__] = f"127.0.0.1:{port}"
        await gateway.open()
        await until(lambda far_side=far_side: far_side.line.found_at is not None)  # type: ignore[misc]
        await gateway.close()
    said = capsys.readouterr().out
    for kind, place in places.items():
        lines = [one for one in said.splitlines() if f"{kind}." in one]
        assert lines
        assert all("gateway=carrier" in one and f"place={place}" in one for one in lines)
