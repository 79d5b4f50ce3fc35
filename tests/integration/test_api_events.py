"""Events over HTTP: durable before 202, the same event once, and a clear answer to whatever is wrong."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from streams.events import MAX_EVENT_BYTES
from streams.names import POLICY_EVENTS
from tests.servers.api_world import World, event, outage

EVENTS = "/api/v1/events"


async def send(world: World, raw: bytes, who: str = "publisher") -> Any:
    return await world.call(who, "POST", EVENTS, content=raw)


async def test_an_event_is_in_the_log_when_the_answer_comes(world: World) -> None:
    given = event("P-1", "E-1")
    answer = await world.call("publisher", "POST", EVENTS, json=given)
    assert answer.status_code == 202
    assert answer.json()["status"] == "received"
    assert world.log.on(POLICY_EVENTS) == [given]


async def test_the_status_address_tells_what_became_of_it(world: World) -> None:
    taken = (await world.call("publisher", "POST", EVENTS, json=event("P-1", "E 1/ä"))).json()
    before = (await world.call("publisher", "GET", taken["status_url"])).json()
    assert (before["event_id"], before["status"], before["handled_at"]) == ("E 1/ä", "received", None)
    await world.work()
    after = (await world.call("publisher", "GET", taken["status_url"])).json()
    assert (after["status"], after["policy_id"], after["revision"]) == ("accepted", "P-1", 1)
    assert after["received_at"].endswith("Z")
    assert after["type"] == "policy.published"


async def test_the_same_event_again_is_answered_with_what_became_of_the_first(world: World) -> None:
    given = event("P-1", "E-1")
    await world.call("publisher", "POST", EVENTS, json=given)
    await world.work()
    again = await world.call("publisher", "POST", EVENTS, json=given)
    assert (again.status_code, again.json()["status"]) == (202, "accepted")
    assert len(world.log.on(POLICY_EVENTS)) == 1


async def test_an_id_that_said_something_else_before_is_refused_and_not_dropped(world: World) -> None:
    await world.call("publisher", "POST", EVENTS, json=event("P-1", "E-1"))
    again = await world.call("publisher", "POST", EVENTS, json=event("P-1", "E-1", title="另一份文件"))
    assert again.status_code == 409
    assert "an id of its own" in again.json()["detail"]
    assert len(world.log.on(POLICY_EVENTS)) == 1


async def test_the_same_id_from_another_source_is_another_event(world: World) -> None:
    for source in ("/a", "/b"):
        given = event(f"P{source[1]}", "E-1") | {"source": source}
        assert (await world.call("publisher", "POST", EVENTS, json=given)).status_code == 202
    assert len(world.log.on(POLICY_EVENTS)) == 2


async def test_an_event_of_another_agency_cannot_be_asked_about(world: World) -> None:
    taken = (await world.call("publisher", "POST", EVENTS, json=event("P-1", "E-1"))).json()
    assert (await world.call("other-publisher", "GET", taken["status_url"])).status_code == 404
    assert (await world.call("operator", "GET", taken["status_url"])).status_code == 200


MALFORMED: list[tuple[bytes, str]] = [
    (b"", "not valid JSON"),
    (b"{", "not valid JSON"),
    (orjson.dumps(event(title="a\0b")), "title"),
    (b"\xff\xfe{}", "not valid JSON"),
    (b"[]", "event"),
    (b"null", "event"),
    (b"42", "event"),
    (b'"text"', "event"),
    (b"{}", "specversion"),
    (orjson.dumps(event() | {"specversion": "0.3"}), "specversion"),
    (orjson.dumps(event() | {"type": "policy.invented"}), "type"),
    (orjson.dumps(event() | {"id": ""}), "id"),
    (orjson.dumps(event() | {"data": []}), "data"),
    (orjson.dumps(event(colour="red")), "colour"),
    (orjson.dumps(event(title=None)), "title"),
    (orjson.dumps(event(title=7)), "title"),
    (orjson.dumps(event(publish_date="yesterday")), "publish_date"),
    (orjson.dumps(event(disclosure="secret")), "disclosure"),
    (orjson.dumps(event(labels="industry:I65")), "labels"),
    (orjson.dumps(event(apply_window={"opens": "2026-05-01", "closes": "2026-04-01"})), "apply_window"),
    (orjson.dumps(event(source_url="javascript:alert(1)")), "source_url"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, "not valid JSON"),
]


@pytest.mark.parametrize(("raw", "named"), MALFORMED)
async def test_what_is_malformed_is_refused_and_every_wrong_field_is_named(
    world: World, raw: bytes, named: str
) -> None:
    answer = await send(world, raw)
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["type"]) == (422, "about:blank")
    assert named in problem["detail"]
    assert problem["errors"]
    assert world.log.messages == []


async def test_several_wrong_fields_are_all_named_at_once(world: World) -> None:
    answer = await world.call(
        "publisher", "POST", EVENTS, json=event(title=None, colour="red", disclosure="x")
    )
    assert {error["field"] for error in answer.json()["errors"]} == {"title", "colour", "disclosure"}


async def test_an_unknown_label_is_refused_with_the_one_that_was_probably_meant(world: World) -> None:
    answer = await world.call("publisher", "POST", EVENTS, json=event(labels=["industry:I659x"]))
    assert answer.status_code == 422
    assert "I65" in answer.json()["detail"]
    assert world.log.messages == []


async def test_an_event_above_512_kib_is_refused_by_its_length(world: World) -> None:
    answer = await send(world, b" " * (MAX_EVENT_BYTES + 1))
    assert answer.status_code == 413


async def test_an_event_above_512_kib_is_cut_off_while_it_streams(world: World) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 65536
            yield b" " * 65536

    answer = await world.call("publisher", "POST", EVENTS, content=endless())
    assert answer.status_code == 413
    assert sent < 2 * MAX_EVENT_BYTES


async def test_a_stale_revision_is_refused(world: World) -> None:
    await world.publish("P-1", revision=3)
    stale = event("P-1", revision=2) | {"type": "policy.amended"}
    answer = await world.call("publisher", "POST", EVENTS, json=stale)
    assert answer.status_code == 409
    assert "send 4" in answer.json()["detail"]


async def test_an_agency_cannot_amend_what_another_owns(world: World) -> None:
    await world.publish("P-1")
    foreign = event("P-1") | {"type": "policy.amended"}
    answer = await world.call("other-publisher", "POST", EVENTS, json=foreign)
    assert answer.status_code == 403


async def test_a_publisher_cannot_send_a_release(world: World) -> None:
    await world.publish("P-1", release=False)
    data = {"policy_id": "P-1", "revision": 1}
    released = event() | {"type": "policy.released", "data": data}
    assert (await world.call("publisher", "POST", EVENTS, json=released)).status_code == 403


async def test_while_the_log_is_away_nothing_is_taken_and_the_answer_says_so(world: World) -> None:
    world.log.away = True
    given = event("P-1", "E-1")
    answer = await world.call("publisher", "POST", EVENTS, json=given)
    assert answer.status_code == 503
    assert "nothing was taken" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0
    world.log.away = False
    assert (await world.call("publisher", "GET", f"{EVENTS}/E-1")).status_code == 404
    assert (await world.call("publisher", "POST", EVENTS, json=given)).status_code == 202


async def test_while_the_record_is_away_the_answer_is_503(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise outage()

    monkeypatch.setattr(world.house.record, "read", away)
    answer = await world.call("publisher", "POST", EVENTS, json=event())
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "secret" not in answer.text
    assert world.log.messages == []


async def test_an_event_stays_taken_when_its_row_cannot_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise outage()

    monkeypatch.setattr(world.house.record, "write", away)
    answer = await world.call("publisher", "POST", EVENTS, json=event())
    assert answer.status_code == 202
    assert len(world.log.on(POLICY_EVENTS)) == 1
