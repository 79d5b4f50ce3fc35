"""gate: an event from outside is proven, judged once, and handed to the step that follows from it."""

import orjson

from streams import policies
from streams.access import Actor, signer
from streams.campaigns.occurrences import POLICY, REPEAL
from streams.desk import Desk
from streams.events import Event, EventError, EventType, parse_event
from streams.events.signing import API_PREFIX, KEY_ID_HEADER, SIGNATURE_HEADER, verify
from streams.gate.judging import Passed, judge
from streams.log import Position, api_secret, original
from streams.names import POLICIES_ACCEPTED, POLICIES_RELEASED
from streams.steps.label import ensure_labelled
from streams.wrong import Wrong


async def admit(desk: Desk, raw: bytes, headers: dict[str, str], at: Position, key: bytes | None) -> None:
    """Take one message of ``policy.events``.

    Raises:
        Wrong: it is not signed by a key that stands, not an event, or not written under its policy's key.
    """
    actor = await _proven(desk, raw, headers)
    try:
        event = parse_event(raw)
    except EventError as exc:
        raise Wrong(f"malformed event: {exc}") from exc
    wanted = f"{actor.agency_id}/{event.policy_id}"
    if key != wanted.encode():
        raise Wrong(f"the message key must be {wanted}, so that a policy's events keep their order")
    at = original(desk.vault, headers, raw, at)
    await _label_first(desk, event, actor)
    async with desk.record.write() as conn:
        passed = await judge(
            conn,
            event,
            actor,
            at,
            codes=desk.taxonomy,
            now=desk.clock.now(),
            hold=desk.hold_uninterpreted,
        )
    if passed:
        await _hand_on(desk, passed)


async def _proven(desk: Desk, raw: bytes, headers: dict[str, str]) -> Actor:
    key_id, signature = headers.get(KEY_ID_HEADER), headers.get(SIGNATURE_HEADER)
    if not key_id or not signature:
        raise Wrong(
            f"unsigned event: headers {KEY_ID_HEADER} and {SIGNATURE_HEADER} are needed, see docs/emitting.md"
        )
    by_api = key_id.startswith(API_PREFIX)
    async with desk.record.read() as conn:
        signed = await signer(conn, desk.vault, key_id.removeprefix(API_PREFIX))
    # What the API took was authenticated at its door; a key revoked since then does not undo that.
    if signed is None or (signed.revoked and not by_api):
        raise Wrong(f"unknown or revoked key {key_id}")
    secret = api_secret(desk.vault, signed.actor.key_id) if by_api else signed.secret
    if secret is None or not verify(secret, raw, signature):
        raise Wrong(
            f"the signature does not fit the event: sign the raw value with the secret of key {key_id}"
        )
    return signed.actor


async def _label_first(desk: Desk, event: Event, actor: Actor) -> None:
    # A decision may overtake the labelling of what it decides on (they are different topics): no reason to refuse it.
    if event.type in (EventType.RELEASED, EventType.REFUSED, EventType.LABELS_EDITED) and actor.agency_id:
        async with desk.record.read() as conn:
            known = await policies.standing(conn, actor.agency_id, event.policy_id)
        if known and known.state == "received":
            await ensure_labelled(desk, actor.agency_id, event.policy_id, known.revision)


async def _hand_on(desk: Desk, passed: Passed) -> None:
    told: dict[str, object] = {
        "agency_id": passed.agency_id,
        "policy_id": passed.policy_id,
        "revision": passed.revision,
    }
    match passed.type:
        case EventType.PUBLISHED | EventType.AMENDED:
            topic = POLICIES_ACCEPTED
        case EventType.RELEASED:
            topic, told["occurrence"] = POLICIES_RELEASED, POLICY
        case EventType.REPEALED:
            topic, told["occurrence"] = POLICIES_RELEASED, REPEAL
        case EventType.INTERPRETATION_RELEASED | EventType.FAQ_RELEASED:
            topic, told["occurrence"] = POLICIES_RELEASED, passed.item
        case _:
            return
    await desk.log.produce(
        topic, key=f"{passed.agency_id}/{passed.policy_id}".encode(), value=orjson.dumps(told)
    )
