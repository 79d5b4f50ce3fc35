import pytest
from smpp34 import DeliverSm, Tlv

from channels.sms.gateways.smpp.delivered import Piece, Reported, e164, read, sure_number
from channels.sms.gateways.smpp.pdu import (
    MESSAGE_PAYLOAD,
    MESSAGE_STATE,
    NETWORK_ERROR_CODE,
    RECEIPTED_MESSAGE_ID,
    SAR_INDEX,
    SAR_REFERENCE,
    SAR_TOTAL,
)

ANNA = "8613800138000"
REPORT = (
    "id:0000001f sub:001 dlvrd:001 submit date:2611221000 done date:2611221001 stat:{state} err:{error} text:"
)


def delivered(body: bytes = b"", *, source: str = ANNA, **fields) -> bytes:
    return DeliverSm(source, "10690001", body, **fields).encode()


def reported(state: str, error: str = "000", **fields) -> Reported:
    found = read(delivered(REPORT.format(state=state, error=error).encode(), esm_class=4, **fields))
    assert isinstance(found, Reported)
    return found


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("DELIVRD", "delivered"),
        ("ACCEPTD", "accepted"),
        ("ENROUTE", "accepted"),
        ("UNDELIV", "failed"),
        ("EXPIRED", "failed"),
        ("REJECTD", "failed"),
        ("DELETED", "failed"),
        ("MK:0001", "failed"),
    ],
)
def test_a_state_says_how_far_a_message_came(state: str, status: str):
    assert reported(state).status == status


def test_a_report_names_its_message_and_what_the_carrier_says():
    found = reported("UNDELIV", "CB:0001")
    assert found.ids == ("0000001f",)
    assert found.words == "stat:UNDELIV err:CB:0001"
    assert "+8613800138000" in found.numbers


def test_our_own_number_is_nobody_a_report_could_be_about():
    raw = delivered(REPORT.format(state="DELIVRD", error="000").encode(), esm_class=4)
    found = read(raw, own="10690001")
    assert isinstance(found, Reported)
    assert found.numbers == ("+8613800138000",)


def test_parameters_alone_are_a_report():
    found = read(
        delivered(
            esm_class=4,
            tlvs=[
                Tlv(RECEIPTED_MESSAGE_ID, b"77\0"),
                Tlv(MESSAGE_STATE, b"\x05"),
                Tlv(NETWORK_ERROR_CODE, b"\x03\x00\x1b"),
            ],
        )
    )
    assert isinstance(found, Reported)
    assert (found.ids, found.status, found.words) == (("77",), "failed", "stat:UNDELIV network:3:27")


def test_the_parameter_is_the_surest_id():
    found = reported("DELIVRD", tlvs=[Tlv(RECEIPTED_MESSAGE_ID, b"31\0")])
    assert found.ids == ("31", "0000001f")


def test_words_of_a_report_that_somebody_types_are_a_text():
    found = read(delivered(b"id:0000001f stat:DELIVRD"))
    assert isinstance(found, Piece)


@pytest.mark.parametrize("body", [b"stat:DELIVRD", b"id:12", b""], ids=["no id", "no state", "nothing"])
def test_a_report_about_nothing_is_refused(body: bytes):
    with pytest.raises(ValueError, match="without id or state"):
        read(delivered(body, esm_class=4))


def test_a_report_may_come_as_a_parameter_in_ucs2():
    text = REPORT.format(state="DELIVRD", error="000").encode("utf-16-be")
    found = read(delivered(esm_class=4, data_coding=8, tlvs=[Tlv(MESSAGE_PAYLOAD, text)]))
    assert isinstance(found, Reported)
    assert found.ids == ("0000001f",)


def test_what_somebody_writes_has_its_sender():
    assert read(delivered("退订".encode("utf-16-be"), data_coding=8)) == Piece(
        "+8613800138000", "退订".encode("utf-16-be"), 8
    )


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("0500032a0201", (0x2A, 2, 1)),
        ("06080401f40302", (0x1F4, 3, 2)),
        ("0b0504158a00000003070201", (7, 2, 1)),
        ("06050415810000", (0, 1, 1)),
        ("0500032a0203", (0, 1, 1)),
        ("050003", (0, 1, 1)),
    ],
    ids=["8 bits", "16 bits", "behind ports", "ports only", "more than there are", "torn"],
)
def test_headers_say_which_part_it_is(header: str, place: tuple[int, int, int]):
    found = read(delivered(bytes.fromhex(header) + b"abc", esm_class=0x40))
    assert isinstance(found, Piece)
    assert (found.reference, found.total, found.index) == place


def test_parameters_say_which_part_it_is():
    found = read(
        delivered(
            b"abc", tlvs=[Tlv(SAR_REFERENCE, b"\x01\xf4"), Tlv(SAR_TOTAL, b"\x03"), Tlv(SAR_INDEX, b"\x02")]
        )
    )
    assert isinstance(found, Piece)
    assert (found.reference, found.total, found.index) == (0x1F4, 3, 2)


@pytest.mark.parametrize("raw", [b"", b"\0" * 16, delivered(b"abc")[:-1]], ids=["nothing", "zeros", "torn"])
def test_what_is_no_message_is_refused(raw: bytes):
    with pytest.raises(ValueError, match="no deliver_sm"):
        read(raw)


@pytest.mark.parametrize("sender", ["10086", "CMCC", ""], ids=["short", "a name", "nobody"])
def test_what_no_number_wrote_is_refused(sender: str):
    with pytest.raises(ValueError, match="no number"):
        read(delivered(b"abc", source=sender))


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("8613800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("13800138000", "+8613800138000"),
        ("+13125550000", "+13125550000"),
        ("10086", None),
        ("+86138001380001234", None),
        ("１３８００１３８０００", None),
    ],
)
def test_numbers_come_in_several_forms(address: str, number: str | None):
    assert e164(address) == number


@pytest.mark.parametrize(
    ("source", "destination"), [(ANNA, "1069000199"), ("1069000199", ANNA)], ids=["turned", "as they were"]
)
def test_whom_a_report_is_about_is_seen_from_either_end(source: str, destination: str):
    text = REPORT.format(state="DELIVRD", error="000").encode()
    raw = DeliverSm(source, destination, text, esm_class=4).encode()
    for own, numbers in (("10690001", ("+8613800138000",)), ("", ("+8613800138000", "+1069000199"))):
        found = read(raw, own=own)
        assert isinstance(found, Reported)
        assert found.numbers == numbers
        assert sure_number(found.numbers) == "+8613800138000"


def test_between_two_people_it_is_not_sure_whom_a_report_is_about():
    assert sure_number(["+8613800138000", "+8613900139000"]) is None
    assert sure_number(["+85291234567"]) == "+85291234567"
    assert sure_number([]) is None


def test_what_is_longer_than_any_id_is_none():
    body = b"id:" + b"1" * 5000 + b" stat:DELIVRD"
    raw = delivered(b"", esm_class=4, tlvs=(Tlv(MESSAGE_PAYLOAD, body),))
    with pytest.raises(ValueError, match="without id"):
        read(raw)
