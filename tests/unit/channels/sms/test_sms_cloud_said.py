"""What clouds tell by calling, item by item; and numbers, marks and times as they write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.heard import FarReport, Reply
from channels.sms.codes import load_codes
from channels.sms.gateways import aliyun_said, tencent_said
from channels.sms.gateways.http_marks import mark, marked
from channels.sms.gateways.http_numbers import international, national
from channels.sms.gateways.http_times import near

CODES = load_codes()
ALIYUN_REPORT = {
    "phone_number": "13800138000",
    "send_time": "2026-07-01 09:00:00",
    "report_time": "2026-07-01 09:00:03",
    "success": True,
    "err_code": "DELIVERED",
    "err_msg": "用户接收成功",
    "sms_size": "1",
    "biz_id": "12345^0",
    "out_id": "zd8.abcdefgh",
}
ALIYUN_REPLY = {
    "phone_number": "13800138000",
    "send_time": "2026-07-01 09:10:00",
    "content": "退订",
    "sign_name": "云山政策",
    "dest_code": "1234",
    "sequence_id": 1234567890,
}
TENCENT_REPORT = {
    "user_receive_time": "2026-07-01 09:00:03",
    "nationcode": "86",
    "mobile": "13800138000",
    "report_status": "SUCCESS",
    "errmsg": "DELIVRD",
    "description": "用户短信送达成功",
    "sid": "2019:1",
}
TENCENT_REPLY = {
    "extend": "",
    "mobile": "13800138000",
    "nationcode": "86",
    "sign": "云山政策",
    "text": "TD",
    "time": 1,
}


def test_a_report_of_aliyun_names_its_number_for_many_share_an_id() -> None:
    said = aliyun_said.heard(ALIYUN_REPORT, "ali", CODES)
    assert said == FarReport("ali", "12345^0", "+8613800138000", "delivered", None, "DELIVERED 用户接收成功")


@pytest.mark.parametrize(
    ("code", "words", "failure"),
    [
        ("MOBILE_NOT_ON_SERVICE", "停机或空号", "gone"),
        ("MOBILE_IN_BLACK", "黑名单", "opted_out"),
        ("CONTENT_KEYWORD", "", "content"),
        ("MK:0001", "", "ambiguous"),
        ("SOMETHING_NEW", "MI:0210", "gone"),
        ("SOMETHING_NEW", "", "undelivered"),
    ],
)
def test_a_failure_that_aliyun_reports_has_a_word_of_the_table(code: str, words: str, failure: str) -> None:
    said = aliyun_said.heard(
        ALIYUN_REPORT | {"success": False, "err_code": code, "err_msg": words}, "aliyun", CODES
    )
    assert isinstance(said, FarReport)
    assert (said.status, said.failure) == ("failed", failure)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("1015", "opted_out"),
        ("1014", "content"),
        ("CB:0001", "gone"),
        ("UNDELIV", "ambiguous"),
        ("1031", "account"),
    ],
)
def test_a_failure_that_tencent_reports_has_a_word_of_the_table(code: str, failure: str) -> None:
    said = tencent_said.heard(TENCENT_REPORT | {"report_status": "FAIL", "errmsg": code}, "tencent", CODES)
    assert isinstance(said, FarReport)
    assert (said.message_id, said.number, said.status, said.failure) == ("2019:1", None, "failed", failure)


def test_replies_are_read_and_a_repeated_one_has_the_same_id() -> None:
    for heard, item, text in (
        (aliyun_said.heard, ALIYUN_REPLY, "退订"),
        (tencent_said.heard, TENCENT_REPLY, "TD"),
    ):
        first, second = heard(item, "g", CODES), heard(dict(item), "g", CODES)
        assert isinstance(first, Reply)
        assert (first.number, first.text) == ("+8613800138000", text)
        assert first == second
        assert first.message_id


@pytest.mark.parametrize(
    ("heard", "item", "field"),
    [
        (aliyun_said.heard, ALIYUN_REPORT | {"phone_number": "none"}, "phone_number"),
        (aliyun_said.heard, ALIYUN_REPORT | {"success": "yes"}, "success"),
        (aliyun_said.heard, {"phone_number": "13800138000"}, "biz_id"),
        (tencent_said.heard, TENCENT_REPORT | {"report_status": "MAYBE"}, "report_status"),
        (tencent_said.heard, {"mobile": "13800138000"}, "sid"),
        (tencent_said.heard, {}, "mobile"),
    ],
)
def test_what_is_no_report_and_no_reply_is_told_by_the_field_that_lacks(
    heard: Any, item: Any, field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        heard(item, "g", CODES)


def test_no_number_stands_in_the_words_that_go_into_the_ledger() -> None:
    said = aliyun_said.heard(
        ALIYUN_REPORT | {"success": False, "err_code": "X", "err_msg": "13800138000 停机"}, "g", CODES
    )
    assert isinstance(said, FarReport)
    assert "13800138000" not in said.detail


@pytest.mark.parametrize(
    ("said", "country", "number"),
    [
        ("13800138000", "86", "+8613800138000"),
        ("8613800138000", "86", "+8613800138000"),
        ("+86 138-0013-8000", "86", "+8613800138000"),
        ("008613800138000", "86", "+8613800138000"),
        ("51234567", "852", "+85251234567"),
        ("85251234567", "852", "+85251234567"),
        ("", "86", None),
        ("anonymous", "86", None),
    ],
)
def test_numbers_come_back_as_the_record_has_them(said: str, country: str, number: str | None) -> None:
    assert international(said, country) == number


@given(st.from_regex(r"\+861\d{10}", fullmatch=True) | st.from_regex(r"\+852[5-9]\d{7}", fullmatch=True))
def test_a_number_goes_out_and_comes_back_the_same(number: str) -> None:
    assert international(national(number), "86" if number.startswith("+86") else "852") == number


IDS = st.lists(st.uuids().map(str), min_size=1, max_size=120, unique=True)


@given(IDS)
def test_a_mark_knows_each_of_its_messages_and_has_room(ids: list[str]) -> None:
    made = mark(ids, 255)
    assert 0 < len(made) <= 255
    assert all(marked(made, one) for one in ids)


@given(st.uuids().map(str), st.uuids().map(str))
def test_a_mark_of_one_message_does_not_know_another(one: str, other: str) -> None:
    assert marked(mark([one], 255), other) is (one == other)


@pytest.mark.parametrize("said", ["", "push-1", "zd.", "zd0.", "zdx.aa", "order.77"])
def test_what_is_no_mark_of_ours_says_nothing(said: str) -> None:
    assert marked(said, "d-1") is None


def test_too_many_messages_for_a_mark_have_none() -> None:
    assert mark([str(n) for n in range(500)], 255) == ""


def test_a_time_of_shanghai_is_near_within_minutes_only() -> None:
    at = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
    assert near("2026-07-01 09:00:30", at)
    assert not near("2026-07-01 09:00:30", at - timedelta(minutes=6))
    assert not near("soon", at)
