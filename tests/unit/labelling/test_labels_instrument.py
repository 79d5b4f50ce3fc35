"""What a policy gives: a clause that grants something earns the label, a word in passing, a ban or a name does not."""

import pytest

from tests.support.labelled import gives


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("对购置数控设备的企业，按投资额的15%给予补助。", "subsidy"),
        ("面向市民发放文旅消费券500万元。", "subsidy"),
        ("对年满80周岁的老人每月发放高龄津贴100元。", "subsidy"),
        ("对首次入统的企业一次性奖励20万元。", "award"),
        ("按新增产值的2%给予最高100万元奖补。", "award"),
        ("符合条件的小规模纳税人减免增值税。", "tax"),
        ("企业可以依法申请延期缴纳税款，最长不超过三个月。", "tax"),
        ("购买家庭唯一住房的，减按1%的税率征收契税。", "tax"),
        ("对企业新增贷款利息的50%给予补贴。", "interest"),
        ("对技改贷款给予财政贴息。", "interest"),
        ("政府性融资担保机构取消反担保要求。", "guarantee"),
        ("设立2亿元信贷风险补偿资金池。", "guarantee"),
        ("各银行对暂时困难的企业不抽贷、不断贷。", "credit"),
        ("双缴存职工公积金贷款额度提高到80万元。", "credit"),
        ("大学生创业可申请最高30万元的创业担保贷款。", "credit"),
        ("承租国有房屋的商户免收三个月租金。", "fee"),
        ("困难企业可以申请缓缴社会保险费。", "fee"),
        ("项目可以分期缴纳城市基础设施配套费。", "fee"),
        ("对用水用气实行优惠。", "fee"),
        ("支持企业引进高端人才，提供安家保障。", "talent"),
        ("优先保障用地，支持企业建设标准厂房。", "space"),
        ("向小微企业预留采购份额不低于40%。", "procurement"),
        ("对不裁员的企业返还失业保险费。", "employment"),
        ("开展职业技能培训，按人头给予培训补贴。", "employment"),
        ("无房职工可按月提取住房公积金支付房租。", "housing"),
        ("向低收入家庭供应公共租赁住房。", "housing"),
        ("种植户投保农业保险的，由财政承担八成。", "insurance"),
        ("实行通关便利化，支持外贸企业开拓国际市场。", "trade"),
        ("开展高价值专利布局，推进知识产权质押融资。", "ip"),
        ("对新获批的国家级重点实验室给予1000万元资助。", "subsidy"),
        ("城乡低保标准提高到每人每月850元。", "subsidy"),
        ("对购置新能源公交车的，每辆补助8万元。", "subsidy"),
        ("对招用高校毕业生的企业，每人发放一次性扩岗补助1500元。", "subsidy"),
        ("对新开首店的品牌给予最高100万元奖励。", "award"),
        ("对获得中国专利金奖的企业奖励50万元。", "ip"),
        ("个体工商户年应纳税所得额不超过200万元的部分，减半征收个人所得税。", "tax"),
        ("对重点企业的增量留抵税额予以全额退还。", "tax"),
        ("对个人消费贷款按年贴息1个百分点。", "interest"),
        ("对合作银行的不良贷款按本金损失的40%给予风险补偿。", "guarantee"),
        ("对受灾企业到期贷款予以展期。", "credit"),
        ("最低首付比例调整为15%。", "credit"),
        ("市场经营户免收三个月摊位费。", "fee"),
        ("对高速公路通行的集装箱车辆实行通行费八折优惠。", "fee"),
        ("老年人免费乘坐市内公共交通工具、免费游览公园。", "fee"),
        ("工业用地可采取长期租赁、先租后让方式供应。", "space"),
        ("全日制硕士每人每月发放生活补贴2000元。", "talent"),
        ("新就业无房职工可申请公租房。", "housing"),
        ("对农村低收入群体实施危房改造，户均补助2万元。", "housing"),
        ("重大疾病医保报销比例提高到75%。", "insurance"),
        ("参保养殖户的保费由各级财政补贴80%。", "insurance"),
        ("开发公益性岗位，托底安置零就业家庭成员。", "employment"),
        ("支持企业建设海外仓。", "trade"),
        ("为全市老人统一购买意外伤害保险。", "insurance"),
    ],
)
def test_a_clause_that_grants_something_earns_its_label(clause: str, code: str) -> None:
    assert code in gives(f"现将有关事项通知如下。\n一、{clause}")


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("对表现突出的单位和个人给予表彰奖励。", "award"),
        ("本办法由市知识产权局负责解释。", "ip"),
        ("申请人须在本市缴纳社会保险满一年。", "insurance"),
        ("申请人须在本市合法稳定就业。", "employment"),
        ("不得给予特定经营者税收优惠或者补贴。", "tax"),
        ("不得给予特定经营者税收优惠或者补贴。", "subsidy"),
        ("请住房和城乡建设部门抓好落实。", "housing"),
        ("按照套数认定标准执行。", "accreditation"),
        ("在城乡一体化示范区范围内执行。", "pilot"),
        ("由进出口银行等机构承办。", "trade"),
        ("已经领取其他资助的，不再享受购房补贴。", "housing"),
        ("对举报违法行为的人员给予奖励。", "award"),
        ("依法缴纳城镇土地使用税。", "space"),
        ("职工按月缴存住房公积金。", "housing"),
        ("落实出租房管理责任。", "housing"),
        ("由保险公司和人才市场配合。", "insurance"),
        ("由保险公司和人才市场配合。", "talent"),
        ("按年度合理安排土地供应。", "space"),
        ("输入的水果由海关在口岸检疫，出口前须报关。", "trade"),
        ("对企业贷款利息的50%给予补贴。", "subsidy"),
        ("有下列情形的，收回已发放的补贴资金。", "subsidy"),
        ("弄虚作假的，取消称号并追回奖金。", "award"),
        ("用人单位应当依法缴纳工伤保险费。", "insurance"),
        ("各部门做好统计，全年进出口保持增长。", "trade"),
        ("由市住房保障中心按职责分工落实。", "housing"),
        ("对减免租金的众创空间优先予以政策扶持。", "space"),
        ("对不裁员或少裁员的企业免收一个月物业费。", "employment"),
        ("因疫情影响已享受医疗救助的，不再重复申请。", "insurance"),
        ("对获得担保贷款的企业给予保费补贴，并降低担保费率。", "insurance"),
        ("延期缴纳税款期间，纳税人的应纳税款不加收滞纳金。", "fee"),
        ("按规定享受财政补贴、税收优惠、费用减免等政策。", "fee"),
        ("医务人员取得的临时性工作补助免征个人所得税。", "subsidy"),
        ("申请人应提交上年度个税纳税清单和退税证明。", "tax"),
        ("引导企业错峰返岗，分批复工。", "employment"),
        ("购买首套自住住房的，公积金贷款首付比例不低于20%。", "housing"),
        ("发挥保险保障功能。", "insurance"),
        ("依法落实国家现行有效的税收优惠政策。", "tax"),
        ("引导银行创新信贷产品。", "credit"),
    ],
)
def test_a_word_in_passing_earns_nothing(clause: str, code: str) -> None:
    assert code not in gives(f"现将有关事项通知如下。\n一、{clause}")


def test_a_tax_paid_back_as_a_subsidy_is_no_tax_relief() -> None:
    found = gives("一、购买新建商品住房的，按已缴契税的50%给予契税补贴。")
    assert {"subsidy"} <= found
    assert "tax" not in found


def test_an_interest_subsidy_is_no_loan_and_a_loan_guarantee_no_guarantee() -> None:
    assert gives("一、对贷款贴息，期限三年。") == {"interest"}
    assert "guarantee" not in gives("一、提供创业担保贷款。")


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ("对年产值达到10亿元的建筑企业，授予“建筑强企”称号。", True),
        ("对表现突出达到要求的，授予“见义勇为先进个人”称号。", False),
        ("会议授予“建筑强企”称号。", False),  # to whom, nobody else can become
    ],
)
def test_a_title_that_a_clause_confers_on_whoever_reaches_something_is_one(body: str, given: bool) -> None:
    assert ("accreditation" in gives(body)) == given


def test_accreditation_and_trials_are_what_the_document_is_about() -> None:
    assert "accreditation" in gives("请组织企业申报。", "关于开展绿色工厂遴选工作的通知")
    assert "pilot" in gives("请组织企业申报。", "关于开展数字化转型试点申报的通知")
    assert gives("一、经部门认定的企业，可以参加。") == set()


def test_what_follows_a_bracket_with_the_bodies_told_to_act_is_still_read() -> None:
    assert "fee" in gives("(责任单位:市发展改革委)对商户用水用气实行优惠,细则另定(责任单位:市城管局)")


def test_a_departments_marks_give_nothing() -> None:
    body = "1.上线培训补贴申领系统。2.建设专利布局平台。"
    assert gives(body, "关于印发年度数字政府考核办法的通知") == set()


def test_one_clause_is_enough_in_a_short_document_and_too_little_in_a_long_one() -> None:
    clause, others = "一、及时兑现援企稳岗政策。", "请各有关单位结合实际认真抓好落实。" * 300
    assert "employment" in gives(clause)
    assert "employment" not in gives(f"{clause}{others}")


def test_a_clause_for_talent_in_a_housing_package_makes_it_no_talent_policy() -> None:
    housing = "一、多子女家庭购房补贴每套3万元。\n二、提取住房公积金支付首付款。\n三、发放人才购房补贴。"
    assert "talent" not in gives(housing, "关于促进房地产市场平稳健康发展的若干措施")
    assert "talent" in gives("一、引进人才每人发放安家费5万元。", "高层次人才引进办法")
    letting = "一、引进的人才可在线申请人才公寓，租金按市场价的一半收取。"
    assert "talent" in gives(letting, "关于受理人才公寓申请的通知")


def test_a_heading_about_workers_that_firms_look_for_is_about_employment() -> None:
    opening = "请各有关单位结合实际认真抓好落实。" * 40
    body = f"{opening}\n（一）缓解企业用工困难\n发布岗位信息，促进稳定就业，开展稳岗。"
    assert "employment" in gives(body)
    assert "employment" not in gives(f"{opening}\n企业用工情况按月报送。")


@pytest.mark.parametrize(
    ("title", "body", "code"),
    [
        (
            "全国住房工作会议在京召开",
            "会议要求，加快建设保障性住房和保障性租赁住房，推进房票安置。",
            "housing",
        ),
        ("若干措施", "每期抽奖活动设特等奖1名，奖励现金100万元，一等奖2名，奖励现金30万元。", "award"),
        ("新闻发布会", "截至去年底，累计建设各类保障性住房6400多万套，住房保障体系不断完善。", "housing"),
        ("贷款办法", "对以虚假资料申请提取住房公积金账户余额的职工，五年内不得贷款。", "housing"),
        ("住房公积金个人住房贷款办法", "购买住房的职工，可申请贷款。购买住房须有合同。", "housing"),
        ("若干措施", "加大住房租赁金融支持，更好满足刚性和改善性住房需求。", "housing"),
        ("若干措施", "被征收人选用房票的，奖励资金纳入征收项目成本。", "award"),
        ("若干措施", "一、降低企业用地成本。土地出让金可分期缴纳土地价款，一年内付清。", "space"),
        (
            "关于实行住房公积金贷款利息补贴的通知",
            "补贴金额按利息的50%计算，每户最高不超过1万元。",
            "subsidy",
        ),
    ],
)
def test_what_is_only_reported_drawn_by_lot_or_called_otherwise_is_nothing_given(
    title: str, body: str, code: str
) -> None:
    assert code not in gives(body, title)


@pytest.mark.parametrize(
    ("title", "body", "code"),
    [
        ("若干措施", "优先保障工业企业用地需求。", "space"),
        ("若干措施", "一年内换购住房的，可申请退还其出售现住房已缴纳的个人所得税。", "tax"),
        ("若干措施", "职工可申请提取住房公积金账户余额支付房租。", "housing"),
        ("关于调整住房公积金贷款政策的通知", "支持提取住房公积金支付首付款，可向中心申请。", "housing"),
        ("关于实行住房公积金贷款利息补贴的通知", "补贴金额按利息的50%计算。", "interest"),
        ("关于增补优秀人才储备库的通知", "请各企业推荐人选。", "accreditation"),
        ("关于增补优秀人才储备库的通知", "请各企业推荐人选。", "talent"),
        ("关于组织开展零碳工厂建设工作的通知", "请各企业择优推荐申报。", "accreditation"),
    ],
)
def test_the_same_words_give_where_the_text_does(title: str, body: str, code: str) -> None:
    assert code in gives(body, title)


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("截至六月底，全市累计发放创业担保贷款5亿元。", "credit"),
        ("今年以来，全市发放稳岗补贴3亿元。", "employment"),
        ("已享受购房补贴的家庭不得再次申领。", "subsidy"),
        ("严禁以奖补资金发放津贴。", "award"),
        ("积极争取中央财政补助，适时出台措施。", "subsidy"),
        ("适时出台消费券政策。", "subsidy"),
        ("失信企业不得享受财政补贴。", "subsidy"),
        ("缴存基数上限为30000元，工资包括奖金、津贴和补贴。", "award"),
        ("缴存基数上限为30000元，工资包括奖金、津贴和补贴。", "subsidy"),
        ("普惠小微贷款余额增长20%。", "credit"),
        ("发挥领军人才作用。", "talent"),
        ("倡导业主减免租金。", "fee"),
        ("优先兑现各类财政性奖补资金。", "award"),
        ("简化企业政策奖励申领程序。", "award"),
        ("医务人员按规定发放的临时性工作补助暂不征收个人所得税。", "subsidy"),
        ("长护险通过单位和个人缴费、财政补助等途径筹资。", "subsidy"),
        ("财政给予融资担保机构的保费补贴按季拨付。", "subsidy"),
        ("幼儿园应当公开收费项目及标准、资助办法和咨询电话。", "subsidy"),
        ("符合享受长期护理保险待遇条件的老人按其规定办理。", "insurance"),
        ("对受损的客户优先处理，适当扩展责任范围，应赔尽赔。", "insurance"),
        ("在医保报销等方面，探索支持社会办医疗机构。", "insurance"),
        ("扩大出口信用保险覆盖面。", "trade"),
        ("协助企业出具不可抗力事实性证明。", "trade"),
        ("推行行政执法减免责清单制度。", "fee"),
        ("拥有发明专利授权5项以上。", "ip"),
        ("到公共就业人才服务机构登记，由其提供人才服务。", "talent"),
        ("开展医疗机构急需紧缺人才专项招聘。", "talent"),
        ("适用于未结清的按揭贷款，过户时发放新贷款、偿还旧贷款。", "credit"),
        ("推动建立知识产权快速协同保护机制，健全知识产权纠纷多元化解决机制。", "ip"),
    ],
)
def test_what_was_given_before_is_owed_to_others_or_only_named_gives_nothing(clause: str, code: str) -> None:
    assert code not in gives(f"现将有关事项通知如下。\n一、{clause}")


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("对主动让利的商户，各地可从价格调节基金中给予一定补助。", "subsidy"),
        ("银行机构对扩建大棚的园区予以贷款支持。", "credit"),
        ("为一线人员每人办理1份保额为20万元的意外保险。", "insurance"),
        ("将二月份纳税申报期限延长至月底。", "tax"),
        ("协助外贸企业出具不可抗力事实性证明。", "trade"),
    ],
)
def test_a_grant_in_plain_words_is_read(clause: str, code: str) -> None:
    assert code in gives(f"现将有关事项通知如下。\n一、{clause}")


@pytest.mark.parametrize(
    "clause",
    [
        "转为实物配租的，停止发放住房租赁补贴。",
        "全面取消各地对商标、专利申请阶段的资助和奖励。",
    ],
)
def test_what_is_stopped_or_done_away_with_is_not_given(clause: str) -> None:
    assert not gives(clause) & {"subsidy", "award"}


def test_what_is_granted_beside_what_is_done_away_with_stays_granted() -> None:
    assert "subsidy" in gives("取消收费并给予企业10万元补贴。")
    assert "subsidy" in gives("取消购房补贴户籍限制，每套补贴2万元。")
    assert "subsidy" in gives("对停止享受失业保险待遇的人员给予每人2000元补贴。")
    assert "subsidy" in gives("停止享受失业保险待遇后仍未就业的，给予每人2000元补贴。")
    assert "subsidy" in gives("取消就业补贴、创业补贴的户籍限制，每人补贴2000元。")


def test_a_list_of_provinces_to_be_praised_calls_nobody_anything() -> None:
    assert "accreditation" not in gives("现予公示。", "2017年去产能拟激励省份名单公示")


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("（一）提供资金援助。必要时可直接发放现金。", "subsidy"),
        ("对符合条件的企业上云项目予以奖补。", "award"),
        ("第二章 土地优惠\n工业项目用地按最低价标准的一半执行。", "space"),
    ],
)
def test_a_grant_without_a_sum_is_read_where_it_is_said_who_gets_it(clause: str, code: str) -> None:
    assert code in gives(f"现将有关事项通知如下。\n{clause}")


def test_what_an_applicant_has_or_a_receipt_is_good_for_is_not_given() -> None:
    body = (
        "申请认定的企业，应具备：\n（一）拥有对应的代表性注册商标的所有权；\n"
        "二、材料：商标权利证明；（三）商标使用说明。"
    )
    assert "ip" not in gives(body, "关于开展老字号认定工作的通知")
    assert "insurance" not in gives("电子票据是医保部门检查的依据，是申请医疗费用报销的有效凭证。")


def test_a_title_that_draws_people_or_names_guaranteed_loans_gives_them() -> None:
    assert "talent" in gives("用人单位向主管单位申报。", "滨江市引进毕业生管理办法")
    assert "guarantee" in gives("贷款金额最高400万元。", "创业组织创业担保贷款")
    assert "subsidy" in gives("产业化项目，择优给予国拨经费支持。", "火炬计划申报条件")
