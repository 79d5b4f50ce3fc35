"""SQL that is compiled once for all records of a process: every test opens a record of its own."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.ext.asyncio import AsyncEngine


def compiling_once(create: Callable[..., AsyncEngine]) -> Callable[..., AsyncEngine]:
    """``create_async_engine`` whose engines share, for each kind of database, what they have compiled.

    Compiling takes a third of a short test. SQLAlchemy keeps what an engine has compiled by the statement and the
    engine's own dialect; so the engines get the dialect, too, of the first of their kind that has connected.
    """
    firsts: dict[str, Engine] = {}

    def made(*given: Any, **named: Any) -> AsyncEngine:
        engine = create(*given, **named)
        ours = engine.sync_engine
        first = firsts.get(ours.dialect.name)
        if first is None or not _has_met_its_server(first.dialect):
            firsts[ours.dialect.name] = ours
        else:
            ours.dialect = ours.pool._dialect = first.dialect
            ours._compiled_cache = first._compiled_cache
        return engine

    return made


def _has_met_its_server(dialect: Dialect) -> bool:
    return getattr(dialect, "server_version_info", None) is not None
