"""A label with its evidence, and the mentions of terms that labels are made from."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from config.taxonomies import Rule

Origin = Literal["rule", "publisher", "reviewer"]


@dataclass(frozen=True)
class Label:
    """One audience label and why it was assigned.

    Attributes:
        dimension: for example "industry".
        code: for example "I65".
        start: offset of the evidence in the original body, in characters.
        end: end of the evidence; `quote == body[start:end]` always.
        quote: the words that prove the label. Empty (with start = end = 0) where the evidence is not in the
            body: `rule` then says where it is, for example "title:软件企业" or "issuer:广州市".
        rule: what fired, as place:term; "default" where the dimension has a default; the origin for others.
        weight: confidence, 0 to 1.
        origin: who assigned it.
    """

    dimension: str
    code: str
    start: int
    end: int
    quote: str
    rule: str
    weight: float
    origin: Origin

    def __str__(self) -> str:
        return f"{self.dimension}:{self.code}"


class Mention(NamedTuple):
    """A term found in title or body, and the rule that asked for it.

    Attributes:
        rule: the rule.
        term: the word found.
        place: "title", "issuer", "head", "heading" or "body".
        section: "", or one of `config.taxonomies.SECTIONS`.
        start: offset in the normalised body, 0 in the title and in the issuer's name.
        end: its end there, 0 in these two.
        points: what it is worth to the rule's codes.
        blocked: "", or why it counts for nothing: a condition of its rule, a negation, or what its stretch
            speaks of.
    """

    rule: Rule
    term: str
    place: str
    section: str
    start: int
    end: int
    points: float
    blocked: str = ""
