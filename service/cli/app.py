"""The commands of ``zhengda``, put together."""

import typer

from service.cli import (
    agencies,
    backup,
    campaign,
    deadletters,
    keys,
    own,
    subscribers,
    suppressions,
    trying,
    webhooks,
)
from service.cli.alerts import alerts
from service.cli.decide import refuse, release
from service.cli.dkim import dkim
from service.cli.doctor import doctor
from service.cli.explain import explanations, faq, figures, interpret, show
from service.cli.gateway import gateway
from service.cli.label import label
from service.cli.ledger import funnel, ledger
from service.cli.outbox import outbox
from service.cli.plan import plan, tasks
from service.cli.preview import preview
from service.cli.publish import publish
from service.cli.relay import relay
from service.cli.render import render
from service.cli.up import up

app = typer.Typer(
    name="zhengda",
    help="政达: policies to exactly the enterprises they concern. ZHENGDA_URL and ZHENGDA_KEY say where and who, "
    "ZHENGDA_REVIEWER_KEY who decides.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    up, publish, interpret, faq, release, refuse, explanations, show, figures, preview, label, ledger, funnel, plan,
    tasks, relay, render, outbox, alerts, suppressions.bounces, backup.backup, backup.restore, gateway, dkim, doctor,
):  # fmt: skip
    app.command()(command)
for own_command in (own.export, own.erase):
    subscribers.group.command()(own_command)
app.add_typer(subscribers.group, name="subscribers")
app.add_typer(trying.group, name="subscriptions")
app.add_typer(agencies.group, name="agencies")
app.add_typer(keys.group, name="keys")
app.add_typer(webhooks.group, name="webhooks")
app.add_typer(deadletters.group, name="deadletters")
app.add_typer(suppressions.group, name="suppressions")
app.add_typer(campaign.group, name="campaign")
