"""A command loads what it needs and no more, and the overview knows them all."""

import subprocess
import sys
from typing import Any

import pytest

from service.cli.commands import COMMANDS

HEAVY = ("streams.labelling", "sqlalchemy", "streams.matching", "service.doctor", "channels.email")


def loaded(*argv: str) -> set[str]:
    program = "import sys; from service.cli import run; run(sys.argv[1:]); print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def test_the_overview_and_a_slip_load_no_command() -> None:
    modules = loaded("--help") | loaded("lable")
    assert modules.isdisjoint(HEAVY)
    assert modules.isdisjoint(
        f"service.cli.{command.where.partition(':')[0]}" for command in COMMANDS.values()
    )


def test_the_help_of_label_loads_neither_rules_nor_settings() -> None:
    modules = loaded("label", "--help")
    assert "service.cli.label" in modules
    assert modules.isdisjoint((*HEAVY, "config.settings", "config.taxonomies"))


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
    assert "..." not in overview.partition("Commands:")[2], "a line is too long for a terminal of 80 columns"
    slip = subprocess.run([*program, "lable"], capture_output=True, text=True)
    assert (slip.returncode, "'label'" in slip.stderr) == (2, True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_where_the_table_says(name: str, zhengda: Any) -> None:
    assert zhengda(name, "--help") == 0
    assert f"zhengda {name}" in zhengda.out
    assert "[[" not in zhengda.out, "what may be left out stands in brackets once"
    assert len(COMMANDS[name].line) <= 60
