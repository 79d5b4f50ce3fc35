"""A data directory has one user at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from service.data_lock import FILE_NAME, DataInUse, sole_user

HOLD = "import sys, pathlib, os, signal\nfrom service.data_lock import sole_user\n"


def test_a_second_service_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    code = (
        HOLD
        + "with sole_user(pathlib.Path(sys.argv[1])):\n print(os.getpid(), flush=True)\n sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        pid = first.stdout.readline().strip()
        with pytest.raises(DataInUse, match=f"process {pid} runs on"), sole_user(tmp_path):
            raise AssertionError("it was let in")
        first.kill()
        first.wait()
    with sole_user(tmp_path):  # killed with -9, it holds nothing any more
        assert (tmp_path / FILE_NAME).exists()


def test_the_directory_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_user(tmp_path):
            pass
    with pytest.raises(DataInUse), sole_user(tmp_path), sole_user(tmp_path):
        raise AssertionError("it was let in twice")
