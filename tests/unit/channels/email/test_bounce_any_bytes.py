"""Whatever strangers send: the reader of bounces raises nothing, and its work grows with the length and no faster."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.bounces import load_rules, read_bounce
from channels.email.bounces.bounce import Bounce
from channels.email.bounces.charsets import CHARSETS, decoded
from channels.email.bounces.mime import spoken
from channels.email.bounces.safe import DETAIL_CHARS
from tests.support.returned import complaint, dsn, notice

RULES = load_rules()
MIB = 1 << 20
PATIENCE_S = 60.0  # measured: 0.3 s and less

SCRAPS = [
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
    b"Content-Type: multipart/mixed; boundary=bb\n",
    b"Content-Type: message/delivery-status\n",
    b"Content-Type: message/feedback-report\n",
    b"Content-Type: text/html; charset=gbk\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"Final-Recipient: rfc822;a@b\n",
    b"Status: 5.1.1 (",
    b"Action: failed\n",
    b"Diagnostic-Code: smtp; 550 ",
    b"Subject: =?gbk?B?",
    b"=?utf-8?q?=",
    b"From: MAILER-DAEMON@",
    b"--b\n",
    b"--bb\n",
    b"--b--\n",
    b"\n\n",
    b"<style>",
    b"</style",
    b"&#",
    b"&#x110000;",
    b"=",
    "退信原因".encode("gb18030"),
    "用户不存在".encode(),
    b"\x00",
    b"\xff\xfe",
]
LETTERS = st.lists(st.one_of(st.sampled_from(SCRAPS), st.binary(max_size=20)), max_size=40).map(b"".join)
TORN = st.sampled_from([dsn("5.1.1", "550 no"), notice("系统退信", "退信原因：用户不存在"), complaint()])


def sound(found: Bounce) -> bool:
    """Whether the record can take it."""
    found.detail.encode()
    return len(found.detail) <= DETAIL_CHARS and "\0" not in found.detail and "\n" not in found.detail


@given(st.one_of(LETTERS, st.binary(max_size=400)))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    assert sound(read_bounce(raw, RULES))


@given(TORN, st.data())
@settings(max_examples=100, deadline=None)
def test_a_message_that_was_torn_and_patched_is_read_as_far_as_it_goes(
    raw: bytes, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    assert sound(read_bounce(raw[:start] + data.draw(st.binary(max_size=30)) + raw[end:], RULES))


@given(
    st.binary(max_size=60),
    st.one_of(st.sampled_from([*CHARSETS, "utf-8", "zlib", "idna"]), st.text(max_size=9)),
)
@settings(deadline=None)
def test_no_charset_makes_it_raise(raw: bytes, charset: str) -> None:
    assert isinstance(decoded(raw, charset), str)


@given(st.text(max_size=80))
@settings(deadline=None)
def test_no_header_makes_it_raise(value: str) -> None:
    assert isinstance(spoken(f"=?gbk?B?{value}?= {value}"), str)


def nested(depth: int) -> bytes:
    """As many parts in parts as fit, each with a boundary of its own."""
    opened = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth)
    )
    return opened + b"x\n" * 1000


HOSTILE = {
    "nothing": b"",
    "line ends": b"\n",
    "carriage returns": b"\r",
    "line ends of both kinds": b"\r\n",
    "blanks": b" ",
    "folds": b"\n ",
    "fields": b"a: b\n",
    "open tags": b"<",
    "tags": b"<style>",
    "entities": b"&#9",
    "encoded words": b"=?gbk?b?",
    "at signs": b"a@",
    "digits": b"550 5.1.1 ",
    "numbers": b"13812345678",
    "Chinese": "退信原因：".encode("gb18030"),
    "wide": "\ufdfa".encode(),
    "boundaries": b"--b\n",
    "parts": b"--b\nContent-Type: multipart/mixed; boundary=b\n\n",
    "statuses": b"--b\nContent-Type: message/delivery-status\n\nAction: failed\n\n",
    "message ids": b"message-id: ",
    "parameters": b'; a="',
}
HEADS = {
    "bare": b"",
    "html": b"From: postmaster@a.cn\nSubject: failure notice\nContent-Type: text/html; charset=gbk\n\n",
    "parts": b"From: postmaster@a.cn\nContent-Type: multipart/report; boundary=b\n\n",
    "status": b"Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: smtp; ",
    "subject": b"From: postmaster@a.cn\nSubject: ",
    "kind": b"Content-Type: multipart/report",
}


@pytest.mark.parametrize("head", HEADS)
def test_a_mebibyte_of_anything_is_read_in_proportion(head: str) -> None:
    for name, scrap in HOSTILE.items():
        raw = (HEADS[head] + scrap * (MIB // max(1, len(scrap))))[:MIB]
        began = time.process_time()
        assert sound(read_bounce(raw, RULES))
        took = time.process_time() - began
        assert took < PATIENCE_S, f"{name} after {head}: {took:.1f} s"


def test_parts_within_parts_are_read_in_proportion() -> None:
    raw = nested(MIB // 60)
    began = time.process_time()
    assert read_bounce(raw, RULES).word == "other"
    assert time.process_time() - began < PATIENCE_S
