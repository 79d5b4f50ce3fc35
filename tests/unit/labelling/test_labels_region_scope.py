"""Districts that a text lists as where it applies: at its head or in its last article, with zones among them."""

import pytest

from streams.labelling import label_document


@pytest.mark.parametrize(
    ("body", "hint", "found"),
    [
        (
            "岳阳市城区(包括岳阳楼区、云溪区、君山区，下同)的购房人可申请补贴。",
            "湖南省岳阳市",
            ["430602", "430603", "430611"],
        ),
        (  # zones lie in the districts that they stand among
            "岳阳市城区(包括岳阳楼区、岳阳经开区、云溪区、君山区及南湖新区)的购房人可申请补贴。",
            "湖南省岳阳市",
            ["430602", "430603", "430611"],
        ),
        (
            "企业可申请补贴。" * 200
            + "本措施自印发之日起实行，实施范围为琅琊区、南谯区、滁州经济技术开发区。",
            "安徽省滁州市",
            ["341102", "341103"],
        ),
        (
            "一、适用范围\n缴存人及配偶在南宁市兴宁区、江南区、青秀区和高新区购房的，可申请提取。",
            "广西南宁市",
            ["450102", "450105", "450103"],
        ),
        ("一、适用范围\n在兴宁区、江南区设有窗口，购房人可申请。", "广西南宁市", ["450100"]),
        ("本通知适用于上城区、拱墅区、西湖区行政区域内。", "浙江省杭州市", ["330102", "330105", "330106"]),
        ("本通知不适用于上城区、拱墅区、西湖区。", "浙江省杭州市", ["330100"]),
        ("本通知适用范围为玄武区、秦淮区和建邺区。", "江苏省南京市", ["320102", "320104", "320105"]),
        ("在鼓楼区、台江区等两城区经营的企业可申请补贴。", "福建省福州市", ["350102", "350103"]),
        ("中心城区（含柴桑区）的购房人可申请补贴。", "江西省九江市", ["360400"]),
        ("各区（玄武区、秦淮区）应当落实。", "江苏省南京市", ["320100"]),
    ],
)
def test_districts_that_the_text_lists_as_its_scope_are_where_it_applies(
    body: str, hint: str, found: list[str]
) -> None:
    labels = label_document(title="若干措施", body=body, issuer="", region_hint=hint)
    regions = [label for label in labels if label.dimension == "region"]
    assert [label.code for label in regions] == found
    assert all(label.quote == body[label.start : label.end] for label in regions)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("关于上城区、拱墅区和西湖区公共租赁住房申请的通知", ["330102", "330105", "330106"]),
        ("关于西湖区公共租赁住房申请的通知", ["330106"]),
        ("西湖区关于赴上城区、拱墅区交流学习的通知", ["330106"]),
    ],
)
def test_all_districts_that_a_title_lists_are_where_it_applies(title: str, found: list[str]) -> None:
    labels = label_document(
        title=title, body="现将西湖区等地的申请事项通知如下。", issuer="杭州市住房保障和房产管理局"
    )
    assert [label.code for label in labels if label.dimension == "region"] == found
