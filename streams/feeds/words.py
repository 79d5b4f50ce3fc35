"""What an entry says, line by line, in Chinese; the last line is the one that also stands for all. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from channels.writing.render import day, one_line
from config.clock import SHANGHAI
from streams.events.explanation_data import FORMS, in_words
from streams.feeds.contents import Content
from streams.feeds.model import Line
from streams.feeds.newest import ITEM, REPEAL

SHOWN = 280  # characters of a text
KINDS = {"policy": "政策", "repeal": "废止", "interpretation": "解读", "faq": "问答"}


def kind_of_entry(content: Content) -> str:
    """Return one of ``KINDS``."""
    place = content.told.place
    return place.key[2] if place.told == ITEM else place.told


def title_of(content: Content) -> str:
    """Return an entry's title: a repeal and an explanation say at once what they are."""
    kind = kind_of_entry(content)
    if kind == REPEAL:
        return f"【已废止】{content.title}"
    return f"【{KINDS[kind]}】{content.item['title']}" if content.item else content.title


def lines_of(content: Content) -> tuple[Line, ...]:
    """Return an entry's paragraphs."""
    kind = kind_of_entry(content)
    lines = [Line(_heading(content))]
    if kind == REPEAL:
        # Its reason is the publisher's own text, which no reviewer has seen.
        return (*lines, Line(f"《{content.title}》已于{_local_day(content.told.place.moment)}废止。"))
    if content.item:
        text = in_words(content.item).removeprefix(content.item["title"])
        return (Line(f"关于《{content.title}》"), Line(_cut(text) or content.item["title"]))
    return (*lines, *_facts(content), *_interpretations(content.data), Line(_excerpt(content)))


def _heading(content: Content) -> str:
    published = _day(content.data.get("publish_date"))
    told = (content.issuer, content.data.get("doc_number"), published and f"{published}发布")
    return " · ".join(one_line(words) for words in told if words)


def _facts(content: Content) -> Iterator[Line]:
    data, moment = content.data, content.told.place.moment
    if content.published < moment:
        yield Line(f"第{content.told.revision}版，{_local_day(moment)}修订。")
    in_force = _day(data.get("effective_date")), _day(data.get("valid_until"))
    said = [
        f"{name}{words}" for name, words in zip(("施行日期：", "有效期至："), in_force, strict=True) if words
    ]
    if said:
        yield Line("；".join(said))
    window = data.get("apply_window") or {}
    opens, closes = _day(window.get("opens")), _day(window.get("closes"))
    if opens or closes:
        yield Line(f"申报时间：{opens or '即日起'}至{closes or '另行通知'}")
    if data.get("apply_url"):
        yield Line("申报入口", data["apply_url"])


def _interpretations(data: dict[str, Any]) -> Iterator[Line]:
    """Those of the policy's own event; one that came by itself is an entry of its own."""
    for one in data.get("interpretations", []):
        if one.get("reviewed", True):
            yield Line(
                f"{FORMS[one.get('form', 'text')]}解读：{one_line(one['title'])}", one.get("source_url", "")
            )


def _excerpt(content: Content) -> str:
    """The first words of the text; its title is told already."""
    return _cut(content.beginning.strip().removeprefix(content.title)) or content.title


def _cut(text: str) -> str:
    whole = "\n".join(line for line in map(one_line, text.splitlines()) if line)
    return whole if len(whole) <= SHOWN else f"{whole[:SHOWN].rstrip()}…"


def _day(written: str | None) -> str:
    return day(date.fromisoformat(written)) if written else ""


def _local_day(moment: datetime) -> str:
    return day(moment.astimezone(SHANGHAI).date())
