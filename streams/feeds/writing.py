"""Entries and feeds put together: ids that last, addresses, labels by name. Pure."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from channels.writing.render import one_line
from config.taxonomies import Taxonomy
from streams.feeds.contents import Content
from streams.feeds.model import Category, Entry, Feed
from streams.feeds.newest import ITEM
from streams.feeds.scope import Scope
from streams.feeds.words import KINDS, kind_of_entry, lines_of, title_of


@dataclass(frozen=True)
class Writer:
    """Writes entries.

    Attributes:
        taxonomy: names labels.
        base: where the service answers, without a slash at the end.
        house: what ids are made in; no other installation has it, and it outlives a change of ``base``.
    """

    taxonomy: Taxonomy
    base: str
    house: uuid.UUID

    def feed(self, scope: Scope, contents: Sequence[Content]) -> Feed:
        """Return a page of the feed."""
        entries = tuple(map(self.entry, contents))
        return Feed(self._id("feed", scope.name), f"政达 · {scope.title}", scope.subtitle, entries)

    def entry(self, content: Content) -> Entry:
        """Return one entry."""
        told, kind, lines = content.told, kind_of_entry(content), lines_of(content)
        item = told.place.key[2:] if told.place.told == ITEM else ()
        source = (content.item if item else content.data).get("source_url", "")
        agency_id, policy_id, _ = told.policy
        return Entry(
            id=self._id("entry", agency_id, policy_id, *item),
            occasion=Category(f"{self.base}/feeds#entry", kind, KINDS[kind]),
            about=told.policy,
            title=one_line(title_of(content)),
            author=one_line(content.issuer),
            url=f"{self.base}/policies/{quote(agency_id)}/{quote(policy_id)}",
            source_url=source,
            published=min(content.published, told.place.moment),
            updated=told.place.moment,
            summary=one_line(lines[-1].text),
            lines=lines,
            labels=tuple(self._labels(content.labels)),
        )

    def _id(self, *parts: str) -> str:
        return uuid.uuid5(self.house, "|".join(parts)).urn

    def _labels(self, labels: Sequence[tuple[str, str]]) -> Iterator[Category]:
        for dimension, code in labels:
            name = self.taxonomy.name(dimension, code) or code
            yield Category(f"{self.base}/feeds#{dimension}", code, name)
