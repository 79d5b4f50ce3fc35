"""Subscription criteria: JSON that people can read and write, checked against the taxonomies.

::

    {"any": [{"all": [{"theme": "T07"}, {"industry": ["I65", "C39"]}, {"region": "310118", "or_unrestricted": true}]}],
     "keywords": ["首版次"],
     "not": [{"industry": "K"}],
     "profile": {"staff": {"max": 300}}}

A policy fits when one of ``any`` holds (or there is none), one of ``keywords`` occurs in it (or there is none),
nothing of ``not`` holds and an enterprise within the ranges of ``profile`` could meet the numbers that it asks for.
Inside ``all`` every clause must hold; a clause with several codes holds by any of them. How a clause is matched with a
policy's labels is the business of the matching index.
"""

from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from subscribers.ids import id_from
from subscribers.ranges import Ranges
from subscribers.words.codes import (
    Action,
    Group,
    Industry,
    Instrument,
    Kind,
    Qualification,
    Region,
    Size,
    Subject,
    Theme,
    distinct,
)

MAX_CONJUNCTIONS = 32
MAX_CLAUSES = 16
MAX_KEYWORDS = 16
MAX_CODES = 64
MAX_NAMED = 1024  # codes in all clauses of one subscription together; each costs the index some tokens
SUBSCRIPTIONS = UUID("5d9a2f0c-6d0e-5c1a-9b57-2f7e6a1c0b11")  # namespace, fixed for ever


def _at_most(most: int, what: str, instead: str) -> BeforeValidator:
    """Refuse a list that is too long, and say what to do about it."""

    def check(given: object) -> object:
        if isinstance(given, (list, tuple)) and len(given) > most:
            raise ValueError(f"{len(given)} {what}, at most {most}: {instead}")
        return given

    return BeforeValidator(check)


_ABOVE = "name the code above them (I instead of I63, I64, I65), or part them among several clauses of any"
_few_codes = _at_most(MAX_CODES, "codes in one clause", _ABOVE)
_few_words = _at_most(MAX_KEYWORDS, "keywords", "put the others into another subscription")
_few_ways = _at_most(MAX_CONJUNCTIONS, "alternatives in any", "put the others into another subscription")
_few_clauses = _at_most(MAX_CLAUSES, "clauses in all", "each one narrows it; leave out those that say little")
_few_exclusions = _at_most(
    MAX_CLAUSES, "clauses in not", "one clause takes several codes of its dimension, write them together"
)
_listed = BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)
# To say what somebody meant takes tens of milliseconds: of a list it is said of the first only that is wrong.
_codes = Field(min_length=1, max_length=MAX_CODES, fail_fast=True)
_once = AfterValidator(distinct)

Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=30)]


class Exclusion(BaseModel):
    """One dimension and one or more of its codes; as a clause of ``not`` each of them excludes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Annotated[tuple[Region, ...], _codes, _few_codes, _listed, _once] | None = None
    theme: Annotated[tuple[Theme, ...], _codes, _few_codes, _listed, _once] | None = None
    kind: Annotated[tuple[Kind, ...], _codes, _few_codes, _listed, _once] | None = None
    instrument: Annotated[tuple[Instrument, ...], _codes, _few_codes, _listed, _once] | None = None
    industry: Annotated[tuple[Industry, ...], _codes, _few_codes, _listed, _once] | None = None
    subject: Annotated[tuple[Subject, ...], _codes, _few_codes, _listed, _once] | None = None
    size: Annotated[tuple[Size, ...], _codes, _few_codes, _listed, _once] | None = None
    qualification: Annotated[tuple[Qualification, ...], _codes, _few_codes, _listed, _once] | None = None
    group: Annotated[tuple[Group, ...], _codes, _few_codes, _listed, _once] | None = None
    action: Annotated[tuple[Action, ...], _codes, _few_codes, _listed, _once] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_dimension(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        for key in given:
            if key in Ranges.model_fields:
                raise ValueError(f'{key} is a number: write "profile": {{"{key}": {{…}}}} beside any')
            if key not in cls.model_fields:
                near = get_close_matches(str(key), cls.model_fields, n=1)
                hint = (
                    f"did you mean {near[0]}?" if near else f"use one of {', '.join(Exclusion.model_fields)}"
                )
                raise ValueError(f"unknown dimension {str(key)[:40]!r}, {hint}")
        if sum(given.get(name) is not None for name in Exclusion.model_fields) != 1:
            raise ValueError('a clause names exactly one dimension, such as {"industry": "I65"}')
        return given

    @property
    def dimension(self) -> str:
        """The dimension it is about."""
        return next(name for name in Exclusion.model_fields if getattr(self, name) is not None)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, sorted; any of them will do."""
        return tuple(getattr(self, self.dimension))

    def plain(self) -> dict[str, Any]:
        """The canonical form: codes always as a list, defaults left out."""
        return {self.dimension: list(self.codes)}


class Clause(Exclusion):
    """A condition on one dimension; ``or_unrestricted`` also takes policies without a label in it."""

    or_unrestricted: bool = False

    def plain(self) -> dict[str, Any]:
        """The canonical form: codes always as a list, defaults left out."""
        return super().plain() | ({"or_unrestricted": True} if self.or_unrestricted else {})


class Conjunction(BaseModel):
    """Clauses that must all hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    all: Annotated[
        tuple[Clause, ...], Field(min_length=1, max_length=MAX_CLAUSES, fail_fast=True), _few_clauses
    ]

    def plain(self) -> dict[str, Any]:
        """The canonical form."""
        return {"all": _ordered(clause.plain() for clause in self.all)}


class Criteria(BaseModel):
    """What a subscriber wants to hear about."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    any: Annotated[
        tuple[Conjunction, ...], Field(max_length=MAX_CONJUNCTIONS, fail_fast=True), _few_ways
    ] = ()
    keywords: Annotated[
        tuple[Keyword, ...], Field(max_length=MAX_KEYWORDS), _few_words, AfterValidator(distinct)
    ] = ()
    excluded: Annotated[
        tuple[Exclusion, ...], Field(max_length=MAX_CLAUSES, fail_fast=True), _few_exclusions
    ] = Field(default=(), alias="not")
    profile: Ranges | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Criteria":
        if not self.any and not self.keywords:
            raise ValueError(
                "say what you want to hear about: one condition in any, or a keyword" + self._only_narrows()
            )
        return self

    def _only_narrows(self) -> str:
        given = {'"not"': self.excluded, '"profile"': self.profile}
        named = [name for name, part in given.items() if part]
        return f"; {' and '.join(named)} alone would only narrow it" if named else ""

    @model_validator(mode="after")
    def _of_a_size(self) -> "Criteria":
        named = sum(len(clause.codes) for one in self.any for clause in one.all)
        named += sum(len(clause.codes) for clause in self.excluded)
        if named > MAX_NAMED:
            raise ValueError(
                f"{named} codes in all clauses together, at most {MAX_NAMED}: make several subscriptions of it, each "
                "with a part of any, or name the code above many of one kind (I instead of I63, I64, I65)"
            )
        return self

    def plain(self) -> dict[str, Any]:
        """The canonical form as stored: sorted, each thing once, codes as lists, empty parts left out.

        It is the same object each time: not to be changed.
        """
        return self.canonical

    @cached_property
    def canonical(self) -> dict[str, Any]:
        """What `plain` returns, put together once: a list repeats few criteria many times."""
        parts = {
            "any": _ordered(conjunction.plain() for conjunction in self.any),
            "keywords": list(self.keywords),
            "not": _ordered(clause.plain() for clause in self.excluded),
            "profile": self.profile.plain() if self.profile else None,
        }
        return {name: part for name, part in parts.items() if part}


def canonical_json(criteria: Criteria) -> str:
    """Return the canonical form as JSON: two criteria that say the same in another order are one text."""
    return orjson.dumps(criteria.plain(), option=orjson.OPT_SORT_KEYS).decode()


def subscription_id(subscriber_id: str, own_id: str | None, criteria: Criteria) -> str:
    """Return the id of a subscription: the same word (or, without one, the same criteria) is the same subscription."""
    return id_from(SUBSCRIPTIONS, f"{subscriber_id}\n{own_id or canonical_json(criteria)}")


def _ordered(plains: Any) -> list[dict[str, Any]]:
    by_text = {orjson.dumps(plain, option=orjson.OPT_SORT_KEYS): plain for plain in plains}
    return [by_text[text] for text in sorted(by_text)]
