"""A feed as Atom (RFC 4287), its pages linked as RFC 5005 has it. Pure."""

from xml.etree import ElementTree as ET

from streams.feeds.model import LANGUAGE, Addresses, Entry, Feed, sound, stamp

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml"
JSON_TYPE = "application/feed+json"


def atom(feed: Feed, at: Addresses, other: str = "") -> bytes:
    """Return the document.

    Args:
        feed: the page.
        at: its addresses.
        other: the same page's address as JSON Feed, or "".
    """
    # Every element is Atom's, so that the namespace is said once and no prefix is needed.
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": LANGUAGE})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", stamp(feed.updated))
    _text(root, "generator", "Zhengda 政达")
    _link(root, "self", at.itself, ATOM_TYPE)
    _link(root, "first", at.first, ATOM_TYPE)
    _link(root, "next", at.following, ATOM_TYPE)
    _link(root, "alternate", at.home, "text/html")
    _link(root, "alternate", other, JSON_TYPE)
    for entry in feed.entries:
        _entry(root, entry)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(root: ET.Element, entry: Entry) -> None:
    element = ET.SubElement(root, "entry")
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "published", stamp(entry.published))
    _text(element, "updated", stamp(entry.updated))
    _text(ET.SubElement(element, "author"), "name", entry.author)
    _link(element, "alternate", entry.url, "text/html")
    _link(element, "related", entry.source_url)
    for category in (entry.occasion, *entry.labels):
        said = {"scheme": category.scheme, "term": category.term, "label": category.name}
        ET.SubElement(element, "category", {name: sound(value) for name, value in said.items()})
    _text(element, "summary", entry.summary)
    _text(element, "content", entry.html).set("type", "html")


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = sound(text)
    return element


def _link(parent: ET.Element, rel: str, href: str, kind: str = "") -> None:
    if href:
        said = {"rel": rel, "type": kind, "href": sound(href)}
        ET.SubElement(parent, "link", {name: value for name, value in said.items() if value})
