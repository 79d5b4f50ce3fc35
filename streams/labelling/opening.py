"""The title of a text that came without one: its first line that reads like a title."""

import re

_LINES, _LEAST, _MOST = 12, 4, 80
_TITLE = re.compile(
    r"(?:通知|公告|通告|办法|意见|措施|细则|规定|条例|方案|要点|指南|决定|政策|解读|问答|公示|计划|规划|函|法|若干条)"
    r"(?:[（(][^（）()]{0,20}[）)])?[》]?$"
)
_FURNITURE = re.compile(r"^(?:返回|字号|打印|首页|当前位置|主动公开|索引号|发布|来源|时间|分享)")


def guess_title(body: str) -> str:
    """The first line that ends like a title, else the first one short enough to be one, else ""."""
    lines = [line.strip() for line in body[:4000].splitlines() if line.strip()][:_LINES]
    short = [line for line in lines if _LEAST <= len(line) <= _MOST and not _FURNITURE.match(line)]
    named = (line for line in short if _TITLE.search(line))
    first = next((line for line in short if not line.endswith(("。", "：", ":", "；"))), "")
    return next(named, first)
