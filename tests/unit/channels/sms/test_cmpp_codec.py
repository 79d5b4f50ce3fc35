"""CMPP's codec: what is written is read back, in both versions; whatever comes raises nothing but its own error."""

import string
from dataclasses import fields
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.sms.gateways.cmpp.codec import COMMANDS, decode, encode, header
from channels.sms.gateways.cmpp.pdus import (
    V20,
    V30,
    ActiveTest,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Other,
    Pdu,
    Query,
    QueryResp,
    Submit,
    SubmitResp,
    Terminate,
)
from channels.sms.gateways.cmpp.report import StateReport, read_report
from channels.sms.gateways.cmpp.wire import MOST_BYTES, CmppError, Frames
from tests.servers.ismg_report import write_report

VERSIONS = st.sampled_from([V20, V30])
PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BYTE, WORD, LONG = (st.integers(0, 256**size - 1) for size in (1, 4, 8))


def said(width: int) -> st.SearchStrategy[str]:
    return st.text(string.ascii_letters + string.digits + " +:-", max_size=width)


def submits(version: int) -> st.SearchStrategy[Submit]:
    width, only = (32, said(20)) if version == V30 else (21, st.just(""))
    kind = BYTE if version == V30 else st.just(0)
    return st.builds(
        Submit,
        src_id=said(21),
        numbers=st.lists(said(width), min_size=1, max_size=5).map(tuple)
        | st.integers(6, 100).map(lambda count: ("13800138000",) * count),
        content=st.binary(max_size=255),
        msg_src=said(6),
        service_id=said(10),
        **dict.fromkeys(
            ("msg_fmt", "udhi", "pk_total", "pk_number", "registered_delivery", "msg_level"), BYTE
        ),
        fee_user_type=BYTE,
        fee_number=said(width),
        fee_number_type=kind,
        fee_type=said(2),
        fee_code=said(6),
        valid_time=said(17),
        at_time=said(17),
        pid=BYTE,
        number_type=kind,
        link_id=only,
        msg_id=LONG,
    )


def delivers(version: int) -> st.SearchStrategy[Deliver]:
    return st.builds(
        Deliver,
        msg_id=LONG,
        dest_id=said(21),
        number=said(32 if version == V30 else 21),
        content=st.binary(max_size=255),
        **dict.fromkeys(("registered_delivery", "msg_fmt", "udhi", "pid"), BYTE),
        service_id=said(10),
        number_type=BYTE if version == V30 else st.just(0),
        link_id=said(20) if version == V30 else st.just(""),
    )


def pdus(version: int) -> st.SearchStrategy[Pdu]:
    result = WORD if version == V30 else BYTE
    proof = st.binary(min_size=16, max_size=16)
    counts = {one.name: WORD for one in fields(QueryResp) if one.name.startswith(("in_", "out_"))}
    simple: dict[Any, st.SearchStrategy[Any]] = {
        Connect: st.builds(Connect, user=said(6), proof=proof, version=BYTE, timestamp=WORD),
        ConnectResp: st.builds(ConnectResp, status=result, proof=proof, version=BYTE),
        Submit: submits(version),
        SubmitResp: st.builds(SubmitResp, msg_id=LONG, result=result),
        Deliver: delivers(version),
        DeliverResp: st.builds(DeliverResp, msg_id=LONG, result=result),
        Query: st.builds(Query, day=said(8), kind=BYTE, code=said(10)),
        QueryResp: st.builds(QueryResp, day=said(8), kind=BYTE, code=said(10), **counts),
    }
    return st.one_of([simple.get(kind, st.builds(kind)) for kind in COMMANDS])


def spoken() -> st.SearchStrategy[tuple[Pdu, int, int]]:
    return VERSIONS.flatmap(lambda version: st.tuples(pdus(version), WORD, st.just(version)))


@given(spoken())
@PATIENT
def test_what_is_written_is_read_back(said: tuple[Pdu, int, int]) -> None:
    pdu, sequence, version = said
    frame = encode(pdu, sequence, version)
    assert decode(frame, version) == (sequence, pdu)
    assert len(frame) <= MOST_BYTES


@PATIENT
@given(st.binary(max_size=400), VERSIONS)
def test_any_bytes_are_a_pdu_or_its_own_error(raw: bytes, version: int) -> None:
    assert_understood(raw, version)


@given(spoken(), st.data())
@PATIENT
def test_a_frame_with_any_byte_changed_is_a_pdu_or_its_own_error(
    said: tuple[Pdu, int, int], data: st.DataObject
) -> None:
    pdu, sequence, version = said
    frame = bytearray(encode(pdu, sequence, version))
    place = data.draw(st.integers(4, len(frame) - 1))
    frame[place] = data.draw(BYTE)
    assert_understood(bytes(frame), version)
    assert_understood(bytes(frame), V20 + V30 - version)


@given(spoken(), st.data())
@PATIENT
def test_a_body_that_is_cut_short_is_a_pdu_or_its_own_error(
    said: tuple[Pdu, int, int], data: st.DataObject
) -> None:
    pdu, sequence, version = said
    frame = encode(pdu, sequence, version)
    left = data.draw(st.integers(12, len(frame)))
    assert_understood(left.to_bytes(4, "big") + frame[4:left], version)


def assert_understood(raw: bytes, version: int) -> None:
    try:
        sequence, pdu = decode(raw, version)
    except CmppError:
        return
    assert (sequence, int.from_bytes(raw[4:8], "big")) == header(raw)
    if isinstance(pdu, Deliver):
        try:
            assert read_report(pdu.content).msg_id == int.from_bytes(pdu.content[:8], "big")
        except CmppError:
            assert len(pdu.content) < 39


@given(st.lists(spoken(), max_size=3), st.lists(st.integers(0, 2_000), max_size=8))
@PATIENT
def test_frames_are_found_however_the_bytes_come(said: list[tuple[Pdu, int, int]], cuts: list[int]) -> None:
    frames = [encode(*one) for one in said]
    stream, found, cutter = b"".join(frames), [], Frames()
    for begin, end in pairwise([0, *sorted(cuts), len(stream)]):
        found += list(cutter.feed(stream[begin : max(begin, end)]))
    assert found == frames


@pytest.mark.parametrize("size", [1, 5, 11, 12, 13])
def test_frames_are_found_in_bytes_that_come_a_few_at_a_time(size: int) -> None:
    frames = [encode(SubmitResp(number, 0), number, V30) for number in range(20)]
    stream, cutter = b"".join(frames), Frames()
    found = [frame for at in range(0, len(stream), size) for frame in cutter.feed(stream[at : at + size])]
    assert found == frames


@pytest.mark.parametrize("length", [0, 11, MOST_BYTES + 1, 0xFFFFFFFF])
def test_a_length_that_no_frame_has_ends_the_stream_behind_the_good_ones(length: int) -> None:
    good = encode(ActiveTest(), 7, V30)
    cutting = Frames().feed(good + length.to_bytes(4, "big") + bytes(8))
    assert next(cutting) == good
    with pytest.raises(CmppError):
        next(cutting)


@pytest.mark.parametrize("version", [V20, V30])
@PATIENT
@given(
    st.builds(
        StateReport,
        msg_id=LONG,
        stat=said(7).map(str.strip),
        submit_time=said(10),
        done_time=said(10),
        number=said(21),
        smsc_sequence=WORD,
    )
)
def test_a_report_has_60_bytes_or_71_and_is_read_by_its_length(version: int, report: StateReport) -> None:
    content = write_report(report, version)
    assert len(content) == (71 if version == V30 else 60)
    assert read_report(content) == report


def test_a_submit_of_two_lies_on_the_wire_as_the_specification_has_it() -> None:
    submit = Submit(
        src_id="10690001",
        numbers=("13800138000", "13900139000"),
        content="政策".encode("utf-16-be"),
        msg_src="900001",
        service_id="ZWTS",
        registered_delivery=1,
    )
    body = (
        bytes(8)
        + bytes((1, 1, 1, 0))
        + b"ZWTS".ljust(10, b"\0")
        + b"\2"
        + bytes(21)
        + bytes((0, 0, 8))
        + b"90000101000000"
        + bytes(34)
        + b"10690001".ljust(21, b"\0")
        + b"\2"
        + b"13800138000".ljust(21, b"\0")
        + b"13900139000".ljust(21, b"\0")
        + b"\4\x65\x3f\x7b\x56"
        + bytes(8)
    )
    head = (12 + len(body)).to_bytes(4, "big") + bytes((0, 0, 0, 4, 0, 0, 0, 9))
    assert encode(submit, 9, V20) == head + body


def test_results_of_either_width_are_read_in_either_version() -> None:
    narrow, wide = encode(SubmitResp(5, 8), 1, V20), encode(SubmitResp(5, 8), 1, V30)
    assert len(wide) - len(narrow) == 3
    assert decode(narrow, V30)[1] == decode(wide, V20)[1] == SubmitResp(5, 8)


def test_a_gateway_that_answers_in_two_is_named_to_who_speaks_three() -> None:
    with pytest.raises(CmppError, match="cmpp2://"):
        decode(encode(ConnectResp(0, bytes(16), V20), 1, V20), V30)


def test_the_reserved_bytes_behind_a_content_may_be_missing() -> None:
    deliver = Deliver(1, "10690001", "13800138000", b"TD")
    frame = encode(deliver, 1, V20)[:-8]
    assert decode(len(frame).to_bytes(4, "big") + frame[4:], V20) == (1, deliver)


def test_unknown_commands_are_kept_as_they_came() -> None:
    other = Other(0x80000007, b"\1\2")
    assert decode(encode(other, 3, V30), V30) == (3, other)
    assert decode(encode(Terminate(), 3, V30), V30) == (3, Terminate())


@pytest.mark.parametrize(
    "wrong",
    [
        {"src_id": "1" * 22},
        {"numbers": ()},
        {"numbers": ("1",) * 101},
        {"numbers": ("1" * 22,)},
        {"content": bytes(256)},
        {"msg_src": "九"},
        {"service_id": "a\0b"},
        {"pk_total": 256},
    ],
)
def test_what_does_not_fit_is_refused_and_numbers_are_not_named(wrong: dict[str, Any]) -> None:
    given_: dict[str, Any] = {
        "src_id": "1069",
        "numbers": ("13800138000",),
        "content": b"",
        "msg_src": "900001",
    }
    with pytest.raises(CmppError) as caught:
        encode(Submit(**(given_ | wrong)), 1, V20)
    assert "1111" not in str(caught.value)
