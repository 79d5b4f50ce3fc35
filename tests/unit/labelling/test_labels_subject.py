"""Who may act on a law, a scheme of examination or a policy; not who is only encouraged to help."""

import pytest

from streams.labelling import label_document

FILLER = "具体办法按照国家有关规定执行，有关部门应当加强监督管理。" * 60


def _subjects(title: str, body: str) -> set[str]:
    labels = label_document(title=title, body=body, issuer="")
    return {label.code for label in labels if label.dimension == "subject"}


def test_the_clauses_of_a_law_that_encourage_schools_give_them_nothing() -> None:
    law = (
        "第一条 国家采取措施支持中小企业发展，中小企业可以申请补助。\n"
        "第二条 国家鼓励科研机构、高等学校向中小企业开放试验设施。\n"
        "第三条 国家支持高等学校、职业院校与中小企业合作，鼓励行业协会、社会组织提供服务。\n"
    )
    assert _subjects("滨江市中小企业促进条例", law) == {"enterprise"}


def test_schools_that_are_only_encouraged_are_given_nothing_by_a_policy() -> None:
    body = "对实施技术改造的企业给予最高50万元补助。支持高校加强学科建设。"
    assert _subjects("关于支持技术改造的若干措施", body) == {"enterprise"}
    assert "institution" in _subjects(
        "关于支持技术改造的若干措施", "面向企业和高校，对高校给予最高50万元补助。"
    )


@pytest.mark.parametrize(
    "duty",
    [
        "网络服务提供者应当建立便捷的投诉渠道。网络游戏服务提供者不得向未成年人推送。",
        "网络数据处理者应当建立应急预案。网络数据处理者应当及时告知。",
    ],
)
def test_what_a_law_lays_on_those_who_serve_in_networks_is_laid_on_firms(duty: str) -> None:
    assert "enterprise" in _subjects("滨江市网络保护条例", duty * 4)


def test_what_legal_persons_may_ask_for_is_for_firms_as_well() -> None:
    body = "公民、法人或者其他组织可以向人民政府申请获取信息。公民可以申请查阅。法人可以委托他人。" * 3
    assert _subjects("滨江市信息公开条例", body) == {"person", "enterprise"}


@pytest.mark.parametrize("title", ["数字政府建设考评办法", "滨江市公平竞争审查条例"])
def test_nobody_can_act_on_what_offices_are_examined_or_reviewed_by(title: str) -> None:
    body = "企业办事便捷，支持企业开户。老年人享受便利。经营者可申请进入市场。市民可办理业务。\n" * 3
    assert _subjects(title, body + FILLER) == set()


def test_how_all_have_to_behave_in_an_epidemic_gives_nobody_anything() -> None:
    body = "居民外出必须戴口罩，家庭成员不聚集，承租人及时报告，儿童、残疾人加强防护。"
    assert _subjects("关于进一步强化疫情防控十条措施的公告", body) == set()


def test_who_nurses_for_a_sum_is_a_person_in_a_policy_for_firms() -> None:
    body = "支持企业复工，对困难企业给予贴息。对参与防控的医务人员给予每人每天200元补助。" + FILLER
    assert "person" in _subjects("支持打好防控阻击战若干措施", body)


def test_associations_that_take_on_graduates_for_a_sum_may_act() -> None:
    body = "企业和社会组织招用离校两年内未就业高校毕业生的，按每人1500元的标准给予补助。"
    assert "social-org" in _subjects("高校毕业生就业政策清单", body)
    founded = "毕业生创办企业、社会组织吸纳就业的，给予本人补贴。"
    assert "social-org" not in _subjects("高校毕业生就业政策清单", founded)


def test_whom_a_talent_works_for_does_not_act_for_him() -> None:
    body = "用人单位应为企业，可申请人才由用人单位申报。所在企业核实后，引进人才办理入户。" * 3
    assert _subjects("引进人才入户管理办法", body) == {"person"}


def test_small_traders_that_are_helped_with_small_firms_are_singled_out() -> None:
    body = "四、积极帮扶遇困小微企业、个体工商户。调整还款安排，适度降低贷款利率。\n" + FILLER
    assert "individual-business" in _subjects("金融支持企业复工复产的实施意见", body)


def test_homes_for_the_elderly_are_mostly_no_institutions_of_the_state() -> None:
    body = "对养老机构给予建设补贴，对养老机构给予一次性奖励，鼓励养老机构承接服务。"
    assert "institution" not in _subjects("居家养老服务管理办法", body)


def test_firms_that_are_named_with_persons_for_a_sum_get_it_too() -> None:
    body = "对民营企业和个人购买非住宅类商品房的，按总房价3%给予购房补贴。" + FILLER[:500]
    assert "enterprise" in _subjects("促进房地产市场健康发展措施", body)
    staff = "对企业引进人才购买住房的，按总房价3%给予购房补贴。" + FILLER[:500]
    assert "enterprise" not in _subjects("促进房地产市场健康发展措施", staff)


def test_talents_that_an_industry_hires_are_its_staff() -> None:
    body = "对企业攻关给予最高50万元奖励。鼓励引进优秀人才，支持紧缺人才落户。支持企业落户、项目落户。"
    assert _subjects("关于推动智能制造产业发展的若干意见", body) == {"enterprise"}


def test_who_is_encouraged_to_take_part_in_standards_is_given_nothing() -> None:
    body = "对企业技术改造给予补助。鼓励科研机构等积极参与行业标准的编制。鼓励企业与高校共建实训基地。"
    assert _subjects("支持工业互联网发展若干政策", body + FILLER) == {"enterprise"}


@pytest.mark.parametrize(
    ("title", "code"), [("医疗机构管理条例", "institution"), ("社会团体登记管理条例", "social-org")]
)
def test_whom_a_law_names_in_its_title_it_is_for(title: str, code: str) -> None:
    assert code in _subjects(title, "第一条 为了加强管理，制定本条例。第二条 可以申请登记。")


@pytest.mark.parametrize(
    ("title", "body", "subjects"),
    [
        (
            "关于公开征集地方标准项目的通知",
            "企业、社会团体、科研机构等均可提出项目建议。",
            {"enterprise", "social-org", "institution"},
        ),
        (
            "关于开展教师资格认定工作的公告",
            "申请人须为本市户籍或在本市高校就读的学生。申请幼儿园教师资格须具备规定学历。",
            {"person"},
        ),
        ("关于申领文旅消费券的公告", "市民和游客可通过小程序领取，在参与活动的商场使用。", {"person"}),
        (
            "关于征集青年就业见习单位的公告",
            "面向企业征集见习基地，接收离校未就业高校毕业生的给予补贴。",
            {"enterprise"},
        ),
        (
            "关于重点群体税收优惠的提示",
            "高校毕业生从事个体经营的可以扣减税款。企业招用上述人员的，按实际招用人数每人每年定额扣减。",
            {"person", "enterprise"},
        ),
        (
            "关于减存农民工工资保证金的通知",
            "为减轻企业负担，对连续两年未发生拖欠农民工工资的企业，减半存储工资保证金。",
            {"enterprise"},
        ),
    ],
)
def test_in_a_short_notice_the_clause_that_invites_says_who_may_act(
    title: str, body: str, subjects: set[str]
) -> None:
    assert _subjects(title, body) >= subjects
    assert not ({"person", "enterprise"} - subjects) & _subjects(title, body)


@pytest.mark.parametrize(
    ("title", "body", "subjects"),
    [
        (
            "关于公开招聘社区工作者的公告",
            "面向社会公开招聘社区工作者120名。本市户籍，须提供学历证书。",
            {"person"},
        ),
        (
            "关于领取医师资格证书的通知",
            "考试合格人员凭证到政务窗口领取，由所在医疗机构代领的需介绍信。",
            {"person"},
        ),
        (
            "关于职工职业技能竞赛的通知",
            "凡在本市用人单位工作的在职职工均可报名，第一名奖励1万元。",
            {"person"},
        ),
        (
            "关于检测单位资质申报的公告",
            "申请单位应当取得计量认证，具有相应专业技术人员和设备。",
            {"enterprise"},
        ),
        ("关于给予电影院补助的公示", "经审核，拟对放映国产影片的影院给予奖励，现予公示。", {"enterprise"}),
        (
            "关于下调工伤保险费率的通知",
            "阶段性下调费率20%，用人单位无需申请，由经办机构核定。",
            {"enterprise"},
        ),
        ("关于举办农民丰收节展销活动的通知", "请组织农业龙头企业、家庭农场参展，展位免费。", {"enterprise"}),
        ("关于养老护理员入职补贴申领的通知", "签订合同满3年的职业院校毕业生，可申领入职补贴。", {"person"}),
    ],
)
def test_posts_and_papers_are_for_persons_and_licences_and_dues_for_firms(
    title: str, body: str, subjects: set[str]
) -> None:
    assert _subjects(title, body) == subjects


@pytest.mark.parametrize(
    ("title", "body", "subjects"),
    [
        ("关于启动应急期救助的通知", "对紧急转移安置群众，按每人每天30元标准给予生活救助。", {"person"}),
        ("关于阶段性降低失业保险费率的通知", "继续执行阶段性降低费率至1%的政策。", {"enterprise"}),
        ("关于补贴机具投档工作的通知", "企业自愿投档，按时间要求登录系统提交资料。", {"enterprise"}),
        ("关于推荐非遗代表性传承人的通知", "决定开展传承人推荐申报工作，每项目限推荐1人。", {"person"}),
    ],
)
def test_sums_for_each_head_are_for_persons_and_what_is_done_willingly_for_firms(
    title: str, body: str, subjects: set[str]
) -> None:
    assert _subjects(title, body) == subjects


@pytest.mark.parametrize(
    ("title", "body", "subjects"),
    [
        ("关于专用标志使用核准的公告", "核准江州茶业等6家企业使用专用标志，予以登记公告。", {"enterprise"}),
        ("关于排污许可证延续的提醒", "下列企业排污许可证即将到期，请提交延续申请。", {"enterprise"}),
        (
            "关于申报服务业引导资金项目的通知",
            "补助比例不超过固定资产投资的15%，单个项目不超过300万元。",
            {"enterprise"},
        ),
        ("关于申报农业产业强镇建设项目的通知", "择优推荐8个镇，对每个强镇奖补资金300万元。", set()),
        (
            "关于博物馆免费开放资金申报的通知",
            "列入名单的博物馆、纪念馆可申请免费开放补助资金。",
            {"institution"},
        ),
        ("关于征集攻关需求建议的通知", "请有关企业、高校凝练技术需求。", {"enterprise", "institution"}),
        ("关于民办非企业单位检查结果的公告", "经审查，236家民办非企业单位年检合格。", {"social-org"}),
        ("市直事业单位公开招聘工作人员公告", "计划招聘86名，采取网上报名。", {"person"}),
        ("关于职业技能鉴定的通知", "定于5月举办鉴定，年满18周岁、身体健康者可报名。", {"person"}),
        (
            "关于残疾人按比例就业年审的通告",
            "用人单位应申报就业情况，在职职工30人以下的企业免征残保金。",
            {"enterprise"},
        ),
    ],
)
def test_lists_figures_and_places_say_who_acts_on_a_short_notice(
    title: str, body: str, subjects: set[str]
) -> None:
    assert _subjects(title, body) == subjects


@pytest.mark.parametrize(
    ("title", "body", "subjects"),
    [
        (
            "关于征集非遗代表性项目的通知",
            "公民、法人和其他组织均可向所在乡镇提出申请。",
            {"person", "enterprise"},
        ),
        ("关于开展专家服务活动的通知", "请有技术需求的中小企业填写需求表，服务不收费。", {"enterprise"}),
        (
            "关于开展家政示范企业创建的通知",
            "家政企业可自愿申报。吸纳农村劳动力、下岗职工就业较多的优先。",
            {"enterprise"},
        ),
        ("关于给予养老机构运营补贴的通知", "由养老机构申请，补贴资金用于改善服务。", {"enterprise"}),
    ],
)
def test_whoever_may_apply_is_named_and_whom_he_hires_or_serves_is_not(
    title: str, body: str, subjects: set[str]
) -> None:
    assert _subjects(title, body) == subjects


@pytest.mark.parametrize(
    ("title", "body", "subjects"),
    [
        ("关于盐业经营许可证年检的公告", "应于3月31日前提交年度报告，合格的予以换证。", {"enterprise"}),
        ("关于星级饭店复核结果的公告", "经复核，某某大酒店等5家合格，有效期三年。", {"enterprise"}),
        ("关于医院评审结果的公告", "经评审，某某医院为二级甲等综合医院，有效期四年。", {"institution"}),
        ("关于物业服务补助的通知", "对接管老旧小区的物业服务企业，按面积每平方米补助0.3元。", {"enterprise"}),
        ("关于出租汽车驾驶员补贴发放的公示", "将油价补贴发放至2860名驾驶员，每车1800元。", {"person"}),
        ("关于书画展征稿的启事", "面向文艺爱好者征集作品，每人限2件。", {"person"}),
        ("关于医疗机构违规情况检查的通报", "检查机构18家，责令整改2家。", set()),
    ],
)
def test_who_holds_a_licence_or_is_rated_in_a_list_is_told_by_the_title(
    title: str, body: str, subjects: set[str]
) -> None:
    assert _subjects(title, body) == subjects


def test_on_whom_a_laboratory_may_rest_is_who_may_apply_for_it() -> None:
    body = "依托单位须为本市注册的高校、科研院所或科技型企业，科研用房不少于500平方米。"
    found = _subjects("关于组织申报重点实验室的通知", body)
    assert found == {"institution", "enterprise"}
    course = "学员200名，培训费用由财政补助，请报送学员名单。"
    assert _subjects("关于乡村振兴带头人培训班的通知", course) == {"person"}


def test_who_is_proceeded_against_is_no_applicant() -> None:
    body = "行政复议中，被申请人为作出决定的海关。被申请人应当提出答复，被申请人不得自行收集证据。"
    assert _subjects("行政复议中确定被申请人的七种情况", body) == set()


def test_the_staff_of_firms_are_no_firms() -> None:
    body = "一、申领条件：同时符合以下条件的企业职工，可申领技能提升补贴。二、职工向经办机构申领。"
    assert _subjects("关于支持参保职工提升职业技能有关问题的通知", body) == {"person"}


def test_who_is_named_by_the_title_or_rewarded_for_a_report_may_act() -> None:
    body = "一、改造敬老院。二、敬老院要提升护理能力。"
    assert "institution" in _subjects("推动乡镇敬老院高质量发展十条措施", body)
    body = "举报人可通过热线向主管部门举报。举报属实的，给予举报人奖励。"
    assert _subjects("粮食购销违法行为举报奖励实施细则", body) == {"person"}


def test_employers_other_than_firms_may_act_where_they_are_named_beside_firms() -> None:
    body = "申报条件\n缴纳社会保险费满3个月的企业和社会组织。\n发放标准\n每招用1人补助1500元。"
    assert "social-org" in _subjects("一次性扩岗补助政策", body)
