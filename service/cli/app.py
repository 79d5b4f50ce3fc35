"""The commands of ``zhengda``, put together: each is loaded when it is asked for, for a command must answer at once."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from service.cli.commands import COMMANDS


class Commands(TyperGroup):
    """Loads the one command that is run; the overview, and to guess what a wrong name meant, takes their names only."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = {name: TyperCommand(name) for name in COMMANDS}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, None where there is none of that name."""
        return _made(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a line for each command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.line) for name, command in COMMANDS.items()])


@cache
def _made(name: str) -> Any:
    module, _, attribute = COMMANDS[name].where.partition(":")
    command: typer.Typer | Callable[..., None] = getattr(import_module(f"service.cli.{module}"), attribute)
    whole = typer.Typer(rich_markup_mode=None)
    if isinstance(command, typer.Typer):
        whole.add_typer(command, name=name)
    else:
        whole.command(name)(command)
        whole.callback()(_nothing)
    return get_group(whole).commands[name]


def _nothing() -> None:
    """Do nothing before a command: with it Typer makes a group, even of one command or none."""


app = typer.Typer(
    name="zhengda",
    cls=Commands,
    help="政达: policies to exactly the enterprises they concern. ZHENGDA_URL and ZHENGDA_KEY say where and who, "
    "ZHENGDA_REVIEWER_KEY who decides.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback()(_nothing)
