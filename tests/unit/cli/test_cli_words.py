"""The sentences of the command line: each in one table, in both languages, with the same fields, and used."""

import re
from pathlib import Path
from string import Formatter

import pytest

import service.cli
import streams
from service.cli.failurewords import FAILURES
from service.cli.resultwords import RESULTS
from service.cli.tablewords import TABLES
from service.cli.words import WORDS, Words

COMMANDS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in Path(service.cli.__file__).parent.glob("*.py")
    if not path.name.endswith("words.py")
)
STREAMS = "\n".join(path.read_text(encoding="utf-8") for path in Path(streams.__file__).parent.rglob("*.py"))
BEGINNINGS = set(re.findall(r'f"([a-z]+_)\{', COMMANDS))  # of names that end with a value


def quoted(word: str, where: str) -> bool:
    return re.search(rf"""["']{word}["']""", where) is not None


def is_said(name: str) -> bool:
    """Whether a command names the sentence, or makes its name of a beginning and a value that there is."""
    values = [name.removeprefix(begins) for begins in BEGINNINGS if name.startswith(begins)]
    return quoted(name, COMMANDS) or any(quoted(value, COMMANDS + STREAMS) for value in values)


def fields(sentence: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(sentence)} - {None}


def test_no_name_stands_in_two_tables() -> None:
    assert len(WORDS) == len(FAILURES) + len(RESULTS) + len(TABLES)


@pytest.mark.parametrize("name", WORDS)
def test_a_sentence_has_the_same_fields_in_both_languages_and_is_used(name: str) -> None:
    english, chinese = WORDS[name]
    assert fields(english) == fields(chinese)
    assert is_said(name), "nothing says it"


@pytest.mark.parametrize("name", ["col_colour", "due_colour", "some_refusals", "past_deadline"])
def test_a_sentence_that_nothing_says_is_noticed(name: str) -> None:
    assert not is_said(name)


def test_the_locale_decides_on_the_language() -> None:
    assert (Words(False)("line", line=3), Words(True)("line", line=3)) == ("line 3", "第 3 行")
