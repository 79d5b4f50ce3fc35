"""The page on which a reviewer sees whom a policy would reach before it is released."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from config.channels import TITLES
from service.api.previews import audience
from service.api.problems import not_found
from service.api.security import Emitter, HouseOf
from service.house import House
from service.pages.condition_words import requirements_in_words
from service.pages.render import page
from service.reading import visible_policy
from streams.events.fields import MAX_REVISION
from streams.fanout.rows import FORMER, NAMED
from streams.preview.asking import of_view

router = APIRouter(include_in_schema=False)

HELD = {
    "not_open": "不是主动公开的，不能发布",
    "apply_window": "申报期已过，不发",
    "valid_until": "已过有效期，不发",
    "digest": "等到下一期摘要",
    "quiet_hours": "等到免打扰时段结束",
    "sms_hours": "等到早上（夜间不发短信）",
    "opted_out": "已退订，不发",
    "no_consent": "未同意接收，不发",
    "suppressed": "地址失效，不发",
    "no_contact": "没有留下地址，不发",
}
OVER = {
    "not_open": "这份文件不是主动公开的",
    "apply_window": "这项政策的申报期已经结束",
    "valid_until": "这份文件已过有效期",
}
UNCONFIRMED = {
    "credit_codes": "自己填写的统一社会信用代码尚未核实的 {count:,} 家",
    "memberships": "自己加入协会尚未核实的 {count:,} 家",
}
TABLES = (("by_region", "地区"), ("by_industry", "行业（可能不止一个）"), ("by_size", "规模"))
WITHOUT_NAME = {NAMED: "点名推送", FORMER: "收到过以前的版本"}
MOST = 12  # rows of a table


@router.get("/policies/{agency}/{policy_id}/audience")
async def get_page(
    request: Request,
    agency: str,
    policy_id: str,
    house: HouseOf,
    actor: Emitter,
    revision: Annotated[int | None, Query(ge=1, le=MAX_REVISION)] = None,
) -> Response:
    """Whom a release at this moment would reach, for the policy's own agency."""
    if agency != actor.agency_id:
        raise not_found(f"policy {policy_id}")
    async with house.record.read() as conn:
        view = await visible_policy(conn, actor, agency, policy_id, revision)
    if view is None:
        raise not_found(f"policy {policy_id}")
    asked = of_view(view)
    found = await audience(house, actor, asked, own=True)
    context = {
        "policy": view,
        "found": found,
        "asks": requirements_in_words(asked.requirements),
        "channels": [(TITLES.get(name, name), count) for name, count in found["by_channel"].items()],
        "unconfirmed": [
            UNCONFIRMED[name].format(count=count) for name, count in found["unconfirmed"].items()
        ],
        "held": _held(found["held_back"]),
        "over": next((words for reason, words in OVER.items() if reason in found["held_back"]), None),
        "tables": [(words, found[name][:MOST], _beyond(found[name])) for name, words in TABLES],
        "samples": [_sample(house, one) for one in found["samples"]],
    }
    return page(request, "audience.html", context, actor=actor)


def _held(given: dict[str, dict[str, int]]) -> list[tuple[str, str, int]]:
    return [
        (words, TITLES.get(channel, channel), count)
        for reason, words in HELD.items()
        for channel, count in given.get(reason, {}).items()
    ]


def _beyond(rows: list[dict[str, Any]]) -> int:
    return sum(row["count"] for row in rows[MOST:])


def _sample(house: House, sample: dict[str, Any]) -> dict[str, Any]:
    reasons = [
        {
            "name": why["name"] or WITHOUT_NAME.get(why["subscription"], "登记信息"),
            "labels": [_name(house, label) for label in why["labels"]],
        }
        for why in sample["reasons"]
    ]
    return {"subscriber_id": sample["subscriber_id"], "reasons": reasons}


def _name(house: House, label: str) -> str:
    dimension, _, code = label.partition(":")
    return house.taxonomy.name(dimension, code) or code
