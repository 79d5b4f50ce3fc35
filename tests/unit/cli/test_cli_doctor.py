"""How ``zhengda doctor`` ends: with what failed, by name, and with everything that is wrong with the settings."""

from collections.abc import Sequence
from typing import Any

import pytest

from config.clock import Clock
from config.settings import Settings
from service.check import Check
from service.cli import doctor


def test_the_last_line_says_what_failed(zhengda: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def examine(settings: Settings, clock: Clock) -> Sequence[Check]:
        return [
            Check("disk", "ok", "there"),
            Check("sms", "failed", "down"),
            Check("templates", "failed", "x"),
        ]

    monkeypatch.setattr(doctor, "examine", examine)
    assert zhengda("doctor") == 1
    assert zhengda.err.splitlines()[-1] == "failed: sms, templates"


def test_a_wrong_setting_hides_no_wrong_file(zhengda: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGDA_PORT", "many")
    monkeypatch.setenv("ZHENGDA_RETRIES", "/nowhere")
    monkeypatch.setenv("ZHENGDA_PROMISES", "/nowhere")
    assert zhengda("doctor") == 1
    assert [name for name in ("PORT", "RETRIES", "PROMISES") if f"ZHENGDA_{name}: " not in zhengda.out] == []
    assert zhengda.err.splitlines()[-1] == "failed: settings"
