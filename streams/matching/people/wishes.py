"""What somebody wants, as the index keeps it: a text that many share, and channels as bits."""

from functools import lru_cache
from typing import Any, NamedTuple

from config.database.jsontext import from_text, to_text
from streams.matching.matter import Ancestors
from streams.matching.people.columns import mask_of
from streams.matching.queries.shorthand import in_full, is_short, shortened
from streams.matching.query import MOST_REMEMBERED, Query, explicit_query, profile_query
from subscribers.shards import IndexRow

PROFILE = 0x80
"""Beside the bits of channels: this is what a subscriber is, so that its numbers count, too."""

ASKED = ("region", "industries", "size", "qualifications", "groups")  # of a profile; its numbers are columns


class Wish(NamedTuple):
    """One thing a subscriber wants; ``subscription_id`` None is what it is, not what it asked for."""

    subscription_id: str | None
    text: str
    bits: int


def wishes_of(row: IndexRow) -> list[Wish]:
    """Return what a subscriber wants; nothing where its profile is not matched and it subscribes to nothing."""
    wishes = [
        Wish(name, shortened(criteria), mask_of(channels)) for name, criteria, channels in row.subscriptions
    ]
    if row.profile_matching:
        bits = mask_of(row.profile_channels) | PROFILE
        wishes.append(Wish(None, profile_text(row.kind, row.profile), bits))
    return wishes


def profile_text(kind: str, profile: dict[str, Any]) -> str:
    """Return a profile as JSON without its numbers, in which hardly two are alike."""
    return to_text([kind, {name: profile[name] for name in ASKED if profile.get(name)}])


@lru_cache(maxsize=MOST_REMEMBERED)
def query_from(text: str, ancestors: Ancestors) -> Query:
    """Return the query of criteria or of a profile, as their texts are kept."""
    if is_short(text):
        return explicit_query(in_full(text), ancestors)
    if text.startswith("{"):
        return explicit_query(from_text(text), ancestors)
    kind, profile = from_text(text)
    return profile_query(kind, profile, ancestors)
