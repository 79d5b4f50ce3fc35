"""Feeds: what was released to everybody, for whoever follows it, without a key."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from email.utils import format_datetime
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from config.taxonomies import Taxonomy
from service.api.problems import Problem
from service.api.security import HouseOf
from service.api.shapes import cursor_checked
from service.api.throttle import Allowance, insist
from service.house import House
from streams.feeds import (
    EVERYTHING,
    Addresses,
    Feed,
    Place,
    Scope,
    Writer,
    atom,
    contents_of,
    json_feed,
    newest_told,
    scope_of,
)
from subscribers.words.named import full_name
from subscribers.words.nearest import unknown_code

router = APIRouter(tags=["feeds"])

# A platform that follows every theme and kind asks each of them once in five minutes.
READS = Allowance("feed", 1_200, timedelta(hours=1))
FRESH = timedelta(minutes=5)
SETTLED = timedelta(seconds=2)  # a date of HTTP has seconds: within one of them more may follow
TYPES = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json"}
NONE = "没有这个订阅源。请到“订阅源”页（/feeds）查看可以订阅的地区、主题、行业等。"
ID_SPACE = "ids in feeds"  # what the namespace of an installation's ids is derived for

After = Annotated[str | None, Query(max_length=500, description="of the `next` link of the page before")]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "a page of the feed, 50 entries at most",
        "content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in TYPES.values()},
    },
    304: {"description": "nothing has changed since"},
}


@dataclass(frozen=True)
class Document:
    """A page as it is sent; ``changed`` is when its newest entry changed, None where there is no entry."""

    body: bytes
    kind: str
    changed: datetime | None

    @property
    def tag(self) -> str:
        """Its ETag: the same for the same bytes."""
        return f'"{sha256(self.body).hexdigest()[:32]}"'


@router.head("/feeds/policies.{form}", include_in_schema=False)
@router.get("/feeds/policies.{form}", response_class=Response, responses=ANSWERS)
async def get_all(request: Request, house: HouseOf, form: str, after: After = None) -> Response:
    """Everything that was released to everybody: Atom (`.atom`) or JSON Feed 1.1 (`.json`)."""
    await insist(request, READS, house.real_clock.now())
    return await _answer(request, house, EVERYTHING, form, after)


@router.head("/feeds/{dimension}/{code}.{form}", include_in_schema=False)
@router.get("/feeds/{dimension}/{code}.{form}", response_class=Response, responses=ANSWERS)
async def get_label(
    request: Request, house: HouseOf, dimension: str, code: str, form: str, after: After = None
) -> Response:
    """What was released to everybody with a label: at the code, under it or above it, as for a subscription to it."""
    await insist(request, READS, house.real_clock.now())  # before the search for the code that was meant
    return await _answer(request, house, label_scope(house.taxonomy, dimension, code), form, after)


def label_scope(taxonomy: Taxonomy, dimension: str, code: str) -> Scope:
    """Return the feed of a label.

    Raises:
        Problem: 404, there is no such dimension or code; names the nearest one.
    """
    if dimension not in taxonomy.dimensions:
        near = get_close_matches(dimension[:32], taxonomy.dimensions, n=1)
        meant = f", did you mean {near[0]}?" if near else ""
        known = ", ".join(taxonomy.dimensions)
        raise Problem(
            404, f"unknown dimension {dimension[:32]!r}{meant or ','} use one of {known}", said=NONE
        )
    if not taxonomy.exists(dimension, code):
        raise Problem(404, unknown_code(dimension, code), said=NONE)
    name = full_name(taxonomy, code) if dimension == "region" else taxonomy.name(dimension, code) or code
    return scope_of(taxonomy, dimension, code, name)


async def _answer(request: Request, house: House, scope: Scope, form: str, after: str | None) -> Response:
    if form not in TYPES:
        raise Problem(404, f"feeds end in .atom or .json, not in .{form[:16]}", said=NONE)
    document = await _document(house, scope, form, after)
    headers = {
        "Cache-Control": f"public, max-age={int(FRESH.total_seconds())}",
        "ETag": document.tag,
        "Access-Control-Allow-Origin": "*",  # a page anywhere may show what anybody may read
    }
    said = _last_modified(document, house.clock.now())
    headers |= {"Last-Modified": said} if said else {}
    if _known(request, document.tag, said):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(len(document.body))
    body = b"" if request.method == "HEAD" else document.body
    return Response(body, headers=headers, media_type=document.kind)


async def _document(house: House, scope: Scope, form: str, after: str | None) -> Document:
    async with house.record.read() as conn:
        with cursor_checked(after):
            place = Place.read(after) if after else None
            told, following = await newest_told(conn, scope, place)
        contents = await contents_of(conn, told)
    base = house.settings.base_url.rstrip("/")
    writer = Writer(house.taxonomy, base, uuid.UUID(bytes=house.vault.derive(ID_SPACE)[:16]))
    feed = writer.feed(scope, contents)
    return Document(_rendered(feed, base, scope, form, after, following), TYPES[form], _changed(feed))


def _rendered(
    feed: Feed, base: str, scope: Scope, form: str, after: str | None, following: Place | None
) -> bytes:
    first = f"{base}/feeds/{scope.name}"

    def address(ending: str, place: object) -> str:
        return f"{first}.{ending}" + (f"?after={quote(str(place), safe='')}" if place else "")

    at = Addresses(
        itself=address(form, after),
        first=address(form, None),
        following=address(form, following) if following else "",
        home=f"{base}/policies",
    )
    return atom(feed, at, address("json", after)) if form == "atom" else json_feed(feed, at)


def _changed(feed: Feed) -> datetime | None:
    return feed.updated if feed.entries else None


def _last_modified(document: Document, now: datetime) -> str | None:
    if document.changed is None or now - document.changed < SETTLED:
        return None
    return format_datetime(document.changed.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _known(request: Request, tag: str, changed: str | None) -> bool:
    """Whether the client has this page already (RFC 9110, 13.2.2): the tag decides, the date only without one.

    A date must be the very one that was said: it may go back when an entry leaves the feed.
    """
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return any(one.strip().removeprefix("W/") in ("*", tag) for one in tags.split(","))
    return changed is not None and request.headers.get("if-modified-since") == changed
