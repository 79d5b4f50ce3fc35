"""A feed as JSON Feed 1.1 (https://jsonfeed.org/version/1.1). Pure."""

from typing import Any

import orjson

from streams.feeds.model import LANGUAGE, Addresses, Entry, Feed, sound, stamp

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed, at: Addresses) -> bytes:
    """Return the document; what the format has no field for stands under ``_zhengda``."""
    page = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": at.home,
        "feed_url": at.itself,
        "description": feed.subtitle,
        "language": LANGUAGE,
        "next_url": at.following,
        "items": [_item(entry) for entry in feed.entries],
    }
    return orjson.dumps({name: value for name, value in page.items() if value or name == "items"})


def _item(entry: Entry) -> dict[str, Any]:
    agency_id, policy_id, revision = entry.about
    item: dict[str, Any] = {
        "id": entry.id,
        "url": sound(entry.url),
        "external_url": sound(entry.source_url),
        "title": sound(entry.title),
        "summary": sound(entry.summary),
        "content_html": entry.html,
        "date_published": stamp(entry.published),
        "date_modified": stamp(entry.updated),
        "authors": [{"name": sound(entry.author)}],
        "tags": [category.name for category in (entry.occasion, *entry.labels)],
        "_zhengda": {
            "kind": entry.occasion.term,
            "agency_id": agency_id,
            "policy_id": policy_id,
            "revision": revision,
            "labels": [_label(category.scheme, category.term) for category in entry.labels],
        },
    }
    return {name: value for name, value in item.items() if value}


def _label(scheme: str, term: str) -> str:
    return f"{scheme.rpartition('#')[2]}:{term}"
