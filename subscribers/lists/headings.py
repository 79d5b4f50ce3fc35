"""The first line of a list: which column is which, by its own name or by what Chinese spreadsheets call it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from unicodedata import normalize

REQUIRED = ("subscriber_id", "name")
CONSENT = ("consent_basis", "consent_at", "consent_evidence")

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "subscriber_id": ("订阅者编号", "企业编号", "用户编号", "编号", "id"),
    "name": ("企业名称", "单位名称", "公司名称", "名称", "企业全称"),
    "credit_code": ("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码"),
    "kind": ("主体类型", "企业类型", "单位类型", "类型"),
    "region": ("行政区划", "行政区划代码", "地区", "区划代码", "所在地区"),
    "industries": ("行业", "行业代码", "所属行业", "industry"),
    "size": ("企业规模", "规模"),
    "qualifications": ("资质", "资质荣誉", "企业资质", "qualification"),
    "groups": ("人群", "人群类别", "group"),
    "staff": ("人数", "员工人数", "从业人数", "从业人员", "职工人数"),
    "revenue": ("营业收入", "年营业收入", "营收", "营业收入(元)"),
    "founded": ("成立日期", "成立时间", "注册日期"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "邮箱地址", "邮件地址", "e-mail"),
    "mobile": ("手机号", "手机", "手机号码", "移动电话", "联系电话"),
    "webhook": ("对接地址", "接口地址", "回调地址", "系统对接地址"),
    "consent_basis": ("同意依据", "授权依据"),
    "consent_at": ("同意时间", "同意日期", "授权时间", "授权日期"),
    "consent_evidence": ("同意凭证", "同意证据", "授权凭证", "授权证据"),
    "subscription_name": ("订阅名称", "订阅"),
    "subscription_criteria": ("订阅条件", "条件"),
    "channels": ("订阅渠道", "渠道", "channel"),
    "frequency": ("推送频率", "频率"),
    "quiet_hours": ("免打扰时段", "免打扰", "免打扰时间"),
    "profile_matching": ("画像匹配", "按画像匹配", "自动匹配"),
    "profile_channels": ("画像渠道", "画像匹配渠道"),
}
COLUMNS = tuple(SYNONYMS)
# A file of refused rows begins with these; it may be imported as it is once its cells are right.
PASSED_OVER = ("line", "reason")
_REMARK = re.compile(r"[(\[【](必填|选填|可选|required|optional)[)\]】]")


class ImportHeaderError(ValueError):
    """The first line does not name the columns, so no row can be read. Correct it; the documentation lists them."""


@dataclass(frozen=True)
class Header:
    """The columns of a file in its order.

    Attributes:
        columns: Their names; None for one that is passed over, ``""`` for one without a heading, which must be empty.
        shown: What the file itself calls each of them.
    """

    columns: tuple[str | None, ...]
    shown: Mapping[str, str]


def read_header(cells: Sequence[str]) -> Header:
    """Return which column is which.

    Raises:
        ImportHeaderError: a column is unknown (the message names the nearest one), double or missing.
    """
    columns: list[str | None] = []
    shown: dict[str, str] = {}
    for cell in cells:
        given = cell.replace("\ufeff", "").strip()
        if not given or given in PASSED_OVER:
            columns.append(None if given else "")
            continue
        column = BY_SPELLING.get(_spelling(given))
        if column is None:
            raise ImportHeaderError(f"unknown column {given[:40]!r}, {_hint(given)}")
        if column in shown:
            also = f" ({shown[column]} and {given})" if shown[column] != given else ""
            raise ImportHeaderError(f"the column {column} stands there twice{also}")
        columns.append(column)
        shown[column] = given
    missing = [name for name in REQUIRED if name not in shown]
    if missing:
        raise ImportHeaderError(f"the header lacks {', '.join(missing)}")
    return Header(tuple(columns), shown)


def _spelling(heading: str) -> str:
    folded = normalize("NFKC", heading).casefold()
    return re.sub(r"[\s_\-*:]+", "", _REMARK.sub("", folded))


BY_SPELLING: Mapping[str, str] = {
    _spelling(word): column for column, words in SYNONYMS.items() for word in (column, *words)
}


def _hint(given: str) -> str:
    names = [name for column, words in SYNONYMS.items() for name in (column, *words)]
    near = get_close_matches(given[:40].casefold(), names, n=1)
    if not near:
        return f"the columns are {', '.join(COLUMNS)}"
    column = BY_SPELLING[_spelling(near[0])]
    return f"did you mean {near[0]}{f' ({column})' if column != near[0] else ''}?"
