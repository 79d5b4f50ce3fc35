"""One `[[rule]]` of a lexicon file: which words speak for which codes, and under which conditions.

A rule gives its `terms` to its `codes`:

* `weight` (default 1.0; below 0 it speaks against): points of one mention, multiplied by the weight of where it stands;
* `cap` (default 5): mentions of one term that count at most (in a title all do);
* `where` (default: everywhere): the places in which the terms count at all, see PLACES;
* `sections` (default: everywhere): only in these sections of the body, see SECTIONS;
* `near`, `before`, `after`: one of these words must stand within `within` characters (default 15) of the term in
  the same sentence: on either side, behind the term ("the term stands before ..."), in front of it;
* `not_near`, `not_before`, `not_after`: none of these words may (`within = { before = 80, not_after = 4 }` gives
  each condition its own distance);
* `if_text`, `unless_text`: one of (none of) these words stands anywhere in the title or the text;
* `if_title`, `unless_title`: the same in the title;
* `contexts`: names of the file's contexts in which a mention counts further (default: all of them).

A `[[context]]` holds for every rule of its dimension, an office's for the shipped ones as well: a mention that meets
its conditions (`where`, `sections` and those above, all optional) counts once more, at `times` the rule's weight. So
"in a clause that grants something" is said once, not again for each of the industries.

A term or a word may start with `^` or end with `$`: it then must start or end the title. `@name` in a list of words
stands for the list `name` of `[words]` in lexicon.toml. A rule without codes takes nothing and gives nothing: of
nested terms of a dimension only the longest counts, so 残疾人联合会 there keeps 残疾人 from being read in it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from config.taxonomies.errors import TaxonomyDataError, meant, nearest
from config.taxonomies.sources import TomlSource
from config.taxonomies.taxonomy import Taxonomy

PLACES = ("title", "head", "heading", "body")
SECTIONS = ("who", "gives", "steps", "duties", "purpose", "form")
WITHIN = 15
MOST_WITHIN = 200

Side = Literal["near", "before", "after"]
_CONDITIONS: dict[str, tuple[Side, bool]] = {
    "near": ("near", True),
    "before": ("before", True),
    "after": ("after", True),
    "not_near": ("near", False),
    "not_before": ("before", False),
    "not_after": ("after", False),
}
_TESTS = ("if_text", "unless_text", "if_title", "unless_title")
_SETTING = {"where", "sections", "within", *_CONDITIONS, *_TESTS}
_KEYS = {"codes", "terms", "weight", "cap", "contexts", *_SETTING}
_CONTEXT_KEYS = {"name", "times", *_SETTING}


@dataclass(frozen=True)
class Nearby:
    """Words that must (`wanted`) or must not stand near a mention, on the given side of it."""

    side: Side
    wanted: bool
    words: tuple[str, ...]
    within: int = WITHIN


@dataclass(frozen=True)
class Presence:
    """Words of which one must (`wanted`), or none may, stand in the title (`title_only`) or anywhere."""

    title_only: bool
    wanted: bool
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Rule:
    """What one rule says; two rules are never the same, even if they say the same."""

    name: str
    dimension: str
    codes: tuple[str, ...]
    terms: tuple[str, ...]
    weight: float = 1.0
    cap: int = 5
    where: frozenset[str] = frozenset(PLACES)
    sections: frozenset[str] = frozenset()
    nearby: tuple[Nearby, ...] = ()
    presence: tuple[Presence, ...] = ()


@dataclass(frozen=True)
class Context:
    """Conditions under which the mentions of a file's rules count once more, `times` the rule's weight."""

    name: str
    times: float
    where: frozenset[str]
    sections: frozenset[str]
    nearby: tuple[Nearby, ...]
    presence: tuple[Presence, ...]

    def applied(self, rule: Rule) -> Rule | None:
        """The rule as it counts in this context, None if it never can."""
        where, sections = rule.where & self.where, rule.sections & self.sections
        if not where or (rule.sections and self.sections and not sections):
            return None
        return replace(
            rule,
            name=f"{rule.name}/{self.name}",
            weight=rule.weight * self.times,
            where=where,
            sections=sections or rule.sections or self.sections,
            nearby=rule.nearby + self.nearby,
            presence=rule.presence + self.presence,
        )


def read_contexts(source: TomlSource, words: Mapping[str, tuple[str, ...]]) -> tuple[Context, ...]:
    """The contexts of one lexicon file.

    Raises:
        TaxonomyDataError: a context is wrong; the message names file and line.
    """
    found: list[Context] = []
    for index, row in enumerate(source.values.get("context", [])):
        reader = _Row(source, index, row, words, table="context")
        reader.check_setting(_CONTEXT_KEYS)
        found.append(
            Context(
                name=str(row.get("name", index + 1)),
                times=reader.number("times", 1.0, below_zero=True),
                **reader.setting(),
            )
        )
    return tuple(found)


def read_rules(
    source: TomlSource,
    dimension: str,
    taxonomy: Taxonomy,
    words: Mapping[str, tuple[str, ...]],
    prefix: str = "",
    contexts: Sequence[Context] = (),
) -> Iterator[Rule]:
    """Yields the rules of one lexicon file, each once more for every context in which it counts further.

    Raises:
        TaxonomyDataError: a rule is wrong; the message names file and line.
    """
    seen: dict[tuple[str, str, int], set[str]] = {}
    alike: dict[object, int] = {}  # conditions are large: each is told apart once
    for index, row in enumerate(source.values.get("rule", [])):
        reader = _Row(source, index, row, words)
        reader.check(dimension, taxonomy)
        rule = Rule(
            name=f"{prefix}{dimension}#{index + 1}",
            dimension=dimension,
            codes=tuple(row.get("codes", ())),
            terms=reader.words("terms"),
            weight=reader.number("weight", 1.0, below_zero=True),
            cap=reader.whole("cap", 5),
            **reader.setting(),
        )
        conditional = alike.setdefault((rule.sections, rule.nearby, rule.presence), len(alike))
        known = [
            seen.setdefault((place, code, conditional), set())
            for place in rule.where
            for code in rule.codes or [""]
        ]
        if not all(terms.isdisjoint(rule.terms) for terms in known):
            text = next(text for text in rule.terms if any(text in terms for terms in known))
            reason = f"{text!r} already points to the same code of {dimension} under the same conditions"
            raise source.error(reason, f'"{text}"', table="rule", index=index)
        for terms in known:
            terms.update(rule.terms)
        yield rule
        named = reader.contexts(contexts)
        yield from filter(None, (context.applied(rule) for context in named if rule.codes))


@dataclass(frozen=True)
class _Row:
    """One rule's table, and where to look for its line."""

    source: TomlSource
    index: int
    values: Mapping[str, Any]
    lists: Mapping[str, tuple[str, ...]]
    table: str = "rule"

    def check_setting(self, keys: set[str]) -> None:
        for key in self.values:
            if key not in keys:
                raise self._wrong(f"unknown key {key} in a {self.table}, {meant(key, sorted(keys))}", key)
        for key, known in (("where", PLACES), ("sections", SECTIONS)):
            if not isinstance(names := self.values.get(key, [*known]), list) or not names:
                raise self._wrong(f"{key} must be a list of at least one of {', '.join(known)}", key)
            for name in names:
                if name not in known:
                    what = "segment" if key == "where" else "section"
                    raise self._wrong(f"unknown {what} {name}, {meant(str(name), known)}", str(name))

    def setting(self) -> dict[str, Any]:
        """Where the row's mentions count, and what must stand near them."""
        within = self.distances()
        return {
            "where": frozenset(self.values.get("where", PLACES)),
            "sections": frozenset(self.values.get("sections", ())),
            "nearby": tuple(
                Nearby(side, wanted, self.words(key), within[key])
                for key, (side, wanted) in _CONDITIONS.items()
                if key in self.values
            ),
            "presence": tuple(
                Presence(key.endswith("title"), key.startswith("if"), self.words(key))
                for key in _TESTS
                if key in self.values
            ),
        }

    def contexts(self, known: Sequence[Context]) -> list[Context]:
        there = [context.name for context in known]
        names = self.values.get("contexts", there)
        if not isinstance(names, list):
            raise self._wrong("contexts must be a list", "contexts")
        for name in names:
            if name not in there:
                instead = meant(str(name), there) if there else "this file and the shipped one have none"
                raise self._wrong(f"unknown context {name}, {instead}", str(name))
        return [context for context in known if context.name in names]

    def check(self, dimension: str, taxonomy: Taxonomy) -> None:
        self.check_setting(_KEYS)
        if not isinstance(self.values.get("terms"), list) or not self.values["terms"]:
            raise self._wrong("a rule needs a list of terms", "terms" if "terms" in self.values else "")
        if not isinstance(self.values.get("codes", []), list):
            raise self._wrong(
                "codes must be a list (empty for words that only keep others from being read)", "codes"
            )
        for code in self.values.get("codes", ()):
            if not isinstance(code, str):
                raise self._wrong(f'codes are texts: write "{code}"', str(code))
            if not taxonomy.exists(dimension, code):
                raise self._wrong(taxonomy.unknown(dimension, code), code)

    def words(self, key: str) -> tuple[str, ...]:
        """The words of a list, `@name` replaced by the list of that name."""
        if not isinstance(self.values[key], list) or not self.values[key]:
            raise self._wrong(f"{key} must be a list of words, at least one", key)
        found: dict[str, None] = {}
        for word in self.values[key]:
            if not isinstance(word, str) or not word.strip("^$ "):
                raise self._wrong(f"a term must be a text: {word!r}", str(word))
            if word.startswith("@") and word[1:] not in self.lists:
                near = nearest(word, [f"@{name}" for name in self.lists])
                what = f"unknown list {word}, [words] of lexicon.toml has none of that name"
                raise self._wrong(f"{what}, did you mean {near}?" if near else what, word)
            if key == "terms" and word in found:
                raise self._wrong(f"{word!r} already points to the same code in this rule", f'"{word}"')
            if word.startswith("@"):
                found.update(dict.fromkeys(self.lists[word[1:]]))
            else:
                found[word] = None
        return tuple(found)

    def number(self, key: str, default: float, *, below_zero: bool = False) -> float:
        value = self.values.get(key, default)
        sound = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not sound or (value < 0 and not below_zero):
            raise self._wrong(f"{key} must be a number" + (" of 0 or more" if not below_zero else ""), key)
        if key == "within" and value > MOST_WITHIN:
            raise self._wrong(f"within is at most {MOST_WITHIN} characters", key)
        return float(value)

    def whole(self, key: str, default: int) -> int:
        value = self.number(key, default)
        if value != int(value):
            raise self._wrong(f"{key} must be a whole number of 0 or more", key)
        return int(value)

    def distances(self) -> dict[str, int]:
        """How far the words of each condition may stand: `within` is one number, or one for each condition."""
        given = self.values.get("within", WITHIN)
        if not isinstance(given, dict):
            return dict.fromkeys(_CONDITIONS, self.whole("within", WITHIN))
        if unknown := given.keys() - _CONDITIONS.keys():
            raise self._wrong(f"within has no {min(unknown)!r}, {meant(min(unknown), _CONDITIONS)}", "within")
        return {
            key: replace(self, values={"within": given.get(key, WITHIN)}).whole("within", WITHIN)
            for key in _CONDITIONS
        }

    def _wrong(self, reason: str, needle: str = "") -> TaxonomyDataError:
        return self.source.error(reason, needle, table=self.table, index=self.index)
