"""Points pass up from a code to those above it, each mention once."""

import pytest

from config.taxonomies import Rule, load_taxonomy
from streams.labelling.model import Mention
from streams.labelling.scoring import Evidence, roll_up


@pytest.mark.parametrize("order", [("Q843", "Q84", "Q"), ("Q", "Q84", "Q843"), ("Q84", "Q843", "Q")])
def test_a_mention_counts_once_for_each_code_above_whatever_the_order(order: tuple[str, ...]) -> None:
    rule = Rule("r", "industry", ("Q",), ("医院",))
    evidence = {code: Evidence([Mention(rule, code, "body", "", 0, 2, 1.0)]) for code in order}
    roll_up("industry", evidence, load_taxonomy())
    assert {code: found.points for code, found in evidence.items()} == {"Q843": 1.0, "Q84": 2.0, "Q": 3.0}


def test_the_weightiest_of_a_place_is_the_first_of_its_weight_and_never_one_against() -> None:
    rule = Rule("r", "theme", ("T07",), ("软件",))
    first, second, against = (
        Mention(rule, word, "body", "", 0, 2, points)
        for word, points in (("甲", 2.0), ("乙", 2.0), ("丙", -3.0))
    )
    assert Evidence([against, first, second]).body == first
    assert Evidence([against]).body is None
    assert Evidence([first]).outside is None
