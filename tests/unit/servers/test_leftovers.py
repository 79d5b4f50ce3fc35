"""The promises of tests/conftest.py: no process outlives the tests, and continuous integration skips no server test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.processes import REQUIRE, pid_alive

ROOT = Path(__file__).parents[3]


def run_tests(path: Path, text: str, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a test file of its own under this project's conftest."""
    path.write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.conftest",
        "-c",
        str(ROOT / "pyproject.toml"),
    ]
    # Under `-n` this test runs in a process that pytest-xdist has told who it is, and its child is somebody else.
    kept = {k: v for k, v in os.environ.items() if k != REQUIRE and not k.startswith("PYTEST_XDIST")}
    options = ["-p", "no:cacheprovider", "--rootdir", str(path.parent), *more, str(path)]
    return subprocess.run(
        [*command, *options], cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("shared", [(), ("-n", "1")], ids=["one process", "shared out"])
def test_a_forgotten_process_fails_the_session_and_is_ended(shared: tuple[str, ...], tmp_path: Path) -> None:
    done = run_tests(
        tmp_path / "test_forgets.py",
        "from tests.servers.processes import spawn\n"
        "def test_forgets():\n    open(__file__ + '.pid', 'w').write(str(spawn('sleeper', ['sleep', '600']).pid))\n",
        *shared,
    )
    pid = int((tmp_path / "test_forgets.py.pid").read_text())
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert f"left running after the tests: sleeper (pid {pid})" in done.stdout
    assert not pid_alive(pid)


def test_a_skipped_server_test_fails_where_servers_are_required(tmp_path: Path) -> None:
    text = (
        "import pytest\nfrom tests.servers.processes import need\n"
        "@pytest.mark.kafka\ndef test_needs():\n    need('no broker')\n"
        "@pytest.mark.postgres\ndef test_skips():\n    pytest.skip('no database')\n"
        "@pytest.mark.redis\n@pytest.mark.skip('no server')\ndef test_is_skipped():\n    pass\n"
        "def test_needs_none_of_them():\n    pytest.skip('whatever')\n"
    )
    lenient = run_tests(tmp_path / "test_lenient.py", text)
    strict = run_tests(tmp_path / "test_strict.py", text, "-n", "1", **{REQUIRE: "1"})
    assert lenient.returncode == pytest.ExitCode.OK, lenient.stdout
    assert "4 skipped" in lenient.stdout
    assert strict.returncode == pytest.ExitCode.TESTS_FAILED, strict.stdout
    assert "2 failed, 1 skipped, 1 error" in strict.stdout
