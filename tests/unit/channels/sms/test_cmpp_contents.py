"""Texts as contents of CMPP: parts of long ones, pieces of long replies, codings, numbers, proofs."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.sms.gateways.cmpp.authenticator import gateway_proof, source_proof, timestamp
from channels.sms.gateways.cmpp.contents import parts_of, piece_of, words
from channels.sms.gateways.cmpp.numbers import e164, terminal_id
from channels.sms.gateways.cmpp.pdus import ASCII, GBK, UCS2, V20, V30
from channels.sms.segments import PART, SINGLE

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=600)


@settings(deadline=None)
@given(TEXTS, st.integers(0, 255))
def test_parts_are_as_many_as_needed_and_put_together_are_the_text(text: str, reference: int) -> None:
    parts = parts_of(text, reference)
    pieces = [piece_of(part.content, part.udhi) for part in parts]
    assert "".join(words(piece.content, UCS2) for piece in pieces) == text  # no character is torn
    assert all(len(part.content) <= 140 for part in parts)
    units = len(text.encode("utf-16-be")) // 2
    if units <= SINGLE["ucs2"]:
        assert [(one.number, one.total, one.udhi) for one in parts] == [(1, 1, 0)]
    else:
        assert {(one.total, one.reference) for one in pieces} == {(len(parts), reference)}
        assert [one.number for one in pieces] == list(range(1, len(parts) + 1))
        assert len(parts) <= -(-units // (PART["ucs2"] - 1))


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 255), st.integers(0, 255))
def test_any_content_of_a_reply_can_be_read(content: bytes, udhi: int, msg_fmt: int) -> None:
    piece = piece_of(content, udhi)
    assert 1 <= piece.number <= piece.total
    assert content.endswith(piece.content)
    assert isinstance(words(piece.content, msg_fmt), str)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"\5\0\3\7\2\1", (7, 2, 1)),
        (b"\6\x08\4\1\2\3\2", (258, 3, 2)),
        (b"\x09\x24\2ab\0\3\7\2\2", (7, 2, 2)),  # behind something else
        (b"\5\0\3\7\2\3", (0, 1, 1)),  # the third of two
        (b"\5\0\3\7\0\0", (0, 1, 1)),
        (b"\2\0\3", (0, 1, 1)),
    ],
)
def test_a_piece_says_where_it_belongs(header: bytes, expected: tuple[int, int, int]) -> None:
    piece = piece_of(header + "好".encode("utf-16-be"), 1)
    assert (piece.reference, piece.total, piece.number) == expected
    assert words(piece.content, UCS2) == "好"


def test_a_header_that_is_longer_than_its_content_is_text() -> None:
    assert piece_of(b"TD", 1).content == b"TD"


@pytest.mark.parametrize(
    ("raw", "msg_fmt", "text"),
    [
        ("退订".encode("utf-16-be"), UCS2, "退订"),
        ("退订".encode("gb18030"), GBK, "退订"),
        ("退订".encode("gb18030"), ASCII, "退订"),  # what gateways do
        (b"TD", ASCII, "TD"),
        ("退订".encode("utf-16-be") + b"\x90", UCS2, "退订\ufffd"),
    ],
)
def test_replies_are_read_in_the_coding_that_they_name(raw: bytes, msg_fmt: int, text: str) -> None:
    assert words(raw, msg_fmt) == text


@pytest.mark.parametrize(
    ("terminal", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("008613800138000 ", "+8613800138000"),
        ("1064912345678", "+861064912345678"),  # a machine's
        ("10086", None),
        ("106900011234", None),
        ("", None),
        ("138001380ab", None),
    ],
)
def test_terminal_ids_are_known_with_the_countrys_prefix_and_without(
    terminal: str, number: str | None
) -> None:
    assert e164(terminal) == number


def test_numbers_go_out_without_the_countrys_prefix() -> None:
    assert terminal_id("+8613800138000") == "13800138000"
    assert terminal_id("+85261234567") is None


def test_the_moment_of_a_connect_is_shanghais() -> None:
    assert timestamp(datetime(2026, 1, 2, 20, 4, 5, tzinfo=UTC)) == 103040405


def test_proofs_are_those_of_the_specification() -> None:
    # MD5("900001" + nine NULs + "888888" + "0103040405"), reckoned by md5sum
    proof = source_proof("900001", "888888", 103040405)
    assert proof.hex() == "f5e795b0aee6cb0e9794e90c5ac34aa1"
    narrow, wide = (gateway_proof(0, proof, "888888", version) for version in (V20, V30))
    assert len({narrow, wide, gateway_proof(0, proof, "another", V20)}) == 3
