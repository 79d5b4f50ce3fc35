"""The names of places: the divisions of GB/T 2260 under their full and short names, zones, and national bodies."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from config.taxonomies import Lexicon, Taxonomy
from streams.labelling.normalise import fold

NATION = "100000"
MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000"})
# The names of peoples are no part of the place: 玉屏侗族自治县, 巴音郭楞蒙古自治州.
_PEOPLES = (
    "(?:(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇"
    "|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京"
    "|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各)族|蒙古|维吾尔|哈萨克|塔吉克|锡伯|柯尔克孜)"
)
_SUFFIX = re.compile(rf"(?:特别行政区|{_PEOPLES}*(?:自治[州区县旗]|区)|地区|林区|盟|省|市|县|旗)$")
_AUTONOMOUS = re.compile("自治[州县旗]$")
_SPECIAL = {"内蒙古自治区": "内蒙古"}
_GENERIC = {
    "东城区",
    "西城区",
    "城东区",
    "城西区",
    "城北区",
    "新市区",
    "城区",
    "郊区",
    "矿区",
    "东区",
    "西区",
    "新县",
    "市中区",
    "城中区",
    "城关区",
    "新城区",
}
# What makes a district of 江宁: a zone named after it, or the kind of division it once was or is now.
_ZONE = re.compile(
    r"(?:区|县|市(?!场|民|政|值)|旗|国家级?|国际)?"
    r"(?:高新区|高新技术(?:产业)?(?:开发区|园区|示范区)|经济技术开发区|经济开发区|经开区|开发区|新区|工业园|产业园|科技园"
    r"|综合保税区|保税港?区|出口加工区|自贸区|自贸片区|自由贸易)"
    r"|区(?![域块间])|县(?!域|级)|市(?!场|民|值)|旗(?!舰|下|帜)"
)
# Short names that are ordinary words as well.
_WORDS = re.compile(
    "振兴|新兴|安居|乐业|兴业|富民|共和|和平|建设|解放|文化|平安|前进|向阳|永定|惠民|利民|新民|民乐|太平"
    "|新建|公安|合作|延长|惠农|富裕|资源|互助|民权|友好|通道|南部|中方|港口|光明|新华"
).fullmatch
YEAR = r"(?:(?:19|20)\d\d ?年度? ?)?"
# A body of the division whose name stands in front: 体育局, 人民政府; but not 青浦区新格局.
OFFICE = (
    r"(?:[区县市旗]|自治[县旗])?(?:人民政府|政府|管委会|管理委员会"
    r"|[^\W\d_]{2,10}?(?:(?<![格布大结当全])局(?![面部势限])|厅|委员会|办公室|指挥部|领导小组))"
)
_YEAR, _OFFICE = re.compile(YEAR), re.compile(OFFICE)
# 新建区域, 新建区级平台: no district of that name; 武汉大学, 武汉都市圈: a university, and more than the city.
_NO_DIVISION = re.compile(r"(?<=区)[域块间级]|(?<=县)[域级]|大学(?![生城科])|都市圈|城市群")
_MEETS = re.compile("大会|博览会|展览会|交易会|论坛|峰会|大赛|对接会|招聘会")
_NEWS = re.compile(r"[:：]|出台|发布|推出|印发|启动|$")


def is_word(name: str) -> bool:
    """Whether the short name of a division is an ordinary word as well: 新建, 和平."""
    return bool(_WORDS(name))


def short_name(name: str) -> str | None:
    """What people say for a division: 上海市 → 上海, 黔南布依族苗族自治州 → 黔南; None if nothing is left."""
    if name in _SPECIAL:
        return _SPECIAL[name]
    short = _SUFFIX.sub("", name)
    return short if len(short) >= 2 and short != name else None


class Named(NamedTuple):
    """A name in a text.

    Attributes:
        name: as it stands there.
        start: its offset in that text.
        codes: the places of that name; more than one if it is ambiguous.
        everyday: a short name of a district or county, which may be an ordinary word as well (和平, 新民), or a
            name that every other city has (西城区).
    """

    name: str
    start: int
    codes: tuple[str, ...]
    everyday: bool = False

    @property
    def end(self) -> int:
        """Its end in that text."""
        return self.start + len(self.name)


def is_city(code: str) -> bool:
    """Whether a code is that of a city, a prefecture or a municipality."""
    return code.endswith("00") and (not code.endswith("0000") or code in MUNICIPALITIES)


def is_venue(named: Named, title: str) -> bool:
    """Whether people only meet there: 2026中国(武汉)大会 is for whoever may come; but not 中国(上海)自由贸易试验区."""
    alone = title[: named.start].endswith("（") and title.startswith("）", named.end)
    zone = title.startswith(("自由贸易", "自贸"), named.end + 1)
    return alone and not zone and bool(_MEETS.search(title))


class Gazetteer:
    """Finds names of places; immutable once built."""

    def __init__(self, taxonomy: Taxonomy, lexicon: Lexicon) -> None:
        self._taxonomy = taxonomy
        self._above: dict[str, tuple[str, ...]] = {}  # each is asked for a hundred times a page
        names: dict[str, set[str]] = defaultdict(set)
        shorts: dict[str, str] = {}
        districts: dict[str, set[str]] = defaultdict(set)
        provinces_first = sorted(taxonomy.codes["region"].items(), key=lambda item: item[0][2:] != "0000")
        # As texts are: 乾县 is read as 干县. Folded as one text, which costs a tenth of folding them one by one.
        as_read = fold("\n".join(entry.name for _, entry in provinces_first)).split("\n")
        for (code, entry), name in zip(provinces_first, as_read, strict=True):
            names[name].add(code)
            short = None if code == NATION else short_name(name)
            if short and _AUTONOMOUS.search(entry.name):  # 威宁县 is not 宁县, whatever its full name
                names[short + entry.name[-1]].add(code)
            if short and code.endswith("00"):
                shorts.setdefault(short, code)  # 吉林 is the province, not the city
            elif short:
                districts[short].add(code)
        for short, code in shorts.items():
            names[short].add(code)
        signs: dict[str, set[str]] = defaultdict(set)
        for rule in lexicon.rules:
            if rule.dimension == "region":
                for term in rule.terms:
                    (signs if rule.where == {"head"} else names)[fold(term)].update(rule.codes)
        self._signs = _Finder(signs)
        self._names = _Finder(names)
        self._districts = _Finder({short: codes for short, codes in districts.items() if short not in names})

    def above(self, code: str) -> tuple[str, ...]:
        """The codes of the places that it lies in."""
        known = self._above.get(code)
        if known is None:
            known = self._above[code] = self._taxonomy.ancestors("region", code)
        return known

    def find(self, text: str, *, everyday: bool = False) -> list[Named]:
        """Names in a folded text, those that only keep others from being read left out.

        Args:
            text: a folded text.
            everyday: also short names of districts and counties where they can be nothing else than a place.
        """
        found = [
            Named(name, start, codes, everyday=name in _GENERIC)
            for name, start, codes in self._names.find(text)
            if not _NO_DIVISION.match(text, start + len(name))
        ]
        if everyday:
            taken = {at for named in found for at in range(named.start, named.end)}
            ends = {named.end for named in found if named.codes and named.codes != (NATION,)}
            for name, start, codes in self._districts.find(text):
                end = start + len(name)
                if taken.isdisjoint(range(start, end)):
                    known = not _WORDS(name) and bool(
                        _ZONE.match(text, end) or (start == 0 and _NEWS.match(text, end))
                    )
                    opens = start == 0 or (_YEAR.fullmatch(text, 0, start) and _OFFICE.match(text, end))
                    if known or start in ends or (opens and not _WORDS(name)):
                        found.append(Named(name, start, codes, everyday=not known))
            found.sort(key=lambda named: named.start)
        return [named for named in found if named.codes]

    def signs(self, opening: str) -> list[Named]:
        """What in the opening of a folded text tells whose it is without naming it: 各省、自治区、直辖市."""
        return [Named(name, start, codes) for name, start, codes in self._signs.find(opening)]

    def resolve(self, found: Iterable[Named], context: set[str]) -> list[tuple[Named, str]]:
        """Names with the one code they can mean; ambiguous and everyday ones only with a place above in `context`."""
        resolved: list[tuple[Named, str]] = []
        for named in found:
            if len(named.codes) == 1 and not named.everyday:
                resolved.append((named, named.codes[0]))
                continue
            fitting = [code for code in named.codes if context.intersection(self.above(code)) - {NATION}]
            if len(fitting) > 1:  # the context knows a city, not only the province
                fitting = [code for code in fitting if context.intersection(self.above(code)[:1])]
            if len(fitting) == 1:
                resolved.append((named, fitting[0]))
        return resolved


class _Finder:
    def __init__(self, names: dict[str, set[str]]) -> None:
        self._names = tuple(names)
        self._codes = tuple(tuple(sorted(codes)) for codes in names.values())
        self._automaton = (
            CharwiseDoubleArrayAhoCorasick(list(self._names), match_kind=MATCH_KIND_LEFTMOST_LONGEST)
            if names
            else None
        )

    def find(self, text: str) -> list[tuple[str, int, tuple[str, ...]]]:
        if self._automaton is None:
            return []
        return [
            (self._names[number], start, self._codes[number])
            for start, _, number in self._automaton.find(text)
        ]
