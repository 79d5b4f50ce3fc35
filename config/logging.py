"""Log lines: structured, on standard error, never with a contact or a body in them."""

import logging
import sys
from typing import Any

import structlog

from config.log_repeats import Sparing


def configure_logging(fmt: str, extra: structlog.types.Processor | None = None) -> None:
    """Send every log line, ours and the libraries', through one formatter.

    Args:
        fmt: ``console`` for people, ``json`` for machines.
        extra: a processor that sees each of our lines first, e.g. the live view of the terminal.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    handler.addFilter(Sparing("aiokafka"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in (
        "faust",
        "mode",
        "aiokafka",
        "apscheduler",
        "alembic",
        "httpx",
        "uvicorn.access",
        "aiosqlite",
        "abc",  # what mode calls the services of ours that it runs
        "streams.transport",
        "mail.log",  # of the server that takes bounces: it would write addresses
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *([extra] if extra else []),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; call it with an event name in the past tense and keywords."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
