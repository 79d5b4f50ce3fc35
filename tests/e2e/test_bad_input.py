"""What is wrong gets a clear answer, names what is wrong, and leaves the service as it was."""

import json
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Town
from tests.servers.processes import wait_until
from tests.support.office import Agency
from tests.support.papers import event, policy

PROBLEM = "application/problem+json"
TOO_LARGE = 512 * 1024 + 1


@pytest.fixture(scope="module")
def foreign(town: Town) -> Agency:
    return town.office.create_agency("other", "外市商务局")


def post(town: Town, body: Any, key: str | None = None) -> httpx.Response:
    """An event as it stands, bytes or JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/cloudevents+json"}
    return town.office.call(
        "POST", "/api/v1/events", key or town.agency.publisher, content=raw, headers=headers
    )


def assert_refused(answer: httpx.Response, status: int, *words: str) -> dict[str, Any]:
    """Hold an answer to be a problem of this status that says these words; returns it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert [word for word in words if word not in problem["detail"]] == [], problem["detail"]
    return problem


def test_broken_json_is_named_as_such(town: Town) -> None:
    problem = assert_refused(post(town, b'{"specversion": "1.0", "id": '), 422, "not valid JSON")
    assert problem["errors"]


def test_every_wrong_type_is_named(town: Town) -> None:
    wrong = event(policy("wrong", title=["a list"], publish_date="yesterday", revision="first"))
    problem = assert_refused(post(town, wrong), 422, "title", "publish_date", "revision")
    assert {one["field"] for one in problem["errors"]} == {"title", "publish_date", "revision"}


def test_unknown_and_missing_fields_are_named(town: Town) -> None:
    wrong = event(policy("wrong", issuer=None, titel="a slip", colour="red"))
    problem = assert_refused(
        post(town, wrong), 422, "issuer: missing", "titel: unknown field", "colour: unknown field"
    )
    assert len(problem["errors"]) == 3


@pytest.mark.parametrize("body", [[], "text", 7, None, {"data": {}}])
def test_what_is_no_event_is_refused(town: Town, body: Any) -> None:
    assert_refused(post(town, body), 422)


def test_an_oversize_body_is_refused_and_the_largest_is_taken(town: Town) -> None:
    assert_refused(post(town, b"x" * TOO_LARGE), 413, "512 KiB", "nothing was taken")
    # Chinese text as it comes: three bytes a character, and quotation marks that JSON escapes.
    largest = event(policy("largest", "示" * 130_000, labels=["theme:T07"]))
    raw = json.dumps(largest, ensure_ascii=False).encode()
    assert 380_000 < len(raw) < TOO_LARGE
    assert post(town, raw).status_code == 202
    assert wait_until(lambda: status(town, largest["id"]) == "accepted", 60)


def test_an_unknown_label_is_answered_by_the_nearest_one(town: Town) -> None:
    assert_refused(
        post(town, event(policy("label", labels=["industry:I65X"]))),
        422,
        "industry:I65X",
        "did you mean industry:I65",
    )
    assert_refused(
        post(town, event(policy("label", labels=["subject:enterprises"]))), 422, "subject:enterprise?"
    )
    assert_refused(post(town, event(policy("label", theme="T99"))), 422, "theme:T99")


def test_a_repeated_id_is_the_first_event_and_may_say_nothing_else(town: Town) -> None:
    first = event(policy("repeated", title="第一次"), event_id="repeated-1")
    assert post(town, first).status_code == 202
    assert wait_until(lambda: status(town, "repeated-1") == "accepted", 60)
    again = post(town, first)
    assert (again.status_code, again.json()["status"]) == (202, "accepted")
    other = post(town, event(policy("repeated", title="第二次"), event_id="repeated-1"))
    assert (other.status_code, "an id of its own" in other.json()["detail"]) == (409, True)
    found = town.office.ask("GET", "/api/v1/policies/repeated", town.agency.publisher)
    assert (found["revision"], found["title"]) == (1, "第一次")


def test_a_stale_revision_is_refused_with_the_one_to_send(town: Town) -> None:
    town.office.publish(town.agency, policy("stale", revision=3), release=False)
    assert wait_until(lambda: town.office.funnel(town.agency, "stale").get("revision") == 3, 60)
    for revision in (2, 3):
        assert_refused(post(town, event(policy("stale", revision=revision))), 409, "stale", "send 4")


def test_nobody_speaks_for_another_agency(town: Town, foreign: Agency) -> None:
    town.office.publish(town.agency, policy("ours"), release=False)
    assert wait_until(lambda: bool(town.office.funnel(town.agency, "ours")), 60)
    amended = event(policy("ours"), "policy.amended")
    assert_refused(post(town, amended, foreign.publisher), 403, "belongs to another agency")
    assert_refused(post(town, event({"policy_id": "ours"}, "policy.repealed"), foreign.publisher), 403)
    assert_refused(
        post(town, event(policy("x")) | {"source": "/agencies/sheet/oa"}, foreign.publisher), 403, "sheet"
    )
    for path in ("ours", "ours/funnel", "ours/deliveries"):
        assert_refused(town.office.call("GET", f"/api/v1/policies/{path}", foreign.publisher), 404)
    assert_refused(town.office.call("POST", "/api/v1/policies/ours/release", foreign.reviewer, json={}), 404)
    assert town.office.funnel(town.agency, "ours")["state"] == "waiting"


def test_a_key_does_only_what_its_role_may(town: Town) -> None:
    town.office.publish(town.agency, policy("roles"), release=False)
    assert wait_until(lambda: town.office.funnel(town.agency, "roles").get("state") == "waiting", 60)
    release = "/api/v1/policies/roles/release"
    assert_refused(town.office.call("POST", release, town.agency.publisher, json={}), 403)
    assert_refused(town.office.call("POST", release, json={}), 403)
    assert_refused(post(town, event(policy("roles")), town.agency.reviewer), 403, "publisher key")
    assert_refused(
        post(town, event({"policy_id": "roles", "revision": 1}, "policy.released")), 403, "reviewer key"
    )
    assert_refused(town.office.call("GET", "/api/v1/keys", town.agency.publisher), 403)
    assert_refused(town.office.call("GET", "/api/v1/policies", "zd_nobody_nothing"), 401)
    assert town.office.funnel(town.agency, "roles")["state"] == "waiting"


def test_bad_lines_of_an_import_are_listed_and_the_good_ones_taken(town: Town) -> None:
    csv = "subscriber_id,name,region,email\nGood-1,甲,310118,a@example.com\nBad 2,乙,,\nBad-3,丙,999999,\n,丁,,\n"
    headers = {"Content-Type": "text/csv"}
    done = town.office.ask("POST", "/api/v1/subscribers/import", content=csv.encode(), headers=headers)
    assert done["imported"] == 1
    assert [one["line"] for one in done["refused"]] == [3, 4, 5]
    answer = town.office.call("POST", "/api/v1/subscribers/import", content=b"name,colour\n", headers=headers)
    assert_refused(answer, 422)


def test_after_all_that_the_service_is_well(town: Town) -> None:
    town.enrol("Well-1", "安好")
    town.push("well", "安好")
    assert [one["policy_id"] for one in town.messages("Well-1")] == ["well"]
    assert town.service.healthy()
    assert town.office.ask("GET", "/api/v1/deadletters")["dead_letters"] == []


def status(town: Town, event_id: str) -> str:
    """What became of an event of the agency."""
    answer = town.office.call("GET", f"/api/v1/events/{event_id}", town.agency.publisher)
    return str(answer.json().get("status"))
