"""What the codes of carriers and gateways mean: data, read once, asked by pure functions."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast, get_args

from channels.errors import (
    AccountError,
    BarredError,
    ContentError,
    PermanentError,
    TemporaryError,
    ThrottledError,
    TransportError,
)
from channels.heard import Failure
from channels.mask import mask_contacts
from config.office_file import OfficeFileError, office_tables, read_each, shipped_tables

EXAMPLE = '[cmpp] gone = ["CB:0001"]'
COMMON = "common"
# Which word counts where several codes are said: "stat:UNDELIV err:CB:0001" is a number that nobody has.
STRONGEST_FIRST: tuple[Failure, ...] = (
    "gone",
    "opted_out",
    "content",
    "account",
    "busy",
    "rejected",
    "expired",
    "off",
    "ambiguous",
    "undelivered",
)
REASON_CHARS = 200
BUSY_S = 60.0
ACCOUNT_S = 600.0  # a wrong password is the operator's to mend: no message pays for it with its attempts
BARE = re.compile(r"(?:0x)?[0-9a-f]*\d[0-9a-f]*", re.IGNORECASE)


class CodesError(OfficeFileError):
    """The file of SMS codes is wrong.

    The message names file, table and word. It is TOML with a table for each gateway, and in it lists of codes under
    the words that `config/sms_codes.toml` explains. Mend it and start again; nothing was started.
    """


Table = Mapping[Failure, tuple[str, ...]]


class Codes:
    """Tables of codes, by gateway."""

    def __init__(self, tables: Mapping[str, Table], kinds: Mapping[str, str] | None = None) -> None:
        """Nothing is read here.

        Args:
            tables: by gateway; ``common`` is for all of them.
            kinds: whose table counts, too, for gateways that have a name of their own: name -> gateway.
        """
        self._tables = tables
        self._kinds = dict(kinds or {})
        self._patterns: dict[str, dict[Failure, tuple[frozenset[str], re.Pattern[str] | None]]] = {}

    def named(self, kinds: Mapping[str, str]) -> "Codes":
        """Return the same tables for gateways with names of their own: name -> the gateway that it is."""
        return Codes(self._tables, {**self._kinds, **kinds})

    def failure(self, gateway: str, said: str) -> Failure:
        """Return why a message failed, from the code or the words that ``gateway`` reports; else ``undelivered``."""
        return self.known(gateway, said) or "undelivered"

    def known(self, gateway: str, said: str) -> Failure | None:
        """Return what a code or words with codes in them mean; None where no table knows any of them."""
        bare = said.strip().casefold()
        for word, (whole, within) in self._of(gateway).items():
            if bare in whole or (within is not None and within.search(said)):
                return word
        return None

    def outcome(self, gateway: str, code: str, words: str = "") -> TransportError:
        """Return what a refusal of ``gateway`` to take a message means; what no table knows is tried again later.

        Args:
            gateway: its name.
            code: its code.
            words: what it says beside it; numbers and addresses in it are masked.
        """
        reason = reason_of(code, words)
        meant = self.known(gateway, code) or self.known(gateway, words)
        match meant:
            case "busy":
                return ThrottledError(reason, BUSY_S)
            case "account":
                return AccountError(reason, ACCOUNT_S)
            case "content":
                return ContentError(reason)
            case "gone":
                return PermanentError(reason, dead=True)
            case "opted_out":
                return BarredError(reason)
            case "rejected":
                return PermanentError(reason)
        return TemporaryError(reason)

    def _of(self, gateway: str) -> dict[Failure, tuple[frozenset[str], re.Pattern[str] | None]]:
        if gateway not in self._patterns:
            names = dict.fromkeys((gateway, self._kinds.get(gateway, gateway), COMMON))
            meanings: dict[str, Failure] = {}
            for name in names:
                for word, codes in self._tables.get(name, {}).items():
                    for code in codes:
                        meanings.setdefault(code, word)
            self._patterns[gateway] = {
                word: _compiled(code for code, meant in meanings.items() if meant == word)
                for word in STRONGEST_FIRST
            }
        return self._patterns[gateway]


def reason_of(code: str, words: str = "") -> str:
    """Return a far side's code and words as the ledger takes them: on one line, short, without numbers of people."""
    said = " ".join(f"{code} {words}".split()).encode("utf-8", "replace").decode()
    return mask_contacts(said)[:REASON_CHARS]


def load_codes(office: Path | None = None) -> Codes:
    """Return the shipped tables, with those of the office's own file before them.

    Raises:
        OfficeFileError: that file is wrong; `CodesError` where it has a word that is none.
    """
    tables = _tables("sms_codes.toml", shipped_tables("sms_codes.toml"))
    own_tables = office_tables(office, "ZHENGDA_SMS_CODES", EXAMPLE) if office else {}
    for gateway, own in _tables(str(office), own_tables).items():
        taken = {code for codes in own.values() for code in codes}
        shipped = tables.get(gateway, {})
        tables[gateway] = {
            word: (*own.get(word, ()), *(code for code in shipped.get(word, ()) if code not in taken))
            for word in STRONGEST_FIRST
        }
    return Codes(tables)


def _tables(file: str, found: Mapping[str, Any]) -> dict[str, Table]:
    return read_each(found, lambda gateway, table: _table(file, gateway, table))


def _table(path: str, gateway: str, table: Any) -> Table:
    if not isinstance(table, dict):
        raise CodesError(f"{path}: {gateway} is not a table of codes")
    # Its keys are words: `_listed` takes no others.
    return cast(
        Table, read_each(table, lambda word, codes: _listed(f"{path}: [{gateway}] {word}", word, codes))
    )


def _listed(place: str, word: str, codes: Any) -> tuple[str, ...]:
    if word not in get_args(Failure):
        raise CodesError(f"{place} is no word, use one of {', '.join(get_args(Failure))}")
    if not isinstance(codes, list) or not all(isinstance(code, str) and code.strip() for code in codes):
        raise CodesError(f"{place} is not a list of codes in quotes")
    return tuple(code.strip() for code in codes)


def _compiled(codes: Iterable[str]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    listed = list(codes)
    within = [re.escape(code).replace(r"\*", r"\w*") for code in listed if not BARE.fullmatch(code)]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(within)})(?!\w)", re.IGNORECASE) if within else None
    return frozenset(code.casefold() for code in listed), pattern
