"""What a webhook says: the policy and its reasons for every occasion, nobody's contact, and never too much."""

from dataclasses import replace

import orjson
import pytest

from channels.message import NOTICES, Evidence, Occasion, Reason
from channels.webhook.payload import MOST_BYTES, TYPES, payload
from config.channels import NOISY
from tests.servers.messages import content, message


def said(**changes: object) -> dict[str, object]:
    whole: dict[str, object] = orjson.loads(payload(message(content=content(**changes))))
    return whole


def test_every_occasion_that_is_a_push_has_a_type_of_its_own() -> None:
    assert "webhook" not in NOISY  # so nothing for it waits for a digest
    assert set(TYPES) == set(Occasion) - NOTICES - {Occasion.DIGEST}
    assert len(set(TYPES.values())) == len(TYPES)


@pytest.mark.parametrize("occasion", TYPES)
def test_a_push_says_what_it_is_about_and_why_it_came(occasion: Occasion) -> None:
    whole = said(occasion=occasion, text="解读全文", note="协会提示", days_left=3)
    data = whole["data"]
    assert isinstance(data, dict)
    assert (whole["type"], data["occasion"]) == (TYPES[occasion], occasion)
    assert data["policy"]["document_number"] == "云工信规〔2026〕12号"
    assert data["policy"]["apply_window"] == {"opens": "2026-07-01", "closes": "2026-09-30"}
    assert [why["stated"] for why in data["reasons"]] == [False, False]
    assert data["reasons"][0]["evidence"][0]["name"] == "软件和信息技术服务业"


def test_it_holds_neither_the_recipients_name_nor_an_address_nor_a_secret() -> None:
    whole = payload(message(7, secret="123456")).decode()
    assert message(7).recipient not in whole
    assert message(7).address not in whole
    assert "123456" not in whole


def test_a_link_that_is_none_does_not_leave() -> None:
    data = said(apply_url="javascript:alert(1)")["data"]
    assert isinstance(data, dict)
    assert data["policy"]["apply_url"] is None


def test_moments_are_in_utc() -> None:
    assert said()["timestamp"] == "2026-06-30T17:30:00.000Z"


def test_what_is_too_long_is_cut_and_says_so() -> None:
    whole = payload(message(content=content(text="解" * 200_000)))
    assert len(whole) <= MOST_BYTES
    data = orjson.loads(whole)["data"]
    assert data["truncated"] is True
    assert data["text"].startswith("解解")
    assert "truncated" not in orjson.loads(payload(message()))["data"]


def test_many_reasons_with_long_quotes_fit_too() -> None:
    quote = Evidence("industry", "I65", "软件业", "凡" * 500)
    why = tuple(Reason(f"s-{n}", "扶持", (quote,) * 3) for n in range(100))
    whole = payload(replace(message(content=content(text="解" * 5_000)), reasons=why))
    assert len(whole) <= MOST_BYTES
    assert len(orjson.loads(whole)["data"]["reasons"]) == 100
