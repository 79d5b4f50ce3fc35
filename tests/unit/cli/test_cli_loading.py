"""A command loads what it needs and no more, and the overview knows them all."""

import subprocess
import sys

import pytest

from service.cli.app import COMMANDS

HEAVY = ("streams.labelling", "sqlalchemy", "streams.matching", "service.doctor", "channels.email")


def loaded(*argv: str) -> set[str]:
    program = "import sys; from service.cli import run; run(sys.argv[1:]); print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


@pytest.mark.parametrize("name", ["keys", "alerts"])
def test_a_command_that_only_asks_the_service_loads_nothing_of_the_service(name: str) -> None:
    modules = loaded(name, "--help")
    assert "service.cli.client" in modules
    assert modules.isdisjoint(HEAVY)


def test_the_overview_names_every_command_and_a_slip_is_told_the_nearest() -> None:
    program = [sys.executable, "-c", "import sys; from service.cli import run; sys.exit(run(sys.argv[1:]))"]
    overview = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True).stdout
    named = {line.split()[0] for line in overview.splitlines() if line.startswith("  ") and line.split()}
    assert set(COMMANDS) <= named
    slip = subprocess.run([*program, "lable"], capture_output=True, text=True)
    assert (slip.returncode, "'label'" in slip.stderr) == (2, True)
