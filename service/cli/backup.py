"""``zhengda backup`` and ``zhengda restore``."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import httpx
import typer

from config.database import open_record
from config.settings import Settings, SettingsError, load_settings
from service.backup_format import BackupError, Manifest
from service.cli.face import Face, face_of
from service.cli.failures import CommandFailed
from service.cli.show import print_json
from service.discovery import discovery_path, process_alive, read_discovery

ANSWER_S = 2.0


def backup(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", dir_okay=False, show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")] = False,
) -> None:
    """Have the running service write a backup of the record and the embedded log; FILE is where it is moved to."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("POST", "/api/v1/backup", who="operator", answer_s=None)
    if file is not None:
        try:
            shutil.move(answer["path"], file)
        except OSError as exc:
            values = {"path": answer["path"], "file": file, "reason": exc.strerror or exc}
            raise CommandFailed(face.words("backup_elsewhere", **values)) from exc
        answer = {**answer, "path": str(file.resolve())}
    if as_json:
        print_json(answer)
    else:
        face.out.print(face.words("backup_written", **answer), markup=False)
        face.err.print(face.words("keys_apart"), style="yellow")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, show_default=False)],
) -> None:
    """Restore a backup; the service must be stopped and ZHENGDA_DATA (or the database) empty."""
    face = face_of(ctx)
    try:
        settings = load_settings()
        insist_on_rest(face, settings)
        manifest = asyncio.run(restore_into(settings, file))
    except SettingsError as exc:
        raise CommandFailed("; ".join(str(exc).splitlines())) from exc
    except BackupError as exc:
        raise CommandFailed(str(exc)) from exc
    face.out.print(face.words("restored", rows=manifest.rows, created=manifest.created), markup=False)


def insist_on_rest(face: Face, settings: Settings) -> None:
    """Make sure that no service works in the data directory.

    Raises:
        CommandFailed: one does.
    """
    found = read_discovery(discovery_path(settings.data))
    if found is None or not process_alive(found.pid):
        return
    # The number may belong to another process by now, or come from another machine with a copied file.
    with httpx.Client(base_url=found.url, transport=face.transport, timeout=ANSWER_S) as client:
        try:
            client.get("/healthz")
        except httpx.TransportError:
            return
    raise CommandFailed(face.words("running", pid=found.pid))


async def restore_into(settings: Settings, file: Path) -> Manifest:
    """Make the tables as they were when the backup was written, fill them, and bring them up to date.

    Raises:
        BackupError: see `service.backup.read_backup`.
    """
    from config.database.migrate import migrate
    from service.backup import check_keys, read_backup, read_manifest
    from service.master_keys import key_prints, read_master_keys
    from service.migrating import migrate_to, newest_revision

    manifest = read_manifest(file)
    # Before anything is made: a wrong key must leave the directory as empty as it was.
    check_keys(manifest, key_prints(read_master_keys(settings)))
    record = open_record(settings.database_url)
    try:
        await migrate_to(record, manifest.revision or newest_revision())
        await read_backup(record, settings, file)
        await migrate(record)
    finally:
        await record.close()
    return manifest
