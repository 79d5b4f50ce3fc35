"""Rule 7 and 8, pure: which policy must be interpreted, and whether an interpretation is more than a copy."""

import re
from typing import Literal

COPIED = 0.8  # from this share on staff are warned
SHINGLE = 12  # characters: longer than any term or title of an office, shorter than a sentence
ALWAYS = frozenset({"measure", "law"})
NEVER = frozenset({"interpretation", "consultation"})  # explains itself; a draft is not in force
NORMATIVE_NUMBER = re.compile(r"规(?:字|发)?[〔\[(（]")
# What a text says only of itself; mere mentions of other 规范性文件 (in a repealing clause, say) do not count.
NORMATIVE_WORDS = (
    "本规范性文件",
    "行政规范性文件编号",
    "规范性文件统一编号",
    "规范性文件登记",
    "规范性文件审查登记",
)

Interpreted = Literal["present", "missing", "not_required"]


def must_be_interpreted(kind: str | None, doc_number: str | None, body: str) -> bool:
    """Whether a policy needs an interpretation when it is released (rule 7).

    Source: a district's 政务公开工作要点: 规章、行政规范性文件以及行政机关制发的对市民企业权益产生影响的
    政策文件均要开展解读. Regulations are of the kind ``law``, policies that touch enterprises' interests of the
    kind ``measure``. A 规范性文件 of another kind (a call may be one) is known by 规 in its document number, such
    as 示经信规〔2026〕1号, or by calling itself one.

    Args:
        kind: the code of its label in the dimension ``kind``, if it has one.
        doc_number: 发文字号.
        body: its text.
    """
    if kind in NEVER:
        return False
    return kind in ALWAYS or is_normative(doc_number, body)


def is_normative(doc_number: str | None, body: str) -> bool:
    """Whether a text is itself a 规范性文件, as far as its number or its own words say so."""
    numbered = doc_number is not None and NORMATIVE_NUMBER.search(doc_number) is not None
    return numbered or any(words in body for words in NORMATIVE_WORDS)


def copied_share(text: str, body: str) -> float:
    """Return which share of an interpretation's runs of ``SHINGLE`` characters stands in the policy, 0 to 1.

    Source: a city's 政务公开工作要点: 解读材料…不得简单复制摘抄文件原文. Blanks and line breaks do not count; a run
    that is repeated counts once. A text too short to judge has the share 0.
    """
    text, body = _packed(text), _packed(body)
    wanted = {text[start : start + SHINGLE] for start in range(len(text) - SHINGLE + 1)}
    if not wanted:
        return 0.0
    runs = (body[start : start + SHINGLE] for start in range(len(body) - SHINGLE + 1))
    return len({run for run in runs if run in wanted}) / len(wanted)


def _packed(text: str) -> str:
    return "".join(text.split())
