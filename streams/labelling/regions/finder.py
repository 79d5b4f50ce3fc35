"""Where a policy applies: the jurisdiction of its issuer, or the narrower area that its title names."""

import re
from collections.abc import Collection

from config.taxonomies import Lexicon, Taxonomy
from streams.labelling.model import Label
from streams.labelling.normalise import Text, fold
from streams.labelling.regions.evidence import Choice, region_label
from streams.labelling.regions.places import MUNICIPALITIES, NATION, Gazetteer, Named, is_city, is_venue
from streams.labelling.regions.reading import RegionReading
from streams.labelling.regions.scope import districts, listed_from
from streams.labelling.regions.signatures import ORGAN
from streams.labelling.regions.speakers import HEAD_CHARS, ISSUES, OUTSIDE, Speakers

_FIELD_CHARS = 1000
_TAIL_CHARS = 200
_BODY_CHARS = 20_000
_MANY = 4
_EVERYWHERE = {"全国", "国家", "国务院", "中共中央", "中华人民共和国"}
_STATE = "中华人民共和国"
_BRACKETS = re.compile(r"[（(][^（）()]{0,200}[）)]")
_OF_PROVINCE = re.compile(rf"^(?:中共)?省[^,，。；;:：]{{1,30}}?{ORGAN}")
_PORTAL = re.compile(r"门户|政府网|公众号|日报|晚报|早报|新闻|客户端|网站|电视台|融媒|转载|发布$|^[-—]*$")
_OWN_COUNTY = re.compile("[我本全][区县旗](?![域块间])")
_TO_CITIES = re.compile(
    r"(?:^|(?<=\s))各(?:设区的?市|地级以上市|省辖市|地级市|市[、(（]?州|市[、,，]省直管|州[、(（]?市|地[、(（]?州)",
    re.MULTILINE,
)
_PASSED_ON = re.compile(r"转发|贯彻|落实")
_QUOTED = (
    "",
    "关于",
    "解读",
    "关于发布",
    "关于修订",
    "关于执行",
)  # in front of 《, the title of a document of theirs


class RegionFinder:
    """Finds the place that a document applies to; immutable once built."""

    def __init__(self, taxonomy: Taxonomy, lexicon: Lexicon) -> None:
        self._taxonomy = taxonomy
        self._places = Gazetteer(taxonomy, lexicon)
        self._speakers = Speakers(self._places)

    def find(self, *, title: str, text: Text, body: str, issuer: str, hint: str | None) -> list[Label]:
        """The region label, or none: first what the hint says, narrowed by issuer and title, else the body.

        Args:
            title: as published.
            text: the normalised body.
            body: the original body, to quote from.
            issuer: name of the issuing body, "" if unknown.
            hint: where its issuer has jurisdiction, as a code or in words.
        """
        document = self._read(title, text.text, issuer, hint)
        choice = self._from_fields(document)
        choice = self._of_addressees(document, choice) or choice
        if choice is None or self._may_be_narrower(choice, document):
            choice = self._from_body(document, choice) or choice
        choice = choice or self._named_only(document)
        if choice is None:  # an ambiguous name may be settled by what the text names further down
            document.context.update(self._speakers.context(document))
            choice = self._from_fields(document)
        return (
            [self._label(one, text, body) for one in self._several(choice, document, text.text)]
            if choice
            else []
        )

    def _several(self, choice: Choice, document: RegionReading, body: str) -> Collection[Choice]:
        """The districts that the title lists from the chosen one on, or the body as the scope in the chosen city."""
        if choice.field == "title" and not choice.code.endswith("00"):
            title, city = document.texts["title"], self._places.above(choice.code)[0]
            listed = listed_from(title, title.find(choice.name), lambda part: self._listed(part, city))
            several = {one.codes[0]: Choice(one.codes[0], "title", one.name) for one in listed}
            return several.values() if choice.code in several else [choice]
        if is_city(choice.code):
            listed = districts(body, lambda part: self._listed(part, choice.code))
            several = {one.codes[0]: Choice(one.codes[0], "body", one.name, one.start, 0.8) for one in listed}
            return several.values() or [choice]
        return [choice]

    def _listed(self, text: str, city: str) -> list[Named]:
        """The districts of a city named in a text, each with its one code."""
        found = self._places.resolve(
            self._places.find(text, everyday=True), {city, *self._places.above(city)}
        )
        return [named._replace(codes=(code,)) for named, code in found if city in self._places.above(code)]

    def knows(self, hint: str) -> bool:
        """Whether a hint names a place, by code or in words."""
        code = self._taxonomy.current("region", hint)
        return self._taxonomy.exists("region", code) or bool(self._places.find(fold(hint), everyday=True))

    def _read(self, title: str, body: str, issuer: str, hint: str | None) -> RegionReading:
        texts = {
            "hint": fold((hint or "")[:_FIELD_CHARS]).strip(),
            "issuer": fold(issuer[:_FIELD_CHARS]).strip(),
            "title": fold(" ".join(title[:_FIELD_CHARS].split())),
        }
        context: set[str] = set()
        code = self._taxonomy.current("region", texts["hint"])
        if name := self._taxonomy.name("region", code):
            context = {code, *self._places.above(code)}
            texts["hint"] = name
        portal = bool(_PORTAL.search(texts["issuer"]))
        texts["issuer"] = "" if portal else _BRACKETS.sub("", texts["issuer"])
        found = {field: self._places.find(text, everyday=True) for field, text in texts.items()}
        found["title"] = _not_passed_on(found["title"], texts["title"])
        found["title"] = [named for named in found["title"] if not OUTSIDE.issuperset(named.codes)]
        if texts["issuer"] or texts["hint"]:
            found["title"] = [named for named in found["title"] if not is_venue(named, texts["title"])]
        ends = (body[:HEAD_CHARS], body[max(HEAD_CHARS, len(body) - _TAIL_CHARS) :])
        around = [named for end in ends for named in self._places.find(end)]
        for named in (*(n for names in found.values() for n in names), *around):
            if len(named.codes) == 1 and not named.everyday:
                context.update((named.codes[0], *self._places.above(named.codes[0])))
        return RegionReading(texts, found, body[:_BODY_CHARS], context - {NATION})

    def _from_fields(self, document: RegionReading) -> Choice | None:
        chosen: Choice | None = None
        for field in ("hint", "issuer", "title"):
            best = self._narrowest(document.found[field], document.context)
            if best is None:
                continue
            named, code = best
            if field == "title" and code == NATION and chosen is None and not self._speaks(document, named):
                continue  # 国家级…, 全国… in the title of a province's document
            wider = chosen is not None and code in self._places.above(chosen.code)
            if (wider and self._speaks(document, named, field)) or self._is_within(code, chosen):
                chosen = Choice(code, field, named.name)
        if chosen and _OF_PROVINCE.match(document.texts["title"]):
            province = self._province(chosen.code)
            return Choice(province, "title", "省") if province else chosen
        return chosen

    def _of_addressees(self, document: RegionReading, choice: Choice | None) -> Choice | None:
        """The province or the nation whose document stands on a lower body's page, as its addressees tell."""
        if choice is None or _PASSED_ON.search(document.texts["title"]):
            return None
        head = document.body[:HEAD_CHARS]
        for sign in self._places.signs(head):
            opens = sign.start == 0 or head[sign.start - 1].isspace()  # else it is cited: (国务院令第1号)
            if opens and sign.codes[0] in self._places.above(choice.code):
                return Choice(sign.codes[0], "body", sign.name, sign.start)
        addressed = _TO_CITIES.search(head)
        province = self._province(choice.code) if addressed else None
        if addressed is None or province is None or province == choice.code:
            return None
        return Choice(province, "body", addressed[0].strip(), addressed.start())

    def _may_be_narrower(self, choice: Choice, document: RegionReading) -> bool:
        """Whether the body should be asked where inside the place the document applies.

        So where only a hint speaks, and where a title names a city or province whose policy "our district" carries out.
        """
        if choice.field == "hint":
            return not document.spoken
        return choice.field == "title" and bool(_OWN_COUNTY.search(document.texts["title"]))

    def _speaks(self, document: RegionReading, named: Named, field: str = "title") -> bool:
        """Whether the name opens the name of the body that issued the document, or a headline about a wider area."""
        text = document.texts[field]
        if named.codes == (NATION,) and named.name not in _EVERYWHERE:
            return named.start == 0 or text[: named.start].rstrip("《〈<") in _QUOTED
        if named.start > 2 or len(named.codes) > 1:
            return False
        if field == "issuer":
            return bool(re.search(rf"{ORGAN}$", text))
        if named.name == _STATE:
            return True
        if ISSUES.match(text):  # a document of a higher body stays its own on the page of a lower one
            return True
        return named.start == 0 and named.codes != (NATION,) and not document.texts["issuer"]

    def _is_within(self, code: str, chosen: Choice | None) -> bool:
        return chosen is None or chosen.code in self._places.above(code)

    def _from_body(self, document: RegionReading, wider: Choice | None) -> Choice | None:
        """The place of who signs, or of who opens the text; only inside what is known already."""
        for names, sure in self._speakers.who_speaks(document, wider):
            best = self._narrowest(names, document.context)
            if best is None or not self._is_within(best[1], wider):
                continue
            code = best[1] if sure else self._of_level(best[1], document.level)
            if code:
                return Choice(code, "body", best[0].name, best[0].start, 0.6)
        return None if wider else self._national(document)

    def _of_level(self, code: str, level: str) -> str | None:
        """The code, or the one above it of the level that the text speaks for (我省, 我市); None if it is too wide."""
        chain = [above for above in (code, *self._places.above(code)) if above != NATION]
        levels = {"省": chain[-1:], "市": [above for above in chain if is_city(above)], "县": chain[:1]}
        county_city = level == "市" and (self._taxonomy.name("region", code) or "").endswith("市")
        if not chain or not level or (county_city and not code.endswith("0000")) or code in MUNICIPALITIES:
            return code
        if level == "县" and code.endswith("00"):
            return None
        return next(iter(levels[level]), None)

    def _national(self, document: RegionReading) -> Choice | None:
        """The whole country, if the text names national bodies only and speaks for no province, city or county.

        What many national bodies do may name one place in passing (对湖北等地区).
        """
        title = document.texts["title"]
        if document.level or _PASSED_ON.search(title):
            return None
        in_title = self._places.find(title)
        found = [*in_title, *self._speakers.everywhere(document)]
        bodies = [named for named in found if named.codes == (NATION,) and named.name not in _EVERYWHERE]
        local = [named for named in found if named.codes != (NATION,)]
        passing = len(local) == 1 and local[0] not in in_title
        if local and not (passing and len({named.name for named in bodies}) > _MANY):
            return None
        if not bodies and len(found) < _MANY:
            return None
        named = (bodies or found)[0]
        return Choice(NATION, "body" if named.name in document.body else "title", named.name, weight=0.5)

    def _named_only(self, document: RegionReading) -> Choice | None:
        """The place in a title that does not speak for it, if nothing else says anything and it is not passed on."""
        title = document.texts["title"]
        if _PASSED_ON.search(title):
            return None
        best = self._narrowest(document.found["title"], document.context)
        return Choice(best[1], "title", best[0].name, weight=0.6) if best else None

    def _narrowest(self, names: list[Named], context: set[str]) -> tuple[Named, str] | None:
        """The first place, or one inside it that is named as well."""
        best: tuple[Named, str] | None = None
        for named, code in self._places.resolve(names, context):
            if best is None or best[1] in self._places.above(code):
                best = named, code
        return best

    def _province(self, code: str) -> str | None:
        chain = (code, *self._places.above(code))
        return next((above for above in chain if above != NATION and above.endswith("0000")), None)

    def _label(self, choice: Choice, text: Text, body: str) -> Label:
        full = "" if choice.code == NATION else self._taxonomy.name("region", choice.code) or ""
        return region_label(choice, full, text, body)


def _not_passed_on(names: list[Named], title: str) -> list[Named]:
    """Without national bodies whose documents the title only passes on (转发…, 贯彻…)."""
    word = _PASSED_ON.search(title)
    return [named for named in names if not word or named.start < word.start() or named.codes != (NATION,)]
