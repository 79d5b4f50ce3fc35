"""What an index knows, in a form that two of them can be compared by."""

from typing import Any

from config.taxonomies import load_taxonomy
from streams.matching.index import ShardIndex
from streams.matching.matter import Matter, matter_of
from streams.matching.people.columns import PERSON

ASKED = (
    (("industry:I65",), "关于支持软件产业发展的若干措施"),
    (("industry:C39", "region:310118"), "专精特新企业培育办法"),
    (("theme:T07", "size:small", "subject:enterprise"), "小微企业补贴"),
    ((), "人才公寓申请通知"),
)


def matters() -> list[Matter]:
    """A few policies that subscribers of the tests want or do not."""
    return [matter_of(labels, text, load_taxonomy().ancestors) for labels, text in ASKED]


def told_by(index: ShardIndex) -> dict[str, Any]:
    """All that an index knows of its subscribers: contacts, figures, what each gets of a few policies and why."""
    known: dict[str, Any] = {}
    columns = {name: index.column(name) for name in PERSON.names or ()}
    of_id = {
        index.subscriber_id(at): at for at in range(len(columns["version"]))
    }  # the last of an id is the one alive
    for who, at in of_id.items():
        if index.version(who) is not None:
            figures = tuple(str(column[at]) for column in columns.values())
            known[who] = [index.contacts(who), figures]
    for matter in matters():
        for match in index.matches(matter):
            if match is not None:
                known[match.subscriber_id].append((matter.labels, match.routes))
    return known
