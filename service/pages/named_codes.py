"""Codes as people write them: names of regions and industries instead of numbers."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations

from config.taxonomies import Taxonomy, load_taxonomy

PARTED = re.compile(r"[\s,，;；、]+")


def named_region(text: str, taxonomy: Taxonomy, errors: dict[str, str], field: str) -> str | None:
    """Return the code of a region written as a code or a name; None, and the reason in ``errors``, for neither."""
    if not text or taxonomy.exists("region", text):
        return text or None
    found = _names().get(PARTED.sub("", text), [])
    if len(found) == 1:
        return found[0]
    if found:
        shown = "、".join(full_name(taxonomy, code) for code in found[:5])
        errors[field] = f"有多个同名地区，请写完整：{shown}。"
    else:
        errors[field] = "没有找到这个地区，请写全称，例如“上海市松江区”。"
    return None


def full_name(taxonomy: Taxonomy, code: str) -> str:
    """Return a region with what lies above it: 上海市松江区."""
    path = (*reversed(taxonomy.ancestors("region", code)), code)
    return "".join(taxonomy.name("region", one) or "" for one in path if one != "100000" or one == code)


@cache
def _names() -> Mapping[str, Sequence[str]]:
    """Every way to write a region (松江区, 上海市松江区), with the codes that it may mean."""
    taxonomy, found = load_taxonomy(), dict[str, list[str]]()
    for code, entry in taxonomy.codes["region"].items():
        above = [one for one in reversed(taxonomy.ancestors("region", code)) if one != "100000"]
        names = [taxonomy.name("region", one) or "" for one in above]
        for count in range(len(names) + 1):
            for chosen in combinations(names, count):
                found.setdefault("".join((*chosen, entry.name)), []).append(code)
    return found


def named_codes(
    words: Sequence[str], dimension: str, taxonomy: Taxonomy, errors: dict[str, str], field: str
) -> list[str]:
    """Return the codes of what is written as codes or names; what is neither is told in ``errors``."""
    entries = taxonomy.codes[dimension]
    found = []
    for word in words:
        code = word.upper() if word.upper() in entries else None
        code = code or next((known for known, entry in entries.items() if entry.name == word), None)
        if code is None:
            errors[field] = f"没有找到“{word[:30]}”，请填写国民经济行业分类的代码或名称，例如 I65。"
        else:
            found.append(code)
    return found
