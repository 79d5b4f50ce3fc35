"""Bring the record to the shape that this program knows."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from config.database.record import Record

# Every role of one installation asks PostgreSQL for this same lock; the number only has to be ours.
MIGRATION_LOCK = int.from_bytes(b"zhengda", "big")


class RecordTooNew(Exception):
    """The record was written by a newer version of Zhengda than this one, which does not know its tables.

    Nothing was changed and nothing was started. Start the newer version again (with several roles: update every
    one of them). To stay with this version, restore the backup made before the update; there is no way to turn
    the record back.
    """


async def migrate(record: Record) -> None:
    """Bring ``record`` to the newest revision; harmless when it is there already.

    All steps are one transaction: a migration that fails leaves the record as it was. Several roles may call this
    at the same moment: one works, the others wait for it and find nothing left to do. SQLite lets one writer in at
    a time anyway (``BEGIN IMMEDIATE``), PostgreSQL is asked for a lock that ends with the transaction. Migrate two
    different records of one process one after the other: alembic's ``op`` serves one at a time.

    Raises:
        RecordTooNew: when a newer version of the program has migrated the record.
    """
    async with record.write() as conn:
        if record.dialect == "postgresql":
            await conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        await conn.run_sync(_upgrade)


def head_revision() -> str:
    """Return the newest revision that this program knows."""
    head = _scripts(_config()).get_current_head()
    if head is None:
        raise LookupError("the installation is incomplete: config/database/migrations/versions is empty")
    return head


def _upgrade(connection: Connection) -> None:
    config = _config()
    known = {script.revision for script in _scripts(config).walk_revisions()}
    current = _current(connection)
    if current is not None and current not in known:
        raise RecordTooNew(
            f"the record is at revision {current}, and the newest one known here is {head_revision()}: "
            "start the newer version of Zhengda, or restore the backup made before the update"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "config.database:migrations")
    return config


def _scripts(config: Config) -> ScriptDirectory:
    return ScriptDirectory.from_config(config)
