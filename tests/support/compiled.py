"""SQL that is compiled once for all records of a process: every test opens a record of its own."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import event
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
            event.listen(ours.dialect, "do_connect", partial(_connect_as, first.dialect))
            ours.dialect = ours.pool._dialect = first.dialect
            ours._compiled_cache = first._compiled_cache
        return engine

    return made


def _has_met_its_server(dialect: Dialect) -> bool:
    return getattr(dialect, "server_version_info", None) is not None


def _connect_as(shared: Dialect, _: Dialect, record: Any, args: Any, options: Any) -> Any:
    """Open a connection as whoever listens at the shared dialect would: the pool goes on asking its engine's own."""
    answers = (listener(shared, record, args, options) for listener in shared.dispatch.do_connect)
    return next((answer for answer in answers if answer is not None), None)
