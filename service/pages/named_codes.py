"""Codes as people write them: names of regions and industries instead of numbers."""

import re
from collections.abc import Sequence

from config.taxonomies import Taxonomy
from subscribers.words.named import full_name, names_of_regions

__all__ = ["full_name", "named_codes", "named_region"]

PARTED = re.compile(r"[\s,，;；、]+")


def named_region(text: str, taxonomy: Taxonomy, errors: dict[str, str], field: str) -> str | None:
    """Return the code of a region written as a code or a name; None, and the reason in ``errors``, for neither."""
    if not text or taxonomy.exists("region", text):
        return text or None
    found = names_of_regions().get(PARTED.sub("", text), [])
    if len(found) == 1:
        return found[0]
    if found:
        shown = "、".join(full_name(taxonomy, code) for code in found[:5])
        errors[field] = f"有多个同名地区，请写完整：{shown}。"
    else:
        errors[field] = "没有找到这个地区，请写全称，例如“上海市松江区”。"
    return None


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
