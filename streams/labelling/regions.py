"""Where a policy applies: the jurisdiction of its issuer, or the narrower area that its title names."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from config.taxonomies import Lexicon, Taxonomy
from streams.labelling.model import Label
from streams.labelling.normalise import fold

NATION = "100000"
_HEAD_CHARS, _TAIL_CHARS = 300, 200
_FIELD_CHARS = 1000
_SIGNATORIES = "部署局会行"  # how the name of a national body ends
_BRACKETS = re.compile(r"[（(][^（）()]{0,200}[）)]")
_SUFFIX = re.compile(
    r"(?:特别行政区|(?:[一-龥]{2,4}族)+自治[州区县]|维吾尔自治区|蒙古自治州|自治区|自治州|地区|盟|省|市)$"
)
_SPECIAL = {"内蒙古自治区": "内蒙古", "延边朝鲜族自治州": "延边"}
_GENERIC = {"城区", "郊区", "矿区", "东区", "西区", "新县", "市中区", "城中区", "城关区", "新城区"}


def short_name(name: str) -> str | None:
    """What people say for a province or city: 上海市 → 上海, 黔南布依族苗族自治州 → 黔南; None if nothing is left."""
    if name in _SPECIAL:
        return _SPECIAL[name]
    short = _SUFFIX.sub("", name)
    if (
        "族" in short and len(short) > 3
    ):  # 恩施土家族苗族自治州: the names of peoples are not part of the place
        short = short[:2]
    return short if len(short) >= 2 and short != name else None


def _ends(body: str) -> list[tuple[int, str]]:
    """(offset, text) of the signature and of the opening of a body, normalised."""
    at = max(_HEAD_CHARS, len(body) - _TAIL_CHARS)
    tail = [(at, fold(body[at:]))] if at < len(body) else []
    return [*tail, (0, fold(body[:_HEAD_CHARS]))]


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    start: int
    code: str


class RegionFinder:
    """Resolves places named in a text to GB/T 2260 codes; ambiguous names only where a place above is known."""

    def __init__(self, taxonomy: Taxonomy, lexicon: Lexicon) -> None:
        self._taxonomy = taxonomy
        names: dict[str, set[str]] = defaultdict(set)
        shorts: dict[str, str] = {}
        for code, entry in sorted(
            taxonomy.codes["region"].items(), key=lambda item: not item[0].endswith("0000")
        ):
            names[entry.name].add(code)
            if code != NATION and code.endswith("00") and (short := short_name(entry.name)):
                shorts.setdefault(short, code)  # provinces come first: 吉林 is the province, not the city
        for short, code in shorts.items():
            names[short].add(code)
        for rule in lexicon.rules:
            if rule.dimension == "region":
                for term in rule.terms:
                    names[fold(term)].update(rule.codes)
        self._codes = tuple(tuple(sorted(codes)) for codes in names.values())
        self._names = tuple(names)
        self._automaton = CharwiseDoubleArrayAhoCorasick(
            list(self._names), match_kind=MATCH_KIND_LEFTMOST_LONGEST
        )

    def find(self, *, title: str, body: str, issuer: str, hint: str | None) -> list[Label]:
        """The region label, or none: first what the hint says, narrowed by issuer and title, else the body."""
        fields = {
            "hint": (hint or "")[:_FIELD_CHARS],
            "issuer": _BRACKETS.sub("", issuer[:_FIELD_CHARS]),
            "title": title[:_FIELD_CHARS],
        }
        if fields["hint"] and self._taxonomy.exists("region", fields["hint"]):
            fields["hint"] = self._taxonomy.name("region", known := fields["hint"]) or known
            context = {known, *self._above(known)}
        else:
            context = set()
        hits = {field: list(self._hits(fold(text))) for field, text in fields.items()}
        for found in (*hits.values(), *(list(self._hits(part)) for _, part in _ends(body))):
            context.update(codes[0] for _, _, codes in found if len(codes) == 1)
        best: tuple[str, str] | None = None
        chosen = ""
        for field in ("hint", "issuer", "title"):
            place = self._narrowest(self._resolve(hits[field], context))
            if place and (not chosen or chosen in self._above(place.code)):
                best, chosen = (field, place.name), place.code
        if best is None:
            return self._from_body(body)
        return [Label("region", chosen, 0, 0, "", f"{best[0]}:{best[1]}", 1.0, "rule")]

    def _from_body(self, body: str) -> list[Label]:
        for offset, part in _ends(body):
            # A document cites the State Council's; only who signs it with a ministry's name is a ministry.
            hits = [
                hit
                for hit in self._hits(part)
                if hit[2] != (NATION,) or (offset and hit[0][-1] in _SIGNATORIES)
            ]
            context = {codes[0] for _, _, codes in hits if len(codes) == 1}
            place = self._narrowest(self._resolve(hits, context))
            if place:
                start = offset + place.start
                end = start + len(place.name)
                return [
                    Label(
                        "region", place.code, start, end, body[start:end], f"body:{place.name}", 0.6, "rule"
                    )
                ]
        return []

    def _hits(self, text: str) -> Iterator[tuple[str, int, tuple[str, ...]]]:
        for start, _, number in self._automaton.find(text):
            yield self._names[number], start, self._codes[number]

    def _resolve(
        self, hits: Iterable[tuple[str, int, tuple[str, ...]]], context: set[str]
    ) -> Iterator[_Place]:
        for name, start, codes in hits:
            if len(codes) == 1 and name not in _GENERIC:
                yield _Place(name, start, codes[0])
                continue
            fitting = [code for code in codes if context.intersection(self._above(code)) - {NATION}]
            if len(fitting) == 1:
                yield _Place(name, start, fitting[0])

    def _narrowest(self, places: Iterable[_Place]) -> _Place | None:
        """The first place, or one inside it that is named as well."""
        best: _Place | None = None
        for place in places:
            if best is None or best.code in self._above(place.code):
                best = place
        return best

    def _above(self, code: str) -> tuple[str, ...]:
        return self._taxonomy.ancestors("region", code)
