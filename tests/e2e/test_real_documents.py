"""Real documents through the whole service, one at a time; who gets each is worked out a second time, independently."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.clock import SHANGHAI
from tests.support.crowd import crowd
from tests.support.naive_audience import can_act, expected, labels_by_dimension
from tests.support.office import Office
from tests.support.one_at_a_time import Pushed, Pusher, latency
from tests.support.real_policies import real_policies, real_policies_file
from tests.support.service import running

ENOUGH_ACCEPTED = 295
FEW = 100


@pytest.fixture
def pusher(tmp_path: Path) -> Iterator[Pusher]:
    with running(tmp_path) as service:
        office = Office(service.url, service.keys.operator_key)
        pusher = Pusher(service.url, office.operator_key, office.create_agency())
        yield pusher
        pusher.close()


@pytest.fixture
def documents() -> list[dict[str, Any]]:
    path = real_policies_file()
    if path is None:
        pytest.skip("no real documents: name a JSONL file in ZHENGDA_REAL_POLICIES")
    return real_policies(path)


def test_thirty_real_documents_reach_whom_they_should(
    pusher: Pusher, documents: list[dict[str, Any]]
) -> None:
    some = documents[:: max(1, len(documents) // 30)][:30]
    accepted, pushed = push_all(pusher, some, crowd(FEW))
    assert accepted >= len(some) - 1
    assert sum(one.got.total() for one in pushed) > 300, (
        "hardly anybody got anything: the comparison says little"
    )


@pytest.mark.slow
@pytest.mark.alone
def test_every_real_document_reaches_whom_it_should(pusher: Pusher, documents: list[dict[str, Any]]) -> None:
    accepted, pushed = push_all(pusher, documents, crowd())
    figures = latency(pushed)
    print(f"{accepted} of {len(documents)} accepted; {figures}")
    assert accepted >= min(ENOUGH_ACCEPTED, len(documents))


def push_all(
    pusher: Pusher, documents: Sequence[dict[str, Any]], subscribers: Mapping[str, Mapping[str, Any]]
) -> tuple[int, list[Pushed]]:
    """Publish and release one after another; compare each audience with the expected one."""
    pusher.enrol(subscribers)
    pushed = []
    for data in documents:
        status = pusher.publish(data)
        if status["status"] != "accepted":
            print(f"refused: {data['policy_id']}: {status['reason']}")
            continue
        one = pusher.release(data["policy_id"])
        labels = labels_by_dimension(one.labels)
        by_sms = can_act(labels, data, datetime.now(SHANGHAI).date())
        wanted = expected(subscribers, labels, f"{data['title']}\n{data['body']}", by_sms=by_sms)
        wrong = {"missing": wanted - one.got, "unasked": one.got - wanted}
        assert not any(wrong.values()), f"{data['policy_id']}: {wrong}"
        pushed.append(one)
    return len(pushed), pushed
