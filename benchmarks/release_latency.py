"""How long a release takes, one policy at a time on one machine: from its 202 to the last ledger row.

Real documents (ZHENGDA_REAL_POLICIES names a JSONL file) or, without them, the demo's policies go through the whole
service to 300 subscribers of every kind. The moments are those of the ledger, against the clock of the client that got
the 202. Run it with ``python benchmarks/release_latency.py [--documents 303] [--json …]``.
"""

import argparse
import json
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the tests' support is not installed

from service.demo.policies import demo_policies  # noqa: E402
from tests.support.crowd import crowd  # noqa: E402
from tests.support.office import Office  # noqa: E402
from tests.support.one_at_a_time import Pusher, latency  # noqa: E402
from tests.support.real_policies import real_policies, real_policies_file  # noqa: E402
from tests.support.service import running  # noqa: E402


def documents() -> tuple[str, list[dict[str, Any]]]:
    """What is released, and what it is called in the report."""
    path = real_policies_file()
    if path is not None:
        return "real documents", real_policies(path)
    return "demo policies", [one for one in demo_policies(date.today()) if one["disclosure"] == "open"]  # noqa: DTZ011


def measure(policies: list[dict[str, Any]]) -> dict[str, Any]:
    """Push every policy; return the figures."""
    subscribers = crowd()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as service:
        office = Office(service.url, service.keys.operator_key)
        pusher = Pusher(service.url, office.operator_key, office.create_agency())
        pusher.enrol(subscribers)
        pushed = []
        for data in policies:
            if pusher.publish(data)["status"] == "accepted":
                pushed.append(pusher.release(data["policy_id"]))
        pusher.close()
    return {
        "sent_in": len(policies),
        "accepted": len(pushed),
        "subscribers": len(subscribers),
        **latency(pushed).as_dict(),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--documents", type=int, help="no more than the first so many")
    arguments.add_argument("--json", type=Path, default=ROOT / "benchmarks/results/release_latency.json")
    given = arguments.parse_args()
    what, policies = documents()
    figures = {"documents": what} | measure(policies[: given.documents])
    for name, value in figures.items():
        print(f"{name:<16}{value:>16}")
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
