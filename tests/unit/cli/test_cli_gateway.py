"""What ``zhengda gateway`` prints for an operator to write into kannel.conf."""

from typing import Any

import httpx
import pytest

URL = "https://p.example.cn/sms/incoming?token=t&from=%p&text=%b"


def tells(zhengda: Any, confirms: bool) -> dict[str, Any]:
    content = {"gateway": "kannel", "incoming_url": URL, "confirms": confirms}
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
