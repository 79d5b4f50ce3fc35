"""``zhengda subscribers export`` and ``erase``."""

import json
import stat
from pathlib import Path
from typing import Any

import httpx

HELD = {"subscriber": {"name": "甲公司", "contacts": [{"address": "a@firm.cn"}]}}


def holds(zhengda: Any) -> None:
    path = "/api/v1/subscribers/S-1/export"
    zhengda.service.routes["GET", path] = lambda _request: httpx.Response(200, json=HELD)


def test_an_export_is_printed_as_json(zhengda: Any) -> None:
    holds(zhengda)
    assert zhengda("subscribers", "export", "S-1") == 0
    assert zhengda.json == HELD


def test_an_export_to_a_file_is_for_its_owner_only_and_replaces_nothing(zhengda: Any, tmp_path: Path) -> None:
    holds(zhengda)
    file = tmp_path / "S-1.json"
    assert zhengda("subscribers", "export", "S-1", file) == 0
    assert json.loads(file.read_text(encoding="utf-8")) == HELD
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "a@firm.cn" not in zhengda.out
    assert zhengda("subscribers", "export", "S-1", file) == 1
    assert "cannot be written" in zhengda.err


def test_erasing_wants_to_be_meant(zhengda: Any) -> None:
    asked: list[str] = []

    def erased(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(204)

    zhengda.service.routes["DELETE", "/api/v1/subscribers/S-1"] = erased
    assert zhengda("subscribers", "erase", "S-1") == 2
    assert asked == []
    assert zhengda("subscribers", "erase", "S-1", "--yes") == 0
    assert asked == ["/api/v1/subscribers/S-1"]
