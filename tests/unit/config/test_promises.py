from datetime import timedelta
from pathlib import Path

import pytest

from config.channels import NAMES
from config.durations import duration
from config.office_file import OfficeFileError
from config.promises import load_promises


def test_every_channel_has_a_promise() -> None:
    promises = load_promises()
    assert set(promises.channels) == set(NAMES)
    assert all(0 < one.share <= 1 for one in promises.channels.values())
    assert promises.down_for == timedelta(minutes=2)


def test_an_office_promises_something_else_for_one_channel(tmp_path: Path) -> None:
    own = tmp_path / "promises.toml"
    own.write_text('[sms]\nsent_within = "90s"\nshare = 1\n[far_side]\ndown_for = "10m"\n', encoding="utf-8")
    promises = load_promises(own)
    assert promises.channels["sms"].sent_within == timedelta(seconds=90)
    assert promises.channels["sms"].delivered_within is None
    assert promises.channels["email"] == load_promises().channels["email"]
    assert promises.down_for == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[sms", "not TOML"),
        ('[fax]\nsent_within = "1h"', "[fax] is no channel, use one of"),
        ("[sms]\nshare = 1", "it has sent_within and share"),
        ('[sms]\nsent_within = "1h"\nshare = 1\nwithin = 2', "nothing else"),
        ('[sms]\nsent_within = "1 h"\nshare = 1', "sent_within: '1 h' is no duration"),
        ('[sms]\nsent_within = "1h"\nshare = 0', "share is a number above 0"),
        ('[sms]\nsent_within = "1h"\nshare = true', "share is a number above 0"),
        ('[sms]\nsent_within = "1h"\nshare = 1\ndelivered_within = 5', "delivered_within: 5 is no duration"),
        ('[far_side]\nup_for = "1m"', "it has down_for and nothing else"),
    ],
)
def test_what_is_wrong_in_an_offices_promises_is_said(text: str, said: str, tmp_path: Path) -> None:
    own = tmp_path / "promises.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(OfficeFileError) as raised:
        load_promises(own)
    assert said in str(raised.value)
    assert str(own) in str(raised.value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("4h", 14_400), ("2d", 172_800), ("30d", 2_592_000)]
)
def test_durations_are_a_number_and_a_letter(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "0s", "5 m", "-5m", "31d", "9999999d", "1w", "５m", 5, None])
def test_everything_else_is_none(text: object) -> None:
    assert duration(text) is None
