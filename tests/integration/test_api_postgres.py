"""The HTTP face over PostgreSQL, where it is stricter than SQLite: cursors, times, odd characters."""

from pathlib import Path
from typing import Any

import pytest

from tests.servers.api_world import World, open_world


async def test_the_api_answers_the_same_over_postgresql(postgres_url: str, tmp_path: Path) -> None:
    async with open_world(tmp_path, postgres_url) as world:
        for number in range(3):
            await world.publish(f"P-{number}")
        seen: list[str] = []
        after: dict[str, Any] = {}
        for _ in range(2):
            answer = await world.call("publisher", "GET", "/api/v1/policies", params={"limit": 2} | after)
            seen += [policy["policy_id"] for policy in answer.json()["policies"]]
            after = {"after": answer.json()["next"]}
        assert sorted(seen) == ["P-0", "P-1", "P-2"]
        funnel = await world.call("operator", "GET", "/api/v1/policies/P-1/funnel")
        assert funnel.json()["state"] == "released"
        stopped = await world.call(
            "publisher", "POST", "/api/v1/policies/P-1/campaign/stop", json={"reason": "x"}
        )
        assert stopped.status_code == 404
        for path in ("/", "/policies", "/policies/sheet/P-1"):
            page = await world.call(None, "GET", path, headers={"Accept": "text/html"})
            assert page.status_code == 200
        out = f"/unsubscribe/{world.house.tokens.unsubscribe('S-1', 'email')}"
        for _ in range(2):
            assert (await world.call(None, "POST", out, data={"scope": "all"})).status_code == 200


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/api/v1/policies/%00", {}),
    ("GET", "/api/v1/events/%00", {}),
    ("GET", "/api/v1/ledger?subscriber=%00", {}),
    ("GET", "/api/v1/space/S-1/messages?after=%00", {}),
    ("GET", "/policies/%00/%00", {}),
    ("GET", "/feeds/policies.atom?after=2026-01-01T00:00:00%2B00:00|policy|a|%00", {}),
    ("PUT", "/api/v1/agencies/x", {"json": {"name": "a\0b"}}),
    ("PUT", "/api/v1/subscribers/S-1", {"json": {"name": "a\0b"}}),
    ("DELETE", "/api/v1/keys/%00", {}),
    ("POST", "/api/v1/deadletters/%00/replay", {}),
    ("POST", "/api/v1/keys", {"json": {"role": "operator", "holder": "a\0b"}}),
    ("POST", "/api/v1/policies/P-1/campaign/stop?agency=sheet", {"json": {"reason": "a\0b"}}),
    ("GET", "/api/v1/ledger?after=2026-01-01T00:00:00%2B00:00|%00", {}),
    ("GET", "/api/v1/ledger?after=2026-01-01T00:00:00|x", {}),
    ("GET", "/api/v1/policies?after=0001-01-01T00:00:00%2B14:00|a|b", {}),
    ("GET", "/api/v1/policies/P-1?revision=99999999999999999999", {}),
    ("GET", "/api/v1/policies/P-1/funnel?agency=sheet&revision=3000000000", {}),
    ("GET", "/policies/sheet/P-1?revision=3000000000", {}),
    ("GET", "/api/v1/policies?limit=99999999999999999999", {}),
]


async def test_what_postgresql_cannot_store_or_compare_is_the_callers_mistake(
    postgres_url: str, tmp_path: Path
) -> None:
    async with open_world(tmp_path, postgres_url) as world:
        found = {}
        for method, path, given in REQUESTS:
            status = (await world.call("operator", method, path, **given)).status_code
            if status not in (404, 422):
                found[path] = status
        assert found == {}


@pytest.mark.parametrize("bearer", ["zd_\x7f_x", "zd_x_\xff"])
async def test_a_key_of_odd_characters_is_unknown(world: World, bearer: str) -> None:
    async with world.client() as client:
        headers = [(b"authorization", f"Bearer {bearer}".encode("latin-1"))]
        assert (await client.get("/api/v1/policies", headers=headers)).status_code == 401
