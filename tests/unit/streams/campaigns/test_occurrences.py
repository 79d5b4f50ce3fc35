"""What an occurrence is called where people read it."""

import pytest

from streams.campaigns import occurrences
from streams.campaigns.occurrences import TITLES, title_of


def test_each_kind_has_a_title_of_its_own() -> None:
    kinds = {word for name, word in vars(occurrences).items() if name.isupper() and isinstance(word, str)}
    assert kinds == set(TITLES)
    assert len(set(TITLES.values())) == len(kinds)


@pytest.mark.parametrize(
    ("occurrence", "title"),
    [
        ("policy", "政策"),
        ("effective:2026-07-01", "施行提醒"),
        ("expiry:2026-07-01", "期满告知"),
        ("reminder:3:2026-03-01", "申报提醒"),
        ("of-a-later-release:1", "of-a-later-release:1"),
    ],
)
def test_an_occurrence_is_called_by_its_kind(occurrence: str, title: str) -> None:
    assert title_of(occurrence) == title
