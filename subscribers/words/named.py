"""Codes as people write them: 小型企业 for ``small``, 上海市松江区 for ``310117``."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from unicodedata import normalize

from config.taxonomies import Taxonomy, load_taxonomy

SHOWN = 3


FEW = 12
EXAMPLE = {"region": "上海市松江区 or 310117", "industry": "I65"}


def code_of(dimension: str, text: str) -> str:
    """Return the code that ``text`` names; what is written in ASCII is a code already, right or wrong.

    Raises:
        ValueError: no code has that name, or several regions have; the message says what to write.
    """
    if text.isascii():
        return text
    if dimension == "region":
        found = names_of_regions().get("".join(text.split()), ())
        if len(found) > 1:
            shown = [full_name(load_taxonomy(), code) for code in found[:SHOWN]]
            raise ValueError(f"{len(found)} regions are called {text[:30]}; write {' or '.join(shown)}")
        if found:
            return found[0]
    code = named(dimension, text)
    if code is None:
        entries = load_taxonomy().codes[dimension]
        listed = ", ".join(f"{one} ({entry.name})" for one, entry in entries.items())
        example = f"such as {EXAMPLE[dimension]}" if dimension in EXAMPLE else "from the taxonomy"
        told = f"write one of {listed}" if len(entries) <= FEW else f"write its code or whole name, {example}"
        raise ValueError(f"{text[:30]} is not known; {told}")
    return code


def named(dimension: str, text: str) -> str | None:
    """Return the code with exactly this name."""
    return _names(dimension).get(text)


def full_name(taxonomy: Taxonomy, code: str) -> str:
    """Return a region with what lies above it: 上海市松江区."""
    path = (*reversed(taxonomy.ancestors("region", code)), code)
    return "".join(taxonomy.name("region", one) or "" for one in path if one != "100000" or one == code)


@cache
def names_of_regions() -> Mapping[str, Sequence[str]]:
    """Every way to write a region (松江区, 上海市松江区), with the codes that it may mean."""
    taxonomy, found = load_taxonomy(), dict[str, list[str]]()
    for code, entry in taxonomy.codes["region"].items():
        above = [one for one in reversed(taxonomy.ancestors("region", code)) if one != "100000"]
        names = [taxonomy.name("region", one) or "" for one in above]
        for count in range(len(names) + 1):
            for chosen in combinations(names, count):
                found.setdefault("".join((*chosen, entry.name)), []).append(code)
    return found


@cache
def _names(dimension: str) -> Mapping[str, str]:
    # As a cell is read: brackets and digits in their plain form. Of two codes with one name the first one counts.
    found: dict[str, str] = {}
    for code, entry in load_taxonomy().codes[dimension].items():
        found.setdefault(normalize("NFKC", entry.name), code)
    return found
