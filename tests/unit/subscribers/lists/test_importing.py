import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import pytest

from subscribers.lists.importing import COLUMNS, ImportHeaderError, parse_csv
from subscribers.model import Enrolment, Refusal

NOW = datetime(2026, 6, 15, 2, tzinfo=UTC)
GOOD = {
    "subscriber_id": "s1",
    "name": "示范软件有限公司",
    "region": "310115",
    "industries": "I65; C39",
    "size": "small",
    "staff": "87",
    "email": "a@example.com;b@example.com",
    "mobile": "13800138000",
    "revenue": "1.2亿元",
    "founded": "2015年4月1日",
    "groups": "talent；women",
    "frequency": "每日",
    "quiet_hours": "22:00-07:00",
    "profile_matching": "否",
    "profile_channels": "空间、邮件",
    "consent_basis": "申请表",
    "consent_at": "2026-01-05 09:30",
    "consent_evidence": "第 7 号",
    "subscription_name": "软件",
    "subscription_criteria": '{"any":[{"all":[{"industry":"I65"}]}]}',
    "channels": "space;email",
}


def read(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> list[Enrolment | Refusal]:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return parse(*text.getvalue().splitlines(keepends=True))


def parse(*lines: str) -> list[Enrolment | Refusal]:
    return list(parse_csv(lines, now=NOW))


def refusal(**changes: str) -> str:
    (row,) = read(GOOD | changes)
    assert isinstance(row, Refusal)
    assert row.line == 2
    return row.reason


def test_a_full_row_becomes_a_subscriber_with_consent_and_subscription() -> None:
    (row,) = read(GOOD)
    assert isinstance(row, Enrolment)
    assert (row.subscriber_id, row.line, row.subscriber.profile.staff) == ("s1", 2, 87)
    assert row.subscriber.profile.industries == ("C39", "I65")
    assert [c.channel for c in row.subscriber.contacts] == ["email", "email", "sms"]
    consents = {c.consent.at.astimezone(UTC) for c in row.subscriber.contacts if c.consent}
    assert consents == {datetime(2026, 1, 5, 1, 30, tzinfo=UTC)}
    assert row.subscriptions[0].channels == ("email", "space")
    profile, preferences = row.subscriber.profile, row.subscriber.preferences
    assert (profile.revenue, profile.founded, profile.groups) == (
        120_000_000,
        date(2015, 4, 1),
        ("talent", "women"),
    )
    assert (preferences.frequency, preferences.profile_channels) == ("daily", ("email", "space"))
    assert preferences.quiet_hours is not None
    assert (preferences.quiet_hours.start, preferences.quiet_hours.end) == (time(22), time(7))
    assert not row.subscriber.profile_matching


def test_a_name_and_an_id_are_enough_and_empty_lines_pass() -> None:
    text = ["\ufeffsubscriber_id,name\r\n", "\r\n", "s1,甲\r\n", ",\r\n", "s2,乙\r\n"]
    rows = parse(*text)
    assert [(row.line, row.subscriber_id) for row in rows if isinstance(row, Enrolment)] == [
        (3, "s1"),
        (5, "s2"),
    ]


def test_without_consent_columns_the_address_is_kept_without_consent() -> None:
    (row,) = read(GOOD | {"consent_basis": "", "consent_at": "", "consent_evidence": ""})
    assert isinstance(row, Enrolment)
    assert {contact.consent for contact in row.subscriber.contacts} == {None}


def test_the_same_subscription_name_is_the_same_subscription() -> None:
    other = {"subscription_criteria": '{"keywords":["首版次"]}'}
    first, second, third = read(GOOD, GOOD | other, GOOD | {"subscription_name": "别的"})
    assert isinstance(first, Enrolment)
    assert isinstance(second, Enrolment)
    assert isinstance(third, Enrolment)
    assert first.subscriptions[0].id == second.subscriptions[0].id != third.subscriptions[0].id


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"subscriber_id": ""}, "subscriber_id: missing"),
        ({"subscriber_id": "a b"}, "subscriber_id"),
        ({"name": ""}, "name: missing"),
        ({"size": "smal"}, "did you mean small (小型企业)?"),
        ({"staff": "many"}, "staff: not a number"),
        ({"credit_code": "123"}, "not a unified social credit code"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({"consent_evidence": ""}, "consent needs consent_basis, consent_at, consent_evidence; only"),
        ({"consent_at": "yesterday"}, "consent_at: write 2026-03-01"),
        ({"subscription_name": ""}, "needs both"),
        ({"subscription_criteria": "{"}, "subscription_criteria: "),
        ({"subscription_criteria": '{"any":[{"all":[{"industry":"I99"}]}]}'}, "did you mean I"),
        ({"subscription_name": "", "subscription_criteria": ""}, "channels: there is no subscription"),
        ({"channels": "fax"}, "unknown channel"),
        ({"consent_at": "2026-06-15 10:01"}, "consent_at: lies in the future"),
        ({"consent_at": "2026-02-30"}, "consent_at: write 2026-03-01"),
        ({"frequency": "hourly"}, "frequency: write 'instant', 'daily' or 'weekly' (即时, 每日 or 每周)"),
        ({"frequency": "每月"}, "frequency: write 'instant', 'daily' or 'weekly' (即时, 每日 or 每周)"),
        ({"quiet_hours": "at night"}, "quiet_hours: write 22:00-07:00"),
        ({"quiet_hours": "25:00-07:00"}, "quiet_hours: "),
        ({"quiet_hours": "22:00-22:00"}, "quiet_hours: quiet hours begin and end at the same time"),
        ({"profile_matching": "perhaps"}, "profile_matching: write yes or no"),
        ({"revenue": "lots"}, "revenue: not a number"),
        ({"founded": "once"}, "founded: not a day"),
        ({"groups": "heroes"}, "groups: unknown code"),
        ({"name": "=A1"}, "name: a formula"),
        ({"mobile": "1.38E+10"}, "mobile: a number shortened by the spreadsheet"),
        ({"region": "#N/A"}, "region: the spreadsheet's error #N/A"),
        ({"name": "甲\x00"}, "name: holds the character U+0000"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_reason(changes: dict[str, str], message: str) -> None:
    assert message in refusal(**changes)


def test_every_wrong_cell_of_a_row_is_named_in_the_order_of_the_file() -> None:
    wrong = {"name": "", "region": "1", "staff": "many", "mobile": "12", "email": "x", "consent_at": "soon"}
    reason = refusal(**wrong, frequency="never", channels="fax")
    named = [part.partition(":")[0] for part in reason.split("; ") if ":" in part]
    assert named == [c for c in COLUMNS if c in (*wrong, "frequency", "channels")]


def test_reasons_name_the_columns_as_the_file_does_and_never_an_address() -> None:
    rows = parse("企业编号,企业名称,手机号,地区\n", "s1,甲,bob@example.com,13800138000\n")
    assert isinstance(rows[0], Refusal)
    assert rows[0].reason.startswith("手机号: not a telephone number; 地区: unknown code")
    assert "bob" not in rows[0].reason
    assert "13800138000" not in rows[0].reason


def test_a_consent_without_its_evidence_is_refused_and_none_at_all_is_not() -> None:
    (row,) = read(GOOD | {"consent_evidence": ""})
    assert isinstance(row, Refusal)
    assert row.reason.startswith("consent_evidence: missing")


def test_a_file_of_refused_rows_can_be_imported_as_it_is() -> None:
    rows = parse("line,reason,subscriber_id,name\n", "7,name: missing,s1,甲\n")
    assert [row.subscriber_id for row in rows if isinstance(row, Enrolment)] == ["s1"]


def test_a_column_without_a_heading_must_be_empty() -> None:
    rows = parse("subscriber_id,name,,\n", "s1,甲,,\n", "s2,乙,,x\n")
    assert [type(row) for row in rows] == [Enrolment, Refusal]
    assert isinstance(rows[1], Refusal)
    assert rows[1].reason == "a value in column 4, which has no heading"


def test_full_width_letters_and_invisible_characters_do_not_matter_in_codes() -> None:
    (row,) = read(GOOD | {"subscriber_id": "ｓ１\u200b", "region": "３１０１１５", "name": "甲（上海）公司"})
    assert isinstance(row, Enrolment)
    assert (row.subscriber_id, row.subscriber.profile.region) == ("s1", "310115")
    assert row.subscriber.name == "甲（上海）公司"


def test_a_wrong_row_does_not_stop_the_next_and_lines_are_those_of_the_file() -> None:
    many = {"name": "两行\n名称"}
    rows = read(GOOD | many, GOOD | {"region": "1"}, GOOD)
    assert [row.line for row in rows] == [2, 4, 5]
    assert [type(row) for row in rows] == [Enrolment, Refusal, Enrolment]


def test_too_many_cells_are_refused_and_missing_ones_are_empty() -> None:
    rows = parse("subscriber_id,name,size\n", "s1,甲,small,x\n", "s2,乙\n")
    assert isinstance(rows[0], Refusal)
    assert "4 cells where the header has 3" in rows[0].reason
    assert isinstance(rows[1], Enrolment)


def test_a_cell_too_large_for_csv_is_refused_and_the_file_goes_on() -> None:
    rows = parse("subscriber_id,name\n", f"s1,{'x' * 200_000}\n", "s2,乙\n")
    assert [type(row) for row in rows] == [Refusal, Enrolment]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("subscriber_id,name,emial", "did you mean email?"),
        ("subscriber_id,name,手机号马", r"did you mean 手机号 \(mobile\)?"),
        ("企业编号,name,企业名称", r"twice \(name and 企业名称\)"),
        ("subscriber_id,name,colour of the roof", "the columns are subscriber_id, name"),
        ("subscriber_id,name,name", "twice"),
        ("name,region", "lacks subscriber_id"),
        ("", "lacks subscriber_id, name"),
    ],
)
def test_a_wrong_header_stops_the_file(header: str, message: str) -> None:
    with pytest.raises(ImportHeaderError, match=message):
        parse(header + "\n")


def test_rows_come_one_at_a_time() -> None:
    def endless() -> Iterator[str]:
        yield "subscriber_id,name\n"
        while True:
            yield "s1,甲\n"

    rows = parse_csv(endless(), now=NOW)
    assert isinstance(next(rows), Enrolment)
    assert isinstance(next(rows), Enrolment)


def test_criteria_in_a_cell_may_have_ranges() -> None:
    criteria = '{"keywords":["首版次"],"profile":{"staff":{"max":300}}}'
    (taken,) = read(GOOD | {"subscription_criteria": criteria})
    assert isinstance(taken, Enrolment)
    assert taken.subscriptions[0].criteria.plain()["profile"] == {"staff": {"max": 300}}


def test_endpoints_of_a_firms_own_system_stand_in_lines_of_one_cell_and_in_no_reason() -> None:
    urls = "https://a.example.cn/hook;v=1\nhttps://b.example.cn/hook?t=geheim"
    (row,) = read({"subscriber_id": "S-1", "name": "甲", "webhook": urls}, columns=COLUMNS)
    assert isinstance(row, Enrolment)
    assert [(one.channel, one.address) for one in row.subscriber.contacts] == [
        ("webhook", url) for url in urls.split("\n")
    ]
    (wrong,) = read({"subscriber_id": "S-1", "name": "甲", "webhook": "https://u:p@c.example.cn/geheim"})
    assert isinstance(wrong, Refusal)
    assert wrong.reason.startswith("webhook: ")
    assert "geheim" not in wrong.reason
    assert "u:p" not in wrong.reason
