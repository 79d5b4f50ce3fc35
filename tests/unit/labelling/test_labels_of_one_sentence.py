"""Who applies, who gets something and whom a law binds is heard when it is said once, in one plain sentence."""

import pytest

from tests.support.labelled import codes_of, sections

CALL = "关于组织开展2026年度项目申报的通知"


@pytest.mark.parametrize(
    ("sentence", "section"),
    [
        ("软件企业可申报，截止时间为3月31日。", "I"),
        ("申报对象为软件企业。", "I"),
        ("申报主体为在本市注册的集成电路设计企业。", "I"),
        ("请符合条件的物流企业积极申报。", "G"),
        ("欢迎各家政企业报名参加。", "O"),
        ("建筑施工企业请于3月31日前申报。", "E"),
        ("申报企业主营业务为工业机器人制造。", "C"),
        ("本次申报面向纺织服装企业。", "C"),
    ],
)
def test_whose_businesses_apply(sentence: str, section: str) -> None:
    body = f"各有关单位：现将有关事项通知如下。{sentence}联系电话：010-1234567。"
    assert sections(body, CALL) == {section}
    assert codes_of("subject", body, CALL) == {"enterprise"}


@pytest.mark.parametrize(
    "sentence",
    [
        "为餐饮企业提供贷款的银行有合作意向的，另行通知。",
        "重点围绕人工智能、新材料、生物医药、高端装备等领域，请于3月31日前申报。",
        "申报对象为企业职工。",
    ],
)
def test_who_is_only_served_or_listed_does_not_apply(sentence: str) -> None:
    assert sections(f"各有关单位：现将有关事项通知如下。{sentence}", CALL) == set()


@pytest.mark.parametrize(
    ("title", "body", "subjects"),
    [
        ("关于残保金减免的公告", "在职职工总数30人（含）以下的企业，免征残疾人就业保障金。", {"enterprise"}),
        ("关于组织农民合作社申报示范社的通知", "请于5月31日前报送材料。", {"enterprise"}),
        (
            "关于支持养老服务机构发展的若干措施",
            "对新建养老机构，按每张床位给予1万元补贴；对运营的养老机构给予运营补贴。",
            {"enterprise"},
        ),
        ("关于律师事务所补贴的通知", "对新设立的律师事务所给予租金补贴。", {"enterprise"}),
        (
            "关于稳定和扩大就业的通知",
            "对招用毕业生的小微企业，给予社保补贴。对灵活就业的就业困难人员，给予社保补贴。",
            {"enterprise", "person"},
        ),
    ],
)
def test_who_gets_it(title: str, body: str, subjects: set[str]) -> None:
    assert codes_of("subject", body, title) == subjects


@pytest.mark.parametrize(
    ("title", "body", "subjects"),
    [
        ("食用盐专营办法", "食盐定点生产企业和食盐批发企业应当遵守本办法。", {"enterprise"}),
        ("农药管理条例实施细则", "农药经营者应当建立采购台账。", {"enterprise"}),
        ("房屋建筑工程质量保修办法", "施工单位应当承担保修责任，不得推诿。", {"enterprise"}),
        ("疫情报告管理办法", "医疗机构应当报告疫情，医疗机构不得隐瞒。", {"institution"}),
        ("住房公积金管理办法", "职工购买住房可以提取，企业应当出具证明。", {"person"}),
    ],
)
def test_whom_a_law_binds(title: str, body: str, subjects: set[str]) -> None:
    assert codes_of("subject", f"第一条 为规范有关活动，制定本办法。第二条 {body}", title) == subjects


def test_what_is_given_to_employers_can_be_applied_for() -> None:
    body = "对招用毕业年度高校毕业生的小微企业，给予社会保险补贴。"
    assert codes_of("action", body, "关于稳定和扩大就业的通知") == {"apply"}


@pytest.mark.parametrize(
    ("title", "kind"),
    [("关于开展绿色工厂评价的通知", "call"), ("关于公布绿色工厂评价结果的通知", "notice")],
)
def test_whoever_fits_hands_in_for_a_rating(title: str, kind: str) -> None:
    body = "各工业企业：请符合条件的企业于6月30日前提交自评价报告。"
    assert codes_of("kind", body, title) == {kind}


@pytest.mark.parametrize(
    ("title", "body", "label"),
    [
        ("关于保障性租赁住房配租的公告", "符合条件的可于2026年6月10日前登录平台申请。", "kind:call"),
        ("关于保障性租赁住房配租的公告", "符合条件的可于2026年6月10日前登录平台申请。", "action:apply"),
        ("关于社会组织等级评估的通知", "登记满两年的社会团体可申请参加评估。", "action:apply"),
        ("关于旅行社暂退质量保证金的通知", "旅行社可申请暂退80%的旅游服务质量保证金。", "action:apply"),
        ("关于开展绿色商场创建的通知", "商场可自愿申请创建，经评审命名为绿色商场。", "kind:call"),
        (
            "关于开展绿色商场创建的通知",
            "商场可自愿申请创建，经评审命名为绿色商场。",
            "instrument:accreditation",
        ),
        ("关于支持服装企业参展的通知", "服装企业参加境外专业展会，展位费补助50%。", "kind:measure"),
        ("关于实施稳岗返还的通知", "对不裁员或少裁员的参保企业，返还失业保险费。", "subject:enterprise"),
        ("关于举办创新创业大赛的通知", "大赛面向初创企业和创业团队。", "qualification:startup"),
        ("关于举办创新创业大赛的通知", "大赛面向初创企业和创业团队。", "subject:enterprise"),
        ("退役军人就业创业政策解读", "三年内按每户每年2万元限额扣减税费。", "instrument:tax"),
        ("关于惠民殡葬的通知", "殡仪馆免收困难群众遗体火化费。", "instrument:fee"),
        ("关于支持冷链仓储企业用电的通知", "农产品冷链仓储企业用电执行农业电价。", "instrument:fee"),
        ("企业投资项目备案办事指南", "受理条件：项目单位为境内企业。", "subject:enterprise"),
        ("关于房产中介机构备案的通知", "房地产经纪机构应当自设立之日起备案。", "subject:enterprise"),
        ("关于举办跨境电商培训班的通知", "培训面向外贸企业，免费参加。", "subject:enterprise"),
        ("关于医疗保险的公告", "基本医保参保人可申请异地就医备案。", "subject:person"),
        ("关于外籍人才签证便利的公告", "外籍高层次人才可申请多次往返签证。", "action:apply"),
        ("关于发放科技创新券的通知", "科技型中小企业可申领创新券。", "kind:measure"),
        ("关于发放科技创新券的通知", "科技型中小企业可申领创新券。", "qualification:tech-sme"),
        ("关于提高优抚对象抚恤补助标准的通知", "烈属抚恤补助标准提高5%。", "instrument:subsidy"),
        ("关于进口贴息的通知", "企业进口先进设备的，给予进口贴息。", "instrument:interest"),
        ("关于海外维权援助的通知", "企业海外维权费用补助50%。", "action:apply"),
        ("关于印发《乡村振兴促进条例》的通知", "第一条 为实施乡村振兴战略，制定本条例。", "kind:law"),
        ("生猪屠宰管理条例", "制定本条例。生猪定点屠宰厂应当建立台账。", "subject:enterprise"),
        ("网络餐饮服务监督管理办法", "入网餐饮服务提供者应当具有实体店。", "subject:enterprise"),
        ("住房租赁条例", "第一条 为了规范住房租赁活动，制定本条例。", "industry:K704"),
        (
            "一周政策要闻：国务院部署支持中小微企业",
            "会议决定延续小微企业贷款贴息政策。",
            "kind:interpretation",
        ),
        ("关于个人养老金税收政策的公告", "个人的缴费，在综合所得中据实扣除。", "instrument:tax"),
        ("2026年农产品产销对接会公告", "各农产品生产企业可报名参会。", "industry:A"),
        ("关于保障农民工工资支付的通知", "农民工可以投诉。", "theme:T15"),
        ("国务院行政机构设置条例", "国务院组成部门的设立，由全国人大决定。", "theme:T01"),
        ("防空地下室易地建设费减免规定", "小微企业厂房，免收易地建设费。", "theme:T21"),
        ("关于驻外使馆领事保护的提醒", "请提高警惕。", "theme:T19"),
        ("关于高龄津贴的公告", "老年人无需提交申请，直接发放。", "action:auto"),
        ("商务旅行卡申办指南", "企业向省外办提出申请。", "subject:enterprise"),
        ("新型研发机构管理办法", "企业、事业单位和社会组织均可申请认定。", "subject:social-org"),
        ("国防教育法", "企业、事业单位应当进行国防教育。", "subject:enterprise"),
        ("林木采伐办事指南", "申请人包括企业、事业单位和个人。", "subject:institution"),
        ("关于城市标识征集的公告", "单位和个人均可投稿。", "subject:person"),
        ("关于安全专项检查的通知", "企业应当先行自查。", "subject:enterprise"),
        ("高校毕业生求职补贴申领指南", "每人一次性2000元。", "instrument:employment"),
        ("关于天然林停伐补助的通知", "集体所有的天然商品林停伐，每亩补助16元。", "industry:A02"),
    ],
)
def test_what_one_sentence_gives_or_opens(title: str, body: str, label: str) -> None:
    dimension, code = label.split(":")
    assert code in codes_of(dimension, body, title)


def test_who_may_object_has_nothing_to_apply_for() -> None:
    body = "当事人可申请行政复议，也可自收到之日起60日内申请听证。"
    assert codes_of("action", body, "关于责令停产整治的通知") == {"inform"}


def test_who_goes_to_a_fair_does_not_hold_one() -> None:
    body = "对参加境外专业展会的服装企业，给予展位费补助。"
    assert sections(body, "关于支持服装企业参展的通知") == {"C"}


@pytest.mark.parametrize(
    "line",
    [
        "各区高新技术企业可享受一次性补贴20万元，具体要求如下：",
        "各类高新技术企业于3月1日前申领补贴，联系电话：",
    ],
)
def test_what_those_who_are_named_may_do_is_no_list_of_addressees(line: str) -> None:
    assert codes_of("qualification", f"{line}\n按实际投入给予补贴。") == {"high-tech"}
    assert codes_of("qualification", "各高新技术企业，各有关单位：\n现将有关事项通知如下。") == set()


@pytest.mark.parametrize("odd", ["\u202a", "\u2061", "\ufe0f", "&nbsp;", "&nbsp;&nbsp;", "&#160;"])
def test_what_cannot_be_seen_parts_no_words(odd: str) -> None:
    assert codes_of("qualification", f"对高新{odd}技术{odd}企业给予补贴。") == {"high-tech"}


@pytest.mark.parametrize("blank", ["\u2004", "\u2007", "\u200a", "\u202f", "\u205f"])
def test_a_word_spread_by_blanks_of_any_width_is_read(blank: str) -> None:
    assert codes_of("qualification", f"对{blank.join('高新技术企业')}给予补贴。") == {"high-tech"}
