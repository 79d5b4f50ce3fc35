"""What the command line says, in English and in Chinese: the language, and a sentence by its name."""

from collections.abc import Mapping

from service.cli.failurewords import FAILURES
from service.cli.resultwords import RESULTS
from service.cli.tablewords import TABLES

WORDS: Mapping[str, tuple[str, str]] = FAILURES | RESULTS | TABLES
"""Name → the sentence in English and in Chinese, with fields as `str.format` has them."""


def is_chinese(environ: Mapping[str, str]) -> bool:
    """Whether the locale asks for Chinese; the first of LC_ALL, LC_MESSAGES and LANG that is set decides."""
    wanted = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return wanted.lower().startswith("zh")


class Words:
    """The table in one language; ``chinese`` says which, for words that stand elsewhere."""

    def __init__(self, chinese: bool) -> None:
        self.chinese = chinese

    def __call__(self, name: str, **values: object) -> str:
        """Return the sentence ``name`` with ``values`` filled in."""
        return WORDS[name][self.chinese].format(**values)
