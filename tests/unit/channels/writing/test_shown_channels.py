"""What is shown of a channel is what it sends: one of one's own says it itself, as docs/adding-a-channel.md has it."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from channels.message import NOTICES, Occasion
from channels.writing.render import NOT_IN_SPACE, plain_text, space_text
from channels.writing.shown import carried, shown
from tests.servers.messages import message
from tests.support.mails import message_for

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "adding-a-channel.md"
CODE = re.compile(r"^```python file=channels/wecom\.py\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def wecom(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The channel of the document, as if it lay in its file."""
    (code,) = CODE.findall(DOCUMENT.read_text(encoding="utf-8"))
    module = ModuleType("channels.wecom")
    monkeypatch.setitem(sys.modules, "channels.wecom", module)
    exec(compile(code, "channels/wecom.py", "exec"), module.__dict__)
    return module


def test_a_channel_of_ones_own_is_shown_as_it_writes() -> None:
    one = message()
    text = shown("wecom", one, "政达").text
    assert text == space_text(one)
    assert text.count(one.content.url) == 1
    assert "{" not in text


@pytest.mark.parametrize("occasion", sorted(carried("wecom")))
def test_it_can_write_whatever_it_carries(occasion: Occasion) -> None:
    one = message_for(occasion)
    text = shown("wecom", one, "政达").text
    assert one.content.title in text or one.content.entries
    assert len(text.encode()) <= 2048


def test_what_is_too_long_is_cut_between_characters() -> None:
    one = message()
    long = replace(one, content=replace(one.content, title="政" * 3000))
    assert len(shown("wecom", long, "政达").text.encode()) <= 2048


def test_lines_are_there_for_every_occasion_and_those_of_the_space_where_it_has_some() -> None:
    assert carried("space") == set(Occasion) - NOT_IN_SPACE
    assert all(plain_text(message_for(occasion)) for occasion in Occasion)


def test_a_channel_that_does_not_say_what_it_writes_is_shown_in_plain_lines(wecom: ModuleType) -> None:
    del wecom.written
    one = message()
    assert shown("wecom", one, "政达").text == plain_text(one)


def test_a_channel_that_wakes_nobody_carries_no_digest() -> None:
    pushes = set(Occasion) - NOTICES
    assert carried("webhook") == pushes - {Occasion.DIGEST}
    assert carried("wecom") == pushes
