"""What codes mean: the shipped table as the field notes have it, and what an office puts before it."""

from pathlib import Path

import pytest

from channels.errors import (
    AccountError,
    BarredError,
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
)
from channels.sms.codes import load_codes
from config.office_file import OfficeFileError

CODES = load_codes()


@pytest.mark.parametrize(
    ("gateway", "said", "failure"),
    [
        *(("cmpp", code, "gone") for code in ("CB:0001", "CB:0053", "DB:0101", "MI:0210", "MI:0073")),
        *(("smpp", code, "ambiguous") for code in ("UNDELIV", "MI:0054", "MI:0059", "MK:0012")),
        ("tencent", "002", "ambiguous"),
        *(("cmpp", code, "off") for code in ("EXPIRED", "MI:0024", "MI:0042", "MI:0076", "MI:0082")),
        *(("cmpp", code, "busy") for code in ("8", "IB:0008", "MI:0061", "MI:0062")),
        *(("smpp", code, "busy") for code in ("0x58", "0x14")),
        *(("cmpp", code, "opted_out") for code in ("BLACK", "TDBLACK", "TSBLACK", "MBBLACK")),
        ("huawei", "-8412", "opted_out"),
        ("tencent", "1015", "opted_out"),
        *(("cmpp", code, "content") for code in ("KEYWORD", "-106", "REJECTD")),
        *(("tencent", code, "content") for code in ("1002", "1012", "1014")),
        ("aliyun", "isv.SMS_SIGN_ILLEGAL", "content"),
        *(("aliyun", code, "account") for code in ("isv.OUT_OF_SERVICE", "DAY_LIMIT_CONTROL")),
        *(("tencent", code, "account") for code in ("1031", "1023", "1024", "1025", "1026")),
    ],
)
def test_every_code_of_the_table_has_its_word(gateway: str, said: str, failure: str) -> None:
    assert CODES.failure(gateway, said) == failure


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        ("id:7 stat:UNDELIV err:CB:0001 text:", "gone"),
        ("stat:undeliv err:MI:0024", "off"),
        ("stat:REJECTD err:TDBLACK", "opted_out"),
        ("NACK/0x00000008", "undelivered"),
        ("XCB:00017", "undelivered"),
        ("", "undelivered"),
    ],
)
def test_among_many_words_the_gravest_code_counts_and_no_half_of_one(said: str, failure: str) -> None:
    assert CODES.failure("cmpp", said) == failure


def test_a_code_of_digits_is_none_where_other_words_stand_around_it() -> None:
    assert CODES.known("tencent", "sent 1015 of them") is None
    assert CODES.known("cmpp", "1015") is None


@pytest.mark.parametrize(
    ("gateway", "code", "kind"),
    [
        ("cmpp", "8", ThrottledError),
        ("tencent", "1031", AccountError),
        ("aliyun", "isv.SMS_SIGN_ILLEGAL", ContentError),
        ("cmpp", "13", PermanentError),
        ("tencent", "1015", BarredError),
        ("cmpp", "99", TemporaryError),
    ],
)
def test_a_refusal_is_of_the_type_that_says_what_happens_next(
    gateway: str, code: str, kind: type[TransportError]
) -> None:
    assert type(CODES.outcome(gateway, code)) is kind


def test_a_number_that_nobody_has_is_dead_and_no_reason_shows_one() -> None:
    gone = CODES.outcome("cmpp", "CB:0001", "no such number 8613800138000")
    assert isinstance(gone, PermanentError)
    assert gone.dead
    assert "0138000" not in gone.reason


def test_a_gateway_with_a_name_of_its_own_has_its_kinds_codes_and_may_have_others(tmp_path: Path) -> None:
    office = tmp_path / "codes.toml"
    office.write_text('[backup]\ngone = ["1002"]\n[tencent]\noff = ["1012", "X:*"]\n', encoding="utf-8")
    codes = load_codes(office).named({"backup": "tencent"})
    assert [codes.failure("backup", said) for said in ("1002", "1012", "1014", "x:77")] == [
        "gone",
        "off",
        "content",
        "off",
    ]
    assert codes.failure("tencent", "1002") == "content"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[common\n", "line 1"),
        ('[common]\ndead = ["X"]\n', r"\[common\] dead is no word"),
        ('[common]\ngone = "X"\n', "not a list of codes"),
        ("gone = 3\n", "gone is not a table"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    office = tmp_path / "codes.toml"
    office.write_text(text, encoding="utf-8")
    with pytest.raises(OfficeFileError, match=says):
        load_codes(office)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OfficeFileError, match=r"none\.toml"):
        load_codes(tmp_path / "none.toml")
