import pytest

from channels.sms.gateways.smpp.ids import Names, plain

ANNA, BEN = "+8613800138000", "+8613900139000"


@pytest.mark.parametrize(
    ("said", "kept"),
    [("0000001F", "1f"), ("000", "0"), (" 12 ", "12"), ("a-0007", "a-0007"), ("00x1", "00x1"), ("", "")],
)
def test_zeros_blanks_and_case_say_nothing(said: str, kept: str):
    assert plain(said) == kept


@pytest.mark.parametrize(
    ("ids", "reported", "answered"),
    [
        ("same", "0000001F", "1f"),
        ("hex-dec", "0000000031", "1f"),
        ("dec-hex", "1F", "31"),
        ("hex-dec", "ab-1", "ab-1"),
    ],
)
def test_a_spelling_that_was_told_is_kept_to(ids, reported: str, answered: str):
    assert Names(ids).meant([reported], []) == ((answered,), True)


@pytest.mark.parametrize(
    ("given", "reported"),
    [("same", lambda one: f"{one:08x}"), ("hex-dec", lambda one: f"{one:010d}")],
    ids=["same", "hex-dec"],
)
def test_the_first_messages_show_how_ids_are_spelt(given: str, reported):
    names = Names("auto")
    numbers = [3000, 3001, 3002]
    for one in numbers:
        names.took(plain(f"{one:08x}"), ANNA)
    for one in numbers:
        assert names.meant([reported(one)], [ANNA]) == ((f"{one:x}",), True)
    assert names.spelling == given
    # What was sent before a restart is known now, too.
    assert names.meant([reported(77)], [BEN]) == (("4d",), True)


def test_decimal_answers_and_hexadecimal_reports_are_understood():
    names = Names("auto")
    for one in (3000, 3001, 3002):
        names.took(str(one), ANNA)
    assert [names.meant([f"{one:X}"], [ANNA])[0] for one in (3000, 3001, 3002)] == [
        ("3000",),
        ("3001",),
        ("3002",),
    ]
    assert names.spelling == "dec-hex"


def test_an_id_of_somebody_else_shows_nothing():
    names = Names("auto")
    names.took("10", BEN)  # the sixteenth message, in hexadecimal
    meant, certain = names.meant(["10"], [ANNA])  # the tenth, in decimal
    assert not certain
    assert set(meant) == {"10", "a", "16"}


def test_the_id_of_the_parameter_goes_before_that_of_the_text():
    names = Names("auto")
    names.took("1f4", ANNA)
    assert names.meant(["000001f4", "500"], [ANNA]) == (("1f4",), True)


def test_the_id_of_the_text_is_tried_where_the_parameter_says_nothing_known():
    names = Names("auto")
    names.took("1f4", ANNA)
    assert names.meant(["internal-9", "500"], [ANNA]) == (("1f4",), True)
    assert names.spelling is None


def test_what_was_given_is_not_kept_for_ever():
    names = Names("auto")
    for one in range(20_001):
        names.took(f"x{one}", ANNA)
    assert names.meant(["x0"], [ANNA]) == (("x0",), False)
    assert names.meant(["x1"], [ANNA]) == (("x1",), True)


def test_without_a_number_an_id_is_taken_as_it_stands():
    names = Names("auto")
    names.took("10", BEN)
    assert names.meant(["0010"], []) == (("10",), True)
    assert names.spelling is None
