"""Short calls and notices: who is asked to apply, for what, and what is only a condition or a meeting."""

import pytest

from streams.labelling import label_document


def labels(title: str, body: str, dimension: str) -> set[str]:
    found = label_document(title=title, body=body, issuer="滨江市科技局")
    return {label.code for label in found if label.dimension == dimension}


@pytest.mark.parametrize(
    ("title", "kind", "action"),
    [
        ("市科技局关于2026年度市科学技术奖提名工作的通知", "call", "apply"),
        ("关于征集2027年度软科学项目指南建议的通知", "call", "apply"),
        ("关于发布2026年度技术攻关项目榜单的通知", "call", "apply"),
        ("关于开展企业技术需求摸排的通知", "call", "apply"),
        ("关于组织召开高新技术企业认定培训会的通知", "event", "apply"),
        ("关于开展技术经纪人培训的通知", "event", "apply"),
        ("关于兑现2025年度上市奖励政策的通知", "call", "apply"),
        ("关于做好安全生产标准化定级工作的通知", "call", "apply"),
        ("关于领取高新技术企业证书的通知", "notice", "inform"),
        ("关于拨付高新技术企业认定奖励资金的通知", "notice", "inform"),
        ("关于开展市级重点实验室绩效评价工作的通知", "notice", "inform"),
        ("关于做好2026年科技统计调查的通知", "notice", "inform"),
        ("关于组织市级科技项目验收工作的通知", "notice", "inform"),
    ],
)
def test_the_verb_of_the_title_says_whether_somebody_is_invited(title: str, kind: str, action: str) -> None:
    body = "各有关单位：现将有关事项通知如下。请于8月20日前报送至科技局。"
    assert labels(title, body, "kind") == {kind}
    assert labels(title, body, "action") == {action}


@pytest.mark.parametrize(
    ("title", "clause", "code"),
    [
        ("关于组织申报2026年度服务业发展引导资金的通知", "支持物流枢纽建设。", "subsidy"),
        ("关于组织申报联合研究项目的通知", "单个项目资助额度不超过30万元。", "subsidy"),
        ("关于发布重点研发计划项目申报指南的通知", "由企业牵头申报，每项支持不超过100万元。", "subsidy"),
        ("关于开展中试平台备案的通知", "请符合条件的平台提交材料。", "accreditation"),
        ("关于支持孵化器发展的通知", "向入驻团队免费提供孵化场地。", "space"),
        ("支持企业开拓市场的通知", "给予展位费50%补贴，对信用保险保费另有规定。", "subsidy"),
    ],
)
def test_a_call_gives_what_it_calls_for(title: str, clause: str, code: str) -> None:
    assert code in labels(title, f"各有关单位：现将有关事项通知如下。{clause}", "instrument")


@pytest.mark.parametrize(
    ("title", "clause", "code"),
    [
        ("关于开展孵化器申报的通知", "申报条件：孵化场地面积不少于5000平方米。", "space"),
        ("关于召开高新技术企业认定培训会的通知", "培训内容：申报要点。", "accreditation"),
        ("关于开展重点实验室绩效评价的通知", "请填报评价材料。", "accreditation"),
        ("技术合同认定登记工作指引", "登录系统提交合同文本。", "accreditation"),
        ("关于引导资金绩效检查的通知", "请提交自查报告。", "subsidy"),
        ("关于组织申报小巨人企业贷款贴息的通知", "对新增流动资金贷款给予贴息。", "credit"),
        ("关于组织申报小巨人企业贷款贴息的通知", "对新增流动资金贷款给予贴息。", "accreditation"),
        (
            "关于对青年人才实行住房公积金贷款利息补贴的通知",
            "申请公积金贷款时可同步申请，按已还利息的一半补贴。",
            "credit",
        ),
        ("住房公积金提取管理规定", "偿还住房贷款的可以提取，不影响可贷额度。", "credit"),
        ("人才房票办法", "申请人须在本市连续缴纳社保(个税)满6个月。", "tax"),
        ("入学工作指引", "请按收费标准理性填报，避免学费过高。", "fee"),
        ("关于开展工业互联网平台申报的通知", "通过供应链金融、集采集销等模式形成生态。", "credit"),
        ("研发费用后补助实施细则", "补助对象为享受加计扣除政策的企业。", "tax"),
    ],
)
def test_a_condition_a_meeting_or_an_examination_gives_nothing(title: str, clause: str, code: str) -> None:
    assert code not in labels(title, f"各有关单位：现将有关事项通知如下。{clause}", "instrument")


@pytest.mark.parametrize(
    ("clause", "subjects"),
    [
        ("揭榜方应为具有研发实力的企业、高校、科研院所。", {"enterprise", "institution"}),
        ("请动员龙头企业、科研机构和行业组织积极申报。", {"enterprise", "institution", "social-org"}),
        ("面向企事业单位征集技术产品。", {"enterprise", "institution"}),
        ("参赛主体为企业、高校及科研院所。", {"enterprise", "institution"}),
        (
            "对主导制定标准的企事业单位、社会团体，分别给予20万元资助。",
            {"enterprise", "institution", "social-org"},
        ),
        ("现组织区内企业参展。", {"enterprise"}),
        ("支持省内高校、科研院所、企业与境外机构联合研发。", {"enterprise", "institution"}),
        ("面向全市软件企业、高校院所征集技术需求。", {"enterprise", "institution"}),
        ("企业、院校和个人均可参赛。", {"enterprise", "institution", "person"}),
        ("由龙头企业牵头，联合高校院所组建。", {"enterprise", "institution"}),
    ],
)
def test_whoever_is_asked_to_apply_may_act(clause: str, subjects: set[str]) -> None:
    assert labels("关于开展2026年项目征集的通知", clause, "subject") == subjects


def test_who_applies_for_a_title_of_his_own_is_a_person() -> None:
    body = "现开展职称评审。申报人须全职在我市工作，由所在单位推荐。"
    assert labels("关于开展工程系列职称评审的通知", body, "subject") == {"person"}


@pytest.mark.parametrize(("title", "kind"), [("滨江市质量奖评选", "call"), ("首套房认定标准", "measure")])
def test_a_bare_title_may_end_with_the_invitation(title: str, kind: str) -> None:
    assert labels(title, "对符合条件者给予支持。", "kind") == {kind}


def test_support_may_be_told_as_a_sum_without_a_word_for_it() -> None:
    body = "支持关键技术攻关和场景应用，单个项目最高支持1000万元。"
    assert labels("关于促进具身智能发展的若干措施", body, "instrument") == {"subsidy"}


def test_who_buys_for_himself_is_a_person() -> None:
    assert labels("汽车更新补贴细则", "个人消费者报废旧车的，补贴2万元。", "subject") == {"person"}


def test_competing_in_a_craft_is_for_persons() -> None:
    body = "设个人赛和团队赛，请从事安全工作的技术人员报名。"
    assert "person" in labels("关于组织开展工业互联网安全技能竞赛的通知", body, "subject")


@pytest.mark.parametrize(
    ("title", "theme"),
    [
        ("省科技厅关于组织申报临床医学研究中心的通知", "T11"),
        ("关于组织参加企业创新大赛的通知", "T11"),
        ("关于做好一次性扩岗补助发放的通知", "T15"),
        ("关于个人销售住房增值税政策的公告", "T04"),
        ("关于支持房地产企业纾困发展若干措施的通知", "T10"),
    ],
)
def test_what_the_title_is_about_outweighs_who_it_is_for(title: str, theme: str) -> None:
    assert theme in labels(title, "现将有关事项通知如下。", "theme")


def test_trading_a_home_in_is_a_measure_and_no_event() -> None:
    title, body = "关于开展住房“以旧换新”活动的通知", "对换购新房的居民按契税的一半给予补贴。"
    assert labels(title, body, "kind") == {"measure"}
    assert "housing" in labels(title, body, "instrument")


def test_who_gets_the_sum_is_the_subject_and_not_whose_results_he_uses() -> None:
    body = "对吸纳高校院所成果在本市转化的企业，按实际支付额的15%给予补助。"
    assert labels("2026年度科技成果转化补助申报", body, "subject") == {"enterprise"}


def test_women_are_singled_out_by_who_may_be_proposed() -> None:
    body = "现开展评选活动，参评对象为从事科研工作的女科学家。"
    assert labels("关于开展科技人物评选的通知", body, "group") == {"women"}


def test_who_owns_no_home_need_not_be_poor() -> None:
    title = "关于调整租房提取政策的通知"
    assert labels(title, "无房职工可按月提取公积金支付房租。", "group") == set()
    assert labels(title, "新市民、青年人可按实际房租提取。", "group") == {"newcitizen"}


def test_schools_that_only_send_buyers_do_not_act_on_a_housing_policy() -> None:
    body = "支持团购，高校可组织职工团购商品房，开发企业给予优惠。"
    assert "institution" not in labels("关于促进房地产市场健康发展的意见", body, "subject")


def test_those_who_had_it_before_are_no_group_that_gets_it() -> None:
    body = "购房补贴每户2万元。已享受过农民、现役军人等安居补助政策的，不再重复享受。"
    assert labels("阶段性住房支持政策实施方案", body, "group") == set()


def test_a_standard_by_which_homes_are_counted_invites_nobody() -> None:
    body = "办理公积金贷款时，名下无住房的认定为首套住房。"
    assert labels("关于调整家庭住房套数认定标准有关政策的通知", body, "kind") == {"measure"}


@pytest.mark.parametrize(
    "clause",
    ["由集群所在地中小企业主管部门作为申报主体。", "申报主体为省级高新区管委会，每市限报一个。"],
)
def test_what_offices_apply_for_is_not_for_firms(clause: str) -> None:
    assert labels("关于组织开展产业集群申报的通知", clause, "subject") == set()


def test_training_that_is_paid_for_is_a_measure_for_jobs() -> None:
    title = "关于做好企业职工技能提升培训工作的通知"
    body = "企业组织职工参加技能培训的，按每人600元给予补贴。"
    assert labels(title, body, "kind") == {"measure"}
    assert labels(title, body, "instrument") == {"subsidy", "employment"}


def test_what_a_voucher_buys_is_not_given() -> None:
    body = "每户最高5万元，用于购买数字化、法律、知识产权等服务。"
    assert labels("关于服务补贴券申领工作的通知", body, "instrument") == {"subsidy"}


def test_a_limit_lifted_helps_to_buy_and_a_share_lowered_is_a_loan() -> None:
    body = "一、全面取消限购。二、首套首付不低于15%。三、大力整治虚假房源。"
    assert labels("关于优化房地产调控政策的通知", body, "instrument") == {"housing", "credit"}


def test_a_little_more_for_some_of_them_singles_them_out() -> None:
    body = "返乡农民工购房每平方米补助100元，农村籍退役军人另加2000元。"
    assert labels("关于给予返乡农民工购房补助的通知", body, "group") == {"farmer", "veteran"}


def test_a_list_of_who_gets_a_subsidy_is_only_to_be_known() -> None:
    title = "关于贷款保证保险补偿补贴拟支持名单的公示"
    body = "拟对20家机构给予补贴，现予公示。公示期内可提出异议。"
    assert labels(title, body, "action") == {"inform"}
