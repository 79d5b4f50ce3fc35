"""The conditions of rules as bits of an int, so that most mentions that have some are refused by one `&`.

Each list of words that some rule wants (or does not want) near a term is a bit. A sentence has the bits of the lists
of which a word stands in it, see `nearness`. Each test of the whole document is a bit, too: all sentences of a document
that passes it have it. A mention whose rule needs a bit that its sentence lacks is refused without a look at distances.
"""

from collections.abc import Set
from dataclasses import dataclass

from config.taxonomies import Nearby, Presence, Rule
from streams.labelling.patterns import Patterns


@dataclass(frozen=True, slots=True)
class Reach:
    """Words that must, or must not, stand near a term.

    Attributes:
        bit: of their list.
        in_front: how many characters in front of the term they may stand (-1: not there at all).
        behind: how many behind it.
        wanted: whether one of them must, or none may.
        common: those of the words that are not found in bodies beforehand; they are looked for around the term.
        name: what rules call the condition.
    """

    bit: int
    in_front: int
    behind: int
    wanted: bool
    common: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """All conditions of a rule.

    Attributes:
        need: bits without which no mention meets them.
        tests: those of the whole document: its bit, and what rules call it.
        nearby: those of what stands near.
    """

    need: int
    tests: tuple[tuple[int, str], ...]
    nearby: tuple[Reach, ...]


class Conditions:
    """Gives each list of words and each test its bit.

    Args:
        patterns: the words of the rules.

    Attributes:
        bits: by the number of a word, the bits of the lists it stands in.
        sought: numbers of the words whose mere presence some rule asks for.
    """

    def __init__(self, patterns: Patterns) -> None:
        self.bits = [0] * len(patterns.words)
        self.sought: frozenset[int] = frozenset()
        self._patterns = patterns
        self._lists: dict[tuple[str, ...], int] = {}
        self._tests: dict[Presence, tuple[int, frozenset[int]]] = {}
        self._known: dict[tuple[int, ...], Condition] = {}

    def of(self, rule: Rule) -> Condition | None:
        """The conditions of a rule, None if it has none."""
        if not (rule.nearby or rule.presence):
            return None
        # A context gives all its rules the same objects: known by these, its long lists are read once.
        same = tuple(map(id, (*rule.nearby, *rule.presence)))
        known = self._known.get(same)
        if known is None:
            tests = tuple((self._test(asked), _test_name(asked)) for asked in rule.presence)
            nearby = tuple(map(self._reach, rule.nearby))
            must = {reach.bit for reach in nearby if reach.wanted and not reach.common}
            need = sum({bit for bit, _ in tests} | must)
            known = self._known[same] = Condition(need, tests, nearby)
        return known

    def passed(self, heard: Set[int], named: Set[int]) -> int:
        """The bits of the tests that a document passes.

        Args:
            heard: numbers of the words in its title or in what of its body counts.
            named: of those in its title.
        """
        bits = 0
        for asked, (bit, numbers) in self._tests.items():
            if numbers.isdisjoint(named if asked.title_only else heard) != asked.wanted:
                bits |= bit
        return bits

    def _reach(self, asked: Nearby) -> Reach:
        bit = self._lists.get(asked.words)
        if bit is None:
            bit = self._lists[asked.words] = self._next()
            for number in self._patterns.of(asked.words):
                self.bits[number] |= bit
        return Reach(
            bit,
            -1 if asked.side == "before" else asked.within,  # the term stands before the word
            -1 if asked.side == "after" else asked.within,
            asked.wanted,
            self._patterns.aside(asked.words),
            f"{'' if asked.wanted else 'not_'}{asked.side}",
        )

    def _test(self, asked: Presence) -> int:
        if asked not in self._tests:
            numbers = self._patterns.of(asked.words)
            self._tests[asked] = self._next(), numbers
            self.sought |= numbers
        return self._tests[asked][0]

    def _next(self) -> int:
        return 1 << (len(self._lists) + len(self._tests))


def _test_name(asked: Presence) -> str:
    return f"{'if' if asked.wanted else 'unless'}_{'title' if asked.title_only else 'text'}"
