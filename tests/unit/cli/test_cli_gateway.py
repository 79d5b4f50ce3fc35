"""What ``zhengda gateway`` prints for an operator to write into kannel.conf."""

from typing import Any

import httpx
import pytest

URL = "https://p.example.cn/sms/incoming?token=t&from=%p&text=%b"


def tells(zhengda: Any, confirms: bool, **more: Any) -> dict[str, Any]:
    content = {"gateway": "kannel", "gateways": ["kannel"], "incoming_url": URL, "confirms": confirms} | more
    zhengda.service.routes["GET", "/api/v1/sms/gateway"] = lambda _: httpx.Response(200, json=content)
    return content


@pytest.mark.parametrize(("confirms", "most"), [(False, 0), (True, 1)])
def test_the_gateways_part_says_where_replies_go_and_how_many_are_answered(
    zhengda: Any, confirms: bool, most: int
) -> None:
    tells(zhengda, confirms)
    assert zhengda("gateway") == 0
    assert zhengda.out.startswith("group = sms-service\n")
    assert f'get-url = "{URL}"\n' in zhengda.out
    assert f"max-messages = {most}\n" in zhengda.out


def test_json_is_what_the_route_answers(zhengda: Any) -> None:
    content = tells(zhengda, False)
    assert zhengda("gateway", "--json") == 0
    assert zhengda.json == content


def test_a_cloud_is_told_its_own_address_and_no_kannel_is_spoken_of_where_there_is_none(zhengda: Any) -> None:
    tells(
        zhengda, False, gateways=["aliyun"], callbacks={"aliyun": "https://p.example.cn/sms/aliyun/aliyun/t"}
    )
    assert zhengda("gateway") == 0
    assert zhengda.out == "# aliyun: https://p.example.cn/sms/aliyun/aliyun/t\n"
