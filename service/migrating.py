"""The record's schema: which revision it has, which is the newest, and how to get there (alembic)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

import config.database
from config.database import open_record
from config.settings import Settings
from service.backup_format import BackupError

SCRIPTS = Path(config.database.__file__).with_name("migrations")


def newest_revision() -> str:
    """Return the revision that this version of the program works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


async def revision_of(conn: AsyncConnection) -> str | None:
    """Return the revision of a database; None where it was never migrated."""

    def has_table(sync: Connection) -> bool:
        return inspect(sync).has_table("alembic_version")

    if not await conn.run_sync(has_table):
        return None
    revision: str | None = (await conn.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return revision


async def migrate_to(settings: Settings, revision: str) -> None:
    """Bring the record to ``revision``.

    Raises:
        BackupError: this version of the program does not know that revision.
    """
    record = open_record(settings.database_url)
    try:
        async with record.write() as conn:
            await conn.run_sync(_upgrade, revision)
    except CommandError as exc:
        raise BackupError(
            f"schema {revision} is unknown to this version ({exc}): install the version it came from"
        ) from exc
    finally:
        await record.close()


def _config() -> Config:
    conf = Config()
    conf.set_main_option("script_location", str(SCRIPTS))
    return conf


def _upgrade(connection: Connection, revision: str) -> None:
    conf = _config()
    conf.attributes["connection"] = connection
    command.upgrade(conf, revision)
