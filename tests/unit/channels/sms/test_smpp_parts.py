from hypothesis import given, settings
from hypothesis import strategies as st
from smpp34 import SubmitSm, decode

from channels.sms.gateways.gateway import Text
from channels.sms.gateways.smpp.parts import MARKED, parts_of, submit_sm
from channels.sms.gateways.smpp.pdu import MESSAGE_PAYLOAD, SAR_INDEX, SAR_REFERENCE, SAR_TOTAL
from channels.sms.gateways.smpp.place import Place
from channels.sms.segments import segments

PLACE = Place("127.0.0.1", 2775, False, "gov", "secret", source="10690001")


def text_of(parts) -> str:
    bodies = [part.body[6:] if part.esm_class & MARKED else part.body for part in parts]
    return b"".join(bodies).decode("utf-16-be")


def test_seventy_characters_go_in_one_message_without_a_mark():
    (part,) = parts_of("政" * 70, "d-1")
    assert (part.esm_class, part.parameters, text_of([part])) == (0, (), "政" * 70)


def test_one_character_more_makes_two_marked_parts():
    first, second = parts_of("政" * 71, "d-1")
    assert first.body[:3] == second.body[:3] == bytes((5, 0, 3))
    assert first.body[3] == second.body[3]
    assert (first.body[4:6], second.body[4:6]) == (bytes((2, 1)), bytes((2, 2)))
    assert first.esm_class == second.esm_class == MARKED
    assert len(first.body) == 140


def test_a_text_that_goes_again_has_the_marks_that_it_had():
    assert [part.body for part in parts_of("政" * 200, "d-1")] == [
        part.body for part in parts_of("政" * 200, "d-1")
    ]
    assert parts_of("政" * 200, "d-1")[0].body[3] != parts_of("政" * 200, "d-2")[0].body[3]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=900), st.sampled_from(["udh", "sar"]))
def test_no_character_is_torn_and_none_is_lost(text: str, long):
    parts = parts_of(text, "d-1", long)
    assert text_of(parts) == text
    for part in parts:
        (part.body[6:] if part.esm_class & MARKED else part.body).decode("utf-16-be")
        assert len(part.body) <= 140


@settings(deadline=None)
@given(st.text(st.sampled_from("政策A😀"), max_size=900))
def test_there_are_as_many_parts_as_were_counted(text: str):
    assert len(parts_of(text, "d-1")) == segments(text).billed


def test_parts_can_be_marked_by_parameters():
    parts = parts_of("政" * 150, "d-1", "sar")
    marks = [{one.tag: one.value for one in part.parameters} for part in parts]
    assert [mark[SAR_TOTAL] + mark[SAR_INDEX] for mark in marks] == [b"\x03\x01", b"\x03\x02", b"\x03\x03"]
    assert len({mark[SAR_REFERENCE] for mark in marks}) == 1
    assert {part.esm_class for part in parts} == {0}


def test_a_long_text_can_go_whole_as_a_parameter():
    (part,) = parts_of("政" * 150, "d-1", "payload")
    assert part.body == b""
    assert [(one.tag, one.value.decode("utf-16-be")) for one in part.parameters] == [
        (MESSAGE_PAYLOAD, "政" * 150)
    ]


def test_a_message_says_where_it_goes_and_asks_for_its_report():
    (part,) = parts_of("您好", "d-1")
    message = decode(submit_sm(PLACE, Text("d-1", "+8613800138000", "您好"), part, 7))
    assert isinstance(message, SubmitSm)
    assert (message.source_addr, message.destination_addr) == ("10690001", "8613800138000")
    assert (message.dest_addr_ton, message.dest_addr_npi, message.data_coding) == (1, 1, 8)
    assert (message.registered_delivery, message.sequence_number) == (1, 7)


def test_nobody_waits_for_the_report_of_a_code():
    (part,) = parts_of("验证码 123456", "d-1")
    message = decode(submit_sm(PLACE, Text("d-1", "+8613800138000", "…", wants_report=False), part, 7))
    assert isinstance(message, SubmitSm)
    assert message.registered_delivery == 0
