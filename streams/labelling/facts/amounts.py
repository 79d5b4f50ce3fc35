"""What the document grants, in yuan or percent: 最高50万元, 一次性奖励30万元, 按30%给予补贴."""

import re

from streams.labelling.facts.document import Document, sentence_start
from streams.labelling.facts.model import Amount, Bound, Fact, Unit
from streams.labelling.facts.numerals import ARABIC, CHINESE, SCALE, SQUARE_METRE, number
from streams.labelling.facts.places import places

_MONEY = re.compile(rf"(?P<number>{ARABIC}|{CHINESE}) ?(?P<scale>{SCALE}) ?$")
_SHARE = re.compile(rf"(?P<number>{ARABIC}) ?$")
_GIFT = (
    r"(?:奖励|奖补|奖金|补贴|补助|资助|扶持|支持|贴息|补偿|贷款额度|贷款|额度|消费券|资金|减免|减征|返还|退还|优惠"
    r"|经费|津贴|生活费|房票|服务券|免税)"
)
_GIVEN = re.compile(_GIFT)
_GIVES = re.compile(
    r"给予|予以|奖励|奖补|补贴|补助|资助|贴息|补偿|发放|减免|减征|返还|退还|提高至|提高到|上浮|可贷|最高可|享受|一次性"
)
_MOST = re.compile(
    r"(?:最高|不超过|至多|上限|封顶|以内|不高于|最多|限额)(?:[^。,;\n\d]{0,14}|[^。,;\n\d]{0,12}(?:由|从)[^。,;\n]{2,14}(?:至|到|为))$"
)
_MOST_AFTER = re.compile(r" ?(?:以内|封顶|以下|为限|为上限|的上限)")
_LEAST = re.compile(r"(?:不低于|不少于|至少|最低|不得低于|不得少于)[^。,;\n\d]{0,10}$")
_LEAST_AFTER = re.compile(r" ?(?:以上|及以上)")
_MEASURED = re.compile(
    r"(?:收入|产值|投资|投入|注册资本|资产|销售|营收|利润|纳税|税收|缴税|融资|成交|合同额|交易|首付|余额|总价|购房款|罚款|保证金|价格|工资"
    r"|贡献|达到|增长|增速|占比|比例|率|超过|突破|每满|满|达|每增加|支出|费用|出口额|进出口|总额|评估|成本|造价|持股|股权|研发)"
    r"(?:[^。,;\n\d]{0,10})$"
)
# The price of a square metre is measured, unless these very words grant it: 每平方米补贴30元, 按每平方米30元计
_PRICED = re.compile(r"(?P<before>[^。,;\n]*)每平方米(?P<between>[^。,;\n\d]{0,10})$")
_COUNTS_OUT = re.compile(r" ?按照?每")
_GRANTED = re.compile(r"按照?$|标准")
# 由40万元提高至50万元: the first is history, the second as high as the words before it say
_FORMER = re.compile(r"(?:由|从)(?:原来?的?|现行的?|每[^,。\d]{1,4})?$")
_RAISED = re.compile(r"[^,。;\n]{0,12}?(?:提高|上调|调整|下调|增加|提升|降低|上浮|降至|增至|调高|降)")
_ONE = (
    rf"(?:{SQUARE_METRE}|立方米|公里|千瓦时|千瓦|人次|人|名|户|家|亩|吨|台|辆|个|件|项|套|张|度|孩"
    r"|学时|课时|标准箱|班次|架次|床)"
)
_TIME = r"(?:小时|天|日|周|月|季度|季|年|学期|学年)"
_PER_AFTER = re.compile(rf" ?(?:/|每) ?(?P<per>{_ONE}(?: ?(?:[/·.]|每) ?{_TIME})?|{_TIME})")
_SQUARE_METRE = re.compile(SQUARE_METRE)
_PER_BEFORE = re.compile(
    rf"每个?(?:新增)?(?P<per>{_ONE}(?:每{_TIME})?|{_TIME})"
    r"(?:最高|不超过|至多|按|可|给予|予以|补贴|补助|奖励|发放|一次性|标准|为|,| ){0,4}$"
)
_SIGNS: tuple[tuple[str, re.Pattern[str], Unit], ...] = (("元", _MONEY, "yuan"), ("%", _SHARE, "percent"))
_STOP = re.compile(r"[。;\n!！?？,]")
_CLAUSE = 60
_NEAR = 26
_FAR = 40
_LIMIT = 300


def find_amounts(document: Document) -> tuple[Fact[Amount], ...]:
    """The sums and shares that are granted, in the order of the text, the first 300 of them."""
    found = []
    for word, pattern, unit in _SIGNS:
        for at in places(document.text, word):
            if fact := _read(document, at, pattern, unit):
                found.append(fact)
    found.sort(key=lambda fact: fact.start)
    return tuple(found[:_LIMIT])


def _read(document: Document, at: int, pattern: re.Pattern[str], unit: Unit) -> Fact[Amount] | None:
    text = document.text
    window = text[max(0, at - 20) : at]
    match = pattern.search(window)
    if not match:
        return None
    start = at - len(window) + match.start()
    if not _GIVEN.search(text, max(0, start - _CLAUSE), at + _FAR):
        return None
    value = number(match["number"], match.groupdict().get("scale") or "")
    if value is None or value <= 0:
        return None
    before = text[sentence_start(text, max(0, start - _CLAUSE), start) : start]
    stop = _STOP.search(text, at, at + _NEAR)
    right = stop.start() if stop else at + _NEAR
    after = text[at + 1 : right]
    last = before[before.rfind(",") + 1 :]
    if (
        (_MEASURED.search(last) or _is_price(last))
        and not _MOST.search(last)
        and not re.match(r"的?(?:标准|比例)?[^,的企单者户人项]{0,6}(?:奖励|补贴|补助|资助|奖补|给予)", after)
    ):
        return None
    if _FORMER.search(last) and _RAISED.match(text, at + 1):
        return None
    purpose = _purpose(last, after, before) or _counted_out(text, start, at, last, after)
    if not purpose:
        return None
    begin = start - len(last.lstrip()) if len(last) <= 30 else start - 30
    per = _PER_AFTER.match(text, at + 1) if unit == "yuan" else None
    each = _each(per or _PER_BEFORE.search(last)) if unit == "yuan" else ""
    end = max(_stop(text, at, right), per.end() if per else 0)
    return document.fact(Amount(value, unit, _bound(last, after), purpose, each), begin, end, "amount")


def _is_price(last: str) -> bool:
    found = _PRICED.match(last)
    if not found:
        return False
    return not (_GIVES.search(last) or _GRANTED.search(found["before"]) or _GIVEN.search(found["between"]))


def _counted_out(text: str, start: int, at: int, last: str, after: str) -> str:
    """The word for what 按每平方米30元计 counts out: it may stand in the sentence before or later in this one."""
    if not _COUNTS_OUT.match(last) or not after.startswith("计"):
        return ""
    near = (
        text[max(0, start - _NEAR) : start].rpartition("\n")[2],
        re.split(r"[。;\n]", text[at : at + _FAR])[0],
    )
    return next((found[0] for part in near if _GIVES.search(part) and (found := _GIVEN.search(part))), "")


def _stop(text: str, at: int, right: int) -> int:
    found = _GIVEN.search(text, at, right)
    return found.end() if found else at + 1


def _bound(before: str, after: str) -> Bound:
    if _MOST.search(before) or _MOST_AFTER.match(after):
        return "maximum"
    return "minimum" if _LEAST.search(before) or _LEAST_AFTER.match(after) else "exact"


def _each(found: re.Match[str] | None) -> str:
    """For what each such sum is given: 平方米 of 200元/㎡, 户 of 每户最高1000元; "" for the whole."""
    if found is None:
        return ""
    return _SQUARE_METRE.sub("平方米", re.sub(" ?(?:[/·.]|每) ?", "/", found["per"]))


def _purpose(last: str, after: str, before: str) -> str:
    """The word for what is given: behind the sum, before it in its clause, or in the clause before."""
    if (found := _GIVEN.search(after)) and (
        _GIVES.search(before) or _GIVES.search(after) or _MOST.search(last)
    ):
        return found[0]
    for part in (last, before[-40:]):
        words = _GIVEN.findall(part)
        if words and (_GIVES.search(part) or _MOST.search(last)):
            return str(words[-1])
    return ""
