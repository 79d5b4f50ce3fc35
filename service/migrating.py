"""The schema of the record for backups: its revision, and how to get to an older one that a backup was written at."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database import Record
from config.database.migrate import head_revision
from service.backup_format import BackupError

SCRIPTS = "config.database:migrations"


def newest_revision() -> str:
    """Return the revision that this version of the program works with."""
    return head_revision()


async def revision_of(conn: AsyncConnection) -> str | None:
    """Return the revision that ``conn`` sees; None where the tables were made without migrations."""
    return await conn.run_sync(_current)


async def migrate_to(record: Record, revision: str) -> None:
    """Make the tables of an empty record as they were at ``revision``.

    Raises:
        BackupError: this version of the program does not know that revision.
    """
    try:
        async with record.write() as conn:
            await conn.run_sync(_upgrade, revision)
    except CommandError as exc:
        raise BackupError(
            f"the backup has schema {revision}, unknown to this version ({exc}): install the version that wrote it"
        ) from exc


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
