"""发文字号 wherever they stand, in the one form in which they are compared: 财库〔2022〕3号."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from streams.labelling.facts.places import places

_TOKEN = r"[一-鿿]{1,24}"
_YEARED = re.compile(
    rf"(?P<name>{_TOKEN}) ?[〔\[【［(﹝〈<]{{1,2}} ?"
    rf"(?P<year>(?:19|20)\d\d) ?(?:年)?[〕\]】］)﹞〉>]{{1,2}} ?(?:第 ?)?(?P<number>\d{{1,5}}) ?$"
)
_ORDER = re.compile(
    rf"(?P<name>{_TOKEN}令)\s{{0,3}}\(?第 ?(?P<number>\d{{1,5}}|[零〇一二三四五六七八九十百]{{1,7}}) ?$"
)
_NOTICE = re.compile(
    r"(?P<name>(?:[一-鿿]{2,16}[部局署委会院行办厅室] ){0,8}[一-鿿]{1,24}(?:公告|通告)) ?"
    r"(?P<year>(?:19|20)\d\d) ?年 ?第? ?(?P<number>\d{1,5}) ?$"
)
_WINDOW = 72
_LEADING = re.compile(
    r"^(?:.{0,12}(?:发文字号|文件编号|发布文号|发文文号|文件号|文号|字号)|.{0,20}(?:根据|按照|依据|依照|转发|印发的?"
    r"|落实|参照|执行|的通知|制定的|贯彻|发布的|原有|以及|关于|附件|日原)|的|原|与|和|及|或|按|据|对|以|将|由|在|即|是|并|等"
    r"|见|如|有|各|从|请|日|号)"
)
_STATE = re.compile(r"^.{0,12}?中华人民共和国(?=.{2,12}令)")


@dataclass(frozen=True)
class Number:
    """A 发文字号 in a text.

    Attributes:
        value: in plain form.
        start: where it begins in the text; words before the office's sign are left out.
        end: where it ends.
    """

    value: str
    start: int
    end: int


def find_numbers(text: str, start: int = 0, end: int | None = None) -> Iterator[Number]:
    """All 发文字号 in text[start:end], in order; 令第179号 and 公告2026年第19号 among them."""
    for at in places(text, "号", start, end):
        window = text[max(start, at - _WINDOW) : at]
        if not window or not (
            window.rstrip()[-1:].isdigit() or window.rstrip()[-1:] in "零一二三四五六七八九十百"
        ):
            continue
        for pattern, form in (
            (_YEARED, "{name}〔{year}〕{number}号"),
            (_ORDER, "{name}第{number}号"),
            (_NOTICE, "{name}{year}年第{number}号"),
        ):
            if found := pattern.search(window):
                parts = found.groupdict()
                name = _STATE.sub("", _LEADING.sub("", parts["name"]))
                if not name:
                    break
                begin = at - len(window) + found.start() + len(parts["name"]) - len(name)
                yield Number("".join(form.format(**{**parts, "name": name}).split()), begin, at + 1)
                break
