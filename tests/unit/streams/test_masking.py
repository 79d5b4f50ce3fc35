"""Small counts stay hidden, also from who subtracts."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from streams.masking import FEW, Reach, ReachShown, few, least, masked, part

MOST = 13  # members in the exhaustive tests; every rule has come into play well below


def worlds(members: int) -> Iterator[Reach]:
    """Every reach that so many members can have."""
    for by_agency in range(members + 1):
        for by_relay in range(members + 1 - by_agency):
            for read in range(by_agency + by_relay + 1):
                yield Reach(members, by_agency, by_relay, read)


SECRETS: dict[str, Callable[[Reach], int]] = {
    "reached by the agency": lambda r: r.by_agency,
    "reached by the relay": lambda r: r.by_relay,
    "read it": lambda r: r.read,
    "not reached": lambda r: r.members - r.by_agency - r.by_relay,
    "not reached by the agency": lambda r: r.members - r.by_agency,
    "not reached by the relay": lambda r: r.members - r.by_relay,
    "reached at all": lambda r: r.by_agency + r.by_relay,
    "did not read it": lambda r: r.by_agency + r.by_relay - r.read,
}


@pytest.mark.parametrize("secret", SECRETS)
def test_nobody_who_knows_the_members_can_work_out_a_small_count(secret: str) -> None:
    count = SECRETS[secret]
    for members in range(1, MOST + 1):
        possible: defaultdict[ReachShown, set[int]] = defaultdict(set)
        for reach in worlds(members):
            possible[masked(reach)].add(count(reach))
        for shown, counts in possible.items():
            assert len(counts) > 1 or counts.isdisjoint(range(1, FEW)), (
                f"{members} members, {shown}: {counts}"
            )


def test_what_is_shown_is_true() -> None:
    for members in range(MOST + 1):
        for reach in worlds(members):
            shown = masked(reach)
            for name in ("by_agency", "by_relay", "read"):
                figure, true = getattr(shown, name), getattr(reach, name)
                assert least(figure) <= true
                assert figure == true or isinstance(figure, str)
                assert (figure == "<5") is (true < FEW)


@pytest.mark.parametrize(
    ("reach", "shown"),
    [
        (Reach(100, 60, 20, 40), ReachShown(100, 60, 20, 40)),
        (Reach(100, 60, 3, 40), ReachShown(100, 60, "<5", 40)),
        (Reach(100, 0, 0, 0), ReachShown(100, "<5", "<5", "<5")),
        (Reach(100, 98, 2, 99), ReachShown(100, "≥96", "<5", "≥92")),
        (Reach(100, 60, 38, 95), ReachShown(100, 60, "≥36", "≥92")),
        (Reach(100, 60, 20, 80), ReachShown(100, 60, 20, "≥76")),
        (Reach(4, 4, 0, 4), ReachShown("<5", "<5", "<5", "<5")),
        (Reach(6, 6, 0, 0), ReachShown(6, "≥5", "<5", "<5")),
    ],
)
def test_a_reach_as_an_association_sees_it(reach: Reach, shown: ReachShown) -> None:
    assert masked(reach) == shown


def test_a_part_hides_what_it_leaves() -> None:
    assert [part(count, 20) for count in (0, 4, 5, 15, 16, 20)] == ["<5", "<5", 5, 15, "≥16", "≥16"]


def test_a_count_of_its_own_hides_only_small_ones() -> None:
    assert [few(count) for count in (0, 1, 4, 5, 100)] == [0, "<5", "<5", 5, 100]
