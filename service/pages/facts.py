"""Facts as pages show them: what a reviewer may correct, and what marked words in the text prove."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.pages.condition_words import condition_in_words
from streams.policies import PolicyView
from streams.policies.reading import KnownFact
from streams.policies.requirements import is_asked

FACTS: Mapping[str, str] = {
    "doc_number": "发文字号",
    "effective_date": "施行日期",
    "valid_until": "有效期至",
    "apply_from": "申报开始",
    "apply_until": "申报截止",
}
OTHERS: Mapping[str, str] = {"repeals": "废止文件", "amounts": "金额", "conditions": "条件"}


@dataclass(frozen=True)
class ShownFact:
    """A fact as the reviewer sees it.

    Attributes:
        name: its field.
        words: what the field is called.
        value: what stands in the policy's data now, "" for nothing.
        read: what the text says, with its words; "" where nothing was read.
        quote: the words that prove it.
        given: whether the publisher stated it.
    """

    name: str
    words: str
    value: str
    read: str
    quote: str
    given: bool


def shown_facts(view: PolicyView) -> list[ShownFact]:
    """Return the facts that may be corrected, with what was read for each."""
    window = view.data.get("apply_window") or {}
    now = view.data | {"apply_from": window.get("opens"), "apply_until": window.get("closes")}
    read = {fact.name: fact for fact in view.facts if fact.name in FACTS}
    return [
        ShownFact(
            name,
            words,
            str(now.get(name) or ""),
            str(read[name].value or "") if name in read and read[name].origin == "rule" else "",
            read[name].quote if name in read else "",
            name in read and read[name].origin == "publisher",
        )
        for name, words in FACTS.items()
    ]


def proven(facts: Sequence[KnownFact]) -> list[str]:
    """Return what the words of each fact prove, in Chinese: 有效期至：2027-02-28."""
    named = {**FACTS, **OTHERS}
    return [f"{named[fact.name]}{_said(fact)}" for fact in facts]


def _said(fact: KnownFact) -> str:
    if isinstance(fact.value, str):
        return f"：{fact.value}"
    return f"：{condition_in_words(fact.value)}" if is_asked(fact.value) else ""
