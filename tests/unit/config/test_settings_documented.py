"""docs/settings.md has every setting, and none that there is not."""

import re
from pathlib import Path

from config.settings import PREFIX, Settings
from config.unknown_settings import CLIENTS

TABLE = (Path(__file__).parents[3] / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    documented = set(re.findall(rf"{PREFIX}([A-Z_]+)", TABLE))
    assert documented == {name.upper() for name in Settings.model_fields} | CLIENTS
