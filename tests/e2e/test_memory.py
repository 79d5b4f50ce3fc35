"""How much memory a hundred thousand subscribers take, all in one process beside its Valkey."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.crowd import CODES, REGIONS
from tests.support.lists import resident_mb
from tests.support.office import Office
from tests.support.papers import policy
from tests.support.service import running

SUBSCRIBERS = 100_000
AT_ONCE = 10_000
LIMIT_MB = 600
IMPORT_S = 300.0


@pytest.mark.slow
@pytest.mark.alone
def test_a_hundred_thousand_subscribers_fit_in_six_hundred_megabytes(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        office = Office(service.url, service.keys.operator_key, answer_s=IMPORT_S)
        agency = office.create_agency()
        for start in range(0, SUBSCRIBERS, AT_ONCE):
            assert office.import_subscribers(rows(start, start + AT_ONCE)) == AT_ONCE
        imported = resident_mb(service)
        office.publish(agency, policy("broad", labels=["action:inform"]))
        funnel = office.wait_complete(agency, "broad", timeout_s=600.0)
        delivered = resident_mb(service)
        assert service.stop() == 0
        service.start()
        started = resident_mb(service)
        print(
            f"{SUBSCRIBERS} subscribers, {funnel['matched']} matched: "
            f"{imported:.0f} MB after the import, {delivered:.0f} MB after a push, {started:.0f} MB after a start"
        )
        assert funnel["matched"] > SUBSCRIBERS / 10
        assert max(imported, delivered, started) < LIMIT_MB


def rows(start: int, end: int) -> Iterator[dict[str, Any]]:
    """Lines of the import: a profile, an address with consent, and a subscription each."""
    dice = random.Random(start)
    for number in range(start, end):
        wanted = {
            dimension: dice.choice(CODES[dimension])
            for dimension in dice.sample(("theme", "industry", "instrument"), 2)
        }
        yield {
            "subscriber_id": f"firm-{number}",
            "name": f"第{number}号企业",
            "region": dice.choice(REGIONS[3:]),
            "industries": dice.choice(CODES["industry"]),
            "size": dice.choice(CODES["size"]),
            "qualifications": ";".join(dice.sample(CODES["qualification"], 2)),
            "staff": dice.randrange(1, 3000),
            "email": f"firm{number}@example.com",
            "consent_basis": "订阅申请表",
            "consent_at": "2026-01-05",
            "consent_evidence": f"表单 {number}",
            "subscription_name": "所需政策",
            "subscription_criteria": json.dumps(
                {"any": [{"all": [{key: code}]} for key, code in wanted.items()]}
            ),
            "channels": "space;email",
        }
