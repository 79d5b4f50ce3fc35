"""What a library says again and again is written now and then: an outage must not drown what else is said."""

import logging

EVERY_S = 10.0


class Sparing(logging.Filter):
    """Lets a library's message through once in ``every_s`` seconds, by its text before values are put in.

    Kafka's client says thirty times a second, per process, that it cannot connect.

    Args:
        libraries: loggers, with everything below them; all others pass.
        every_s: seconds of the records' own time.
    """

    def __init__(self, *libraries: str, every_s: float = EVERY_S) -> None:
        super().__init__()
        self._libraries = libraries
        self._every_s = every_s
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it may be written."""
        if not any(record.name == name or record.name.startswith(f"{name}.") for name in self._libraries):
            return True
        what = (record.name, str(record.msg))
        if record.created - self._said.get(what, float("-inf")) < self._every_s:
            return False
        self._said[what] = record.created
        return True
