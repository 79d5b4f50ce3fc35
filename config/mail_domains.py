"""Families of recipient domains and how many mails a second each may get, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.office_file import OfficeFileError, office_tables, read_each, shipped_tables

DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]+")
KEYS = {"name", "domains", "per_second"}
EXAMPLE = '[[family]] / name = "netease" / domains = ["163.com"] / per_second = 5'


@dataclass(frozen=True)
class Family:
    """Domains of one provider, which counts what comes to all of them together; ``per_second`` > 0."""

    name: str
    domains: frozenset[str]
    per_second: float


def load_mail_domains(office: Path | None = None) -> Mapping[str, Family]:
    """Return the family of each domain that has a cap.

    Args:
        office: a file of the office's own; its families replace those of the same name.

    Raises:
        OfficeFileError: that file is missing or wrong.
    """
    families = _families(shipped_tables("mail_domains.toml"), "mail_domains.toml")
    if office is not None:
        families |= _families(office_tables(office, "ZHENGDA_MAIL_DOMAINS", EXAMPLE), str(office))
    found: dict[str, Family] = {}
    for family in families.values():
        for domain in family.domains:
            other = found.setdefault(domain, family)
            if other is not family:
                raise OfficeFileError(f"{office}: {domain} is in {other.name} and in {family.name}")
    return {domain: family for domain, family in found.items() if family.per_second}


def _families(tables: Mapping[str, Any], file: str) -> dict[str, Family]:
    if unknown := sorted(tables.keys() - {"family"}):
        raise OfficeFileError(f"{file}: {unknown[0]} is unknown; a family looks like: {EXAMPLE}")
    entries = tables.get("family", [])
    if not isinstance(entries, list):
        raise OfficeFileError(f"{file}: family is written [[family]], with two brackets")
    numbered = {f"{file}: family {number}": entry for number, entry in enumerate(entries, 1)}
    families = read_each(numbered, lambda place, entry: _family(entry, place))
    return {family.name: family for family in families.values()}


def _family(entry: Any, place: str) -> Family:
    if not isinstance(entry, Mapping) or entry.keys() != KEYS:
        raise OfficeFileError(
            f"{place}: it has name, domains and per_second and nothing else, e.g. {EXAMPLE}"
        )
    name, domains, rate = entry["name"], entry["domains"], entry["per_second"]
    if not isinstance(name, str) or not name:
        raise OfficeFileError(f"{place}: name is a word of your own")
    if not isinstance(domains, list) or not domains or not all(map(_is_domain, domains)):
        raise OfficeFileError(
            f"{place} ({name}): domains are a list of names in small letters, e.g. ['163.com']"
        )
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 100_000:
        raise OfficeFileError(f"{place} ({name}): per_second is a number from 0 (no cap) to 100000")
    return Family(name, frozenset(domains), float(rate))


def _is_domain(name: Any) -> bool:
    return isinstance(name, str) and DOMAIN.fullmatch(name) is not None
