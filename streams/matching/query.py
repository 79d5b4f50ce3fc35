"""A subscription as the index keeps it: alternatives of clauses, each a set of tokens of which one must be there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streams.matching.matter import Ancestors, Matter

Clause = frozenset[str]

MOST_SHARED = 100_000  # clauses; far above what a taxonomy gives rise to, far below what fills a memory

_shared: dict[Clause, Clause] = {}


@dataclass(frozen=True, slots=True)
class Query:
    """What must hold of a policy.

    Attributes:
        alternatives: one must hold whole; none given: no condition on labels.
        keywords: one must occur in the text; none given: no condition on words.
        excluded: tokens of which none may be there.
    """

    alternatives: tuple[tuple[Clause, ...], ...]
    keywords: tuple[str, ...]
    excluded: Clause

    def fits(self, matter: Matter) -> bool:
        """Whether the policy is wanted."""
        tokens = matter.tokens
        if not self.excluded.isdisjoint(tokens):
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


_queries: dict[Query, Query] = {}


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
    what is at or under X: what is for the whole city is not taken out by excluding a district.
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
    return _one_copy(Query(alternatives, tuple(criteria.get("keywords", ())), _share(excluded)))


def _clause(clause: Mapping[str, Any], ancestors: Ancestors) -> Clause:
    dimension = next(name for name in clause if name != "or_unrestricted")
    tokens = set[str]()
    for code in clause[dimension]:
        tokens |= related(dimension, code, ancestors)
    if clause.get("or_unrestricted"):
        tokens.add(f"none:{dimension}")
    return _share(tokens)


def related(dimension: str, code: str, ancestors: Ancestors) -> set[str]:
    """Return the tokens of policies at, under or above ``code``."""
    return {f"under:{dimension}:{code}"} | {f"at:{dimension}:{above}" for above in ancestors(dimension, code)}


def profile_query(kind: str, profile: Mapping[str, Any], ancestors: Ancestors) -> Query:
    """Return where an enterprise fits by what it is.

    A policy with no label in a dimension fits every profile there. Its region must cover the enterprise's (a district's
    policy is not for the whole city), its subject include its kind, its qualifications be held. A fact that the profile
    does not state is no condition, but for qualifications: who states none has none.
    """
    clauses: list[set[str]] = [{"none:subject", f"at:subject:{kind}"}]
    if region := profile.get("region"):
        cover = {f"at:region:{code}" for code in (region, *ancestors("region", region))}
        clauses.append({"none:region"} | cover)
    if industries := profile.get("industries"):
        clauses.append(
            {"none:industry"}.union(*(related("industry", code, ancestors) for code in industries))
        )
    if size := profile.get("size"):
        clauses.append({"none:size", f"at:size:{size}"})
    clauses.append(
        {"none:qualification"} | {f"at:qualification:{q}" for q in profile.get("qualifications") or ()}
    )
    if groups := profile.get("groups"):
        clauses.append({"none:group"} | {f"at:group:{group}" for group in groups})
    return _one_copy(Query((tuple(_share(clause) for clause in clauses),), (), _share(())))


def _share(tokens: Iterable[str]) -> Clause:
    # Most subscribers ask for the same few things: keep one copy of each clause, not one per subscriber.
    clause = frozenset(tokens)
    if len(_shared) >= MOST_SHARED:
        _shared.clear()  # nothing is lost but the sharing; those in use live on in their queries
    return _shared.setdefault(clause, clause)


def _one_copy(query: Query) -> Query:
    if len(_queries) >= MOST_SHARED:
        _queries.clear()
    return _queries.setdefault(query, query)
