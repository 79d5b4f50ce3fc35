"""A reviewer's corrections of numbers that cannot be taken are refused before they are taken, where that is certain."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from config.database.schema import events
from streams.events import EventType
from streams.events.policy_data import LabelsEdited
from streams.gate.rules import Refusal
from streams.policies.revisions import corrected_conditions


async def check_conditions(conn: AsyncConnection, agency_id: str, data: LabelsEdited) -> None:
    """Let corrections of the numbers asked of applicants pass, as far as the record knows by now.

    While earlier corrections of the policy wait for the gate, what it would say hangs on them, and it says it itself.

    Args:
        conn: the record.
        agency_id: of the reviewer.
        data: about a revision that waits for its release.

    Raises:
        Refusal: there is no such condition, or no enterprise could meet what is left; nothing was taken.
    """
    try:
        await corrected_conditions(conn, agency_id, data.policy_id, data.revision, data.conditions)
    except Refusal:
        c = events.c
        waits = select(c.event_id).where(
            c.agency_id == agency_id,
            c.policy_id == data.policy_id,
            c.type == EventType.LABELS_EDITED.value,
            c.status == "received",
        )
        if (await conn.execute(waits.limit(1))).first() is None:
            raise
