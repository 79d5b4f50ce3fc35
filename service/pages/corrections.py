"""A reviewer's corrections on the page of a policy that waits: labels, facts and the numbers asked."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from config.taxonomies import Taxonomy, UnknownLabelError, parse_label
from service.api.policies import LabelsIn, correct
from service.api.problems import not_found
from service.api.security import HouseOf, Reviewer
from service.house import House
from service.pages.condition_forms import read_conditions
from service.pages.facts import FACTS
from service.pages.forms import Fields, FormWrong
from service.pages.policy import policy_page
from service.pages.render import revision_of
from service.reading import visible_policy
from streams.access import Actor
from streams.events.condition_values import ConditionGiven
from streams.events.policy_data import FactsGiven
from streams.gate.rules import Refusal
from streams.policies import PolicyView
from streams.policies.given_conditions import ConditionsRefused, given_conditions
from subscribers.errors import wrong_fields

router = APIRouter(include_in_schema=False)

WRONG_DAY = "应为日期，写作 2026-03-01。"
WRONG_NUMBER = "发文字号应写在一行，不超过 200 字。"
WRONG_WINDOW = "申报截止不得早于申报开始。"
WRONG_VALIDITY = "有效期至不得早于施行日期。"
NOT_GONE = "您要恢复的标签已经不在“已去掉的”里了，可能已由其他审查人恢复。请核对后再保存。"
CROSSED = "没有企业能同时符合这些数字要求：最少的比最多的还大。请改正其中一条，或选“不作为条件”。"


@router.post("/policies/{agency}/{policy_id}/corrections")
async def post_corrections(
    request: Request, agency: str, policy_id: str, house: HouseOf, actor: Reviewer
) -> Response:
    """Take a reviewer's corrections; what is wrong with them is shown where it stands, the entries kept."""
    if agency != actor.agency_id:
        raise not_found(f"policy {policy_id}")
    form = await request.form()
    revision = revision_of(form)
    async with house.record.read() as conn:
        view = await visible_policy(conn, actor, agency, policy_id, revision, repealed=True)
    if view is None:
        raise not_found(f"policy {policy_id}")
    try:
        await _taken(house, actor, policy_id, _given(Fields(form), view, house.taxonomy))
    except FormWrong as exc:
        typed = Fields(form).shown()
        return await policy_page(
            request, house, actor, (agency, policy_id), revision, typed=typed, errors=exc.errors
        )
    # The form's own place (#corrections) would stay in the address; what is said stands at the top.
    at = f"/policies/{quote(agency)}/{quote(policy_id)}?said=corrected#main"
    return RedirectResponse(at, status_code=303)


async def _taken(house: House, actor: Actor, policy_id: str, given: LabelsIn) -> None:
    try:
        await correct(house, actor, policy_id, given)
    except Refusal as exc:
        if exc.code != "invalid":
            raise
        raise FormWrong({"form": f"更正未被接受：{exc.message}"}) from exc


def _given(fields: Fields, view: PolicyView, taxonomy: Taxonomy) -> LabelsIn:
    wrong: list[str] = []
    add = [_label(word, taxonomy, wrong) for word in fields.parted("add")]
    errors = {"add": "".join(wrong)} if wrong else {}
    if back := fields.one("label_back"):
        if back not in {str(label) for label in view.taken_away}:
            errors["form"] = NOT_GONE
        add.append(back)
    facts = {name: fields.one(name) or None for name in FACTS if name in fields.form}
    changed = [name for name, value in facts.items() if (value or "") != fields.one(f"was_{name}")]
    remove = tuple(fields.many("remove"))
    _check(facts, errors)
    conditions = read_conditions(fields, view, errors)
    if not errors and not (add or remove or changed or conditions):
        errors["form"] = "没有改动：请勾选要去掉的标签、填写要补充的标签，或更改事实、数字要求。"
    if conditions and not errors:
        _check_together(conditions, view, errors)
    if errors:
        raise FormWrong(errors)
    given = FactsGiven.model_validate({name: facts[name] for name in changed})
    try:
        return LabelsIn(
            revision=view.revision,
            add=tuple(add),
            remove=remove,
            facts=given,
            conditions=tuple(conditions),
        )
    except ValidationError as exc:
        raise FormWrong({"form": "提交的内容有误，请检查后再试。"}) from exc


def _check(facts: Mapping[str, str | None], errors: dict[str, str]) -> None:
    """Note what is wrong with the facts, all of them: a new day must suit the one that stays."""
    try:
        good = FactsGiven.model_validate(facts)
    except ValidationError as exc:
        for location, _ in wrong_fields(exc):
            name = str(location[0]) if location else ""
            errors[name or "apply_until"] = {"": WRONG_WINDOW, "doc_number": WRONG_NUMBER}.get(
                name, WRONG_DAY
            )
        return
    if good.effective_date and good.valid_until and good.valid_until < good.effective_date:
        errors["valid_until"] = WRONG_VALIDITY


def _check_together(conditions: Sequence[ConditionGiven], view: PolicyView, errors: dict[str, str]) -> None:
    """Note where the numbers do not suit each other; the gate would find it only after the answer."""
    try:
        given_conditions(view.facts, conditions, view.data, view.body)
    except ConditionsRefused:
        errors["form"] = CROSSED


def _label(word: str, taxonomy: Taxonomy, wrong: list[str]) -> str:
    """The label that ``word`` writes or names; the word itself, and the reason in ``wrong``, where there is none."""
    if ":" in word:
        try:
            return str(parse_label(word, taxonomy))
        except UnknownLabelError:
            wrong.append(_no_label(word, taxonomy))
            return word
    found = [f"{d}:{c}" for d, codes in taxonomy.codes.items() for c, e in codes.items() if e.name == word]
    if len(found) != 1:
        wrong.append(f"没有唯一的标签叫“{word[:30]}”，请写成 维度:代码，例如 industry:I65。")
        return word
    return found[0]


def _no_label(word: str, taxonomy: Taxonomy) -> str:
    dimension, _, code = word.partition(":")
    if dimension not in taxonomy.dimensions:
        return f"没有标签“{word[:40]}”：维度应为 {'、'.join(taxonomy.dimensions)} 之一。"
    near = taxonomy.nearest(dimension, code)
    words = f"最接近的是 {dimension}:{near}（{taxonomy.name(dimension, near)}）" if near else "请核对代码"
    return f"没有标签“{word[:40]}”：{words}。"
