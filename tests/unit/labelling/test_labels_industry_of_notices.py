"""Which industry a title, a list or a short notice is for, and where it names none."""

import pytest

from tests.support.labelled import FILLER, industries, sections


@pytest.mark.parametrize(
    "title",
    [
        "关于征集工业互联网平台应用需求的通知",
        "关于公布机器人应用创新大赛初评结果的公示",
        "关于做好2026年工业软件券申领工作的通知",
    ],
)
def test_a_contest_a_call_for_needs_or_a_coupon_for_buyers_names_no_industry(title: str) -> None:
    assert industries("现将有关事项通知如下，请遵照执行。", title) == []


def test_coupons_for_customers_are_no_grant_to_the_shops() -> None:
    clause = "统筹发放商场、超市、餐饮企业消费券，对开展促销的给予补贴引导。"
    assert industries(FILLER + clause + FILLER) == []


def test_a_reward_for_buyers_is_none_for_developers_but_their_own_is() -> None:
    title = "关于促进房地产市场平稳健康发展的若干措施"
    buyers = "对在活动期间购买开发企业新建商品房的购房人，给予每套一万元奖励，购房人可申请领取。"
    developers = "对年度销售面积居前的房地产开发企业给予奖励。"
    assert "K" not in sections(buyers + FILLER, title)
    assert "K" in sections(developers + FILLER, title)


@pytest.mark.parametrize(
    "clause",
    [
        "企业须提供律师事务所出具的法律意见书。",
        "财务数据依据会计师事务所出具的审计报告，并由注册会计师签字。",
        "申报企业须委托会计师事务所进行专项审计。",
    ],
)
def test_who_writes_the_papers_of_applicants_is_no_applicant(clause: str) -> None:
    title = "关于组织申报2026年专精特新中小企业的通知"
    assert industries(f"一、申报条件\n{clause}", title) == []


def test_insurers_that_are_asked_to_apply_name_their_industry() -> None:
    condition = "一、申报条件\n申报主体应为具备合法保险经营资质的保险机构。"
    assert industries(condition, "关于征集数据保险承保机构的通知") == ["J68"]


def test_what_a_press_conference_tells_of_a_trade_favours_nobody() -> None:
    told = "推动建筑业改革。促进建筑业转型。支持建筑业做强。"
    assert industries(told, "若干工作的意见") == ["E"]
    assert industries(told, "新闻发布会") == []


@pytest.mark.parametrize(
    ("title", "letter"),
    [
        ("关于2026年度科技企业孵化器认定结果的公示", "M"),
        ("建筑业企业资质审查意见的公示", "E"),
        ("拟命名体育产业示范基地名单的公示", "R"),
        ("关于首台（套）装备拟认定名单的公示", "C"),
        ("关于注销部分房地产开发企业资质的公告", "K"),
        ("关于6批次药品不符合规定的通告", "C"),
        ("关于准予烟花爆竹经营许可的公告", "F"),
        ("关于融资担保机构降费奖补的通知", "J"),
        ("关于特种设备生产单位换证的公告", "C"),
        ("关于表彰优质工程的通报", "E"),
        ("关于绿色食品标志许可的公告", "A"),
    ],
)
def test_a_list_of_results_or_permits_is_about_the_trade_it_names(title: str, letter: str) -> None:
    assert letter in sections("现予公示，公示期五个工作日。如有异议，请书面反映。", title)


@pytest.mark.parametrize(
    "title",
    [
        "关于举办青少年机器人竞赛的通知",
        "关于组织参加人工智能大会的通知",
        "关于征集人工智能领域专家的通知",
        "关于2026年度农业科技特派员选派结果的公示",
        "关于开展建筑业专业技术职称评审的通知",
        "关于景区对教师免门票的公告",
        "关于开展“一对一”科技服务的通知",
        "关于报送广交会展位申请的通知",
    ],
)
def test_a_fair_a_contest_or_a_pool_of_experts_is_nothing_for_the_trade(title: str) -> None:
    assert industries("现将有关事项通知如下，请有意者填写回执。", title) == []


def test_where_firms_of_all_sectors_may_apply_no_sector_is_singled_out() -> None:
    title = "关于开展企业技术中心认定的通知"
    assert industries("制造业、建筑业、服务业、农业企业均可申报。", title) == []
    assert sections("建筑业企业均可申报。", title) == {"E"}


def test_goods_for_own_use_and_money_for_researchers_are_no_grants_to_a_trade() -> None:
    assert industries("企业进口自用的机器、模具，免征关税。" + FILLER) == []
    assert industries("对新进站从事高端装备研究的博士后，每人资助20万元。" + FILLER) == []


def test_a_port_where_goods_arrive_is_no_business_of_ports() -> None:
    told = "货物经港口运往沿海各地，请给予支持并按规定减免费用。"
    assert industries(FILLER + told * 2 + FILLER) == []


@pytest.mark.parametrize(
    "body",
    [
        "在人工智能、集成电路、新材料、生物医药等重点产业遴选领军人才，给予100万元资助。",
        "从事新一代信息技术、高端装备、生物医药、数字创意等产业的企业，可申报50万元资助。",
        "一、支持领域\n电子信息、生物医药、新材料、现代农业等领域的企业均可申报。\n二、支持额度\n每项给予30万元补助。",
        "对工业、交通运输、物流、教育、文旅等领域设备更新项目贷款，财政贴息。",
    ],
)
def test_a_list_of_the_fields_of_the_day_singles_no_industry_out(body: str) -> None:
    assert industries(body, "关于组织申报资助项目的通知") == []
    assert sections("对生物医药企业给予奖励。", "关于组织申报资助项目的通知") == {"C"}


@pytest.mark.parametrize(
    ("title", "letter"),
    [
        ("关于兽药经营许可证换发的公告", "F"),
        ("关于医疗器械经营企业年度自查的通告", "F"),
        ("关于认定创业孵化示范基地的公示", "M"),
        ("关于劳务派遣经营许可的公告", "L"),
        ("关于机动车排放检验机构检查情况的通报", "M"),
        ("关于发布禁渔期的通告", "A"),
        ("关于天然气价格联动的通知", "D"),
        ("关于公布湿地公园名单的公告", "N"),
        ("关于国家级文物保护单位修缮工程的公示", "R"),
    ],
)
def test_who_is_licensed_or_judged_is_the_trade_of_the_title_alone(title: str, letter: str) -> None:
    assert sections("现将有关事项公告如下，请遵照执行。", title) == {letter}


@pytest.mark.parametrize("title", ["关于调整城市公交线路的公告", "关于中小学课后服务收费标准的通知"])
def test_what_riders_and_parents_are_told_is_nothing_for_the_trade(title: str) -> None:
    assert industries("现将有关事项公告如下。", title) == []


def test_sections_of_the_standard_are_known_by_their_official_names() -> None:
    listed = "制造业、电力、热力、燃气及水生产和供应业、生态保护和环境治理业企业，可申请退还留抵税额。"
    assert {"C", "D", "N"} <= sections(listed, "关于实施留抵退税政策的通告")


def test_trading_online_is_trade_in_a_title_and_a_first_edition_no_software() -> None:
    assert sections("现将有关事项通知如下。", "关于开展农村电商领跑县申报的通知") == {"F"}
    assert "I" not in sections(
        "一、申报范围\n优先推荐首台套、首批次、首版次产品。", "关于申报工业新产品的通知"
    )


@pytest.mark.parametrize("title", ["关于举办茶叶加工技能竞赛的通知", "关于产教融合型企业申报的通知"])
def test_a_contest_of_a_craft_or_a_status_open_to_all_firms_names_no_industry(title: str) -> None:
    assert industries("现将有关事项通知如下，茶叶加工工等职业的企业可参加。", title) == []


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("关于三支一扶人员招募的公告", "招募毕业生从事支教、林业、水利等服务，每月补助3500元。"),
        ("关于文旅志愿者招募的公告", "招募讲解志愿者，提供餐补。"),
        ("关于住房公积金缴存基数调整的通知", "建筑企业等同执行，困难企业可申请缓缴。"),
        ("关于彩票公益金使用情况的公示", "资金用于社区健身设施。"),
        ("关于义务教育督导评估的公告", "公众可反映学校建设问题。"),
    ],
)
def test_posts_for_persons_and_the_source_of_money_name_no_industry(title: str, body: str) -> None:
    assert industries(body, title) == []


def test_the_name_of_a_firm_names_no_industry() -> None:
    title = "关于首席技师工作站资助的公示"
    assert industries("拟对蓝天餐饮企业有限公司、远山种业有限公司等三家给予资助。", title) == []
    assert sections("拟对三家种业企业给予资助。", title) == {"A"}


def test_what_persons_who_found_a_firm_may_do_is_no_industry() -> None:
    founders = "返乡创业人员从事种植养殖、农产品加工、乡村旅游的，一次性补贴5000元。"
    assert industries(founders, "关于创业带动就业补助的通知") == []
    assert sections("对从事种植养殖的企业一次性补贴5000元。", "关于产业补助的通知") == {"A"}


def test_the_trade_of_a_licence_of_a_fair_and_of_small_food_shops_is_named_by_the_title() -> None:
    assert sections("请于15日前报送申述材料。", "关于建设工程企业资质专家审查意见的公示") == {"E"}
    assert sections("重点展示大数据、人工智能等热点。", "关于参加电子信息博览会的通知") == {"C"}
    title = "滨江省食品小作坊小经营店小摊点监督管理条例"
    assert sections("为规范经营行为，制定本条例。", title) == {"C", "F", "H"}


def test_what_firms_go_digital_with_is_no_industry_of_theirs() -> None:
    body = "对符合条件的企业上云和工业互联网等“智改数转”项目予以奖补。"
    assert industries(body, "关于帮助市场主体纾困的实施细则") == []


def test_who_may_sell_what_is_bought_with_public_money_is_the_trade() -> None:
    assert sections("报名时间为12月24日至25日。", "关于征集家电以旧换新活动参与企业的公告") == {"F"}
    assert "F" in sections("企业自愿申报。", "关于公开征集促消费活动线上销售平台企业的公告")
    assert sections("报废旧车的，补贴2万元。", "关于汽车以旧换新补贴的公告") == set()
