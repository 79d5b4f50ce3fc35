"""Whose text a body is: the places that sign it, open it, speak in it, or are named in it most."""

import re
from collections.abc import Iterator

from streams.labelling.regions.evidence import Choice
from streams.labelling.regions.places import NATION, OFFICE, Gazetteer, Named, is_city
from streams.labelling.regions.reading import RegionReading
from streams.labelling.regions.signatures import ORGAN, signed_places, speaking_places

HEAD_CHARS = 300
_OPENING_CHARS = 120
_SIGNS_CHARS = 600
_BODY_OF = re.compile(OFFICE)
# Documents of the mainland speak of these, but do not apply there.
OUTSIDE = frozenset({"710000", "810000", "820000"})
_UNCERTAIN = OUTSIDE | {NATION}
ISSUES = re.compile(
    rf"^[^,，。;；:：《〈]{{0,60}}?{ORGAN}[^,，。;；:：]{{0,30}}?(?:关于|印发|转发|令|公告|通告|出台|发布)"
)


class Speakers:
    """Finds the names in a body that tell whose it is; immutable once built."""

    def __init__(self, places: Gazetteer) -> None:
        self._places = places

    def who_speaks(self, document: RegionReading, wider: Choice | None) -> Iterator[tuple[list[Named], bool]]:
        """Names that tell whose text it is, and whether they say so whatever level it speaks of; the surest first.

        Each is looked for when those before it said nothing: the last ones read the whole text.
        """
        if wider and wider.field == "title":  # "our district" names itself at the head
            yield self._head(document), True
            return
        signed = [] if wider else signed_places(document.body, self._places.find)
        opening = document.body[:_OPENING_CHARS]
        if not signed and ISSUES.match(opening):
            signed = [named for named in self._places.find(opening) if named.start < 3]
        yield signed, True
        yield speaking_places(document.body, self._places.find), True
        if wider:
            return
        yield self._places.signs(document.body[:_SIGNS_CHARS]), True
        yield self._own_county(document), True
        most = self._most_named(document)
        yield [*self._head(document), *most], False
        yield most, False
        yield self._own_city(document), True

    def _head(self, document: RegionReading) -> list[Named]:
        found = self._places.find(document.body[:HEAD_CHARS])
        return [named for named in found if not _UNCERTAIN.issuperset(named.codes)]

    def _most_named(self, document: RegionReading) -> list[Named]:
        """The place named most in the whole text, if it is named three times and more than half of them all."""
        counted: dict[str, list[Named]] = {}
        for named, code in self._resolved(document):
            if code != NATION:
                counted.setdefault(code, []).append(named)
        total = sum(map(len, counted.values()))
        best = max(counted.values(), key=len, default=[])
        return best[:1] if len(best) >= 3 and len(best) * 2 > total else []

    def _own_county(self, document: RegionReading) -> list[Named]:
        """The only county or district that a text about "our county" names, if all else that it names lies above."""
        if document.level != "县":
            return []
        places = [(named, code) for named, code in self._resolved(document) if code != NATION]
        counties = [(named, code) for named, code in places if not code.endswith("00")]
        if not counties or not document.is_own(*counties[0]):
            return []
        named, code = counties[0]
        fits = {code, *self._places.above(code)}.issuperset(other for _, other in places)
        return [named] if fits and len(places) > 1 else []

    def _own_city(self, document: RegionReading) -> list[Named]:
        """The only city that a text about "our city" names, if it names a body of its own: 滨江市市场监督管理局."""
        if document.level != "市":
            return []
        cities = [(named, code) for named, code in self._resolved(document) if is_city(code)]
        if len({code for _, code in cities}) != 1:
            return []
        return [named for named, _ in cities if _BODY_OF.match(document.body, named.end)][:1]

    def _resolved(self, document: RegionReading) -> list[tuple[Named, str]]:
        """The places named in the body, each with the one code that it can mean here."""
        return self._places.resolve(self.everywhere(document), document.context)

    def everywhere(self, document: RegionReading) -> list[Named]:
        """All places named in the body, looked for once."""
        if document.everywhere is None:
            found = self._places.find(document.body)
            document.everywhere = [named for named in found if not OUTSIDE.issuperset(named.codes)]
        return document.everywhere

    def context(self, document: RegionReading) -> set[str]:
        """What the body names without doubt, and what that lies in."""
        sure = [n for n in self.everywhere(document) if len(n.codes) == 1 and not n.everyday]
        codes = {named.codes[0] for named in sure} - {NATION}
        return codes | {above for code in codes for above in self._places.above(code)} - {NATION}
