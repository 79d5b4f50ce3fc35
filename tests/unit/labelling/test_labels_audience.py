"""Which groups, sizes and titles a text is labelled with, and what only names them."""

import pytest

from tests.support.labelled import codes_of


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("对毕业五年内的高校毕业生在本县购买首套新房的，给予每套2万元购房补贴。", {"graduate"}),
        ("退役军人首次创业的，给予一次性创业补贴8000元。", {"veteran"}),
        ("持证残疾人就读职业学校的，免除学费并发放生活费补助。", {"disabled"}),
        ("为80周岁以上老年人发放高龄津贴，每人每月100元。", {"elderly"}),
        ("农业户籍家庭进城购买商品住房的，每平方米补贴200元。", {"farmer"}),
        ("经认定的高层次人才购房，公积金贷款额度上浮至最高额度的4倍。", {"talent"}),
        ("支持新市民合理住房需求，对新市民租房给予租赁补贴。", {"newcitizen"}),
        ("生育二孩、三孩的家庭购房，分别补贴3万元、5万元。", {"multichild"}),
        ("城镇低收入住房困难家庭可申请公租房租赁补贴。", {"lowincome"}),
        ("企业招用登记失业人员和就业困难人员的，给予社保补贴。", {"unemployed"}),
        ("港澳居民、留学人员来我市创办企业的，给予20万元资助。", {"overseas"}),
        ("港澳青年来本市就业的，每人给予1万元补贴。", {"overseas"}),
        ("对大专以上学历高校毕业生首次购买新建商品住房的，给予3万元购房补贴。", {"graduate"}),
        ("外来务工人员在本市购买住房的，可申请公积金贷款。", {"farmer"}),
        ("招用离校2年内未就业高校毕业生的，按每人1500元给予补助。", {"graduate"}),
        ("公益性岗位优先吸纳脱贫劳动力，给予岗位补贴。", {"lowincome", "unemployed"}),
        ("非本市户籍职工租住公租房的，同等享受租赁补贴。", {"newcitizen"}),
        ("引进人才购房的，博士补贴20万元，硕士补贴10万元。", {"talent"}),
        ("用人单位引进的博士，给予安家费30万元。", {"talent"}),
        ("对“三支一扶”人员给予一次性安家费补贴3000元。", {"graduate"}),
    ],
)
def test_a_group_is_labelled_where_a_clause_gives_it_something(body: str, codes: set[str]) -> None:
    assert codes_of("group", body) == codes


@pytest.mark.parametrize(
    "body",
    [
        "市残疾人联合会、妇女联合会按照职责分工做好相关工作。",
        "严厉查处拖欠农民工工资的建筑企业，足额缴存农民工工资保证金。",
        "裁员率低于全国城镇登记失业率的参保企业，返还失业保险费。",
        "申请人提交居民身份证或者港澳居民来往内地通行证。",
        "组织专家评审，加强人才队伍建设。",
        "小学毕业生由区教育局统一安排升学。",
        "人才引进政策不适用于退役军人。",
        "养老金、保险资金可以投资优质上市公司。",
        "积极引导外出务工人员回流本地就业，支持各类用工信息平台。",
        "申请人及其配偶没有享受其他住房保障（含公共租赁住房、廉租房）。",
        "照料标准按老年人照顾需求评估结论确定，给予相应补贴。",
        "申请期间需要缴纳医疗保险和生育保险吗？",
        "为企业提供人才招聘、法律援助等服务。",
        "加快建设保障性住房，着力解决新市民、青年人等群体住房困难。",
        "鼓励农民工在本地稳定工作。",
        "筹集保障性租赁住房，着力解决中低收入家庭等群体的住房困难问题。",
        "面向符合条件的各类人才提供按份共有产权的商品住房，具体办法另行制定。",
        "支持企业对教师、外来务工人员开展住房团购活动，给予适当优惠。",
        "累计建设各类保障性住房6400万套，低收入住房困难家庭应保尽保，群众享受便利。",
        "全日制本科生、专科生购房，补贴标准为每平方米120元。",
        "住房财产不计入自主就业退役士兵一次性经济补助金。",
        "医务人员子女参照军人子女教育优待政策录取，优先安排。",
        "失能人员可以按规定享受长期护理待遇。",
        "为老年人、残疾人等群体优先提供便捷服务，可由近亲属代办。",
        "老人、小孩优先入场。",
        "保障性租赁住房，是指面向新市民、青年人等群体供应的小户型住房，给予税费优惠。",
        "落实好登记失业人员等重点群体创业就业有关税收优惠政策。",
        "人才购房补贴按照《人才引进购房补贴实施细则》执行，不与其他补贴叠加。",
        "对硕士、博士研究生购买新建商品住房，分别给予2万元、3万元购房补贴。",
        "劳动者取得职业技能等级证书的，可申请职业技能提升补贴。",
        "积极为技能人才、毕业生等人口在本市落户创造便利条件。",
        "各区可结合实际，对多子女家庭购房，进一步制定支持住房消费措施。",
        "有关部门推动完善外籍高层次人才在创新创业方面的便利措施。",
        "裁员率不超过20%的企业，给予3个月的失业保险金稳岗返还，并发放补贴。",
        "支持外来居民合理住房需求，对非本市户籍居民购买新建商品住房的，给予购房补贴。",
        "对带动农户增收明显的龙头企业，给予最高50万元奖励。",
        "实施就业优先政策，做好高校毕业生、退役军人等重点群体就业工作。",
        "支持企业建设博士后工作站、院士工作站，给予最高100万元资助。",
        "行动不便的老年人，可委托他人代为办理领取补贴。",
        "申请人提交外籍人士的护照或者外籍人士永久居留证，可申请提取住房公积金。",
    ],
)
def test_a_group_that_is_only_named_is_not_labelled(body: str) -> None:
    assert codes_of("group", body) == set()


def test_a_title_about_moving_a_household_is_about_new_citizens() -> None:
    assert "newcitizen" in codes_of("group", "符合条件的人员可申请。", "某市户籍迁移管理规定")


def test_a_title_about_public_rental_flats_is_about_households_that_earn_little() -> None:
    body = "本次房源面向轮候册内的家庭分配。"
    assert codes_of("group", body, "关于公共租赁住房常态分配房源的通告") == {"lowincome"}
    assert codes_of("group", body, "关于公租房建设资金的通知") == set()


def test_a_scheme_for_examining_offices_gives_no_group_anything() -> None:
    body = (
        "为老年人提供大字版应用。强化大厅功能，方便老年人办事。拓展养老服务平台功能，服务老年人。养老服务。"
    )
    assert codes_of("group", body, "数字政府建设考评办法") == set()


def test_what_offices_are_examined_on_is_given_to_nobody() -> None:
    body = "消费者补贴方面，主要考核发放低收入人群补贴、对中小企业减免费用等政策制定及实施情况。"
    title = "关于印发稳价保供工作考核办法的通知"
    assert codes_of("group", body, title) == set()
    assert codes_of("size", body, title) == set()
    assert codes_of("subject", body, title) == set()


def test_a_list_under_its_heading_is_enough_for_a_group() -> None:
    body = "一、补贴对象\n（一）退役军人。\n（二）高校毕业生。\n二、补贴标准\n每户2万元。"
    assert codes_of("group", body) == {"veteran", "graduate"}


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("对承租国有房产的中小微企业免收三个月租金。", {"medium", "small", "micro"}),
        ("小微企业贷款到期还款困难的，银行应当予以展期。", {"small", "micro"}),
        ("对生产经营困难的企业特别是小微企业，依法核准其延期缴纳税款申请。", {"small", "micro"}),
        (
            "免征中小微企业三项社会保险单位缴费部分；对大型企业等其他参保单位单位缴费部分减半征收。",
            {"large", "medium", "small", "micro"},
        ),
        ("失业保险费，大型企业按30%返还，中小微企业按60%返还。", {"large", "medium", "small", "micro"}),
        ("1、补贴对象\n营业执照注册地址在本市的中小微企业。", {"medium", "small", "micro"}),
    ],
)
def test_a_size_is_labelled_where_firms_of_it_are_relieved(body: str, codes: set[str]) -> None:
    assert codes_of("size", body) == codes


def test_a_principle_of_a_law_is_no_relief_for_a_size() -> None:
    body = "第一条 为了规范标准工作，制定本条例。\n第五条 国家支持中小企业参与标准制定。"
    assert codes_of("size", body, "某省标准化条例") == set()


@pytest.mark.parametrize(
    "body",
    [
        "优化中小学布局，增加中小户型住房供应。",
        "市中小企业局、中小企业服务中心负责落实。",
        "预付款保函可由中小企业融资担保机构出具，降低担保费率。",
        "申报材料报送省经信厅中小企业发展处，项目申报截止后不予受理。",
        "各地要加大企业扶持力度，做好重大企业服务。",
        "开展国家中小企业特色产业集群推荐工作。",
        "对首次认定的省级“专精特新”中小企业给予20万元奖励。",
        "国有大中型企业要加大对产业链上下游的支持。",
        "支持中小企业资质申请，首次认定“专精特新”的给予10万元奖励。",
        "发挥中小微企业融资担保风险补偿基金作用，降低担保费率。",
    ],
)
def test_words_that_look_like_a_size_give_none(body: str) -> None:
    assert codes_of("size", body) == set()


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("对首次认定的高新技术企业给予20万元奖励。", {"high-tech"}),
        ("对新认定的国家级专精特新“小巨人”企业奖励50万元。", {"little-giant"}),
        ("对省级“专精特新”中小企业给予10万元奖励。", {"srdi"}),
        ("科技型中小企业研发投入，按5%给予补助。", {"tech-sme"}),
        ("对首次升规入统的工业企业一次性奖励10万元。", {"above-scale"}),
        ("总部企业租用办公用房的，给予三年租金补贴。", {"headquarters"}),
        ("对获评中华老字号的企业给予一次性奖励。", {"time-honoured"}),
        ("对在主板上市的企业分阶段给予500万元奖励，企业上市所得税予以返还。", {"listed"}),
        ("对疫情防控重点保障企业贷款给予贴息。", {"key-supply"}),
        ("新设外商投资企业实际到资的，按2%给予奖励。", {"foreign"}),
        ("对外商参与投资的，按规定给予一定奖励。", {"foreign"}),
    ],
)
def test_a_title_is_labelled_where_something_is_given_for_it(body: str, codes: set[str]) -> None:
    assert codes_of("qualification", body) == codes


@pytest.mark.parametrize(
    "body",
    [
        "各地级以上市人民政府要加强领导。",
        "共有产权住房满五年后可以上市交易。",
        "规模以上工业增加值增长6%以上。",
        "对新建房屋提升规划条件，适当上浮土地出让底价。",
        "储备口罩等防疫物资，做好环境消杀。",
        "招商引资要瞄准世界500强和独角兽企业。",
        "创新型企业人才申请公寓的，由企业统一提交。",
        "优化通关流程，提高企业申报效率，给予便利。",
        "支持有实力的企业上市，鼓励外商投资。",
        "推动融通创新，培育一批专精特新企业。",
        "确保外商投资企业同等享受应对疫情的相关政策，给予便利。",
        "对境外采购、捐赠的防疫物资，加快通关，防控物资项目审批开辟绿色通道。",
        "积极争取专项资金，力争培育新增省级“专精特新”企业6户以上、“专精特新”企业产值增长。",
    ],
)
def test_words_that_look_like_a_title_give_none(body: str) -> None:
    assert codes_of("qualification", body) == set()


def test_head_offices_that_are_to_come_are_given_nothing_yet() -> None:
    heading = "一、支持标准\n"
    assert codes_of("qualification", heading + "引导优质企业总部和核心板块落地。") == set()
    assert codes_of("qualification", heading + "新引进的企业总部，给予500万元奖励。") == {"headquarters"}


def test_who_is_supported_in_a_call_may_apply_with_the_title() -> None:
    body = "支持省级“专精特新”企业开展数字化项目建设。"
    assert codes_of("qualification", body, "关于组织服务业项目申报的通知") == {"srdi"}
    assert codes_of("qualification", body, "关于服务业发展的意见") == set()


def test_who_must_hold_a_title_to_apply_is_singled_out_and_a_number_of_holders_is_not() -> None:
    title = "关于征集揭榜挂帅技术需求的通知"
    body = "需求方须为规模以上工业企业、高新技术企业或创新型中小企业，能够提供资金保障。"
    assert codes_of("qualification", body, title) == {"above-scale", "high-tech", "innovative-sme"}
    body = "申报区域应集聚高新技术企业30家以上，拥有瞪羚企业10家以上。"
    assert codes_of("qualification", body, "关于开展先导区申报工作的通知") == set()


def test_who_may_apply_is_listed_behind_those_words() -> None:
    body = "申请对象：住房困难家庭、新就业无房职工。"
    assert codes_of("group", body, "关于受理保障房申请的公告") == {"lowincome", "newcitizen"}


def test_soldiers_who_come_home_are_no_farmers() -> None:
    body = "参训对象为秋季返乡报到的退役士兵，培训期间食宿免费。"
    assert codes_of("group", body, "关于开展适应性培训的通知") == {"veteran"}


def test_lenders_that_are_to_look_after_small_firms_in_a_list_of_names_relieve_nobody() -> None:
    body = "现予公布。请引导金融机构加大对集聚区内中小微企业的信贷支持。"
    assert codes_of("size", body, "关于公布第四批消费集聚区名单的通知") == set()


def test_a_level_that_is_paid_for_by_its_level_is_no_talent() -> None:
    body = "取得证书的，按初级工1000元、中级工1500元、高级工2000元标准给予企业补贴。"
    assert codes_of("group", body) == set()
    assert codes_of("group", "运动特长者优先，给予误餐补助。") == set()
    assert codes_of("group", "年满60周岁的居民可申领奖励金，每人每月80元。") == {"elderly"}


def test_who_is_to_be_counted_or_whose_shop_is_one_of_a_chain_is_given_nothing() -> None:
    body = "请组织规模以上工业企业、高新技术企业、享受税收优惠企业填报科技创新报表。"
    assert codes_of("qualification", body, "关于做好统计年报工作的通知") == set()
    body = "零售连锁总部企业应提出换证申请，免收换证费用。"
    assert codes_of("qualification", body, "关于许可证换发的通告") == set()


@pytest.mark.parametrize(
    ("dimension", "title", "body"),
    [
        ("group", "关于残疾人按比例就业年审的通告", "用人单位应申报安排残疾人就业情况，企业免征残保金。"),
        ("group", "关于人才发展专项资金绩效评价结果的公示", "评价得分89.5分，等级为良，现予公示。"),
        ("group", "关于养老机构星级评定结果的公示", "拟评定12家养老机构为五星级，按规定享受一次性奖补。"),
        ("size", "关于印发绿色金融评价办法的通知", "引导金融机构支持绿色发展，指标包括普惠小微贷款增速。"),
    ],
)
def test_what_is_counted_or_evaluated_singles_nobody_out(dimension: str, title: str, body: str) -> None:
    assert codes_of(dimension, body, title) == set()


def test_households_that_pay_nothing_and_may_hand_in_an_application_are_given_something() -> None:
    body = "对65岁以上老年人、孕产妇、残疾人签约的，个人免付签约服务费。"
    assert codes_of("group", body) == {"elderly", "women", "disabled"}
    body = "低收入住房困难家庭、新就业无房职工可于5月到街道提出申请。"
    assert codes_of("group", body) == {"lowincome", "newcitizen"}


def test_a_title_that_is_taken_away_gives_its_holder_nothing() -> None:
    body = "收回骗取的补助资金，取消其高新技术企业推荐资格，三年内不得申报科技计划项目。"
    assert codes_of("qualification", body, "关于收回补助资金的通知") == set()


def test_workers_in_need_are_poor_where_their_union_helps_them() -> None:
    body = "走访慰问困难职工，每户慰问金2000元。"
    assert codes_of("group", body, "关于开展送温暖活动的通知") == {"lowincome"}
    assert codes_of("size", "请有技术需求的中小企业填写需求表。") == {"medium", "small", "micro"}


def test_who_lives_where_fire_safety_is_inspected_is_given_nothing() -> None:
    body = "重点检查失能老年人居住区域疏散通道，整改不到位的停止运营补贴。"
    assert codes_of("group", body, "关于养老服务设施消防安全检查的通知") == set()
    body = "符合小型微利企业条件的，减按25%计入应纳税所得额。"
    assert codes_of("size", body) == {"small", "micro"}


def test_fish_that_are_bred_in_good_health_are_no_old_people() -> None:
    body = "推广生态健康养殖模式，支持健康养殖技术示范，培育健康养殖基地。"
    assert codes_of("group", body, "关于推广水产健康养殖技术的通知") == set()
