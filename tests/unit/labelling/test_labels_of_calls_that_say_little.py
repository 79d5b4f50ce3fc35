"""Calls that begin with their matter and break off: what only the matter suggests is no label."""

import pytest

from streams.labelling import label_document


def codes(dimension: str, title: str, body: str) -> list[str]:
    labels = label_document(title=title, body=body, issuer="")
    return [label.code for label in labels if label.dimension == dimension]


def test_a_matter_of_industry_alone_does_not_say_who_may_apply() -> None:
    body = "根据相关要求，现组织开展工业互联网平台申报工作。平台聚焦制造业典型场景，提供数据治理能力。"
    assert codes("subject", "关于组织工业互联网平台申报工作的通知", body) == []
    assert codes(
        "subject", "关于组织工业互联网平台申报工作的通知", body + "申报主体为本省注册的企业，企业应信用良好。"
    ) == ["enterprise"]


def test_enterprises_and_institutions_that_must_be_legal_persons_may_apply() -> None:
    body = "申报单位需为依法注册、具备独立法人资格的企事业单位或联合体，信用记录良好。"
    assert set(codes("subject", "关于征集典型应用场景的通知", body)) == {"enterprise", "institution"}


def test_enterprises_that_came_through_are_told() -> None:
    body = "经专家评审，53家企业晋级决赛，现将名单予以公示。"
    assert codes("subject", "创新创业大赛复赛结果的公示", body) == ["enterprise"]


@pytest.mark.parametrize("what", ["人工智能典型应用场景", "农业领域机器人典型应用场景"])
def test_scenes_in_which_something_is_used_single_no_maker_out(what: str) -> None:
    found = codes("industry", f"关于征集{what}的通知", f"现征集{what}，已建或在建的均可推荐。")
    assert not [code for code in found if code[0] in "CI"]


def test_titles_of_craft_are_a_matter_of_personnel_whatever_the_craft() -> None:
    body = "现开展专精特新企业工程系列职称评审报名，职称评审材料由专业技术人员提交。"
    assert codes("theme", "关于开展专精特新企业和制造业单项冠军企业职称评审报名工作的通知", body) == ["T15"]


def test_money_that_is_invested_is_no_subsidy() -> None:
    body = "财政专项资金由补助改为股权投资。"
    assert "subsidy" not in codes("instrument", "制造业领域财政专项资金“拨改投”试点项目申报指南", body)
    assert "subsidy" in codes("instrument", "制造业领域财政专项资金项目申报指南", "财政专项资金给予补助。")
