"""What a document says of places before one is chosen: the names in its fields, its level, its context."""

import re
from dataclasses import dataclass
from functools import cached_property

from streams.labelling.regions.places import Named

_LEVEL_CHARS = 4000
# Each branch begins with a character of its own: that is looked for ten times as fast as a class of them.
_LEVELS = {
    "省": re.compile("我省|全省|本省|省政府|省级有关|各市[（(]州|各地级以上市|各设区市|自治区党委"),
    "市": re.compile("我市(?!场)|全市(?!场)|本市(?!场)|市政府|市直|各县[（(]市"),
    "县": re.compile(
        "我[县区旗](?!域)|全[县区旗](?!域)|本[县区旗](?!域)"
        "|县(?<!各县)政府|区(?<!各区)政府|县直(?!辖)|区直(?!辖)"
    ),
}
_AUTONOMOUS = {"15", "45", "54", "64", "65"}


@dataclass
class RegionReading:
    """What a document says of places.

    `found` holds the places named in each of `texts`, `context` all codes known so far, `everywhere` the places
    named in the body once they were asked for.
    """

    texts: dict[str, str]
    found: dict[str, list[Named]]
    body: str
    context: set[str]
    everywhere: list[Named] | None = None

    @cached_property
    def level(self) -> str:
        """What the text speaks for most: 省, 市 or 县, "" if for none of them."""
        opening = self.body[:_LEVEL_CHARS]
        counted = {level: len(words.findall(opening)) for level, words in _LEVELS.items()}
        level = max(counted, key=lambda level: counted[level])
        return level if counted[level] else ""

    def is_own(self, named: Named, code: str) -> bool:
        """Whether the text speaks of a division of that kind as "ours"; 我区 may be an autonomous region, too."""
        if code[:2] in _AUTONOMOUS and named.name.endswith("区"):
            return False
        return bool(re.search(f"[我本]{named.name[-1]}(?!域)", self.body[:_LEVEL_CHARS]))

    @property
    def spoken(self) -> bool:
        """Whether issuer or title say where they speak for."""
        return bool(self.found["issuer"] or self.found["title"])
