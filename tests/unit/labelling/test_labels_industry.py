"""An industry is labelled where the whole document is about it, or where a clause grants its businesses something."""

import pytest

from config.taxonomies import load_taxonomy
from tests.support.labelled import FILLER, industries, sections


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("关于促进生物医药产业高质量发展的若干措施", "C27"),
        ("锂电池产业发展行动方案", "C384"),
        ("光伏制造行业规范条件", "C3825"),
        ("关于推进装配式建筑发展的实施意见", "E47"),
        ("关于支持直播电商发展的若干措施", "F5292"),
        ("快递市场管理办法", "G"),
        ("关于支持冷链物流发展的意见", "G593"),
        ("关于支持民宿产业发展的实施意见", "H613"),
        ("人工智能产业发展条例", "I65"),
        ("物业管理条例", "K702"),
        ("人力资源服务机构管理规定", "L726"),
        ("检验检测机构资质认定管理办法", "M745"),
        ("再生资源回收管理办法", "C42"),
        ("普惠托育服务专项行动实施方案", "O802"),
        ("养老机构运营补贴管理办法", "Q8514"),
        ("文化产业发展专项资金管理办法", "R88"),
        ("现代种业振兴行动扶持政策", "A0511"),
        ("矿产资源管理条例", "B"),
    ],
)
def test_a_title_names_the_most_specific_industry(title: str, code: str) -> None:
    assert code in industries("现将有关事项通知如下，请遵照执行。", title)


@pytest.mark.parametrize(
    "title",
    [
        "关于发放新能源汽车购置补贴的通知",
        "关于发放购房补贴的通知",
        "汽车以旧换新补贴实施细则",
        "中小企业发展专项资金管理办法",
        "关于调整住房公积金贷款政策的通知",
        "残疾人就业条例",
        "省农业农村厅关于公开招聘工作人员的公告",
    ],
)
def test_a_title_for_buyers_or_for_all_names_none(title: str) -> None:
    assert industries("现将有关事项通知如下，请遵照执行。", title) == []


@pytest.mark.parametrize(
    ("clause", "letter"),
    [
        ("对年营业收入首次突破1亿元的餐饮企业，给予一次性奖励10万元。", "H"),
        ("对新建冷库的冷链企业，按投资额的20%给予补助。", "G"),
        ("支持旅行社应对经营困难，向旅行社暂退旅游服务质量保证金。", "L"),
        ("对员工制家政企业，按实际缴费的50%给予社会保险补贴。", "O"),
        ("对新增入库的规上文旅企业，每户补助20万元。", "R"),
        ("对畜禽养殖企业的流动资金贷款，财政给予贴息。", "A"),
        ("对晋升特级资质的建筑业企业，给予500万元奖励。", "E"),
        ("对民办养老机构，每张床位奖励养老机构5000元。", "Q"),
        ("经认定的跨境电商企业，按出口额给予最高100万元奖励。", "F"),
    ],
)
def test_a_clause_that_grants_something_is_enough_in_a_long_document(clause: str, letter: str) -> None:
    assert letter in sections(FILLER + clause + FILLER)


@pytest.mark.parametrize(
    "clause",
    [
        "餐饮企业应当落实食品安全主体责任。",
        "旅客乘坐出租车的，给予补贴。",
        "市农业农村局、市交通运输局、市文化和旅游局按职责做好工作。",
        "检验检测机构减免检测费用。",
        "开展银行业金融机构与企业对接。",
        "聚焦人工智能、集成电路等领域引进高层次人才，给予安家补贴。",
        "推动区块链、物联网等技术在政务服务领域的应用。",
        "对医疗机构开展监督检查。",
        "老年人免费游览博物馆、公园，景区门票享受减免。",
        "残疾人乘坐城市公共汽车、城市轨道交通享受减免。",
        "按照国家政策缓缴基本养老保险费，困难行业企业缓缴期限延长。",
        "纳税人通过网上申请办理发票寄递业务，免收邮寄费用。",
        "食品生产企业的生产许可证到期的，延期至应急响应解除后办理。",
        "对餐饮、住宿等行业企业，及时辅导落实小微企业普惠性减税政策。",
        "符合条件的项目，施工总承包企业工程保证金减半缴纳。",
        "支持汽车、建材、装备、机械、家电、纺织等企业开拓境外市场。",
        "对文旅展会等活动给予扶持，购买服务适当向文旅企业倾斜。",
    ],
)
def test_a_duty_a_customer_or_a_passing_mention_is_not(clause: str) -> None:
    assert industries(FILLER + clause + FILLER) == []


def test_a_list_of_hit_industries_with_relief_names_each_of_them() -> None:
    clause = (
        "对旅游、住宿、餐饮、会展、商贸流通、交通运输、教育培训等受影响较大的行业企业，可缓缴社会保险费。"
    )
    assert sections(FILLER + clause) == {"F", "G", "H", "L", "P", "R"}
    assert {"F", "G", "H", "L", "P"} <= sections(FILLER * 8 + clause)


def test_a_list_of_industries_without_relief_names_none() -> None:
    assert sections(FILLER + "旅游、住宿、餐饮等行业恢复较慢，要加强监测分析。") == set()


def test_what_lies_in_the_scope_of_applications_counts() -> None:
    body = "一、支持对象\n从事软件和信息技术服务业、工业设计的企业。\n二、联系方式\n电话另行公布。"
    assert {"I", "M"} <= sections(body, "关于组织申报专项资金的通知")


HOUSING = "关于促进房地产市场平稳健康发展的若干措施"


@pytest.mark.parametrize(
    "clause",
    [
        "房地产开发企业可分期缴纳城市基础设施配套费，缓缴期限不超过一年。",
        "鼓励金融机构与房地产企业自主协商存量融资展期，满足房企合理融资需求。",
        "优化商品房预售资金监管，支持企业以保函置换预售监管资金。",
        "竞买保证金比例下调至20%，土地出让价款可在一年内分期缴纳。",
    ],
)
def test_relief_for_developers_is_real_estate(clause: str) -> None:
    assert sections("一、支持合理住房需求。\n" + clause, HOUSING) == {"K"}


@pytest.mark.parametrize(
    "clause",
    [
        "对购买新建商品住房的家庭，每套给予1万元购房补贴。",
        "房地产经纪机构应当明码标价，严厉打击违规行为。",
        "购房款应当存入商品房预售资金监管账户，严禁挪用。",
        "开发企业提供虚假材料骗取购房补贴的，依法追回。",
    ],
)
def test_what_buyers_get_and_developers_must_is_not(clause: str) -> None:
    assert sections(FILLER + clause, HOUSING) == set()


def test_every_code_is_one_of_the_standard() -> None:
    body = "一、支持人形机器人企业。对人形机器人企业给予奖励。"
    known = load_taxonomy().codes["industry"]
    assert set(industries(body, "具身智能产业政策")) <= set(known)


def test_hit_industries_whose_loans_may_not_be_called_in_are_named() -> None:
    clause = "对受影响较大的批发零售、住宿餐饮、文化旅游等行业，银行机构不得盲目抽贷、断贷、压贷。"
    assert sections(FILLER * 4 + clause + FILLER * 4) == {"F", "H", "R"}


def test_builders_whose_loans_go_on_are_not_where_homes_are_meant() -> None:
    clause = "金融机构加大对房地产项目和建筑企业的支持力度，不盲目抽贷、断贷、压贷。"
    assert "E" not in sections(FILLER + clause, HOUSING)


def test_one_reward_to_banks_for_what_others_borrow_is_not_enough_in_a_long_document() -> None:
    clause = "对银行机构向小微企业发放的续贷贷款，按金额给予奖励。"
    assert "J" not in sections(FILLER * 4 + clause + FILLER * 4)
    assert "J" in sections("对证券公司、股权投资企业在本区新设机构的，给予落户奖励。" + FILLER)


def test_a_promise_of_banks_is_no_grant_to_the_trades_it_names() -> None:
    assert industries(FILLER + "引导信贷资源向住宿餐饮、物流运输等行业倾斜。" + FILLER) == []


@pytest.mark.parametrize(
    "clause",
    [
        "对疫情防控重点物资生产企业扩大产能购置设备，允许税前一次性扣除，全额退还增值税增量留抵税额。",
        "对运输疫情防控重点保障物资和提供公共交通、生活服务、邮政快递收入免征增值税。",
        "支持企业扩能转产，缓缴社会保险费。",
    ],
)
def test_relief_that_every_circular_of_an_epidemic_repeats_names_no_industry(clause: str) -> None:
    assert industries(FILLER + clause + FILLER, "关于应对疫情支持企业发展的若干措施") == []


def test_makers_of_what_an_epidemic_needs_are_industry_where_the_title_is_for_them() -> None:
    body = "支持相关企业尽快投产。"
    assert sections(body, "关于支持疫情防控重要物资生产的措施") == {"C"}
    assert sections("对新上生产口罩、防护服的企业给予奖励。" + FILLER) == {"C"}


@pytest.mark.parametrize(
    "title", ["义务教育阶段学校招生工作细则", "幼儿园招生工作方案", "随迁子女积分制入学工作指引"]
)
def test_whom_a_school_takes_in_is_for_pupils(title: str) -> None:
    body = "民办学校在核准的招生计划内招生。学生在民办学校就读的，按每学期标准给予学位补贴。"
    assert industries(body, title) == []
    assert sections("对普惠性民办幼儿园、民办学校给予补贴。", "关于支持民办教育的意见") == {"P"}


def test_a_form_of_business_among_others_is_no_industry() -> None:
    founded = (
        "毕业生创办的小微企业、个体工商户、社会组织、律师事务所、会计师事务所和农民专业合作社，给予补贴。"
    )
    assert industries(FILLER + founded + FILLER) == []
    assert sections(FILLER + "对新引进的律师事务所给予奖励。") == {"L"}
    assert sections(FILLER + "对农民专业合作社给予贷款贴息。") == {"A"}


def test_software_that_factories_buy_with_vouchers_is_for_factories() -> None:
    body = "一、申领对象\n有采购工业软件产品需求的制造业企业。\n二、申领范围\n研发设计类工业软件、经营管理类工业软件。"
    assert sections(body, "关于开展2026年工业软件券申领工作的通知") == {"C"}


def test_a_law_that_binds_all_who_hold_data_wishes_for_an_economy_and_names_no_industry() -> None:
    wish = "第七条 国家鼓励数据依法合理利用，促进以数据为关键要素的数字经济发展。培育数据交易市场。"
    assert industries(wish * 2 + FILLER, "数据安全法") == []
    assert sections("现公布如下。", "数字经济促进条例") == {"I"}


def test_what_the_state_encourages_by_law_is_a_principle() -> None:
    encouraged = "鼓励软件企业创新。支持软件企业发展。" * 3
    assert sections(encouraged + FILLER) == {"I"}
    assert sections(encouraged.replace("鼓", "国家鼓").replace("支", "国家支") + FILLER) == set()


def test_a_heading_of_its_own_weighs_more_than_what_a_sentence_encourages() -> None:
    rest = f"{FILLER}\n三、加强统筹\n{FILLER}"
    assert sections(f"一、总体要求\n{FILLER}\n二、支持软件企业发展\n{rest}") == {"I"}
    assert sections(f"一、总体要求\n{FILLER}\n二、优化服务\n支持软件企业发展。{rest}") == set()


def test_a_discount_that_developers_agree_to_is_nothing_they_get() -> None:
    clause = "鼓励房地产开发企业自愿参加团购优惠活动，给予购房人价格让利，活动期间的奖励由企业承担。"
    title = "关于促进房地产市场平稳健康发展的若干措施"
    assert "K" not in sections(clause + "开展房交会、展销会等住房团购活动。" + FILLER, title)
