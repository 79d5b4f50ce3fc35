"""What ``zhengda gateway`` prints for an operator to set at each gateway."""

from typing import Any

import httpx
import pytest

URL = "https://p.example.cn/sms/incoming?token=t&from=%p&text=%b"
CALLBACK = "https://p.example.cn/sms/aliyun/aliyun/t"
GROUP = "group = sms-service"


def tells(zhengda: Any, confirms: bool, **kinds: str) -> dict[str, Any]:
    """The service has these gateways, by name."""
    content = {
        "gateway": next(iter(kinds), None),
        "gateways": list(kinds),
        "kinds": kinds,
        "incoming_url": URL,
        "callbacks": {name: CALLBACK for name, kind in kinds.items() if kind == "aliyun"},
        "confirms": confirms,
    }
    zhengda.service.routes["GET", "/api/v1/sms/gateway"] = lambda _: httpx.Response(200, json=content)
    return content


@pytest.mark.parametrize(("confirms", "most"), [(False, 0), (True, 1)])
def test_a_kannels_group_says_where_replies_go_and_how_many_are_answered(
    zhengda: Any, confirms: bool, most: int
) -> None:
    tells(zhengda, confirms, kannel="kannel")
    assert zhengda("gateway") == 0
    said, *group = zhengda.out.splitlines()
    assert said == "# kannel: the group below goes into kannel.conf"
    assert group[0] == GROUP
    assert f'get-url = "{URL}"' in group
    assert f"max-messages = {most}" in group


def test_json_is_what_the_route_answers(zhengda: Any) -> None:
    content = tells(zhengda, False, kannel="kannel")
    assert zhengda("gateway", "--json") == 0
    assert zhengda.json == content


def test_every_gateway_is_told_what_it_needs_and_no_kannel_is_spoken_of_where_there_is_none(
    zhengda: Any,
) -> None:
    tells(zhengda, False, carrier="cmpp", smpp="smpp", aliyun="aliyun")
    assert zhengda("gateway") == 0
    assert zhengda.out.splitlines() == [
        "# carrier: nothing is to be set there; CMPP brings reports and replies over its own line",
        "# smpp: nothing is to be set there; SMPP brings reports and replies over its own line",
        f"# aliyun: set this address in its console, for reports and for replies: {CALLBACK}",
    ]


def test_a_kannel_beside_others_has_its_group(zhengda: Any) -> None:
    tells(zhengda, False, smpp="smpp", kannel="kannel")
    assert zhengda("gateway") == 0
    assert [line.split()[1] for line in zhengda.out.splitlines()[:2]] == ["smpp:", "kannel:"]
    assert zhengda.out.count(GROUP) == 1


def test_without_a_gateway_the_group_is_said_to_be_one_of_a_kannel(zhengda: Any) -> None:
    tells(zhengda, False)
    assert zhengda("gateway") == 0
    assert zhengda.out.startswith("# ZHENGDA_SMS_URL names no gateway; were it a Kannel")
    assert GROUP in zhengda.out
