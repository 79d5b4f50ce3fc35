"""What a policy costs by SMS before it is published."""

import pytest

from streams.events.policy_data import PolicyData
from streams.preview.sms_cost import sms_length
from tests.support.flow import NOW, policy


def parts(signature: str = "政达", **changes: object) -> int:
    data = PolicyData.model_validate(policy(**changes)).model_dump(mode="json")
    return sms_length(data, url="https://p.example.cn/policies/a/P-1", signature=signature, now=NOW).parts


def test_a_short_policy_takes_two_parts_and_every_word_counts() -> None:
    assert parts(title="短") == 2
    assert parts(title="长" * 40, issuer="局" * 20) == 3


@pytest.mark.parametrize("signature", ["政达", "某省某市某区工业和信息化局及其政务服务"])
def test_the_signature_counts(signature: str) -> None:
    data = PolicyData.model_validate(policy(title="短")).model_dump(mode="json")
    given = {"url": "https://p.example.cn/policies/a/P-1", "now": NOW}
    bare = sms_length(data, signature="政", **given).units  # type: ignore[arg-type]
    assert sms_length(data, signature=signature, **given).units == bare + len(signature) - 1  # type: ignore[arg-type]
