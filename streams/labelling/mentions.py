"""Which terms a document mentions, each under the conditions of the rule that asks for it."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from config.taxonomies import Policy, Rule
from streams.labelling.conditions import Conditions
from streams.labelling.layout import BODY, ELSEWHERE, ELSEWHERE_NAMES, Layout
from streams.labelling.model import Mention
from streams.labelling.nearness import Sentence, Sentences
from streams.labelling.normalise import fold
from streams.labelling.patterns import Hit, Patterns
from streams.labelling.readying import Claim, Claimed, made_ready
from streams.labelling.windows import windows
from streams.labelling.worth import SECTION_NAMES, SPOTS, TITLE, Worths

_SECTIONS = len(SECTION_NAMES)
_mention = partial(tuple.__new__, Mention)  # a third of what Mention(...) costs, and a page has a thousand


class MentionFinder:
    """Finds what the rules of a lexicon ask for; immutable once built."""

    def __init__(
        self,
        rules: Sequence[Rule],
        policies: Mapping[str, Policy],
        negations: Sequence[str] = (),
        common: Collection[str] = (),
    ) -> None:
        worths = Worths(policies)
        self._patterns = Patterns(rules, common, worths.in_body)
        longest_first = sorted(map(re.escape, map(fold, negations)), key=len, reverse=True)
        self._negation = re.compile("|".join(longest_first)) if negations else None
        self._conditions = Conditions(self._patterns)
        self._in_title, self._in_body = made_ready(self._patterns, self._conditions, worths, tuple(policies))
        self._dimensions = len(policies)

    def find(self, title: str, body: str, layout: Layout, *, blocked: bool = False) -> list[Mention]:
        """Mentions in a bare title and in a normalised body; of nested terms of a dimension only the longest.

        In the body a term is found for a rule as often as the rule counts it, and no more.

        Args:
            title: see `bare_title`.
            body: its normalised text.
            layout: of that body.
            blocked: also those that count for nothing, with the reason.
        """
        in_title = self._patterns.hits(title, title=True)
        parts = windows(body)
        hits_of = self._reader(body, parts)
        named = {number for _, _, number in in_title}
        heard: set[int] = set()
        for part in parts:
            heard |= self._heard(hits_of(part), layout.places[part])
        passed = self._conditions.passed(heard | named, named)
        whole = f" {title} "
        title_page = _Page(
            whole, bytes([TITLE]) * len(whole), bytes(len(whole)), self._sentences(whole, in_title, passed)
        )
        said = self._judged(title_page, in_title, self._in_title, blocked, {})
        found = [mention._replace(start=0, end=0) for mention in said]
        left: dict[int, list[float]] = {}
        for part in parts:
            hits, text = hits_of(part), body[part]
            page = _Page(
                text, layout.places[part], layout.sections[part], self._sentences(text, hits, passed)
            )
            said = self._judged(page, hits, self._in_body, blocked, left)
            found += [_moved(mention, part.start) for mention in said] if part.start else said
        return found

    def _reader(self, body: str, parts: Sequence[slice]) -> Callable[[slice], list[Hit]]:
        """What tells the words of a part; a text of one part is read once."""
        if len(parts) > 1:
            return lambda part: self._patterns.hits(body[part])
        hits = self._patterns.hits(body)
        return lambda part: hits

    def _heard(self, hits: Sequence[Hit], places: bytearray) -> set[int]:
        sought = self._conditions.sought
        return {
            number
            for start, end, number in hits
            if number in sought and places[start] < ELSEWHERE and places[end - 1] < ELSEWHERE
        }

    def _sentences(self, text: str, hits: Sequence[Hit], passed: int) -> Sentences:
        return Sentences(text, hits, self._conditions.bits, passed)

    def _judged(
        self,
        page: "_Page",
        hits: Sequence[Hit],
        claimed: Claimed,
        blocked: bool,
        left: dict[int, list[float]],
    ) -> list[Mention]:
        # The inner loop of labelling: some thousand turns for a page of text, so names are bound and calls are few.
        # What is left: by number of the word, how often each claim may still count.
        found: list[Mention] = []
        claims, caps, shown = claimed.claims, claimed.caps, self._patterns.shown
        places, sections, sentence_at = page.places, page.sections, page.sentences.at
        negated = {match.end() for match in self._negation.finditer(page.text)} if self._negation else ()
        reached = [0] * self._dimensions
        sentence = Sentence("", 0, -1)
        stop, lacks = -1, 0
        for start, end, number in hits:
            fresh: tuple[Claim, ...] = ()
            for dimension, own in claims[number]:
                if end > reached[dimension]:
                    reached[dimension] = end
                    fresh += own
            if not fresh:
                continue
            place, last, why_not = places[start], places[end - 1], ""
            if place >= ELSEWHERE or last >= ELSEWHERE or start in negated:
                if not blocked:
                    continue
                why_not = ELSEWHERE_NAMES.get(max(place, last), "negated")
                place = BODY if max(place, last) >= ELSEWHERE else place
            spot = place * _SECTIONS + sections[start]
            where, section = SPOTS[spot]
            term, counts = shown[number], left.get(number)
            if counts is None:
                counts = left[number] = list(caps[number])
            for claim, worth, need, condition, rule in fresh:
                points = worth[spot]
                if not counts[claim] or not points:
                    continue
                why = why_not
                if condition is not None and not why:
                    if start > stop:
                        sentence = sentence_at(start)
                        stop, lacks = sentence.stop, ~sentence.said
                    if need & lacks and not blocked:
                        continue
                    why = sentence.unmet(condition, start, end)
                if why:
                    if not blocked:
                        continue
                else:
                    counts[claim] -= 1
                found.append(_mention((rule, term, where, section, start, end, points, why)))
        return found


def _moved(mention: Mention, by: int) -> Mention:
    return mention._replace(start=mention.start + by, end=mention.end + by)


@dataclass(frozen=True)
class _Page:
    """A title or a body while its hits are judged: its text, and place and section of each character."""

    text: str
    places: bytes | bytearray
    sections: bytes | bytearray
    sentences: Sentences
