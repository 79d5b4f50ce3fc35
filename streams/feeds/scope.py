"""What a feed is about: everything, or one label, as a subscription to that label would have it (docs/adr/0003)."""

from collections import defaultdict
from dataclasses import dataclass

from config.taxonomies import Taxonomy

TOLD = "含修订与废止，以及经审查公开的解读和问答。"


@dataclass(frozen=True)
class Scope:
    """A feed's policies.

    Attributes:
        name: its place among the feeds: ``policies``, ``theme/T07``.
        title: in Chinese.
        subtitle: in Chinese, which policies it has.
        dimension: "" for everything.
        codes: a policy with any of them belongs to it; () are all codes of the dimension.
    """

    name: str
    title: str
    subtitle: str
    dimension: str = ""
    codes: tuple[str, ...] = ()


EVERYTHING = Scope("policies", "政策更新", f"经审查发布的全部公开政策，{TOLD}")


def scope_of(taxonomy: Taxonomy, dimension: str, code: str, name: str) -> Scope:
    """Return the feed of a label: of policies at ``code``, under it, and above it, as for a clause on ``code``.

    So a city's feed has what is for the city, for one of its districts, and for the whole province or country. A policy
    without a label in the dimension is not restricted there, and is in none of its feeds.

    Args:
        taxonomy: has the code.
        dimension: its dimension.
        code: a code of it.
        name: what readers call the code.
    """
    above, below = taxonomy.ancestors(dimension, code), _under(taxonomy, dimension, code)
    title = taxonomy.titles[dimension]
    codes = (code, *below, *above)
    if len(codes) == len(taxonomy.codes[dimension]):
        codes = ()
    return Scope(
        f"{dimension}/{code}",
        f"{name} · {title} · 政策更新",
        f"{_which(taxonomy, dimension, name, above, bool(below))}，{TOLD}没有限定{title}的政策不在其中。",
        dimension,
        codes,
    )


def _which(taxonomy: Taxonomy, dimension: str, name: str, above: tuple[str, ...], parted: bool) -> str:
    wider = "、".join(taxonomy.name(dimension, one) or one for one in above)
    also = (["它的下级"] if parted else []) + ([f"涵盖它的上级（{wider}）"] if wider else [])
    return f"{taxonomy.titles[dimension]}为{'，或者'.join([f'“{name}”', *also])}的公开政策"


def _under(taxonomy: Taxonomy, dimension: str, code: str) -> tuple[str, ...]:
    children = defaultdict[str, list[str]](list)
    for one, entry in taxonomy.codes[dimension].items():
        children[entry.parent].append(one)
    found: list[str] = []
    todo = [code]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return tuple(found)
