"""Many rows as one value: a statement takes them as JSON, and the database itself takes them apart.

Row by row, Python and the database hand each other the turn for every row, and on SQLite the writing thread waits for
Python's lock each time: beside a busy event loop that costs more than the writing. This way it waits once.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Integer, String, Table, bindparam, cast, column, func, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from config.database.types import Json

ROWS = "rows_as_json"
_KNOWN = 64  # statements; the program has a handful


async def insert_at_once(
    conn: AsyncConnection,
    table: Table,
    own: Sequence[str],
    rows: Sequence[Sequence[Any]],
    shared: Mapping[str, Any],
) -> None:
    """Insert rows; those whose unique key stands already are left untouched.

    Args:
        conn: In a transaction.
        table: Where to.
        own: Columns in which the rows differ: text, whole numbers, JSON.
        rows: Their values, in the order of ``own``; those of JSON columns as its text.
        shared: Values of any kind that are the same in every row, by column.
    """
    if rows:
        statement = _statement(table, tuple(own), tuple(shared), conn.dialect.name)
        await conn.execute(statement, {ROWS: rows, **shared})


@lru_cache(maxsize=_KNOWN)
def _statement(table: Table, own: tuple[str, ...], shared: tuple[str, ...], dialect: str) -> Any:
    on_sqlite = dialect == "sqlite"
    each, kind = (func.json_each, JSON()) if on_sqlite else (func.jsonb_array_elements, JSONB())
    given = each(bindparam(ROWS, type_=Json)).table_valued(column("value", kind))
    values = [_value(table.c[name].type, given.c.value[place], on_sqlite) for place, name in enumerate(own)]
    values += [bindparam(name, type_=table.c[name].type) for name in shared]
    # SQLite takes ON CONFLICT behind a SELECT only where that has a WHERE.
    source = select(*values).select_from(given).where(true())
    insert = sqlite_insert(table) if on_sqlite else postgresql_insert(table)
    return insert.from_select([*own, *shared], source).on_conflict_do_nothing()


def _value(kind: TypeEngine[Any], element: Any, on_sqlite: bool) -> Any:
    """Return an element of a row's array as a column of that type wants it."""
    if isinstance(kind, Integer):
        return element.as_integer()
    text = element.as_string()
    # SQLite keeps JSON as text, and has no cast that would leave it alone.
    return text if on_sqlite or isinstance(kind, String) else cast(text, JSONB)
