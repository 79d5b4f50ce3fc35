"""What reports about parts mean for a message, in whatever order they come."""

from itertools import permutations

import pytest

from streams.far.verdicts import GRAVEST_FIRST, Part, Verdict, heard, verdict

DELIVERED, ACCEPTED, NOTHING = Part("delivered"), Part("accepted"), Part()


def failed(failure: str) -> Part:
    return Part("failed", failure)


@pytest.mark.parametrize(
    ("parts", "expected", "meant"),
    [
        ([NOTHING], 1, None),
        ([ACCEPTED], 1, Verdict("accepted")),
        ([DELIVERED], 1, Verdict("delivered")),
        ([DELIVERED, NOTHING], 2, Verdict("accepted")),
        ([DELIVERED, DELIVERED], 2, Verdict("delivered")),
        ([DELIVERED], 2, Verdict("accepted")),
        ([failed("gone"), NOTHING], 2, Verdict("failed", "gone")),
        ([failed("off"), DELIVERED], 2, Verdict("failed", "off")),
        ([failed("ambiguous"), failed("gone")], 2, Verdict("failed", "gone")),
        ([failed("ambiguous"), NOTHING], 2, Verdict("accepted")),
        ([failed("ambiguous"), failed("ambiguous")], 2, Verdict("failed", "ambiguous", again=True)),
        ([failed("busy")], 1, Verdict("failed", "busy", again=True)),
        ([failed("ambiguous"), DELIVERED], 2, Verdict("failed", "ambiguous")),
        ([NOTHING, DELIVERED], 0, Verdict("delivered")),
        ([failed("ambiguous")], 0, Verdict("failed", "ambiguous", again=True)),
    ],
)
def test_a_message_is_delivered_when_all_parts_are_and_failed_when_one_is(
    parts: list[Part], expected: int, meant: Verdict | None
) -> None:
    for order in permutations(parts):
        assert verdict(order, expected) == meant


@pytest.mark.parametrize("final", [DELIVERED, failed("gone")])
@pytest.mark.parametrize("said", [DELIVERED, ACCEPTED, failed("off"), NOTHING])
def test_what_is_final_stays(final: Part, said: Part) -> None:
    assert heard(final, said) == final


def test_what_is_not_final_goes_forward_only() -> None:
    assert heard(NOTHING, ACCEPTED) == ACCEPTED
    assert heard(ACCEPTED, DELIVERED) == DELIVERED
    assert heard(ACCEPTED, NOTHING) == ACCEPTED
    assert heard(NOTHING, failed("off")) == failed("off")


def test_every_word_of_the_tables_has_its_place_among_failures() -> None:
    from typing import get_args

    from channels.heard import Failure

    assert set(GRAVEST_FIRST) == set(get_args(Failure))
