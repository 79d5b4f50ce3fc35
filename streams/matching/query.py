"""A subscription as the index keeps it: alternatives of clauses, each a set of tokens of which one must be there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from streams.matching.conditions import Ranges, meet, ranges_of
from streams.matching.matter import Ancestors, Matter

Clause = frozenset[str]

MOST_REMEMBERED = 10_000  # of what is put together again and again while a list is read
MOST_SHARED = 20_000  # clauses; above what most ask for, far below what fills a memory

_shared: dict[Clause, Clause] = {}


@dataclass(frozen=True, slots=True)
class Query:
    """What must hold of a policy.

    Attributes:
        alternatives: one must hold whole; none given: no condition on labels.
        keywords: one must occur in the text; none given: no condition on words.
        excluded: tokens of which none may be there.
        profile: the numbers of the enterprises that it is about, which the policy's requirements must not rule out;
            None: no condition on numbers. What an enterprise itself has is not kept here (see `conditions.admits`):
            hardly two have the same.
    """

    alternatives: tuple[tuple[Clause, ...], ...]
    keywords: tuple[str, ...]
    excluded: Clause
    profile: Ranges | None = None

    def fits(self, matter: Matter) -> bool:
        """Whether the policy is wanted."""
        tokens = matter.tokens
        if not self.excluded.isdisjoint(tokens):
            return False
        if self.profile and matter.requirements and not meet(matter.requirements, self.profile):
            return False
        if self.alternatives:
            for clauses in self.alternatives:
                if _holds(clauses, tokens):
                    break
            else:
                return False
        return not self.keywords or any(word in matter.text for word in self.keywords)

    def reasons(self, matter: Matter) -> tuple[str, ...]:
        """Return the policy's labels (and ``keyword:…``) that made it fit; only to be asked of what fits."""
        found: dict[str, None] = {}
        for clauses in self.alternatives:
            if _holds(clauses, matter.tokens):
                for clause in clauses:
                    for token in sorted(clause & matter.tokens):
                        found.update(dict.fromkeys(matter.labels_of[token]))
        found.update((f"keyword:{word}", None) for word in self.keywords if word in matter.text)
        return tuple(found)


def _holds(clauses: Sequence[Clause], tokens: frozenset[str]) -> bool:
    # A loop, because this is asked millions of times and a generator costs more than the question.
    for clause in clauses:  # noqa: SIM110
        if clause.isdisjoint(tokens):
            return False
    return True


def explicit_query(criteria: Mapping[str, Any], ancestors: Ancestors) -> Query:
    """Return the query of criteria in their canonical form.

    A clause on X takes a policy for X, for anything under X, or for an ancestor of X ("a city's policy applies to my
    district"); a policy without a label in the dimension only with ``or_unrestricted``. An exclusion of X takes out
    what is at or under X: what is for the whole city is not taken out by excluding a district. Ranges take out what
    asks for numbers that lie outside of them.
    """
    alternatives = tuple(
        tuple(_clause(clause, ancestors) for clause in alternative["all"])
        for alternative in criteria.get("any", ())
    )
    excluded = {
        f"under:{dimension}:{code}"
        for exclusion in criteria.get("not", ())
        for dimension, codes in exclusion.items()
        for code in codes
    }
    words, ranges = tuple(criteria.get("keywords", ())), ranges_of(criteria.get("profile", {}))
    return Query(alternatives, words, _share(excluded), ranges or None)


def _clause(clause: Mapping[str, Any], ancestors: Ancestors) -> Clause:
    dimension = next(name for name in clause if name != "or_unrestricted")
    return _near(dimension, tuple(clause[dimension]), bool(clause.get("or_unrestricted")), ancestors)


@lru_cache(maxsize=MOST_REMEMBERED)
def _near(dimension: str, codes: tuple[str, ...], unrestricted: bool, ancestors: Ancestors) -> Clause:
    """Return where one is concerned that asked for any of ``codes``."""
    tokens = set[str]().union(*(related(dimension, code, ancestors) for code in codes))
    if unrestricted:
        tokens.add(f"none:{dimension}")
    return _share(tokens)


@lru_cache(maxsize=MOST_REMEMBERED)
def related(dimension: str, code: str, ancestors: Ancestors) -> Clause:
    """Return the tokens of policies at, under or above ``code``."""
    return frozenset(
        {f"under:{dimension}:{code}"} | {f"at:{dimension}:{above}" for above in ancestors(dimension, code)}
    )


def profile_query(kind: str, profile: Mapping[str, Any], ancestors: Ancestors) -> Query:
    """Return where an enterprise fits by what it is.

    A policy with no label in a dimension fits every profile there. Its region must cover the enterprise's (a district's
    policy is not for the whole city), its subject include its kind, its qualifications be held. A fact that the profile
    does not state is no condition, but for qualifications: who states none has none.
    """
    clauses = [_is("subject", (kind,), ancestors)]
    if region := profile.get("region"):
        clauses.append(_is("region", (region,), ancestors))
    if industries := profile.get("industries"):
        clauses.append(_is("industry", tuple(industries), ancestors))
    if size := profile.get("size"):
        clauses.append(_is("size", (size,), ancestors))
    clauses.append(_is("qualification", tuple(profile.get("qualifications") or ()), ancestors))
    if groups := profile.get("groups"):
        clauses.append(_is("group", tuple(groups), ancestors))
    return Query((tuple(clauses),), (), _share(()))


@lru_cache(maxsize=MOST_REMEMBERED)
def _is(dimension: str, codes: tuple[str, ...], ancestors: Ancestors) -> Clause:
    """Return where one fits that is any of ``codes``."""
    if dimension == "industry":
        tokens = set[str]().union(*(related(dimension, code, ancestors) for code in codes))
    elif dimension == "region":
        tokens = {f"at:{dimension}:{one}" for code in codes for one in (code, *ancestors(dimension, code))}
    else:
        tokens = {f"at:{dimension}:{code}" for code in codes}
    return _share({f"none:{dimension}"} | tokens)


def _share(tokens: Iterable[str]) -> Clause:
    # Most subscribers ask for the same few things: a clause that is known by its own self is found at once.
    clause = frozenset(tokens)
    if len(_shared) >= MOST_SHARED:
        _shared.clear()  # nothing is lost but the sharing; those in use live on in their queries
    return _shared.setdefault(clause, clause)
