"""What a condition measures: the words of the text for it, and the units that it is counted in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RD = r"研[究发](?:开发|与试验发展)?(?:费用?|经费|投入|支出)(?:总额|合计)?"
_STAFF = r"从业人[员数]|职工人?数?|员工|参保人数|社保(?:缴纳)?人数|在[职册]人员|用工人数|在职职工"
# The words of the text for what is measured; the first that fits names the field.
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
    "tax_paid": r"(?:纳税(?!所得|人|申报|信用|期|义务|评级)|(?<![漏欠少逃偷骗补代])缴税|税收)(?:总额|额)?",
    "profit": r"净?利润(?:总额)?",
    "total_assets": r"资产总额|总资产",
    "registered_capital": r"注册资本金?|注册资金|实缴资本",
    "investment": r"(?:固定资产|设备|项目)?(?:总投资|投资(?:总额|额)?|投入)(?:总额|额)?",
    "employees": rf"(?:{_STAFF}|吸纳[^,。;\n\d]{{0,8}}?就业)(?:总数|人数|数)?",
    "established": r"(?:成立|注册|登记|设立|经营(?!面积)|运营|开业|工商登记|创办)(?:时间|登记|年限|期)?",
    "insured": r"(?:缴纳|参加|缴交)?(?:社会保险|社保|住房公积金|公积金|职工养老保险)(?:费|缴纳|缴存)?(?:时间|年限)?",
    "patents": r"(?:发明专利|有效专利|知识产权|专利|软件著作权|Ⅰ类知识产权)(?:数|数量)?",
    "area": r"(?:建筑|场地|经营|使用)?面积",
    "age": r"年龄",
}
FLOWS = ("revenue", "output", "tax_paid", "profit", "rd_expense")  # what comes together in a year
SUMS = (*FLOWS, "total_assets", "registered_capital", "investment")
# By the unit, see `bounds.UNITS`: only these words are looked for before a number of that unit.
_OF_UNIT: dict[str, tuple[str, ...]] = {
    "yuan": SUMS,
    "percent": ("rd_ratio", "rd_staff_ratio", "debt_ratio", "growth", "main_ratio", "market_share"),
    "year": ("established", "insured"),
    "month": ("established", "insured"),
    "person": ("rd_staff", "employees"),
    "item": ("patents",),
    "sqm": ("area",),
    "old": ("age",),
}
# Of two words before a sum or a count the nearer is counted (投资项目年销售收入), of two before a share the first.
_NEARER = ("yuan", "person")
_WORDS = {
    unit: re.compile(
        rf"(?:{'|'.join(f'(?P<{name}>{FIELDS[name]})' for name in names)})(?P<gap>[^,。;\n\d≥≤<>]{{0,16}})$"
    )
    for unit, names in _OF_UNIT.items()
}
_MOST_YEARS = 200  # 注册时间达到2020年 is no age


@dataclass(frozen=True)
class Named:
    """The words for what a number measures: `words` from `start` on, and what stands between them and the number."""

    field: str
    words: str
    gap: str
    start: int


def named(window: str, unit: str, value: float) -> list[Named]:
    """What a number may measure that stands right behind `window`, the likeliest first; empty where nothing fits."""
    if unit == "year" and value > _MOST_YEARS:
        return []
    names = list(_names(window, unit))
    if unit in _NEARER:  # a bracket says the same again: 从业人员(社保人数)不少于10人
        return [
            one for one in names if one is names[-1] or (one.field == names[-1].field and "(" in one.gap)
        ][:1]
    return names[:1] if unit == "percent" else names


def _names(window: str, unit: str) -> Iterator[Named]:
    at = 0
    while found := _WORDS[unit].search(window, at):
        field = next(name for name in _OF_UNIT[unit] if found[name])
        yield Named(field, found[field], found["gap"], found.start())
        at = found.end(field)
