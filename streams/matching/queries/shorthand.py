"""Criteria in short, as the index keeps them: a fifth of their JSON, and read without parsing it.

``{"any":[{"all":[{"region":["310118"]},{"industry":["I65"],"or_unrestricted":true}]}],"keywords":["首版次"]}`` becomes
the clauses ``a310118`` and ``eI65?`` with a separator between them, then the parts for keywords, exclusions and ranges.
"""

from functools import lru_cache
from typing import Any

from config.database.jsontext import from_text, to_text
from streams.matching.matter import DIMENSIONS

PART, WAY, CLAUSE = "\x1f", "\x1e", "\x1d"  # between the four parts; between ways and words; between clauses
CODE, UNRESTRICTED = ",", "?"  # between codes; at the end of a clause that takes unlabelled policies, too
KEYS = {"any", "keywords", "not", "profile"}
MOST_REMEMBERED = 10_000
FIRST = ord("a")

_letters = {dimension: chr(FIRST + place) for place, dimension in enumerate(DIMENSIONS)}


class _NotPlainError(ValueError):
    """Something that the short form has no room for; it is kept as it is written."""


@lru_cache(maxsize=MOST_REMEMBERED)
def shortened(text: str) -> str:
    """Return criteria in short; such as have no short form come back as they are, beginning with a brace.

    Args:
        text: their canonical form as JSON.
    """
    if "\\u" in text:  # a character that JSON must escape may be a separator
        return text
    criteria = from_text(text)
    try:
        if not criteria.keys() <= KEYS or any(way.keys() != {"all"} for way in criteria.get("any", ())):
            raise _NotPlainError
        ways = [CLAUSE.join(map(_clause, way["all"])) for way in criteria.get("any", ())]
        words, exclusions = criteria.get("keywords", ()), criteria.get("not", ())
        if not all(ways) or not all(words):
            raise _NotPlainError
        ranges = to_text(criteria["profile"]) if criteria.get("profile") else ""
        return PART.join((WAY.join(ways), WAY.join(words), CLAUSE.join(map(_clause, exclusions)), ranges))
    except _NotPlainError:
        return text


def _clause(clause: dict[str, Any]) -> str:
    short = ""
    for name, codes in clause.items():
        if name in _letters and not short and codes:
            short = _letters[name] + CODE.join(codes)
            if short.count(CODE) != len(codes) - 1 or UNRESTRICTED in short:
                raise _NotPlainError
        elif name != "or_unrestricted" or codes is not True:
            raise _NotPlainError
    if not short:
        raise _NotPlainError
    return short + UNRESTRICTED if "or_unrestricted" in clause else short


def is_short(text: str) -> bool:
    """Whether it is criteria in short; not so those in full, nor a profile."""
    return text[0] not in "{["


def clause_in_full(short: str) -> dict[str, Any]:
    """Return a clause as criteria have it."""
    clause: dict[str, Any] = {
        DIMENSIONS[ord(short[0]) - FIRST]: short[1:].removesuffix(UNRESTRICTED).split(CODE)
    }
    return clause | ({"or_unrestricted": True} if short.endswith(UNRESTRICTED) else {})


def in_full(short: str) -> dict[str, Any]:
    """Return criteria that were shortened; parts that are empty are left out."""
    ways, words, exclusions, ranges = short.split(PART)
    parts: dict[str, Any] = {}
    if ways:
        parts["any"] = [{"all": list(map(clause_in_full, way.split(CLAUSE)))} for way in ways.split(WAY)]
    if words:
        parts["keywords"] = words.split(WAY)
    if exclusions:
        parts["not"] = list(map(clause_in_full, exclusions.split(CLAUSE)))
    if ranges:
        parts["profile"] = from_text(ranges)
    return parts
