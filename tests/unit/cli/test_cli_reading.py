"""What kind of file it is, and what it turns into."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from service.cli.reading import SOURCE, Item, Reading, Unreadable, as_event, read_events, windows
from service.cli.words import Words
from streams.events import parse_event

Policy = Callable[..., dict[str, Any]]
WORDS = Words(chinese=False)


def reading(text: str, name: str = "file.json") -> Reading:
    return read_events(io.BytesIO(text.encode()), name, WORDS)


def test_bare_policy_data_becomes_an_event_that_the_gate_can_read(policy: Policy) -> None:
    found = reading(json.dumps(policy(), indent=2, ensure_ascii=False))
    (item,) = found.items
    event = parse_event(json.dumps(item.event))
    assert not found.lines
    assert (event.type, event.source, event.policy_id) == ("policy.published", SOURCE, "p1")


def test_the_same_data_is_the_same_event_and_other_data_another(policy: Policy) -> None:
    reordered = dict(reversed(policy().items()))
    assert as_event(policy())["id"] == as_event(reordered)["id"]
    assert as_event(policy())["id"] != as_event(policy(body="另一正文"))["id"]


def test_a_cloud_event_stays_as_it_is(policy: Policy) -> None:
    event = {
        "specversion": "1.0",
        "id": "7",
        "source": "/s",
        "type": "policy.repealed",
        "data": {"policy_id": "p1"},
    }
    (item,) = reading(json.dumps(event, indent=1)).items
    assert item.event == event


def test_an_event_that_only_lacks_its_version_is_not_taken_for_policy_data(policy: Policy) -> None:
    event = {"id": "7", "source": "/s", "type": "policy.published", "data": policy()}
    assert as_event(event) == event


def test_several_objects_a_line_each_are_jsonl_whatever_the_file_is_called(policy: Policy) -> None:
    found = reading(f"{json.dumps(policy('a'))}\n\n{json.dumps(policy('b'))}\n")
    assert found.lines
    assert [(item.line, item.policy_id) for item in found.items] == [(1, "a"), (3, "b")]


def test_a_single_line_is_one_document_unless_the_name_says_jsonl(policy: Policy) -> None:
    text = json.dumps(policy())
    assert not reading(text).lines
    assert reading(text, "all.jsonl").lines


def test_a_broken_line_is_an_item_with_a_problem_and_the_rest_is_read(policy: Policy) -> None:
    found = list(reading(f"{json.dumps(policy('a'))}\n{{oops\n[1]\n{json.dumps(policy('b'))}").items)
    assert [bool(item.problem) for item in found] == [False, True, True, False]
    assert str(found[1].problem).startswith("line 2: not valid JSON")


@pytest.mark.parametrize(
    ("text", "says"), [("", "empty"), (" \n\n", "empty"), ("{", "not valid"), ("[1,\n2]", "one JSON")]
)
def test_what_is_no_document_is_refused_with_its_name(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=rf"file\.json.*{says}"):
        reading(text)


def test_a_byte_order_mark_does_no_harm(policy: Policy) -> None:
    (item,) = reading("\ufeff" + json.dumps(policy())).items
    assert item.policy_id == "p1"


def test_a_second_word_about_a_policy_waits_for_the_first() -> None:
    items = [Item(n, {"data": {"policy_id": p}}) for n, p in enumerate("abcabd")]
    runs = [[item.policy_id for item in run] for run in windows(items, size=4)]
    assert runs == [["a", "b", "c"], ["a", "b", "d"]]


def test_windows_are_never_larger_than_their_size() -> None:
    items = [Item(n, {"data": {"policy_id": str(n)}}) for n in range(10)]
    assert [len(run) for run in windows(items, size=4)] == [4, 4, 2]
