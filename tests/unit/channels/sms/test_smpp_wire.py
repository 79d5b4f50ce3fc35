import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smpp34 import DeliverSm

from channels.sms.gateways.smpp import pdu
from channels.sms.gateways.smpp.delivered import Piece, Reported, read
from channels.sms.gateways.smpp.pdu import BrokenStreamError, Frames

SOME = [
    pdu.frame(pdu.SUBMIT_SM | pdu.RESPONSE, 1, body=b"0000001f\0"),
    pdu.frame(pdu.ENQUIRE_LINK, 2),
    pdu.frame(pdu.SUBMIT_SM | pdu.RESPONSE, 3, 0x58),
    DeliverSm("8613800138000", "10690001", "退订".encode("utf-16-be"), data_coding=8).encode(),
]


@settings(deadline=None)
@given(st.lists(st.integers(1, 200), max_size=30))
def test_frames_do_not_depend_on_how_the_stream_was_cut(sizes: list[int]):
    stream, frames, found = b"".join(SOME), Frames(), []
    at = 0
    for size in [*sizes, len(stream)]:
        found += frames.feed(stream[at : at + size])
        at += size
    assert [one.raw for one in found] == SOME
    assert (found[0].text, found[2].status, found[2].text) == ("0000001f", 0x58, "")


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 400 Bad", b"\0" * 16, b"\xff" * 16], ids=["text", "zeros", "ones"]
)
def test_another_protocol_is_seen_at_once(start: bytes):
    with pytest.raises(BrokenStreamError):
        Frames().feed(start)


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from([0, 4, 0x40, 0x44, 0xFF]), st.integers(0, 255))
def test_whatever_a_carrier_delivers_is_read_or_refused(body: bytes, esm_class: int, coding: int):
    raw = DeliverSm("8613800138000", "10690001", body[:254], esm_class=esm_class, data_coding=coding).encode()
    try:
        found = read(raw + body[254:])
    except ValueError:
        return
    assert isinstance(found, Piece | Reported)
    if isinstance(found, Piece):
        assert 1 <= found.index <= found.total


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_what_is_no_pdu_at_all_is_refused(raw: bytes):
    with pytest.raises(ValueError, match="no deliver_sm"):
        read(raw)


def test_a_bind_says_who_we_are():
    assert pdu.bind_body("gov", "secret", "") == b"gov\0secret\0\0\x34\0\0\0"
