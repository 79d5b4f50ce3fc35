"""A calendar that cannot be used stops the start before anything is touched; one that can reaches the steps."""

from pathlib import Path
from typing import Any

import pytest

from config.calendar import CalendarError
from config.settings import Settings
from service.house import open_house
from streams.log import Position


async def never(*_given: Any, **_named: Any) -> Position:
    raise AssertionError("nothing is written to the log here")


async def test_a_wrong_calendar_file_stops_the_start_and_touches_nothing(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", calendar=tmp_path / "gone.toml", demo=False)
    with pytest.raises(CalendarError, match=r"gone\.toml"):
        await open_house(settings, never, None)
    assert list(tmp_path.iterdir()) == []


async def test_the_office_s_calendar_and_days_reach_the_steps(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text("[2027]\nannounced = true\n")
    settings = Settings(
        data=tmp_path / "data", calendar=file, interpretation_due_days=7, tracking_after_days=90, demo=False
    )
    house = await open_house(settings, never, None)
    try:
        desk = house.desk()
        assert desk.calendar.known(2027)
        assert (desk.follow_ups.interpretation_due, desk.follow_ups.tracking_after) == (7, 90)
    finally:
        await house.close()
