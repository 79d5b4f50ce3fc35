"""The table that says what bounces mean: data, read once, asked by pure functions."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import config
from channels.email.bounces.bounce import Word
from channels.email.bounces.words import plain
from config.taxonomies.sources import TomlSource, read_toml

SHIPPED = Path(config.__file__).parent / "mail_bounces.toml"
KEYS = ("id", "word", "status", "reply", "said", "from")
LISTS = ("status", "reply", "said", "from")
NOT_DECIDED_BY_RULE = {"expired", "complained", "auto_reply", "other"}
WORDS = tuple(word for word in get_args(Word) if word not in NOT_DECIDED_BY_RULE)
SIGNS = (
    "bounce_senders",
    "bounce_subjects",
    "delay_subjects",
    "delay_words",
    "reply_subjects",
    "ends",
    "reasons",
)
STATUS = re.compile(r"[45*](?:\.(?:\d{1,3}|\*)){2}")


@dataclass(frozen=True)
class Rule:
    """A line of the table; texts are as `plain` has them. An empty tuple asks for nothing."""

    id: str
    word: Word
    status: tuple[re.Pattern[str], ...]
    reply: tuple[str, ...]
    said: tuple[str, ...]
    providers: tuple[str, ...]


@dataclass(frozen=True)
class Signs:
    """By what messages are told apart; texts are as `plain` has them."""

    bounce_senders: tuple[str, ...]
    bounce_subjects: tuple[str, ...]
    delay_subjects: tuple[str, ...]
    delay_words: tuple[str, ...]
    reply_subjects: tuple[str, ...]
    ends: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """The table: the first rule that fits decides. ``version`` is that of the shipped one, or ``shipped+office``."""

    version: str
    rules: tuple[Rule, ...]
    signs: Signs

    def of_reply(self, status: str, reply: str, hosts: Collection[str]) -> Rule | None:
        """Return the rule for what a server answered; None where none fits.

        Args:
            status: enhanced status code; ``5.0.0`` where the server gave none.
            reply: its words, as `plain` has them.
            hosts: who takes part in the bounce: names of servers, domains of addresses.
        """
        return next((rule for rule in self.rules if _fits(rule, status, reply, hosts)), None)

    def of_text(self, text: str, hosts: Collection[str]) -> tuple[Rule, int] | None:
        """Return the rule for what people are told, and where in it the words stand; None where none fits."""
        for rule in self.rules:
            if rule.said and not rule.status and _of(rule, hosts):
                places = [at for one in rule.said if (at := text.find(one)) >= 0]
                if places:
                    return rule, min(places)
        return None


def load_rules(office: Path | None = None) -> Rules:
    """Return the shipped table, the rules of the office's own before it.

    Raises:
        TaxonomyDataError: a file is wrong; the message names it and the line.
    """
    shipped = _shipped()
    if office is None:
        return shipped
    own = _read(office)
    signs = {
        name: getattr(shipped.signs, name) + tuple(map(plain, own.values.get("signs", {}).get(name, ())))
        for name in SIGNS
    }
    version = f"{shipped.version}+{own.values['version']}"
    return Rules(version, (*_rules(own), *shipped.rules), Signs(**signs))


@cache
def _shipped() -> Rules:
    source = _read(SHIPPED)
    signs = {name: tuple(map(plain, source.values["signs"][name])) for name in SIGNS}
    return Rules(source.values["version"], tuple(_rules(source)), Signs(**signs))


def _fits(rule: Rule, status: str, reply: str, hosts: Collection[str]) -> bool:
    if rule.status and not any(pattern.fullmatch(status) for pattern in rule.status):
        return False
    words = (*rule.reply, *rule.said)
    return _of(rule, hosts) and (not words or any(one in reply for one in words))


def _of(rule: Rule, hosts: Collection[str]) -> bool:
    return not rule.providers or any(
        host == one or host.endswith(f".{one}") for host in hosts for one in rule.providers
    )


def _read(file: Path) -> TomlSource:
    source = read_toml(file)
    source.check({"version": "text", "rule": "tables", "signs": "table"})
    signs = source.values.get("signs", {})
    for name, words in signs.items():
        if name not in SIGNS:
            raise source.error(f"unknown key {name}, use one of {', '.join(SIGNS)}", f"{name} ")
        if not _texts(words):
            raise source.error(f"{name} must be a list of texts", f"{name} ")
    return source


def _rules(source: TomlSource) -> Sequence[Rule]:
    found: dict[str, Rule] = {}
    for at, given in enumerate(source.values.get("rule", [])):
        rule = _rule(source, at, given)
        if rule.id in found:
            raise source.error(f"there are two rules {rule.id}", f'"{rule.id}"', table="rule", index=at)
        found[rule.id] = rule
    return list(found.values())


def _rule(source: TomlSource, at: int, given: dict[str, Any]) -> Rule:
    def wrong(reason: str, key: str) -> Exception:
        return source.error(reason, key, table="rule", index=at)

    for key in given:
        if key not in KEYS:
            raise wrong(f"unknown key {key}, use one of {', '.join(KEYS)}", f"{key} ")
    if not isinstance(given.get("id"), str) or not given["id"].strip():
        raise wrong("a rule needs an id", "[[rule]]")
    if given.get("word") not in WORDS:
        raise wrong(f"word must be one of {', '.join(WORDS)}", "word")
    for key in LISTS:
        if key in given and not _texts(given[key]):
            raise wrong(f"{key} must be a list of texts, and not an empty one", f"{key} ")
    if not any(key in given for key in ("status", "reply", "said")):
        raise wrong("a rule needs a status, reply or said", "[[rule]]")
    for status in given.get("status", ()):
        if not STATUS.fullmatch(status):
            raise wrong(f"{status} is no status such as 5.1.1 or 5.7.*", status)
    return Rule(
        given["id"],
        given["word"],
        tuple(
            re.compile(one.replace(".", r"\.").replace("*", r"\d{1,3}")) for one in given.get("status", ())
        ),
        tuple(map(plain, given.get("reply", ()))),
        tuple(map(plain, given.get("said", ()))),
        tuple(one.lower() for one in given.get("from", ())),
    )


def _texts(value: object) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(one, str) and plain(one) for one in value)
    )
