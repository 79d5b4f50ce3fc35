"""docs/asyncapi.yaml names the topics and event types that there are, and no others."""

from pathlib import Path
from typing import Any

import yaml

from streams.events import EventType
from streams.names import POLICY_EVENTS, TOPICS

SPEC: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "docs" / "asyncapi.yaml").read_text("utf-8")
)


def test_every_topic_is_described_under_its_own_name() -> None:
    assert {name: one["address"] for name, one in SPEC["channels"].items()} == {
        one.name: one.name for one in TOPICS
    }


def test_every_event_type_may_stand_on_policy_events() -> None:
    assert set(SPEC["channels"][POLICY_EVENTS]["messages"]) == {kind.value for kind in EventType}


def test_every_reference_leads_somewhere() -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [ref for value in node.values() for ref in references(value)]
        return [ref for value in node for ref in references(value)] if isinstance(node, list) else []

    found = references(SPEC)
    assert len(found) > 20
    for reference in found:
        at: Any = SPEC
        for part in reference.removeprefix("#/").split("/"):
            assert part in at, reference
            at = at[part]
