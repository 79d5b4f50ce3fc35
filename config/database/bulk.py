"""Many rows by one statement: how a column is written is worked out once for all rows, not once for each.

SQLAlchemy's own executemany makes a dictionary of every row and looks every column up again for each of them, which
costs three times what SQLite needs to write it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

Convert = Callable[[Any], Any]
_KNOWN = 64  # statements; the program has a handful


async def execute_many(conn: AsyncConnection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Do an INSERT, with whatever it does on conflict, for every row; it returns nothing.

    Args:
        conn: In a transaction.
        statement: Kept and given again for the same purpose, so that it is put together once.
        rows: All with the same columns.
    """
    if not rows:
        return
    plan = _planned(statement, tuple(rows[0]), conn.dialect)
    await conn.exec_driver_sql(plan.text, plan.parameters(rows))


class _Plan:
    """A statement as the driver takes it, and what it takes of a row."""

    def __init__(self, statement: Insert, columns: tuple[str, ...], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
        self.text = str(compiled)
        self._places = [
            _Place(compiled.binds[name], name if name in columns else None, dialect)
            for name in compiled.positiontup
        ]

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """Return what the driver is given, in its order, a column at a time."""
        return list(zip(*(place.values(rows) for place in self._places), strict=True))


class _Place:
    """One parameter: of each row's own, or the same for all."""

    def __init__(self, bind: BindParameter[Any], column: str | None, dialect: Dialect) -> None:
        self._column = column
        self._convert: Convert | None = bind.type.dialect_impl(dialect).bind_processor(dialect)
        self._fixed = bind.effective_value

    def values(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
        """Return one value for each row."""
        convert = self._convert
        if self._column is None:
            return [convert(self._fixed) if convert else self._fixed] * len(rows)
        given = list(map(itemgetter(self._column), rows))
        if convert is None:
            return given
        # Rows of a list share many of their values as objects: the moment, the channels, the criteria.
        done: dict[int, Any] = {}
        for value in given:
            if id(value) not in done:
                done[id(value)] = convert(value)
        return [done[id(value)] for value in given]


@lru_cache(maxsize=_KNOWN)
def _planned(statement: Insert, columns: tuple[str, ...], dialect: Dialect) -> _Plan:
    return _Plan(statement, columns, dialect)
