"""A list through the command line into a running service: refused rows, corrected, imported again; with a bar."""

import csv
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Town
from tests.support.lists import firms, write_csv, write_workbook

ROWS = 300
WRONG = 10
MAIN = (sys.executable, "-c", "from service.cli import main; main()")


@pytest.mark.parametrize(("kind", "encoding"), [("csv", "utf-8-sig"), ("csv", "gb18030"), ("xlsx", "")])
def test_refused_rows_are_corrected_in_their_file_and_imported_again(
    town: Town, tmp_path: Path, kind: str, encoding: str
) -> None:
    rows = list(firms(ROWS, wrong=WRONG))
    path = tmp_path / f"firms.{kind}"
    if kind == "csv":
        write_csv(path, rows, encoding)
    else:
        write_workbook(path, rows)
    refused = tmp_path / "refused.csv"
    commands = town.operators_commands()
    done = commands.run("subscribers", "import", str(path), "--refused", str(refused))
    assert done.returncode == 5, done.stderr
    assert (
        done.stdout.splitlines()[0]
        == f"{ROWS} rows read: {ROWS - WRONG} subscribers in, {WRONG} rows refused"
    )
    with refused.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    every = ROWS // WRONG
    assert [int(row["line"]) for row in found] == [2 + at * every + every - 1 for at in range(WRONG)]
    assert all(row["reason"] for row in found)
    assert found[2]["reason"].count(": ") == 3, "both wrong cells of the row are named"
    right = {row["subscriber_id"]: row for row in firms(ROWS)}
    write_csv(refused, [row | right[row["subscriber_id"]] for row in found])
    again = commands.run("subscribers", "import", str(refused))
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[0] == f"{WRONG} rows read: {WRONG} subscribers in, 0 rows refused"


def test_addresses_without_consent_are_asked_once_and_nothing_else_goes_to_them(
    town: Town, tmp_path: Path
) -> None:
    path = tmp_path / "firms.csv"
    rows = [
        {"企业编号": f"Mute-{n}", "企业名称": f"静默{n}公司", "邮箱": f"mute{n}@example.com"}
        for n in range(3)
    ]
    write_csv(path, rows)
    commands = town.operators_commands()
    assert commands.json("subscribers", "import", str(path), "--no-confirmation")["confirmations"] == 0
    assert commands.json("subscribers", "import", str(path))["confirmations"] == 3
    assert commands.json("subscribers", "import", str(path))["confirmations"] == 0
    town.push("mute-policy", "静默")
    assert town.office.ask("GET", "/api/v1/ledger", params={"subscriber": "Mute-1", "channel": "email"}) == {
        "deliveries": [],
        "next": None,
    }


def test_a_person_at_a_terminal_sees_a_bar_with_rows_a_second(town: Town, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "firms.csv", firms(1500))
    ours, theirs = pty.openpty()
    environ = town.operators_commands().environment | {
        "LANG": "zh_CN.UTF-8",
        "LC_ALL": "zh_CN.UTF-8",
        "TERM": "xterm",
        "COLUMNS": "120",
    }
    process = subprocess.Popen(
        [*MAIN, "subscribers", "import", str(path)],
        env=environ,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while part := _read(ours):
        shown += part
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.decode().startswith("共读 1500 行：导入 1500 家，拒绝 0 行")
    assert "导入中" in shown.decode()
    assert "行/秒" in shown.decode()
    assert "100%" in shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""  # Linux says so when the other end of a terminal is closed
