"""Whether a limit is one that an applicant has to meet: not what is granted or aimed at, not a part of the whole.

A limit that is not surely the applicant's own is left out: one that is read wrongly shuts applicants out.
"""

import re
from dataclasses import dataclass

from streams.labelling.facts.ages import age_of_a_firm
from streams.labelling.facts.document import sentence_start
from streams.labelling.facts.fields import FLOWS, SUMS
from streams.labelling.facts.model import Operator
from streams.labelling.facts.unasked import unasked
from streams.labelling.facts.year_sums import in_a_year


@dataclass(frozen=True)
class Limit:
    """A limit in a text: what it is on, the words for that and those up to the number, and where all of it stands.

    `after` is the word behind the number (以上, 年内's 内), "" without one.
    """

    field: str
    words: str
    gap: str
    op: Operator
    start: int
    end: int
    after: str


_GRANT = re.compile(
    r"奖励|补贴|补助|给予|资助|最高|额度|提高|上浮|力争|实现|目标|全市|全省|预计|累计完成|所得额"
)
_AIM = re.compile(r"力争|(?<!控制)目标|预计|实现|带动|全[市省区县](?!范围)")
# 上年度实现营业收入2000万元 was reached, 到2027年实现产值1000亿元 is to be
_REACHED = re.compile(r"(?:上年|上一年|年度|当年|首次|已)[^,。;\n]{0,6}实现[^,。;\n]{0,6}$")
# 人均产值, 亩均税收, 300万元/亩: one can be above them with little
_UNIT = r"(?:亩|公顷|平方米|平方公里|㎡|人|名|户|台|吨)"
_PER_BEFORE = re.compile(
    rf"(?:[人户亩地]均|单位(?:面积|用地|土地)|劳动生产率|平均?每个?{_UNIT}|每个?{_UNIT})[^,。;\n\d]{{0,6}}$"
)
_PER_BEHIND = re.compile(rf" ?(?:/|每){_UNIT}")
# What is added to a sum is not the sum
_ADDED = re.compile(r"(?:新增|净增|增加)[^,。;\n\d]{0,6}$")
_MORE = re.compile(r"增加|新增|净增|增长|增量|增幅|下降|减少|亏损")
_NOT_BETWEEN = {
    "tax_paid": re.compile(r"减免|优惠|返还|退还|滞纳|留成|减征|免征"),
    "employees": re.compile(
        r"、|申领|领取|培训|失业|学历|本科|大专|大学|硕士|博士|高级|技师|持证|证书|职称|残疾|党员|退役|毕业|招用|录用"
        r"|退休|离职|工资|持股"
    ),
    "patents": re.compile(r"货物|案件|纠纷|侵权|质押|融资|贷款"),
}
_NOT_BEFORE = {
    "tax_paid": re.compile(r"(?:减免|免征|减征|退还|返还|追缴|[欠漏少多补代偷]缴?)[^,。;\n]{0,4}$"),
    "employees": re.compile(r"(?:培训|引进|安置|派遣|裁员|退休|困难|残疾|女)[^,。;\n\d]{0,4}$"),
    "patents": re.compile(r"侵[犯害权][^,。;\n]{0,4}$"),
    "area": re.compile(r"(?:销售|成交|交易|原则上|控制在)[^,。;\n]{0,6}$"),
}
# 家庭年收入 is persons' money, 家庭农场年收入 is not
_PERSONS = re.compile(
    r"(?:家庭|个人|本人|夫妻|居民|申请人|职工|员工|人员|劳动者|毕业生|农民|农户)"
    r"(?:(?!农场|企业|公司|单位|机构|合作社)[^,。;、且并及和\n\d]){0,6}$"
)
# What VAT counts is a part of the revenue, or tells which kind of VAT payer one is
_TAXED = re.compile(r"(?:应税|增值税|开票|计税)[^,。;\n\d]{0,4}$")
_PAYERS = re.compile("纳税人")
_PAID_IN = re.compile(r"^(?!.*(?:贷款|还款|年限|期限|封存|停止|停缴)).*(?:缴|参加|满)")
_CHILDREN = re.compile(r"的?(?:未成年)?(?:子女|儿童|孩)")
_NORM = re.compile("原则上|控制在")
_CAPPED = re.compile(r"(?:的|部分|,|均|一律){0,4}按照? ?\d[^,。;\n]{0,8}计")
# 给予租金补贴,面积不超过1000㎡ limits what is granted, not who may apply
_GRANTED = re.compile(
    r"(?:给予|予以|奖励|奖补|补贴|补助|资助|减免|贴息|返还)(?!的?(?:条件|对象|资格)|的[^,。;\n]{0,8}(?:企业|单位|机构|主体|项目|人))"
)
_CLAUSE = 60


def of_an_applicant(text: str, limit: Limit) -> bool:
    """Whether an applicant has to meet the limit, as far as the words around it tell."""
    field, gap = limit.field, limit.gap
    lead = text[sentence_start(text, max(0, limit.start - _CLAUSE), limit.start) : limit.start]
    if _GRANT.search(gap) or (_AIM.search(lead[-20:]) and not _REACHED.search(lead)):
        return False
    if unasked(text, lead, limit.words + gap, limit.end):
        return False
    if (field in _NOT_BETWEEN and _NOT_BETWEEN[field].search(gap)) or (
        field in _NOT_BEFORE and _NOT_BEFORE[field].search(lead)
    ):
        return False
    if (field in SUMS or field == "area") and (
        _PER_BEFORE.search(lead) or _PER_BEFORE.search(gap) or _PER_BEHIND.match(text, limit.end)
    ):
        return False
    if field in FLOWS and (
        _ADDED.search(lead) or not in_a_year(text, limit.start, limit.words + gap, limit.end)
    ):
        return False
    if (field in FLOWS or field == "employees") and _MORE.search(gap):
        return False
    return _CHECKS[field](text, lead, limit) if field in _CHECKS else True


def _of_a_firm(text: str, lead: str, limit: Limit) -> bool:
    """Whether a revenue is a firm's: not 家庭年收入, nor what 小规模纳税人 may have sold."""
    if limit.words == "年收入" and _PERSONS.search(lead):
        return False
    if not _TAXED.search(lead):
        return True
    payers = _PAYERS.search(text, limit.start - min(len(lead), 30), limit.end + 30)
    return limit.op[0] == ">" and payers is None


def _paid_in(text: str, lead: str, limit: Limit) -> bool:
    return _PAID_IN.search(lead[-6:] + text[limit.start : limit.end]) is not None


def _had(text: str, lead: str, limit: Limit) -> bool:
    """Whether an area is one that the applicant has, not a norm and not one that a grant is counted by."""
    if _NORM.search(text, limit.start, limit.end):
        return False
    if limit.op[0] == ">":
        return not _CAPPED.match(text, limit.end)
    if text.startswith(("的部分", "部分"), limit.end):
        return False
    return text.startswith("的", limit.end) or not _GRANTED.search(lead)


def _own_age(text: str, lead: str, limit: Limit) -> bool:
    return not _CHILDREN.match(text, limit.end)


def _founded(text: str, lead: str, limit: Limit) -> bool:
    return age_of_a_firm(text, lead, limit.words + limit.gap, limit.end, limit.after)


_CHECKS = {
    "revenue": _of_a_firm,
    "insured": _paid_in,
    "area": _had,
    "age": _own_age,
    "established": _founded,
}
