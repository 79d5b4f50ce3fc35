"""接力推送 and the relay sheet as their users meet them: a real service, its command line, a real browser's print."""

from datetime import date
from typing import Any

import httpx
import pytest

from service.demo.policies import demo_policies
from tests.e2e.conftest import Town
from tests.servers.chromium import Chromium, pages_of
from tests.servers.processes import wait_until
from tests.support.commands import Commands
from tests.support.papers import policy

ARRIVED_S = 30.0


def association(town: Town, association_id: str, name: str) -> str:
    """Write an association; returns its key."""
    town.office.ask("PUT", f"/api/v1/associations/{association_id}", json={"name": name})
    given = {"role": "association", "holder": f"{name}秘书处", "association_id": association_id}
    return str(town.office.ask("POST", "/api/v1/keys", json=given)["key"])


def joined(town: Town, subscriber_id: str, word: str, *associations: str, channel: str = "space") -> str:
    """Enrol a firm that joins associations by its own call; returns its key."""
    key = town.enrol(subscriber_id, word, channel)
    for one in associations:
        town.office.ask("POST", f"/api/v1/subscribers/{subscriber_id}/memberships/{one}", key)
    return key


def reach(town: Town, key: str, association_id: str, relay_id: str) -> dict[str, Any]:
    path = f"/api/v1/associations/{association_id}/relays/{relay_id}"
    return town.office.ask("GET", path, key)


def test_a_relay_reaches_exactly_the_members_without_a_delivery_and_the_others_see_the_note(
    town: Town,
) -> None:
    key = association(town, "soft", "软件行业协会")
    park = association(town, "park", "科技产业园")
    keys = {
        "R-1": joined(town, "R-1", "榴莲", "soft"),
        "R-2": joined(town, "R-2", "榴莲", "soft", channel="email"),
        "R-3": joined(town, "R-3", "别的", "soft", "park"),
        "R-4": joined(town, "R-4", "别的", "soft"),
        "R-5": joined(town, "R-5", "别的", "park"),
        "R-6": town.enrol("R-6", "别的"),
    }
    town.office.ask("DELETE", "/api/v1/subscribers/R-4/memberships/soft", keys["R-4"])
    town.push("durian", "榴莲")
    commands = Commands(town.service, town.folder, key)
    made = commands.json("relay", "durian", "--note", "会员可到秘书处咨询")
    assert wait_until(lambda: reach(town, key, "soft", made["relay_id"])["complete"], ARRIVED_S)
    rows = town.office.deliveries(town.agency, "durian")
    relayed = {row["subscriber_id"] for row in rows if row["occurrence"].startswith("relay:")}
    assert relayed == {"R-3"}
    (message,) = town.messages("R-3")
    assert message["title"].startswith("【接力推送】")
    assert message["reasons"][0]["because"] == "由您所在的软件行业协会接力推送"
    assert message["notes"][0]["note"] == "会员可到秘书处咨询"
    (own,) = town.messages("R-1")
    assert own["occurrence"] == "policy"
    assert [(note["association"], note["note"]) for note in own["notes"]] == [
        ("软件行业协会", "会员可到秘书处咨询")
    ]
    for other in ("R-4", "R-5", "R-6"):
        assert town.messages(other) == [], other
    again = commands.run("relay", "durian", "--note", "再来一次")
    assert again.returncode == 1
    assert made["relay_id"] in again.stderr
    second = Commands(town.service, town.folder, park).json("relay", "durian")
    assert wait_until(lambda: reach(town, park, "park", second["relay_id"])["complete"], ARRIVED_S)
    assert [len(town.messages(who)) for who in ("R-3", "R-5")] == [1, 1]
    assert set(reach(town, key, "soft", made["relay_id"])["reach"].values()) == {"<5"}


def test_an_association_takes_the_kit_of_what_fits_its_members(town: Town) -> None:
    key = association(town, "kit", "资料协会")
    for number in range(6):
        joined(town, f"K-{number}", "山竹", "kit")
    town.push("mangosteen", "山竹", attachments=[{"title": "申请表", "url": "https://example.cn/a.docx"}])
    town.push("other-fruit", "无人订阅的果")
    kits = town.office.ask("GET", "/api/v1/associations/kit/kits", key)["kits"]
    assert [(kit["policy_id"], kit["fitting"]) for kit in kits] == [("mangosteen", "≥5")]
    kit = town.office.ask("GET", "/api/v1/associations/kit/kits/sheet/mangosteen", key)
    assert "本文只说山竹" in kit["body"]
    assert kit["attachments"][0]["title"] == "申请表"
    assert httpx.get(kit["sheet_url"]).status_code == 200


def longest_demo_policy() -> dict[str, Any]:
    found = [one for one in demo_policies(date(2099, 3, 1)) if one["disclosure"] == "open"]
    return max((one for one in found if not one.get("audience_scope")), key=lambda one: len(one["body"]))


SENTENCE = "软件企业上年度研发费用不低于一百万元的，可以申报本奖励资金，最高不超过五十万元。"
LARGE = {
    "a hundred thousand characters": {"body": (SENTENCE * 6 + "\n") * (100_000 // (len(SENTENCE) * 6) + 1)},
    "a sentence without an end": {"body": "软件企业奖励" * 20_000},
    "a thousand short lines": {"body": "第一项：软件企业。\n" * 2_000},
    "everything as long as it may be": {
        "title": "关于支持软件和信息技术服务业高质量发展的若干措施" * 20,
        "issuer": "示范市工业和信息化局" * 50,
        "doc_number": "示工信规〔2026〕1号" * 40,
        "contact": "联系电话" * 120,
        "apply_url": "https://example.cn/" + "a" * 1_900,
        "apply_window": {"opens": "2026-01-01", "closes": "2099-12-31"},
        "effective_date": "2026-01-01",
        "valid_until": "2099-12-31",
        "body": SENTENCE * 3_000,
        "labels": [
            *(f"industry:{letter}" for letter in "ABCDEFGHIJK"),
            *(f"size:{size}" for size in ("large", "medium", "small", "micro")),
        ],
    },
}


def printed(town: Town, chromium: Chromium, data: dict[str, Any]) -> bytes:
    """Release a policy and return its sheet as PDF; nothing on it may be cut off by the page's edge."""
    town.office.publish(town.agency, data)
    url = f"{town.service.url}/sheets/sheet/{data['policy_id']}"
    assert wait_until(lambda: httpx.get(url).status_code == 200, ARRIVED_S)
    assert chromium.overflow(url, ".sheet", ".text") == {".sheet": 0, ".text": 0}
    return chromium.pdf(url)


def test_the_sheet_of_the_longest_demo_policy_prints_to_one_page(town: Town, chromium: Chromium) -> None:
    data = longest_demo_policy() | {"policy_id": "demo-longest"}
    assert pages_of(printed(town, chromium, data)) == 1


@pytest.mark.parametrize("which", LARGE)
def test_the_sheet_prints_to_one_page_whatever_the_policy(town: Town, chromium: Chromium, which: str) -> None:
    data = policy(f"large-{list(LARGE).index(which)}") | LARGE[which]
    if "hundred" in which:
        assert len(str(data["body"])) >= 100_000
    assert pages_of(printed(town, chromium, data)) == 1


def test_a_page_that_is_no_sheet_prints_to_many(town: Town, chromium: Chromium) -> None:
    town.office.publish(town.agency, policy("many-pages", body=(SENTENCE + "\n") * 200))
    assert pages_of(chromium.pdf(f"{town.service.url}/policies/sheet/many-pages")) > 1
