"""The table of channels: its order is in snapshots, its names in records, and every line has a module."""

from importlib import import_module

from channels.retry import shipped_schedules
from config.channels import CHANNELS, NAMES, TITLES
from streams.matching.people.columns import CHANNEL_BITS
from subscribers.addresses import NORMALISERS, PUSHED


def test_the_bits_of_the_channels_of_the_first_releases_stay_for_ever() -> None:
    assert {name: CHANNEL_BITS[name] for name in ("space", "email", "sms", "webhook")} == {
        "space": 1,
        "email": 2,
        "sms": 4,
        "webhook": 8,
    }


def test_no_two_channels_share_a_name_or_a_title_and_all_have_a_bit() -> None:
    assert len(set(NAMES)) == len(set(TITLES.values())) == len(CHANNELS) <= 8
    assert set(NAMES) == set(PUSHED) <= set(CHANNEL_BITS)


def test_every_channel_has_a_module_that_opens_it_a_retry_table_and_a_kind_of_address() -> None:
    for spec in CHANNELS:
        assert callable(import_module(f"channels.{spec.name}").open_channel), spec.name
        assert spec.retries in shipped_schedules(), spec.name
        assert (spec.name in NORMALISERS) == bool(spec.address), spec.name


def test_names_fit_their_column_in_the_record() -> None:
    assert all(name.isidentifier() and len(name) <= 16 for name in NAMES)
