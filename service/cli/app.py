"""The commands of ``zhengda``, put together: each is loaded when it is asked for, for a command must answer at once."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

COMMANDS: Mapping[str, str] = {
    "up": "up:up",
    "publish": "publish:publish",
    "interpret": "explain:interpret",
    "faq": "explain:faq",
    "release": "decide:release",
    "refuse": "decide:refuse",
    "explanations": "explain:explanations",
    "show": "explain:show",
    "figures": "explain:figures",
    "preview": "preview:preview",
    "label": "label:label",
    "ledger": "ledger:ledger",
    "funnel": "ledger:funnel",
    "plan": "plan:plan",
    "tasks": "plan:tasks",
    "relay": "relay:relay",
    "render": "render:render",
    "outbox": "outbox:outbox",
    "alerts": "alerts:alerts",
    "bounces": "suppressions:bounces",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "gateway": "gateway:gateway",
    "dkim": "dkim:dkim",
    "doctor": "doctor:doctor",
    "subscribers": "subscribers:group",
    "subscriptions": "trying:group",
    "agencies": "agencies:group",
    "keys": "keys:group",
    "webhooks": "webhooks:group",
    "deadletters": "deadletters:group",
    "suppressions": "suppressions:group",
    "campaign": "campaign:group",
}
"""Name → module of `service.cli` and what stands there: a function, or a Typer with commands of its own."""


class Commands(TyperGroup):
    """Loads of `COMMANDS` the one that is run; the overview, and to guess what a wrong name meant, needs them all."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return their names in the order of the overview."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, None where there is none of that name."""
        for name in (cmd_name,) if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.commands[name] = _made(name)
        return self.commands.get(cmd_name)


def _made(name: str) -> Any:
    module, _, attribute = COMMANDS[name].partition(":")
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
