"""What somebody meant who wrote a code that does not exist: the nearest real ones, by code and by name.

People write I6555 for I655, 上海 for 上海市, 高企 for 高新技术企业, 浦东新区 for 310115. Pure; asked only for what is
wrong, so it may look through a whole dimension.
"""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from config.taxonomies import Taxonomy, load_taxonomy
from subscribers.words.named import full_name, names_of_regions

SHOWN = 3
_LONGEST = 32  # of what comes from outside; likeness is quadratic
_ALIKE = 0.6
_LIKE_A_GROUP = 3  # I65: from three characters on, what one wrote too much is a mistake below a real code
# Said every day, and not in any name.
_ALSO_CALLED: Mapping[tuple[str, str], tuple[str, ...]] = {
    **dict.fromkeys((("size", "小微"), ("size", "小微企业")), ("small", "micro")),
    **dict.fromkeys((("size", "中小企业"), ("size", "中小型企业")), ("medium", "small")),
    ("size", "中小微企业"): ("medium", "small", "micro"),
    ("group", "大学生"): ("graduate",),
}


def unknown_code(dimension: str, code: str) -> str:
    """Return what to say of a code that ``dimension`` does not have, with the nearest ones and their names."""
    taxonomy = load_taxonomy()
    told = f"unknown code {dimension}:{code[:80]}"
    if found := nearest(dimension, code):
        return f"{told}, did you mean {' or '.join(f'{one} ({_name(taxonomy, dimension, one)})' for one in found)}?"
    for other in taxonomy.dimensions:
        if taxonomy.exists(other, code):
            return f"{told}; it is a code of {other}: {taxonomy.name(other, code)}"
    codes = taxonomy.codes[dimension]
    listed = ", ".join(f"{one} ({entry.name})" for one, entry in list(codes.items())[:SHOWN])
    return f"{told}; codes look like {listed}"


def label_meant(label: str) -> str:
    """Return what to add about a label that is not ``dimension:code``: which one it may mean, or what one is like."""
    taxonomy = load_taxonomy()
    dimension, colon, code = (part.strip() for part in label.replace("：", ":", 1).partition(":"))
    dimension = dimension.lower()
    if not colon or dimension not in taxonomy.dimensions:
        return f", such as industry:I65; the dimensions are {', '.join(taxonomy.dimensions)}"
    found = (code,) if taxonomy.exists(dimension, code) else nearest(dimension, code)
    if not found:
        return f", such as {dimension}:{next(iter(taxonomy.codes[dimension]))}"
    return f", did you mean {' or '.join(f'{dimension}:{one} ({_name(taxonomy, dimension, one)})' for one in found)}?"


def nearest(dimension: str, text: str) -> tuple[str, ...]:
    """Return the codes that ``text`` may mean, at most three; more than one only where a name fits several alike."""
    taxonomy, wanted = load_taxonomy(), "".join(text.split())[:_LONGEST]
    if not wanted:
        return ()
    if wanted.isascii():
        if any(taxonomy.exists(other, wanted) for other in taxonomy.dimensions):
            return ()  # right, but of another dimension
        above = wanted[:-1]
        if len(above) >= _LIKE_A_GROUP and taxonomy.exists(dimension, above):
            return (above,)
        one = taxonomy.nearest(dimension, wanted)
        return (one,) if one else ()
    if also := _ALSO_CALLED.get((dimension, wanted)):
        return also
    if dimension == "region" and (meant := names_of_regions().get(wanted)):
        return tuple(meant[:SHOWN])
    wanted = wanted.replace("、", "")
    names = {code: entry.name.replace("、", "") for code, entry in taxonomy.codes[dimension].items()}
    for fits in (str.__eq__, str.startswith, str.__contains__, _runs_through):
        found = [code for code, name in names.items() if fits(name, wanted)]
        if found:
            return _shortest(found, names)
    code = max(names, key=lambda one: SequenceMatcher(None, names[one], wanted).ratio())
    return (code,) if SequenceMatcher(None, names[code], wanted).ratio() >= _ALIKE else ()


def _runs_through(name: str, wanted: str) -> bool:
    """Whether all of ``wanted`` stands in ``name`` in its order: 高企 in 高新技术企业."""
    letters: Iterator[str] = iter(name)
    return all(letter in letters for letter in wanted)


def _shortest(found: list[str], names: Mapping[str, str]) -> tuple[str, ...]:
    least = min(len(names[code]) for code in found)
    return tuple(code for code in found if len(names[code]) == least)[:SHOWN]


def _name(taxonomy: Taxonomy, dimension: str, code: str) -> str:
    return full_name(taxonomy, code) if dimension == "region" else str(taxonomy.name(dimension, code))
