"""A small firm signs up for policies for its like; what reaches it hangs on the number that a reviewer corrects."""

import re

import httpx

from tests.e2e.conftest import Town
from tests.e2e.test_joining import browser, confirm, mails_to, newest, sign_up
from tests.servers.processes import wait_until
from tests.support.papers import policy

__all__ = ["browser"]

ADDRESS = "small@firm.example.cn"
BODY = "一、申报条件\n（一）从业人员20人以上。\n二、支持方式\n对荔枝企业给予奖励。\n"
PAGE = "/policies/sheet/numbers"
AUDIENCE = re.compile(r"预计覆盖 <strong>([\d,]+)</strong> 家")


def test_a_reviewer_corrects_a_number_and_the_firm_that_it_ruled_out_hears_of_it(
    town: Town, browser: httpx.Client
) -> None:
    sign_up(browser, ADDRESS, "荔枝", wish_staff_max="19")
    confirm(browser, town, ADDRESS)
    assert "职工不超过 19 人" in browser.get("/my").text

    town.office.publish(town.agency, policy("numbers", body=BODY), release=False)
    browser.cookies.clear()
    browser.post("/login", data={"key": town.agency.reviewer})
    assert wait_until(lambda: "<q>从业人员20人以上</q>" in browser.get(PAGE).text, 20.0)
    assert "现在推送时要求：职工不少于 20 人" in browser.get(PAGE).text
    assert counted(browser) == "0"

    form = dict(re.findall(r'name="((?:was_)?condition_0(?:_is)?)" value="([^"]*)"', browser.get(PAGE).text))
    changed = {"revision": "1", "condition_0_is": "on", "condition_0": "10"}
    assert "已记录更正" in browser.post(f"{PAGE}/corrections", data=form | changed).text
    assert wait_until(lambda: "现在推送时要求：职工不少于 10 人" in browser.get(PAGE).text, 20.0)
    assert counted(browser) == "1"

    assert "准予发布" in browser.post(f"{PAGE}/release", data={"revision": "1"}).text
    town.office.wait_complete(town.agency, "numbers")
    assert "numbers" in str(newest(town, ADDRESS, 2)["Subject"])
    assert len(mails_to(town, ADDRESS)) == 2


def counted(browser: httpx.Client) -> str:
    """How many enterprises the preview for reviewers names."""
    found = AUDIENCE.search(browser.get(f"{PAGE}/audience?revision=1").text)
    assert found
    return found[1]
