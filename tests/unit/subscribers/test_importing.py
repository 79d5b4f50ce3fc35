import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from subscribers.importing import COLUMNS, ImportHeaderError, parse_csv
from subscribers.model import Enrolment, Refusal

GOOD = {
    "subscriber_id": "s1",
    "name": "示范软件有限公司",
    "region": "310115",
    "industries": "I65; C39",
    "size": "small",
    "staff": "87",
    "email": "a@example.com;b@example.com",
    "mobile": "13800138000",
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
    return list(parse_csv(text.getvalue().splitlines(keepends=True)))


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


def test_a_name_and_an_id_are_enough_and_empty_lines_pass() -> None:
    text = ["\ufeffsubscriber_id,name\r\n", "\r\n", "s1,甲\r\n", ",\r\n", "s2,乙\r\n"]
    rows = list(parse_csv(text))
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
        ({"name": ""}, "subscriber.name: missing"),
        ({"region": "浦东新区"}, "did you mean 310115?"),
        ({"staff": "many"}, "subscriber.profile.staff"),
        ({"credit_code": "123"}, "not a unified social credit code"),
        ({"email": "nobody"}, "not an e-mail address"),
        ({"consent_evidence": ""}, "consent needs consent_basis, consent_at, consent_evidence; only"),
        ({"consent_at": "yesterday"}, "consent_at: write 2026-03-01"),
        ({"subscription_name": ""}, "needs both"),
        ({"subscription_criteria": "{"}, "subscription: "),
        ({"subscription_criteria": '{"any":[{"all":[{"industry":"I99"}]}]}'}, "did you mean I"),
        ({"subscription_name": "", "subscription_criteria": ""}, "channels: there is no subscription"),
        ({"channels": "fax"}, "unknown channel"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_reason(changes: dict[str, str], message: str) -> None:
    assert message in refusal(**changes)


def test_a_wrong_row_does_not_stop_the_next_and_lines_are_those_of_the_file() -> None:
    many = {"name": "两行\n名称"}
    rows = read(GOOD | many, GOOD | {"region": "1"}, GOOD)
    assert [row.line for row in rows] == [2, 4, 5]
    assert [type(row) for row in rows] == [Enrolment, Refusal, Enrolment]


def test_too_many_cells_are_refused_and_missing_ones_are_empty() -> None:
    rows = list(parse_csv(["subscriber_id,name,size\n", "s1,甲,small,x\n", "s2,乙\n"]))
    assert isinstance(rows[0], Refusal)
    assert "4 cells where the header has 3" in rows[0].reason
    assert isinstance(rows[1], Enrolment)


def test_a_cell_too_large_for_csv_is_refused_and_the_file_goes_on() -> None:
    rows = list(parse_csv(["subscriber_id,name\n", f"s1,{'x' * 200_000}\n", "s2,乙\n"]))
    assert [type(row) for row in rows] == [Refusal, Enrolment]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("subscriber_id,name,emial", "did you mean email?"),
        ("subscriber_id,name,name", "twice"),
        ("name,region", "lacks subscriber_id"),
        ("", "lacks subscriber_id, name"),
    ],
)
def test_a_wrong_header_stops_the_file(header: str, message: str) -> None:
    with pytest.raises(ImportHeaderError, match=message):
        list(parse_csv([header + "\n"]))


def test_rows_come_one_at_a_time() -> None:
    def endless() -> Iterator[str]:
        yield "subscriber_id,name\n"
        while True:
            yield "s1,甲\n"

    rows = parse_csv(endless())
    assert isinstance(next(rows), Enrolment)
    assert isinstance(next(rows), Enrolment)
