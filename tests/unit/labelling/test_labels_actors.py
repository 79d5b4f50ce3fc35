"""Who may act on a policy: whom it asks or gives something, not who stands beside them."""

from tests.support.labelled import codes_of


def test_who_is_asked_to_apply_may_act() -> None:
    body = "组织企业、高校、科研院所及行业协会积极申报。申报单位应当具有独立法人资格，每个企业限报一项。"
    found = codes_of("subject", body, "关于组织申报2026年度科技计划项目的通知")
    assert found == {"enterprise", "institution", "social-org"}


def test_a_traders_relief_is_for_individual_businesses() -> None:
    body = "对承租经营用房的个体工商户减免三个月租金。"
    assert "individual-business" in codes_of("subject", body)


def test_what_is_given_to_home_buyers_is_for_persons_alone() -> None:
    body = "个人购买首套住房的，凭购房合同和契税发票向住建局申请购房补贴，每户2万元。申请人不得重复申请。"
    assert codes_of("subject", body, "购房补贴实施细则") == {"person"}


def test_an_employer_that_only_stands_behind_persons_is_no_actor() -> None:
    body = (
        "失业人员可以申领失业保险金。用人单位主动解除劳动合同的，劳动者凭证明办理失业登记。用人单位不得拒绝出具证明。"
        "例如王先生在A公司就业，同时在B公司参保，A公司减员后，王先生本人可以申请失业保险金。"
    )
    assert codes_of("subject", body, "失业保险常见问题") == {"person"}


def test_persons_in_a_law_on_firms_are_those_who_register_them() -> None:
    body = (
        "市场主体包括公司、个人独资企业、农民专业合作社和个体工商户。市场主体应当办理登记，申请人可以委托他人办理，"
        "个体工商户参加经营的家庭成员姓名应当登记。公司、个体工商户可以申请简易注销登记。"
    )
    assert codes_of("subject", body, "市场主体登记管理办法") == {"enterprise", "individual-business"}


def test_where_somebody_studied_is_no_actor() -> None:
    body = "普通高校毕业生、行政事业单位工作人员购房的，可以申请住房公积金贷款，个人申请额度提高。"
    assert "institution" not in codes_of("subject", body, "住房公积金贷款办法")


def test_departments_that_carry_it_out_are_no_actors() -> None:
    assert (
        codes_of("subject", "各区人民政府、市有关部门：请认真贯彻落实。责任单位：市财政局、市医院管理局。")
        == set()
    )


def test_who_builds_homes_is_a_firm_wherever_a_clause_relieves_the_trade() -> None:
    body = "房地产开发项目可缓缴城市基础设施配套费，土地出让金可分期缴纳，预售资金监管额度相应降低。"
    assert "enterprise" in codes_of("subject", body, "关于促进房地产市场平稳健康发展的若干措施")
