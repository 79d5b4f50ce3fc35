"""Wireshark's CMPP dissector judges a real conversation in 3.0: every field that it knows is where we say it is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.sms.gateways.cmpp.codec import decode
from channels.sms.gateways.cmpp.pdus import (
    BUSY,
    UCS2,
    V30,
    ActiveTest,
    ActiveTestResp,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Pdu,
    Submit,
    SubmitResp,
    Terminate,
    TerminateResp,
)
from channels.sms.gateways.cmpp.report import read_report
from channels.sms.gateways.cmpp.wire import Frames
from tests.servers.ismg import Ismg, running_ismg
from tests.servers.ismg_capture import Dissected, dissected, tap, tshark_program, write_capture
from tests.servers.ismg_sp import LONG, SHORT, service_provider, terminal, text, until
from tests.servers.processes import need

Expected = dict[str, list[str]]


@pytest.fixture
async def ismg() -> AsyncIterator[Ismg]:
    async with running_ismg() as ismg:
        yield ismg


@pytest.fixture
async def heard(ismg: Ismg) -> list[tuple[bool, bytes]]:
    """A conversation in which everything is said that an SP and an ISMG say."""
    if tshark_program() is None:
        need("tshark is not installed (Debian: tshark)")
    ismg.faults.results.extend([*[0] * 8, 13])
    ismg.faults.stats[terminal(2)] = "MI:0210"
    async with tap(ismg.port) as wire:
        # Wireshark takes nothing above 1,024 bytes for CMPP: 20 numbers in a SUBMIT, not 99.
        url = ismg.url(service="ZWTS", numbers=20, fee_user=3, fee_code="000010").replace(
            str(ismg.port), str(wire.port)
        )
        async with service_provider(url, idle_s=0.1) as (gateway, ear):
            await gateway.submit([*(text(number) for number in range(99)), text(100, LONG)])
            await gateway.submit([text(101, f"{SHORT}。")])
            await ismg.reply(terminal(1), "退订".encode("utf-16-be"), msg_fmt=UCS2)
            await ismg.send(ActiveTest())
            await until(lambda: ActiveTest in ismg.requests and len(ear.told) == 102 and ear.said)
            ear.away = True
            await ismg.report(7, terminal(1))
            await until(lambda: any(answer.result == BUSY for answer in ismg.answers))
        await asyncio.sleep(0.05)
    return wire.heard


async def test_wireshark_finds_every_field_of_a_conversation_where_we_put_it(
    heard: list[tuple[bool, bytes]], tmp_path: Path
) -> None:
    write_capture(tmp_path / "cmpp.pcap", heard)
    found = dissected(tmp_path / "cmpp.pcap")
    said = spoken(heard)
    assert {type(pdu) for _, _, pdu in said} == {
        *(Connect, ConnectResp, Submit, SubmitResp, Deliver, DeliverResp),
        *(ActiveTest, ActiveTestResp, Terminate, TerminateResp),
    }
    assert len(found) == len(said)
    for (frame, sequence, pdu), one in zip(said, found, strict=True):
        header = {
            "Total_Length": [str(len(frame))],
            "Command_Id": [f"0x{frame[4:8].hex()}"],
            "Sequence_Id": [str(sequence)],
        }
        expected = header | fields_of(pdu)
        assert {name: one.shown[name] for name in expected} == expected
        assert set(one.shown) <= {*expected, *DERIVED}
        raw_is_as_said(one, pdu)


# Made by Wireshark from Msg_Id, or shown as a word instead of what is there; the latter are compared as bytes.
DERIVED = {
    *("Msg_Id.timestamp", "Msg_Id.ismg_code", "Msg_Id.sequence_id", "deliver.Report"),
    *("connect.AuthenticatorSource", "connect_resp.AuthenticatorISMG", "connect.Timestamp", "Msg_Content"),
}


def spoken(heard: list[tuple[bool, bytes]]) -> list[tuple[bytes, int, Pdu]]:
    cutters = {True: Frames(), False: Frames()}
    frames = [frame for by_sp, data in heard for frame in cutters[by_sp].feed(data)]
    return [(frame, *decode(frame, V30)) for frame in frames]


def raw_is_as_said(found: Dissected, pdu: Pdu) -> None:
    if isinstance(pdu, Connect):
        assert found.raw["connect.AuthenticatorSource"] == [pdu.proof]
        assert found.raw["connect.Timestamp"] == [pdu.timestamp.to_bytes(4, "big")]
    elif isinstance(pdu, ConnectResp):
        assert found.raw["connect_resp.AuthenticatorISMG"] == [pdu.proof]
    elif isinstance(pdu, Submit) or (isinstance(pdu, Deliver) and not pdu.registered_delivery):
        assert found.raw["Msg_Content"] == [pdu.content]


def fields_of(pdu: Pdu) -> Expected:
    match pdu:
        case Connect():
            moment = f"{pdu.timestamp:010}"
            shown = f"{moment[:2]}/{moment[2:4]} {moment[4:6]}:{moment[6:8]}:{moment[8:]}"
            return {
                "connect.Source_Addr": [pdu.user],
                "Version": ["03.00"],
                "connect.Timestamp": [shown],
            }
        case ConnectResp():
            return {"connect_resp.Status": ["0"], "Version": ["03.00"]}
        case Submit():
            return submit_fields(pdu)
        case SubmitResp():
            return {"Msg_Id": [msg_id(pdu.msg_id)], "submit_resp.Result": [str(pdu.result)]}
        case Deliver():
            return deliver_fields(pdu)
        case DeliverResp():
            return {"Msg_Id": [msg_id(pdu.msg_id)], "deliver_resp.Result": [str(pdu.result)]}
    return {}


def msg_id(number: int) -> str:
    return f"0x{number:016x}"


def submit_fields(pdu: Submit) -> Expected:
    return {
        "Msg_Id": [msg_id(0)],
        "submit.Pk_total": [str(pdu.pk_total)],
        "submit.Pk_number": [str(pdu.pk_number)],
        "submit.Registered_Delivery": ["1"],
        "submit.Msg_level": ["0"],
        "Servicd_Id": ["ZWTS"],
        "submit.Fee_UserType": ["3"],
        "submit.Fee_terminal_Id": [""],
        "submit.Fee_terminal_type": ["0"],
        "TP_pId": ["0"],
        "TP_udhi": [str(pdu.udhi)],
        "Msg_Fmt": ["8"],
        "submit.Msg_src": ["900001"],
        "submit.FeeType": ["01"],
        "submit.FeeCode": ["000010"],
        "submit.Valld_Time": [""],
        "submit.At_time": [""],
        "submit.Src_Id": ["10690001"],
        "submit.DestUsr_tl": [str(len(pdu.numbers))],
        "Dest_terminal_Id": list(pdu.numbers),
        "submit.Dest_terminal_type": ["0"],
        "Msg_Length": [str(len(pdu.content))],
        "LinkID": [""],
    }


def deliver_fields(pdu: Deliver) -> Expected:
    fields = {
        "Msg_Id": [msg_id(pdu.msg_id)],
        "deliver.Dest_Id": ["10690001"],
        "Servicd_Id": [""],
        "TP_pId": ["0"],
        "TP_udhi": ["0"],
        "Msg_Fmt": [str(pdu.msg_fmt)],
        "deliver.Src_terminal_Id": [pdu.number],
        "deliver.Src_terminal_type": ["0"],
        "deliver.Registered_Delivery": [str(pdu.registered_delivery)],
        "Msg_Length": [str(len(pdu.content))],
        "LinkID": [""],
    }
    if not pdu.registered_delivery:
        return fields
    report = read_report(pdu.content)
    return fields | {
        "Msg_Id": [msg_id(pdu.msg_id), msg_id(report.msg_id)],
        "deliver.Report.Status": [report.stat],
        "deliver.Report.Submit_time": [report.submit_time],
        "deliver.Report.Done_time": [report.done_time],
        "Dest_terminal_Id": [report.number],
        "Report.SMSC_sequence": [str(report.smsc_sequence)],
    }
