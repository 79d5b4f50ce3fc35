"""Broad push: what was released to everybody, as Atom and JSON feeds that anybody may follow.

``newest`` finds what belongs on a page, ``contents`` reads it, ``words`` and ``writing`` make entries of it, ``atom``
and ``jsonfeed`` render them.
"""

from streams.feeds.atom import atom
from streams.feeds.contents import contents_of
from streams.feeds.jsonfeed import json_feed
from streams.feeds.model import Addresses, Category, Entry, Feed, Line, stamp
from streams.feeds.newest import PER_PAGE, Place, Told, newest_told
from streams.feeds.scope import EVERYTHING, Scope, scope_of
from streams.feeds.writing import Writer

__all__ = [
    "EVERYTHING",
    "PER_PAGE",
    "Addresses",
    "Category",
    "Entry",
    "Feed",
    "Line",
    "Place",
    "Scope",
    "Told",
    "Writer",
    "atom",
    "contents_of",
    "json_feed",
    "newest_told",
    "scope_of",
    "stamp",
]
