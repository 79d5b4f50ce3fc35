"""Feeds as documents: well-formed whatever a publisher writes, and the same in Atom and JSON."""

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from config.taxonomies import load_taxonomy
from streams.feeds import Addresses, Feed, Place, Told, Writer, atom, json_feed
from streams.feeds.contents import Content
from streams.feeds.model import sound

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
WRITER = Writer(load_taxonomy(), "https://zhengda.example", uuid.UUID(int=7))
AT = Addresses("https://z/f.atom", "https://z/f.atom", "", "https://z/policies")
ATOM = "{http://www.w3.org/2005/Atom}"

# Anything that JSON can say: control characters, non-characters, lone surrogates, markup.
ODD = st.text(
    st.characters() | st.sampled_from("<>&]\"'\x00\x01\x0b\x1f\x85\u2028\ufffe\uffff\ud800\r\n\t"),
    max_size=60,
)


def content(title: str = "措施", issuer: str = "某局", beginning: str = "正文", **data: Any) -> Content:
    told = Told(Place(NOW, "policy", ("sheet", "P-1")), 1)
    return Content(told, title, issuer, data, beginning, (("theme", "T07"),), NOW, {})


def feed_of(*contents: Content) -> Feed:
    return Feed("urn:uuid:1", "政达", "说明", tuple(map(WRITER.entry, contents)))


class Tags(HTMLParser):
    """Collects the elements of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)


@given(ODD, ODD, ODD, ODD)
def test_a_feed_is_well_formed_whatever_stands_in_it(title: str, issuer: str, body: str, number: str) -> None:
    feed = feed_of(content(f"{title}题", f"{issuer}局", body, doc_number=number or None))
    document = atom(feed, AT, "https://z/f.json")
    root = ET.fromstring(document)
    assert root.tag == f"{ATOM}feed"
    read = feedparser.parse(document)
    assert not read.bozo
    [item] = json.loads(json_feed(feed, AT))["items"]
    [entry] = root.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == item["title"]
    # A parser of XML makes one line end of each kind of them.
    assert entry.findtext(f"{ATOM}content").replace("\r\n", "\n") == item["content_html"].replace("\r", "\n")
    assert Tags(item["content_html"]).found <= {"p", "br", "a"}


@given(ODD)
def test_what_is_sound_stays_and_what_is_not_becomes_a_blank(text: str) -> None:
    made = sound(text)
    assert len(made) == len(text)
    assert sound(made) == made
    ET.fromstring(f"<a>{made.replace('&', ' ').replace('<', ' ').replace(']', ' ')}</a>")


def test_an_atom_document_has_what_rfc_4287_demands() -> None:
    root = ET.fromstring(atom(feed_of(content()), AT))
    for required in ("id", "title", "updated"):
        assert len(root.findall(f"{ATOM}{required}")) == 1
    [entry] = root.findall(f"{ATOM}entry")
    for required in ("id", "title", "updated", "published", "author", "summary", "content"):
        assert len(entry.findall(f"{ATOM}{required}")) == 1, required
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "某局"
    links = [(link.get("rel"), link.get("type")) for link in root.findall(f"{ATOM}link")]
    assert len(set(links)) == len(links)


def test_the_id_is_of_the_policy_and_not_of_its_revision_words_or_address() -> None:
    one = WRITER.entry(content())
    other = content("另一题", "另一局", "另文")
    other = replace(other, told=replace(other.told, revision=2))
    assert replace(WRITER, base="https://else.example").entry(other).id == one.id
    assert replace(WRITER, house=uuid.UUID(int=8)).entry(other).id != one.id


def test_a_long_text_is_cut_and_a_repeated_title_is_left_out() -> None:
    entry = WRITER.entry(content("措施", beginning="措施\n各单位：\n" + "甲" * 2_000))
    assert entry.summary.startswith("各单位： 甲")
    assert entry.summary.endswith("…")
    assert len(entry.summary) < 300


def test_own_interpretations_are_part_of_the_entry_and_unreviewed_ones_are_not() -> None:
    given = [
        {"title": "一图读懂", "form": "chart", "source_url": "https://x.example/1"},
        {"title": "还没审", "form": "text", "reviewed": False},
    ]
    html = WRITER.entry(content(interpretations=given)).html
    assert '<a href="https://x.example/1">图解解读：一图读懂</a>' in html
    assert "还没审" not in html


def test_an_address_cannot_leave_its_attribute() -> None:
    html = WRITER.entry(content(apply_url='https://x.example/"onclick="y')).html
    assert "onclick=&quot;" in html or "&quot;onclick" in html
    assert '"onclick' not in html
