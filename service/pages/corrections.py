"""A reviewer's corrections on the page of a policy that waits: labels to take away or add, facts to set or clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from config.taxonomies import Taxonomy, UnknownLabelError, parse_label
from service.api.policies import LabelsIn, correct
from service.api.problems import not_found, wrong
from service.api.security import HouseOf, Reviewer
from service.pages.named_codes import PARTED
from service.pages.render import revision_of
from streams.events import FactsGiven
from streams.policies import PolicyView

router = APIRouter(include_in_schema=False)

FACTS: Mapping[str, str] = {
    "doc_number": "发文字号",
    "effective_date": "施行日期",
    "valid_until": "有效期至",
    "apply_from": "申报开始",
    "apply_until": "申报截止",
}


@dataclass(frozen=True)
class ShownFact:
    """A fact as the reviewer sees it.

    Attributes:
        name: its field.
        words: what the field is called.
        value: what stands in the policy's data now, "" for nothing.
        read: what the text says, with its words; "" where nothing was read.
        quote: the words that prove it.
    """

    name: str
    words: str
    value: str
    read: str
    quote: str


def shown_facts(view: PolicyView) -> list[ShownFact]:
    """Return the facts that may be corrected, with what was read for each."""
    window = view.data.get("apply_window") or {}
    now = view.data | {"apply_from": window.get("opens"), "apply_until": window.get("closes")}
    read = {fact.name: fact for fact in view.facts if fact.name in FACTS}
    return [
        ShownFact(
            name,
            words,
            str(now.get(name) or ""),
            str(read[name].value or "") if name in read and read[name].origin == "rule" else "",
            read[name].quote if name in read else "",
        )
        for name, words in FACTS.items()
    ]


def known_labels(taxonomy: Taxonomy) -> list[tuple[str, str]]:
    """Return (`dimension:code`, words) of every label of the flat dimensions, to choose from."""
    return [
        (f"{dimension}:{code}", f"{taxonomy.titles[dimension]}：{entry.name}")
        for dimension in taxonomy.dimensions
        if dimension not in ("region", "industry")
        for code, entry in taxonomy.codes[dimension].items()
    ]


@router.post("/policies/{agency}/{policy_id}/corrections")
async def post_corrections(
    request: Request, agency: str, policy_id: str, house: HouseOf, actor: Reviewer
) -> Response:
    """Take a reviewer's corrections."""
    if agency != actor.agency_id:
        raise not_found(f"policy {policy_id}")
    form = await request.form()
    given = _given(form, house.taxonomy)
    if not given.add and not given.remove and not given.facts.named():
        raise wrong("add", "没有改动：请勾选要去掉的标签、填写要补充的标签，或更改事实")
    await correct(house, actor, policy_id, given)
    return RedirectResponse(f"/policies/{quote(agency)}/{quote(policy_id)}?said=corrected", status_code=303)


def _given(form: FormData, taxonomy: Taxonomy) -> LabelsIn:
    remove = tuple(value for value in form.getlist("remove") if isinstance(value, str))
    add = tuple(_label(word, taxonomy) for word in PARTED.split(_text(form, "add")) if word)
    facts = {name: _text(form, name) or None for name in FACTS if name in form}
    changed = [name for name, value in facts.items() if (value or "") != _text(form, f"was_{name}")]
    try:
        FactsGiven.model_validate(facts)  # all of them: a new day must suit the one that stays
        given = FactsGiven.model_validate({name: facts[name] for name in changed})
        return LabelsIn(revision=revision_of(form), add=add, remove=remove, facts=given)
    except ValidationError as exc:
        raise wrong("facts", "日期应写作 2026-03-01，申报截止不得早于开始；发文字号不超过 200 字") from exc


def _label(word: str, taxonomy: Taxonomy) -> str:
    if ":" not in word:
        found = [
            f"{d}:{c}" for d, codes in taxonomy.codes.items() for c, e in codes.items() if e.name == word
        ]
        if len(found) == 1:
            return found[0]
        raise wrong("add", f"没有唯一的标签叫“{word[:30]}”，请写成 维度:代码，例如 industry:I65")
    try:
        return str(parse_label(word, taxonomy))
    except UnknownLabelError as exc:
        raise wrong("add", f"没有标签“{word[:40]}”：{exc}") from exc


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
