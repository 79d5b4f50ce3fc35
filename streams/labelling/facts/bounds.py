"""How a text limits a number: 不低于2000万元, 不得超过300人, 1亿元以上(不含), 成立3年内."""

import re

from streams.labelling.facts.model import Operator
from streams.labelling.facts.numerals import ARABIC, CHINESE, SCALE, SQUARE_METRE

# What each word says, and what it says with 不, 不得 or 未 in front.
_SAYS: dict[str, tuple[Operator, Operator]] = {
    **dict.fromkeys(("大于等于", "高于等于", "大于或等于", "至少", "≥", ">="), (">=", "<")),
    **dict.fromkeys(("小于等于", "低于等于", "小于或等于", "控制在", "≤", "<="), ("<=", ">")),
    **dict.fromkeys(("超过", "超出", "大于", "高于", "多于", "突破", ">", "超"), (">", "<=")),
    **dict.fromkeys(("低于", "小于", "少于", "<"), ("<", ">=")),
    **dict.fromkeys(("达到", "达", "满"), (">=", "<")),
    **dict.fromkeys(("不足", "不到", "未到"), ("<", ">=")),
}
_WORDS = "|".join(word if word != "满" else "满(?<![届期]满)" for word in _SAYS)
_PLAIN = "|".join(word for word in _SAYS if word[0] not in "满至控不未≥≤<>") + "|满"
# Each alternative begins with a plain character, so that the search runs fast over what has none.
COMPARISON = rf"{_WORDS}|不(?:得|应当?|能|可以?|宜|会|准|许|再)?(?:{_PLAIN})|未(?:能|曾)?(?:{_PLAIN})|没有?(?:{_PLAIN})"
_UNITS = (
    rf"(?:(?P<scale>{SCALE}) ?(?P<yuan>元(?:人民币)?|(?<=[万亿])(?=人民币|及?以[上下内]|[,。;、()\n至到~-]|的|$))"
    r"|(?P<percent>%|个百分点)|(?:名|个)?(?P<person>人|名)|(?P<old>周?岁)"
    r"|个?(?:完整的?)?(?P<year>周年|(?:会计|自然|纳税)年度?|年)|个?(?P<month>月)|(?P<item>项|件|个|家)"
    rf"|(?P<sqm>{SQUARE_METRE}))"
)
# (含), (不含本数), (含300人), but not (不含补缴)
_BRACKET = r"\((?P<without>不)?(?:包?含|包括)(?:本数|[\d一二两三四五六七八九十][^()]{0,8})?(?:,?下同)?\)"
NUMBER = (
    rf"(?P<number>{ARABIC}|{CHINESE}) ?{_UNITS} ?(?:(?P<with>{_BRACKET})|\([^()]{{0,8}}\))?"
    r"(?P<after>及?以上|及?以下|及?以内|之内|(?<=[年月)])内)?"
)
_OR_EQUAL: dict[Operator, Operator] = {"<": "<=", ">": ">="}
# 100万元以下(不含100万元)
_BEHIND = re.compile(rf" ?{_BRACKET}")
UNITS = {
    "yuan": "yuan",
    "percent": "percent",
    "person": "person",
    "old": "year",
    "year": "year",
    "month": "month",
    "item": "item",
    "sqm": "sqm",
}


def unit_of(match: re.Match[str]) -> str:
    """Return the group of NUMBER that tells the unit, a key of `UNITS`."""
    return next(name for name in UNITS if match[name] is not None)


def said(words: str, after: str | None) -> Operator:
    """What the words before a number and behind it say together; words behind alone where there are none before."""
    behind = after or ""
    if behind.endswith(("以下", "以内")):
        return "<="
    if not words:
        return ">=" if behind.endswith("以上") else "<="
    word = max((word for word in _SAYS if words.endswith(word)), key=len)
    op = _SAYS[word][words != word]
    return ">=" if behind.endswith("以上") and op[0] == ">" else op


def counted(op: Operator, match: re.Match[str]) -> tuple[Operator, int]:
    """The comparison after what a bracket says of the number itself, and where its words end.

    Args:
        op: the comparison without it.
        match: of a pattern with NUMBER at its end.
    """
    end = match.end("after") if match["after"] else match.end()
    bracket = _BEHIND.match(match.string, end) if match["after"] else None
    if not (bracket or match["with"]):
        return op, end
    without = bracket["without"] if bracket else match["without"]
    strict: Operator = "<" if op[0] == "<" else ">"
    return (strict if without else _OR_EQUAL[strict]), bracket.end() if bracket else end
