"""The sentences of the command line: each in one table, in both languages, with the same fields, and used."""

import re
from pathlib import Path
from string import Formatter

import pytest

import service.cli
from service.cli.failurewords import FAILURES
from service.cli.resultwords import RESULTS
from service.cli.tablewords import TABLES
from service.cli.words import WORDS, Words

SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in Path(service.cli.__file__).parent.glob("*.py")
    if not path.name.endswith("words.py")
)
MADE = re.compile(
    r"(col|due|over|table|gateway|item|tried|plan)_|(released|refused)$"
)  # of a prefix and a value


def fields(sentence: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(sentence)} - {None}


def test_no_name_stands_in_two_tables() -> None:
    assert len(WORDS) == len(FAILURES) + len(RESULTS) + len(TABLES)


@pytest.mark.parametrize("name", WORDS)
def test_a_sentence_has_the_same_fields_in_both_languages_and_is_used(name: str) -> None:
    english, chinese = WORDS[name]
    assert fields(english) == fields(chinese)
    assert MADE.match(name) or f'"{name}"' in SOURCES, "nothing says it"


def test_the_locale_decides_on_the_language() -> None:
    assert (Words(False)("line", line=3), Words(True)("line", line=3)) == ("line 3", "第 3 行")
