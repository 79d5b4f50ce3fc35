"""What alembic runs around the revisions: on the connection it is given, else on the record of the settings."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection

from config.database.record import open_record
from config.database.schema import metadata
from config.database.types import Moment
from config.settings import load_settings


def render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types by their names, so that a revision serves both databases."""
    if kind != "type" or not isinstance(item, (Moment, JSON)):
        return False
    autogen.imports.add("from config.database.types import Json, Moment")
    return "Moment()" if isinstance(item, Moment) else "Json"


def run(connection: Connection) -> None:
    """Run what alembic was asked for inside the transaction that ``connection`` stands in."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    """Serve the alembic command line: take the record of the settings, in a transaction."""
    record = open_record(load_settings().database_url)
    try:
        async with record.write() as conn:
            await conn.run_sync(run)
    finally:
        await record.close()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_alone())
else:
    run(given)
