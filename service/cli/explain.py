"""``zhengda interpret`` and ``zhengda faq``, and what is there: ``explanations``, ``show``, ``figures``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from service.cli.deciding import await_answer, insist_on_acceptance, policy_path
from service.cli.face import Face, face_of
from service.cli.facts import from_answer, print_facts
from service.cli.failures import CommandFailed, WrongUse
from service.cli.labeltable import print_labels
from service.cli.origins import origin_in_words
from service.cli.reading import event_with, parse_object
from service.cli.show import cell, print_fields, print_json, print_named, print_rows
from streams.events import EventType
from streams.events.explanation_data import FORMS, FaqPublished, InterpretationPublished, item_of

PATIENCE_S = 60.0
Policy = Annotated[str, typer.Argument(metavar="POLICY", show_default=False)]
ItemId = Annotated[str | None, typer.Option("--id", help="Its id, at most 80 characters; made if left out.")]
Agency = Annotated[str | None, typer.Option(help="For operators: whose, where two agencies use one id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, as the HTTP route answers.")]
ITEMS = ("kind", "id", "policy_id", "policy_state", "revision", "state", "title", "publisher", "reason")
FACTS = ("title", "policy_id", "revision", "state", "interpretation", "publisher", "decided_by", "reason")
ITEM_FACTS = ("kind", "id", "revision", "state", "title", "form", "copied")


def interpret(
    ctx: typer.Context,
    policy: Policy,
    title: Annotated[str, typer.Option(help="Its title.")],
    file: Annotated[Path | None, typer.Option(help="Its text, UTF-8.")] = None,
    url: Annotated[str | None, typer.Option(help="Where it is, e.g. the page of a video.")] = None,
    form: Annotated[str, typer.Option(help=f"One of {', '.join(FORMS)}.")] = "text",
    item_id: ItemId = None,
    as_json: AsJson = False,
) -> None:
    """Publish an interpretation of a policy; it is shown once a reviewer has released it."""
    face = face_of(ctx)
    if file is None and url is None:
        raise WrongUse(face.words("file_or_url"))
    given = {"interpretation_id": item_id, "title": title, "form": form, "source_url": url}
    if file is not None:
        given["body"] = _text(face, file)
    data = {"policy_id": policy, "interpretation": {n: v for n, v in given.items() if v is not None}}
    _publish(face, EventType.INTERPRETED, data, as_json)


def faq(
    ctx: typer.Context,
    policy: Policy,
    file: Annotated[Path, typer.Option(help='JSON: {"title", "items": [{"question", "answer"}]}.')],
    item_id: ItemId = None,
    as_json: AsJson = False,
) -> None:
    """Publish frequent questions on a policy; they are shown once a reviewer has released them."""
    face = face_of(ctx)
    given = parse_object(_text(face, file).encode(), file.name, face.words)
    given |= {"faq_id": item_id} if item_id else {}
    _publish(face, EventType.ANSWERED, {"policy_id": policy, "faq": given}, as_json)


def explanations(
    ctx: typer.Context,
    state: Annotated[
        str | None, typer.Option(help="waiting (for a reviewer), released, refused or superseded.")
    ] = None,
    policy: Annotated[str | None, typer.Option(help="Only of this policy.")] = None,
    agency: Agency = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Rows at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List interpretations and FAQs, newest first; `--state waiting` is what a reviewer has to do."""
    face = face_of(ctx)
    params = {"state": state, "policy": policy, "agency": agency, "limit": limit}
    with face.service() as service:
        answer = service.call("GET", "/api/v1/explanations", who="operator", params=params)
    if as_json:
        print_json(answer)
    else:
        print_rows(face, answer["explanations"], ITEMS)


def show(
    ctx: typer.Context,
    policy: Policy,
    revision: Annotated[int | None, typer.Option(min=1, help="The newest by default.")] = None,
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:
    """Show how a policy stands: its state, its labels, facts and conditions and who gave them, what explains it."""
    face = face_of(ctx)
    params = {"revision": revision, "agency": agency}
    with face.service() as service:
        answer = service.call("GET", policy_path(policy), who="operator", params=params)
    if as_json:
        print_json(answer)
        return
    print_fields(face, answer, [name for name in FACTS if name in answer])
    labels = [one | {"origin": origin_in_words(face, one["origin"])} for one in answer["labels"]]
    gone = answer.get("labels_taken_away", ())  # an older service keeps none
    labels += [one | {"origin": face.words("taken_away")} for one in gone]
    print_labels(face, labels, ("dimension", "code", "name", "origin", "rule", "quote"))
    print_facts(face, from_answer(face, answer["facts"]))
    items = [_row("interpretation", one) for one in answer["interpretations"]]
    items += [_row("faq", one) for one in answer["faqs"]]
    print_named(face, "explanations", items, ITEM_FACTS)


def figures(ctx: typer.Context, agency: Agency = None, as_json: AsJson = False) -> None:
    """Show the interpretation rate: of the policies that must be interpreted, how many are."""
    face = face_of(ctx)
    with face.service() as service:
        answer = service.call("GET", "/api/v1/figures", who="operator", params={"agency": agency})
    if as_json:
        print_json(answer)
        return
    told = answer["interpretation"]
    print_fields(face, told, [name for name in told if name != "missing"])
    if told["missing"]:
        print_rows(face, told["missing"], ("agency_id", "policy_id", "title"))


def _row(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    packed = {"kind": kind, "id": item.get(f"{kind}_id"), "state": "released"}
    return packed | item


def _text(face: Face, file: Path) -> str:
    if not file.is_file():
        raise WrongUse(face.words("no_file", file=file))
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise CommandFailed(face.words("not_utf8", where=file)) from exc


def _publish(face: Face, kind: EventType, data: dict[str, Any], as_json: bool) -> None:
    deadline = face.deadline(PATIENCE_S)
    with face.service() as service:
        taken = service.call(
            "POST",
            "/api/v1/events",
            who="publisher",
            body=event_with(kind, data),
            media="application/cloudevents+json",
            deadline=deadline,
        )
        status = await_answer(face, service, taken, "publisher", deadline)
    insist_on_acceptance(face, status)
    model = InterpretationPublished if kind is EventType.INTERPRETED else FaqPublished
    item = item_of(model.model_validate_json(json.dumps(data)))
    if as_json:
        print_json(status | {"id": item.item_id})
        return
    words = face.words("item_published", policy=data["policy_id"], kind=item.kind, id=cell(item.item_id))
    face.out.print(words, markup=False)
    if status.get("reason"):
        face.err.print(str(status["reason"]), markup=False)
