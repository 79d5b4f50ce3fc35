"""The log that events travel on: `embedded://` (one SQLite file) or Kafka, and an honest consumer for both."""

from streams.transport.errors import EventTooLarge, LogUnavailable, UnknownTopic
from streams.transport.honest import HonestApp, done
from streams.transport.transport import Transport

__all__ = ["EventTooLarge", "HonestApp", "LogUnavailable", "Transport", "UnknownTopic", "done"]
