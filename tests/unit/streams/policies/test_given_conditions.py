"""What a reviewer is told who names a condition that there is not."""

import pytest

from streams.events.condition_values import ConditionGiven
from streams.policies.given_conditions import SHOWN, ConditionsRefused, given_conditions
from streams.policies.reading import KnownFact

DATA = {"publish_date": "2026-03-01"}


@pytest.mark.parametrize(
    ("there_are", "words"),
    [
        (0, "the policy has none; leave the number out"),
        (2, "the policy has 0, 1; name one"),
        (SHOWN, "18, 19; name one"),
        (SHOWN + 1, "18, 19, …; name one"),
    ],
)
def test_who_names_a_condition_that_there_is_not_is_told_which_there_are(there_are: int, words: str) -> None:
    known = [
        KnownFact("conditions", number, None, 0, 0, "", "reviewer", "reviewer") for number in range(there_are)
    ]
    with pytest.raises(ConditionsRefused) as refused:
        given_conditions(known, [ConditionGiven(number=99)], DATA, "")
    assert words in str(refused.value)
