"""What an applicant has to meet, as numbers: 营业收入≥2000万元, 职工≤300人, 成立满1年, 研发费用占比≥5%."""

import re
from collections.abc import Iterator
from itertools import islice

from streams.labelling.facts.document import STOPS, Document
from streams.labelling.facts.founding import find_founding
from streams.labelling.facts.model import Condition, Fact, Operator
from streams.labelling.facts.numerals import ARABIC, CHINESE, SCALE, SQUARE_METRE, number
from streams.labelling.facts.places import places

# The words of the text for what is measured; the first that fits names the field.
_RD = r"研[究发](?:开发|与试验发展)?(?:费用?|经费|投入|支出)(?:总额|合计)?"
FIELDS: dict[str, str] = {
    "rd_ratio": _RD + r"[^,。;\n\d]{0,22}?(?:比例|比重|占比|强度|之比)",
    "rd_expense": _RD,
    "rd_staff_ratio": r"(?:研发|科技|技术)人员[^,。;\n\d]{0,16}?(?:比例|比重|占比)",
    "rd_staff": r"(?:研发|科技|技术)人员(?:数|总数)?",
    "debt_ratio": r"资产负债率",
    "growth": r"(?:营业收入|主营业务收入|营收|净利润|产值|销售收入)[^,。;\n\d]{0,10}?(?:增长率?|增速|同比增长|增幅)",
    "main_ratio": r"主营业务收入[^,。;\n\d]{0,14}?(?:比例|比重|占比)",
    "market_share": r"市场占有率|市场份额",
    "revenue": r"(?:主营业务收入|营业总?收入|营收|销售收入|销售额|业务收入|年收入)(?:总额)?",
    "output": r"(?:工业)?(?:总产值|年产值|产值)",
    "tax_paid": r"(?:纳税(?!所得)|缴税|税收)(?:总额|额)?",
    "profit": r"净?利润(?:总额)?",
    "total_assets": r"资产总额|总资产",
    "registered_capital": r"注册资本金?|注册资金|实缴资本",
    "investment": r"(?:固定资产|设备|项目)?(?:总投资|投资(?:总额|额)?|投入)(?:总额|额)?",
    "employees": r"(?:从业人[员数]|职工人?数?|员工|参保人数|在职职工|吸纳[^,。;\n\d]{0,8}?就业)(?:总数|人数|数)?",
    "established": r"(?:成立|注册|登记|设立|经营(?!面积)|运营|开业|工商登记|创办)(?:时间|登记|年限|期)?",
    "insured": r"(?:缴纳|参加|缴交)?(?:社会保险|社保|住房公积金|公积金|职工养老保险)(?:费|缴纳|缴存)?(?:时间|年限)?",
    "patents": r"(?:发明专利|有效专利|知识产权|专利|软件著作权|Ⅰ类知识产权)(?:数|数量)?",
    "area": r"(?:建筑|场地|经营|使用)?面积",
    "age": r"年龄",
}
_UNITS = (
    rf"(?:(?P<scale>{SCALE}) ?(?P<yuan>元)|(?P<percent>%|个百分点)|(?:名|个)?(?P<person>人|名)"
    r"|个?(?:完整)?(?:会计年度|自然年度)?(?P<year>周?年|周岁|岁)|个?(?P<month>月)|(?P<item>项|件|个|家)"
    rf"|(?P<sqm>{SQUARE_METRE}))"
)
_LEAST = (
    r"不低于|不少于|不得低于|不得少于|不小于|大于等于|高于等于|达到|达|满|至少|≥|>=|超过|大于|高于|突破|>"
)
_MOST = (
    "不超过|不高于|不多于|不得超过|不大于|小于等于|低于|小于|少于|未满|不满|未超过|未高于|未达到|未达|不足|控制在"
    "|≤|<=|<"
)
_NUMBER = (
    rf"(?P<number>{ARABIC}|{CHINESE}) ?{_UNITS} ?(?:\((?P<without>不)?含[^()]{{0,6}}\))?"
    r"(?P<after>及?以上|以下|及?以内)?"
)
_COMPARED = re.compile(rf"(?P<op>{_MOST}|{_LEAST})[^,。;\n\d]{{0,3}}?{_NUMBER}")
_BOUNDED = re.compile(rf"{_NUMBER}$")
# The other side of the limit: 2000万元以上、4亿元以下; 不低于2000万元、不超过4亿元
_ALSO = re.compile(
    rf" ?[、,]? ?(?:且|并且?|但|同时)?(?:(?P<op>{_MOST}|{_LEAST})[^,。;\n\d]{{0,3}}?)?{_NUMBER}"
)
# 2000万元至4亿元
_UNTIL = re.compile(rf" ?{_NUMBER}")
_RANGES = ("至", "-", "~")
_ENDS_OF_UNITS = frozenset("元%点人名年岁月项件个家米㎡2²) 及")
_SIGN = re.compile(rf"{_MOST}|{_LEAST}|以上|以下|以内")
_FIELD = re.compile(
    rf"(?:{'|'.join(f'(?P<{name}>{words})' for name, words in FIELDS.items())})(?P<gap>[^,。;\n\d≥≤<>]{{0,16}})$"
)
_WINDOW = 44
_PARTED = re.compile(r"(?s:.*)[,。;\n\d]")  # no field and no gap goes across one of these
_STRICT: dict[str, Operator] = {
    **dict.fromkeys(("超过", "大于", "高于", "突破", ">"), ">"),
    **dict.fromkeys(("低于", "小于", "少于", "未满", "不满", "未达到", "未达", "<", "不足"), "<"),
}
_MOST_WORDS = frozenset(_MOST.split("|"))
_GRANT = re.compile(r"奖励|补贴|补助|给予|资助|最高|额度|提高|上浮|力争|实现|目标|全市|全省|预计|累计完成")
_PAID_IN = re.compile(r"^(?!.*(?:贷款|还款|年限|期限|封存|停止|停缴)).*(?:缴|参加|满)")
_UNIT_NAMES = ("yuan", "percent", "person", "year", "month", "item", "sqm")
_BACK = 26
_CLAUSE = 60
_LIMIT = 300
_MOST_SIGNS = 20_000
# 给予租金补贴,面积不超过1000㎡ limits what is granted, not who may apply
_GRANTED = re.compile(
    r"(?:给予|予以|奖励|奖补|补贴|补助|资助|减免|贴息|返还)(?!的?(?:条件|对象|资格)|的[^,。;\n]{0,8}(?:企业|单位|机构|主体|项目|人))"
)
# 月销售额, 季度销售额, 日均营业收入: no sum of a year; 12月营业收入 may be counted up to then
_SHORT_BEFORE = re.compile(
    r"(?:(?<![\d个])月|(?<!12)(?<!十二)个月|季|(?<!\d)日|(?<!航)天)(?:度|均|平均|累计|实现|增值税|应税|不含税|的){0,3}$"
)
_SHORT_BETWEEN = re.compile(r"[月日季天](?:度)?(?:均|平均)|[每按单][月日季天]|\([月日季天]|人均|户均")
_SHORT_BEHIND = re.compile(r" ?(?:/|每)[月日季天]")
_PER_HEAD = re.compile(r"(?:人均|户均)[^,。;\n\d]{0,6}$")
# 家庭年收入 is persons' money, 家庭农场年收入 is not
_PERSONS = re.compile(
    r"(?:家庭|个人|本人|夫妻|居民|申请人|职工|员工|人员|劳动者|毕业生|农民|农户)"
    r"(?:(?!农场|企业|公司|单位|机构|合作社)[^,。;、且并及和\n\d]){0,6}$"
)
_AIM = re.compile(r"力争|目标|预计|实现|带动|全[市省区县]")


Read = tuple[Condition, int, int]


def find_conditions(document: Document) -> tuple[Fact[Condition], ...]:
    """The numbers that an applicant has to meet, in the order of the text, the first 300 of them."""
    found: dict[int, Read] = {}
    for sign in islice(_SIGN.finditer(document.text), _MOST_SIGNS):
        text = document.text
        read = _behind(text, sign.start()) if sign[0][0] != "以" else _ahead(text, sign.end())
        if read and read[2] not in found:
            found[read[2]] = read
            if other := _other_side(text, read):
                found.setdefault(other[2], other)
            if len(found) >= _LIMIT:
                break
    for read in _ranges(document.text):
        found.setdefault(read[2], read)
    facts = [document.fact(one, begin, end, f"condition:{one.field}") for one, begin, end in found.values()]
    facts += find_founding(document)
    return tuple(sorted(facts, key=lambda fact: fact.start)[:_LIMIT])


def _behind(text: str, at: int) -> Read | None:
    """The condition whose comparison begins at `at`: 不低于2000万元."""
    match = _COMPARED.match(text, at)
    if match is None:
        return None
    return _read(text, match, _operator(match["op"], match["after"]), at, match.end())


def _ahead(text: str, end: int) -> Read | None:
    """The condition whose comparison ends at `end`: 2000万元以上."""
    window = max(0, end - _BACK)
    if text[end - 3 : end - 2] not in _ENDS_OF_UNITS:
        return None  # 以上人员, as most are
    match = _BOUNDED.search(text[window:end])
    if match is None or match["after"] is None:
        return None
    op: Operator = ">=" if "上" in match["after"] else "<="
    return _read(text, match, op, window + match.start(), end)


def _other_side(text: str, read: Read) -> Read | None:
    """The other end of a limit, where it follows at once; its words begin with the first's."""
    one, begin, end = read
    match = _ALSO.match(text, end)
    if match is None or not (match["op"] or match["after"]):
        return None
    return _end_of_range(one, begin, match, _operator(match["op"] or "", match["after"]))


def _ranges(text: str) -> Iterator[Read]:
    """The two ends of 营业收入2000万元(含)至4亿元(不含)."""
    for sign in _RANGES:
        for at in places(text, sign):
            if text[at - 1 : at] not in _ENDS_OF_UNITS or (high := _UNTIL.match(text, at + 1)) is None:
                continue
            window = max(0, at - _BACK)
            low = _BOUNDED.search(text[window:at].rstrip())
            if low is None or low["after"] or _is_of_the_calendar(low):
                continue
            least = _read(text, low, ">=", window + low.start(), window + low.end())
            if least and (most := _end_of_range(least[0], least[1], high, "<=")):
                yield least
                yield most


def _is_of_the_calendar(match: re.Match[str]) -> bool:
    """2020年至2022年 and 3月至5月 are times, 3年至5年 and 3个月至6个月 are ages."""
    return bool(match["month"] and "个" not in match[0]) or bool(match["year"] and len(match["number"]) > 3)


def _end_of_range(one: Condition, begin: int, match: re.Match[str], op: Operator) -> Read | None:
    value = number(match["number"], match["scale"] or "")
    if value is None or match[one.unit] is None or op[0] == one.op[0]:
        return None
    if (value > one.value) != (op[0] == "<"):
        return None
    return Condition(one.field, _strict(op, match), value, one.unit), begin, match.end()


def _read(text: str, match: re.Match[str], op: Operator, start: int, end: int) -> Read | None:
    window = text[max(0, start - _WINDOW) : start]
    if parted := _PARTED.match(window):
        window = window[parted.end() :]
    found = _FIELD.search(window)
    value = number(match["number"], match["scale"] or "")
    if found is None or value is None or _GRANT.search(found["gap"]) or "所得额" in found["gap"]:
        return None
    field = next(name for name in FIELDS if found[name])
    unit = next(name for name in _UNIT_NAMES if match[name])
    begin = start - len(window) + found.start()
    if not _fits(field, unit) or _AIM.search(text[max(0, begin - 20) : begin]):
        return None
    if field == "revenue" and not _of_a_firm_and_a_year(text, begin, found, end):
        return None
    if field == "insured" and not _PAID_IN.search(text[max(0, begin - 6) : end]):
        return None
    if field == "area" and op[0] == "<" and _of_the_grant(text, begin, end):
        return None
    return Condition(field, _strict(op, match), value, unit), begin, end


def _of_a_firm_and_a_year(text: str, begin: int, found: re.Match[str], end: int) -> bool:
    """Whether a revenue is what a firm takes in a year: not 月销售额, not 家庭年收入."""
    lead = text[max(0, begin - 16) : begin]
    if _SHORT_BEFORE.search(lead) or _SHORT_BETWEEN.search(found["gap"]) or _SHORT_BEHIND.match(text, end):
        return False
    return not (_PER_HEAD.search(lead) or (found["revenue"] == "年收入" and _PERSONS.search(lead)))


def _of_the_grant(text: str, begin: int, end: int) -> bool:
    """Whether an area is the most that a grant is given for, not the most that an applicant may have."""
    if text.startswith(("的部分", "部分"), end):
        return True
    low = max(0, begin - _CLAUSE, *(text.rfind(stop, max(0, begin - _CLAUSE), begin) + 1 for stop in STOPS))
    return not text.startswith("的", end) and _GRANTED.search(text, low, begin) is not None


def _strict(op: Operator, match: re.Match[str]) -> Operator:
    if match["without"] is None:
        return op
    return "<" if op[0] == "<" else ">"


def _operator(before: str, after: str | None) -> Operator:
    if after in ("以下", "及以内", "以内"):
        return "<="
    if before in _MOST_WORDS:
        return _STRICT.get(before, "<=")
    return ">=" if after else _STRICT.get(before, ">=")


_YUAN = {
    "revenue",
    "output",
    "tax_paid",
    "profit",
    "total_assets",
    "registered_capital",
    "investment",
    "rd_expense",
}
_PERCENT = {"rd_ratio", "rd_staff_ratio", "debt_ratio", "growth", "main_ratio", "market_share"}
_TIME = {"established", "insured"}


def _fits(field: str, unit: str) -> bool:
    if field in _YUAN:
        return unit == "yuan"
    if field in _PERCENT:
        return unit == "percent"
    if field in _TIME:
        return unit in ("year", "month")
    return {"employees": "person", "rd_staff": "person", "patents": "item", "area": "sqm", "age": "year"}.get(
        field
    ) == unit
