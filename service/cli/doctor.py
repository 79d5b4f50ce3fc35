"""``zhengda doctor``: is everything as the service needs it?"""

import asyncio
from dataclasses import asdict
from typing import Annotated

import httpx
import typer

from config.clock import SystemClock
from config.settings import SettingsError, load_settings
from service.cli.access import find_access
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed, Unreachable, WrongUse
from service.cli.show import print_json
from service.doctor import Check, examine

PATIENCE_S = 5.0
STYLE = {"ok": "green", "warning": "yellow", "failed": "red"}


def doctor(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Check settings, disk, record, log, Redis, SMTP, clock and the running service; say what to do."""
    face = face_of(ctx)
    try:
        settings = load_settings()
    except SettingsError as exc:
        from service.start_check import all_mistakes

        checks = [Check("settings", "failed", line, "correct it and ask again") for line in all_mistakes(exc)]
    else:
        checks = [*asyncio.run(examine(settings, SystemClock())), check_service(face)]
    if as_json:
        print_json({"checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            advice = f" → {check.advice}" if check.advice else ""
            face.out.print(f"[{STYLE[check.status]}]{check.status:8}[/] {check.name:10}", end="")
            face.out.print(f"{check.detail}{advice}", markup=False, soft_wrap=True)
    failed = [check.name for check in checks if check.status == "failed"]
    if failed:
        raise CommandFailed(face.words("doctor_failed", names=", ".join(dict.fromkeys(failed))))


def check_service(face: Face) -> Check:
    """Ask the running service how it is; that none runs is no failure."""
    try:
        url = find_access(face.environ, face.words).url
        with httpx.Client(base_url=url, transport=face.transport, timeout=PATIENCE_S) as client:
            health = client.get("/healthz").json()
    except Unreachable:
        return Check("service", "ok", "none has run here yet")
    except WrongUse as exc:
        return Check("service", "failed", str(exc))
    except httpx.TransportError:
        return Check("service", "warning", f"{url} does not answer", "start it with `zhengda up`")
    except ValueError:
        return Check("service", "failed", f"what answers at {url} is not this service", "correct ZHENGDA_URL")
    if health.get("status") == "ok":
        return Check("service", "ok", f"{url} is well")
    bad = ", ".join(f"{name} {state}" for name, state in (health.get("checks") or {}).items())
    return Check("service", "warning", f"{url} is {health.get('status')}: {bad}", "see docs/operations.md")
