"""A trade is known by its name in the standard (GB/T 4754), by its shop sign, and in a list of trades."""

import pytest

from config.taxonomies import load_taxonomy
from tests.support.labelled import codes_of, sections

# What is a public task or a good rather than somebody's business is no word for who is meant.
TOPICS = {
    "A02", "J661", "J665", "J681", "J682", "J687", "K70", "K701", "L723", "M731", "M732", "M733", "M734",
    "M735", "N771", "N793", "P83", "P832", "P833", "Q84", "Q843", "Q85", "Q852", "R871", "R872", "R883",
    "R887",
}  # fmt: skip
OF_TWO = {"J694", "M744"}  # finance and surveying that are information services, too


def test_groups_of_the_standard_are_known_by_their_names() -> None:
    groups = {
        code: entry.name
        for code, entry in load_taxonomy().codes["industry"].items()
        if len(code) in (3, 4) and "其他" not in entry.name and code[0] not in "ST"
    }
    found = {
        code: sections(f"对{name}企业，给予最高20万元补贴。", f"关于支持{name}企业发展的通知")
        for code, name in groups.items()
        if code not in TOPICS
    }
    assert len(found) > 400
    assert {code: given for code, given in found.items() if code[0] not in given} == {}
    assert {code for code, given in found.items() if len(given) > 1} == OF_TWO


@pytest.mark.parametrize(
    ("trade", "section"),
    [
        ("养猪场", "A"),
        ("水产苗种场", "A"),
        ("采石场", "B"),
        ("焦化企业", "C"),
        ("电解铝企业", "C"),
        ("中成药企业", "C"),
        ("制盐企业", "C"),
        ("海水淡化企业", "D"),
        ("电气安装企业", "E"),
        ("眼镜店", "F"),
        ("报关企业", "G"),
        ("客栈", "H"),
        ("咖啡馆", "H"),
        ("小吃店", "H"),
        ("呼叫中心", "I"),
        ("村镇银行", "J"),
        ("房产中介", "K"),
        ("翻译公司", "L"),
        ("职业中介机构", "L"),
        ("工程监理企业", "M"),
        ("动物诊疗机构", "M"),
        ("环卫企业", "N"),
        ("照相馆", "O"),
        ("足浴", "O"),
        ("宠物店", "O"),
        ("驾校", "P"),
        ("口腔诊所", "Q"),
        ("敬老院", "Q"),
        ("剧团", "R"),
        ("网吧", "R"),
    ],
)
def test_shop_signs_and_everyday_names(trade: str, section: str) -> None:
    assert sections(f"对{trade}给予最高2万元补贴。", f"关于支持{trade}发展的通知") == {section}
    assert len(codes_of("theme", "有关事项通知如下。", f"关于支持{trade}发展的通知")) == 1


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("受困难影响的餐饮、零售、旅游企业，可申请缓缴养老保险费。", {"H", "F", "R"}),
        ("对纺织、服装、家具企业，给予设备补贴。", {"C"}),
        ("在餐饮、零售、旅游场所张贴宣传画。", set()),
    ],
)
def test_a_list_of_trades_that_ends_with_firms(sentence: str, found: set[str]) -> None:
    assert sections(sentence, "关于做好有关工作的通知") == found


@pytest.mark.parametrize(
    "other",
    [
        "检修车间",
        "维修车辆",
        "股权托管机构",
        "家庭服务器",
        "综合管理服务",
        "土地管理业务",
        "新闻业务",
        "办公服务",
        "快餐盒",
        "设备租赁",
    ],
)
def test_what_only_holds_the_letters_of_a_trade_is_none(other: str) -> None:
    body = f"对开展{other}的企业，给予最高50万元奖励。"
    assert sections(body, "关于专项资金申报的通知") == set()
