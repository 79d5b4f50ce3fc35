"""Where the service is and who speaks: what precedes what."""

import os
from pathlib import Path

import pytest

from service.cli.access import find_access
from service.cli.failures import Unreachable, WrongUse
from service.cli.words import Words
from service.discovery import discovery_path, process_alive, read_discovery, write_discovery

WORDS = Words(chinese=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_discovery(
        discovery_path(tmp_path),
        url="http://here:1",
        pid=os.getpid(),
        operator_key="left-operator",
        reviewer_key="left-reviewer",
        publisher_key="left-publisher",
    )
    return tmp_path


def test_discovery_is_read_as_it_was_written_and_only_by_its_owner(data: Path) -> None:
    found = read_discovery(discovery_path(data))
    assert found is not None
    assert (found.url, found.operator_key, found.pid) == ("http://here:1", "left-operator", os.getpid())
    assert discovery_path(data).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data.iterdir()] == ["service.json"]


def test_a_second_start_replaces_what_the_first_wrote(data: Path) -> None:
    write_discovery(discovery_path(data), url="http://here:2", pid=2, operator_key="new")
    found = read_discovery(discovery_path(data))
    assert found is not None
    assert (found.url, found.reviewer_key) == ("http://here:2", None)


def test_without_settings_everything_comes_from_the_data_directory(data: Path) -> None:
    access = find_access({"ZHENGDA_DATA": str(data)}, WORDS)
    assert access.url == "http://here:1"
    assert access.keys == {
        "operator": "left-operator",
        "publisher": "left-publisher",
        "reviewer": "left-reviewer",
    }


def test_the_environment_precedes_what_was_left(data: Path) -> None:
    environ = {"ZHENGDA_DATA": str(data), "ZHENGDA_KEY": "own", "ZHENGDA_REVIEWER_KEY": "own-reviewer"}
    keys = find_access(environ, WORDS).keys
    assert (keys["operator"], keys["publisher"]) == ("own", "own")
    assert keys["reviewer"] == "own-reviewer"


def test_a_key_of_ones_own_decides_before_the_one_that_was_left(data: Path) -> None:
    environ = {"ZHENGDA_DATA": str(data), "ZHENGDA_KEY": "own"}
    assert find_access(environ, WORDS, deciding=True).keys["reviewer"] == "own"
    # Who publishes with its own and releases at once needs another person's.
    assert find_access(environ, WORDS).keys["reviewer"] == "left-reviewer"


def test_keys_of_this_machine_are_never_sent_to_another_address(data: Path) -> None:
    access = find_access({"ZHENGDA_DATA": str(data), "ZHENGDA_URL": "http://elsewhere:1/"}, WORDS)
    assert access.url == "http://elsewhere:1"
    assert access.keys == {}


def test_the_same_address_written_out_keeps_the_keys(data: Path) -> None:
    assert find_access({"ZHENGDA_DATA": str(data), "ZHENGDA_URL": "http://here:1/"}, WORDS).keys


def test_where_no_service_ever_ran_it_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="zhengda up"):
        find_access({"ZHENGDA_DATA": str(tmp_path)}, WORDS)


def test_a_broken_file_is_wrong_use_unless_the_address_is_given(data: Path) -> None:
    discovery_path(data).write_text("{", encoding="utf-8")
    with pytest.raises(WrongUse, match="broken"):
        find_access({"ZHENGDA_DATA": str(data)}, WORDS)
    assert find_access({"ZHENGDA_DATA": str(data), "ZHENGDA_URL": "http://x"}, WORDS).url == "http://x"


def test_a_process_that_is_gone_is_not_alive() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert process_alive(os.getpid())
    assert not process_alive(child)
