"""The numbers that a policy asks of applicants, as the page of its reviewer shows them: those there are, those gone."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages.condition_forms import ADDED, ROWS, valid
from service.pages.condition_words import UNITS, condition_in_words, number_in_words, requirements_in_words
from streams.policies import PolicyView
from streams.policies.as_read import taken_away_as_read
from streams.policies.requirements import counting, is_asked, requirements_of


@dataclass(frozen=True)
class ShownCondition:
    """A number as the reviewer sees it.

    Attributes:
        number: its place among the policy's conditions.
        words: what is measured and how it compares: 职工人数不少于.
        text: the number, in `unit`.
        unit: in Chinese, "" for a day.
        is_day: whether it is a day of founding.
        counts: whether it is asked of every enterprise when the policy is matched.
        origin: "rule" or "reviewer".
        quote: the words that it was read from, "" where there are none.
    """

    number: int
    words: str
    text: str
    unit: str
    is_day: bool
    counts: bool
    origin: str
    quote: str


@dataclass(frozen=True)
class TakenAway:
    """A number that a reviewer took away.

    Attributes:
        number: its place among the policy's conditions.
        words: what was read: 职工人数不少于 20 人; "" where it cannot be brought back, for it is read no more.
        quote: the words that it was read from.
    """

    number: int
    words: str
    quote: str


@dataclass(frozen=True)
class ShownNumbers:
    """All that the form about them shows.

    Attributes:
        conditions: what there is.
        gone: what was taken away.
        added: what may be added, each with its words.
        rows: how many may be added at once.
        asks: what is asked as it stands.
    """

    conditions: Sequence[ShownCondition]
    gone: Sequence[TakenAway]
    added: Sequence[tuple[str, str]]
    rows: int
    asks: Sequence[str]


def shown_numbers(view: PolicyView) -> ShownNumbers:
    """Return what the form shows of a revision."""
    added = [(code, words) for code, (words, *_) in ADDED.items()]
    asks = requirements_in_words(requirements_of(view))
    return ShownNumbers(_conditions(view), _gone(view), added, ROWS, asks)


def _conditions(view: PolicyView) -> list[ShownCondition]:
    """The numbers of a revision that may be asked of enterprises."""
    counted = counting(view.facts, view.data, view.body)
    return [
        ShownCondition(
            fact.number,
            condition_in_words(fact.value, number=False),
            number_in_words(fact.value),
            UNITS[fact.value["unit"]],
            fact.value["unit"] == "day",
            fact.number in counted,
            fact.origin,
            fact.quote,
        )
        for fact in view.facts
        if fact.name == "conditions" and is_asked(fact.value)
    ]


def _gone(view: PolicyView) -> list[TakenAway]:
    """Those that a reviewer took away; what a reviewer had added has no words that it could be read from."""
    read = taken_away_as_read(view)
    gone = [fact for fact in view.facts if fact.name == "conditions" and fact.value is None and fact.quote]
    return [
        TakenAway(
            fact.number,
            condition_in_words(read[fact.number]) if valid(read.get(fact.number, {})) else "",
            fact.quote,
        )
        for fact in gone
        if fact.number not in read or is_asked(read[fact.number])
    ]
