"""pycmpp, whose CMPP 2.0 was not written here, judges ours: it talks to our ISMG, and reads what our gateway wrote."""

import asyncio
import importlib.util
import json
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from channels.message import Receipt
from channels.sms.gateways.cmpp.authenticator import source_proof
from channels.sms.gateways.cmpp.codec import RESPONSE, decode, encode
from channels.sms.gateways.cmpp.pdus import V20, Connect, ConnectResp, Submit, SubmitResp, Terminate
from channels.sms.gateways.cmpp.wire import Frames
from tests.servers.ismg import SECRET, USER, Ismg, running_ismg
from tests.servers.ismg_capture import tap
from tests.servers.ismg_sp import LONG, SHORT, service_provider, text, until
from tests.servers.processes import need

PYCMPP = Path(__file__).parents[1] / "servers" / "ismg_pycmpp.py"


@pytest.fixture(autouse=True)
def _pycmpp() -> None:
    if importlib.util.find_spec("pycmpp") is None:
        need("pycmpp is not installed (PyPI: pycmpp)")


@pytest.fixture
async def ismg() -> AsyncIterator[Ismg]:
    async with running_ismg() as ismg:
        yield ismg


async def pycmpp(*arguments: str, said: Sequence[str] = ()) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, PYCMPP, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(60):
            out, _ = await process.communicate("".join(f"{line}\n" for line in said).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    return out.decode()


async def test_pycmpp_is_let_in_and_its_messages_are_read(ismg: Ismg) -> None:
    numbers = [f"138{number:08}" for number in range(100)]
    orders = [(SHORT, ["13800138000"]), (LONG, ["13800138006"]), (SHORT, numbers)]
    out = await pycmpp("talk", str(ismg.port), USER, SECRET, said=[json.dumps(one) for one in orders])
    assert "短信网关连接成功" in out
    short, *long, many = [submit for _, submit in ismg.submits]
    assert (short.numbers, short.content.decode("utf-16-be")) == (("13800138000",), SHORT)
    assert (short.msg_src, short.registered_delivery, short.msg_fmt) == (USER, 1, 8)
    assert "".join(one.content[6:].decode("utf-16-be") for one in long) == LONG
    assert [(one.udhi, one.pk_total, one.pk_number) for one in long] == [
        (1, len(long), place) for place in range(1, len(long) + 1)
    ]
    assert many.numbers == tuple(numbers)
    assert ismg.requests[-1] is Terminate
    for msg_id, _ in ismg.submits:
        assert f"msg_id: {msg_id}" in out  # it understood each of our answers


async def test_pycmpp_with_a_wrong_password_is_told_so(ismg: Ismg) -> None:
    out = await pycmpp("talk", str(ismg.port), USER, "wrong")
    assert "短信网关连接失败; status: 3" in out


async def test_pycmpp_connects_with_the_very_bytes_that_we_do() -> None:
    moment = 911223344
    ours = Connect(USER, source_proof(USER, SECRET, moment), 0x21, moment)
    assert bytes.fromhex(await pycmpp("connect", USER, SECRET, f"{moment:010}")) == encode(ours, 1, V20)


async def test_pycmpp_reads_what_our_gateway_and_our_ismg_say(ismg: Ismg) -> None:
    async with tap(ismg.port) as wire:
        url = ismg.url("cmpp2", service="ZWTS").replace(str(ismg.port), str(wire.port))
        async with service_provider(url) as (gateway, _):
            outcomes = await gateway.submit([text(1), text(2), text(3, LONG)])
            assert all(isinstance(one, Receipt) for one in outcomes)
            await until(lambda: len(ismg.answers) == 5)
    ours = [*frames(wire.heard, by_sp=True), *frames(wire.heard, by_sp=False)]
    judged = [frame for frame in ours if isinstance(decode(frame, V20)[1], Submit | ConnectResp | SubmitResp)]
    out = await pycmpp("read", said=[frame.hex() for frame in judged])
    found = [json.loads(line) for line in out.splitlines()]
    assert len(found) == len(judged) == 9
    for frame, what in zip(judged, found, strict=True):
        assert what == as_pycmpp_says(frame)


def frames(heard: list[tuple[bool, bytes]], *, by_sp: bool) -> list[bytes]:
    return list(Frames().feed(b"".join(data for said, data in heard if said is by_sp)))


def as_pycmpp_says(frame: bytes) -> dict[str, Any]:
    sequence, pdu = decode(frame, V20)
    command = int.from_bytes(frame[4:8], "big")
    if isinstance(pdu, ConnectResp):
        return {"status": pdu.status, "version": pdu.version}
    if isinstance(pdu, SubmitResp):
        return {"seq_id": sequence, "msg_id": pdu.msg_id, "status": pdu.result}
    assert isinstance(pdu, Submit)
    assert not command & RESPONSE
    content = pdu.content[6:] if pdu.udhi else pdu.content
    return {
        "length": len(frame),
        "command_id": command,
        "seq_id": sequence,
        "msg_id": 0,
        "pk_total": pdu.pk_total,
        "pk_number": pdu.pk_number,
        "register_delivery": 1,
        "msg_level": 0,
        "service_id": "ZWTS".ljust(10, "\0"),
        "fee_usertype": 2,
        "fee_terminal_id": "\0" * 21,
        "tp_pid": 0,
        "tp_udhi": pdu.udhi,
        "msg_fmt": 8,
        "msg_src": USER,
        "fee_type": "01",
        "fee_code": "000000",
        "valid_time": "\0" * 17,
        "at_time": "\0" * 17,
        "src_id": "10690001".ljust(21, "\0"),
        "destusr_tl": len(pdu.numbers),
        "dest_terminal_id": "".join(number.ljust(21, "\0") for number in pdu.numbers),
        "msg_length": len(pdu.content),
        "msg_head": pdu.content[:6].decode("latin-1") if pdu.udhi else None,
        "msg_content": content.decode("utf-16-be"),
        "reserve": "\0" * 8,
    }
