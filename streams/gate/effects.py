"""What an event that passed the gate does to the record, in the gate's transaction."""

from datetime import datetime
from typing import Any, assert_never

from sqlalchemy.ext.asyncio import AsyncConnection

from streams.access import Actor
from streams.audit import note
from streams.campaigns.occurrences import TRACKING
from streams.events import Event, EventData, EventType
from streams.events.explanation_data import FaqPublished, InterpretationPublished, ItemDecision, item_of
from streams.events.policy_data import Decision, LabelsEdited, PolicyData, PolicyRepealed
from streams.explanations import deciding
from streams.explanations.owed import interpreted
from streams.followups.agency_tasks import INTERPRETATION_MISSING, settle_task
from streams.gate.rules import ITEM_RELEASED
from streams.policies import find_policy, revisions

# What an audit row does not repeat.
TEXTS: dict[str, Any] = {"body": True, "interpretation": {"body": True}, "faq": {"items": True}}


async def take_effect(
    conn: AsyncConnection, event: Event, actor: Actor, revision: int, now: datetime
) -> None:
    """Do what an event says, about ``revision`` of its policy (0: there is none yet), and note who said it.

    Raises:
        Refusal: another event was faster.
    """
    agency, policy, data = actor.agency_id or "", event.policy_id, event.data
    match data:
        case PolicyData():
            await revisions.add_revision(
                conn, event, data, agency_id=agency, publisher=actor.holder, revision=revision, now=now
            )
        case PolicyRepealed():
            await revisions.repeal(conn, agency, policy, reason=data.reason, now=now)
        case Decision():
            await _decide(conn, event, data, actor, revision, now)
        case LabelsEdited():
            # What may be refused first: then nothing may have changed.
            numbers = await revisions.corrected_conditions(conn, agency, policy, revision, data.conditions)
            await revisions.edit_facts(conn, agency, policy, revision, data.facts.named())
            await revisions.write_conditions(conn, agency, policy, revision, numbers)
            await revisions.edit_labels(conn, agency, policy, revision, add=data.add, remove=data.remove)
        case InterpretationPublished() | FaqPublished():
            await deciding.add_item(conn, agency, policy, item_of(data), publisher=actor.holder, now=now)
        case ItemDecision():
            await _decide_item(conn, event, data, actor, now)
        case _:
            assert_never(data)
    await note(
        conn,
        key=f"{agency}|{event.source}|{event.id}",
        actor=actor.holder,
        action=event.type,
        subject=f"{agency}/{policy}@{revision}",
        details=_details(data),
        now=now,
    )


def _details(data: EventData) -> dict[str, Any]:
    told = data.model_dump(mode="json", exclude=TEXTS, exclude_none=True)
    if not isinstance(data, LabelsEdited):
        return told
    # A fact or condition that a reviewer took away is one of null.
    numbers = [one.model_dump(mode="json") for one in data.conditions]
    return told | {"facts": data.facts.named(), "conditions": numbers}


async def _decide(
    conn: AsyncConnection, event: Event, data: Decision, actor: Actor, revision: int, now: datetime
) -> None:
    agency, policy = actor.agency_id or "", data.policy_id
    released = event.type is EventType.RELEASED
    state = "released" if released else "refused"
    await revisions.decide(
        conn, agency, policy, revision, state=state, by=actor.holder, reason=data.reason, now=now
    )
    if released:
        await deciding.release_together(conn, agency, policy, actor, data.explanations, now)
        view = await find_policy(conn, agency, policy, revision)
        if view is not None and await interpreted(conn, view) == "present":
            await settle_task(conn, agency, policy, INTERPRETATION_MISSING, now)


async def _decide_item(
    conn: AsyncConnection, event: Event, data: ItemDecision, actor: Actor, now: datetime
) -> None:
    agency, kind = actor.agency_id or "", event.item_kind
    released = event.type in ITEM_RELEASED
    await deciding.decide_item(
        conn,
        agency,
        data.policy_id,
        (kind, data.id, data.revision),
        state="released" if released else "refused",
        by=actor.holder,
        reason=data.reason,
        now=now,
    )
    if event.type is EventType.INTERPRETATION_RELEASED:
        # What is told after a while of use is the interpretation that a tracking task asks for (跟踪解读).
        for asked in (INTERPRETATION_MISSING, TRACKING):
            await settle_task(conn, agency, data.policy_id, asked, now)
