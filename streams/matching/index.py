"""One shard's subscribers, ready to be asked: who wants this policy, why, and where it goes."""

from collections.abc import Iterator
from dataclasses import dataclass

from streams.matching.matter import Ancestors, Matter
from streams.matching.query import Query, profile_query, query_of
from subscribers.shards import IndexRow

SPACE = "space"

Contact = tuple[str, str]  # (channel, contact_id)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing a subscriber wants; ``subscription_id`` None is what it is, not what it asked for."""

    subscription_id: str | None
    query: Query
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One subscriber in the index."""

    wishes: tuple[Wish, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """One reason of a match."""

    subscription_id: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A subscriber who gets the policy: per contact the reasons that lead there."""

    subscriber_id: str
    routes: tuple[tuple[Contact, tuple[Why, ...]], ...]


class ShardIndex:
    """The subscribers of one shard. Asked by evaluating every entry, which is exact and easy to trust."""

    def __init__(self, ancestors: Ancestors) -> None:
        self._ancestors = ancestors
        self._entries: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, row: IndexRow) -> None:
        """Add a subscriber or take its newest state."""
        wishes = [
            Wish(subscription_id, query_of(criteria, self._ancestors), channels)
            for subscription_id, criteria, channels in row.subscriptions
        ]
        if row.profile_matching:
            query = profile_query(row.kind, row.profile, self._ancestors)
            wishes.append(Wish(None, query, row.profile_channels))
        if wishes:
            self._entries[row.subscriber_id] = Entry(tuple(wishes), row.contacts)
        else:
            self._entries.pop(row.subscriber_id, None)

    def remove(self, subscriber_id: str) -> None:
        """Forget a subscriber."""
        self._entries.pop(subscriber_id, None)

    def contacts(self, subscriber_id: str) -> tuple[Contact, ...]:
        """Return a subscriber's contacts; none where it is not here."""
        entry = self._entries.get(subscriber_id)
        return entry.contacts if entry else ()

    def reasons(self, subscriber_id: str, matter: Matter) -> tuple[Why, ...]:
        """Return why a subscriber wants the policy, on whatever channel; none where it does not, or is not here."""
        entry = self._entries.get(subscriber_id)
        whys: tuple[Why, ...] = ()
        for wish in entry.wishes if entry else ():
            if wish.query.fits(matter) and wish.channels:
                whys = (*whys, Why(wish.subscription_id, wish.query.reasons(matter)))
        return whys

    def matches(self, matter: Matter) -> Iterator[Match | None]:
        """Yield for every subscriber its match or None, so that a caller may rest in between."""
        for subscriber_id, entry in list(self._entries.items()):
            fitting = [wish for wish in entry.wishes if wish.query.fits(matter)]
            yield _match(subscriber_id, entry, fitting, matter) if fitting else None


def _match(subscriber_id: str, entry: Entry, fitting: list[Wish], matter: Matter) -> Match:
    routes: dict[Contact, list[Why]] = {}
    for wish in fitting:
        why = Why(wish.subscription_id, wish.query.reasons(matter))
        for channel in wish.channels:
            for contact in _contacts(entry, channel):
                routes.setdefault(contact, []).append(why)
    return Match(subscriber_id, tuple((contact, tuple(whys)) for contact, whys in routes.items()))


def _contacts(entry: Entry, channel: str) -> list[Contact]:
    return [contact for contact in entry.contacts if contact[0] == channel]
