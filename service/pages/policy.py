"""The page of one policy: its text with the proofs marked, what a reviewer may do, how its push went."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from config.clock import SHANGHAI
from service.api.problems import not_found
from service.house import House
from service.pages.conditions import shown_numbers
from service.pages.evidence import marked
from service.pages.facts import proven, shown_facts
from service.pages.labels import known_labels, label_rows, named_labels
from service.pages.render import page
from service.pages.standing import standing
from service.pages.undelivered import undelivered
from service.reading import is_staff, visible_policy
from streams.access import Actor, Role
from streams.campaigns import figures
from streams.campaigns.occurrences import FAQ, INTERPRETATION
from streams.events.explanation_data import occurrence_of
from streams.policies import PolicyView


async def policy_page(
    request: Request,
    house: House,
    actor: Actor | None,
    key: tuple[str, str],
    revision: int | None = None,
    *,
    said: str = "",
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    """Return the page.

    Args:
        request: what is answered.
        house: the service.
        actor: who looks.
        key: agency and policy.
        revision: which, by default the newest.
        said: what was just done.
        typed: the entries of a form of corrections that could not be taken, to be shown again.
        errors: what is wrong with them, by field, in Chinese; the answer then is a 422.

    Raises:
        Problem: 404, there is none that ``actor`` may see.
    """
    agency, policy_id = key
    staff = is_staff(actor, agency)
    async with house.record.read() as conn:
        view = await visible_policy(conn, actor, agency, policy_id, revision, repealed=True)
        if view is None:
            raise not_found(f"policy {policy_id}")
        funnel = await figures.funnel(conn, agency, policy_id, view.revision) if staff else None
    review = _may_review(actor, view)
    today = house.clock.now().astimezone(SHANGHAI).date()
    labels = named_labels(house.taxonomy, view.labels)
    # What a reviewer took away is none, though it is known where it was read.
    facts = [fact for fact in view.facts if fact.value is not None]
    context = {
        "policy": view,
        "data": view.data,
        "labels": labels,
        "rows": label_rows(labels, house.taxonomy),
        "gone": named_labels(house.taxonomy, view.taken_away) if staff else [],
        "paragraphs": marked(view.body, [*view.labels, *facts]),
        "proofs": [*(f"{item.dimension}：{item.name}" for item in labels), *proven(facts)],
        **standing(view.data, today),
        "funnel": funnel,
        "undelivered": undelivered(funnel) if funnel else [],
        "staff": staff,
        "review": review,
        "joining": _joining(actor, view),
        "facts": shown_facts(view),
        "numbers": shown_numbers(view) if review and review["open"] else None,
        "known": known_labels(house.taxonomy),
        "said": said,
        "typed": typed or {},
        "errors": errors or {},
    }
    return page(request, "policy.html", context, actor=actor, status=422 if errors else 200)


def _may_review(actor: Actor | None, view: PolicyView) -> dict[str, Any] | None:
    """What the reviewer's box shows: None for who is no reviewer of this agency."""
    if actor is None or actor.role is not Role.REVIEWER or actor.agency_id != view.agency_id:
        return None
    return {
        "open": view.state == "waiting",
        "own": actor.is_same_person(view.publisher),
        "closed": view.disclosure != "open",
    }


def _joining(actor: Actor | None, view: PolicyView) -> list[str]:
    """Which waiting interpretations and FAQs a release by ``actor`` covers: those on the page but the own ones."""
    if actor is None:
        return []
    shown = [
        *((INTERPRETATION, one.get("interpretation_id"), one) for one in view.data["interpretations"]),
        *((FAQ, one.get("faq_id"), one) for one in view.data["faqs"]),
    ]
    return [
        occurrence_of(kind, item_id, one["revision"])
        for kind, item_id, one in shown
        if item_id and one.get("state") == "waiting" and not actor.is_same_person(one["publisher"])
    ]
