"""What a document is mainly about: one theme, a second only if it is as much about it."""

import pytest

from streams.labelling import label_document


def themes(title: str, body: str = "请贯彻执行。") -> list[str]:
    return [x.code for x in label_document(title=title, body=body, issuer="") if x.dimension == "theme"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于推进政务公开工作的意见", "T02"),
        ("关于应对疫情助企纾困的若干措施", "T03"),
        ("关于延长小规模纳税人增值税优惠政策的公告", "T04"),
        ("关于加强耕地保护的意见", "T05"),
        ("滨江市河道采砂管理办法", "T06"),
        ("关于促进低空经济发展的若干措施", "T07"),
        ("关于组织开展零碳工厂建设工作的通知", "T07"),
        ("关于促进生物医药产业发展的若干措施", "T07"),
        ("关于加快文旅产业恢复发展的若干政策", "T08"),
        ("关于推进跨境电商综试区建设的实施方案", "T08"),
        ("公平竞争审查条例", "T09"),
        ("滨江市城市供水条例", "T10"),
        ("关于优化住房公积金贷款的通知", "T10"),
        ("关于推进学前教育普及普惠的意见", "T11"),
        ("关于促进电影放映的若干措施", "T12"),
        ("关于加强疫情防控工作的通知", "T13"),
        ("关于推进婴幼儿托育服务发展的意见", "T14"),
        ("关于扩大失业保险保障范围的通知", "T15"),
        ("滨江市长期护理保险办法", "T15"),
        ("滨江市户籍迁移管理规定", "T16"),
        ("个人信息保护规定", "T16"),
        ("关于做好困难群众临时救助工作的意见", "T17"),
        ("关于加强宗教活动场所管理的通知", "T18"),
        ("关于外国人来华工作许可的通知", "T19"),
        ("关于落实台湾同胞同等待遇的措施", "T20"),
        ("滨江市征兵工作细则", "T21"),
    ],
)
def test_the_title_names_the_subject(title: str, expected: str) -> None:
    assert themes(title) == [expected]


def test_words_that_frame_any_policy_are_no_subject() -> None:
    assert themes("滨江市人民政府关于促进健康发展的意见", "推动高质量发展。" * 5) == []


def test_what_a_text_only_touches_is_no_second_theme() -> None:
    body = "一、发放购房补贴。\n二、落实个人所得税退税。\n三、子女入学按规定办理。\n四、加强就业服务。"
    assert themes("关于促进房地产市场平稳健康发展的措施", body) == ["T10"]


def test_a_document_as_much_about_two_subjects_has_both() -> None:
    assert set(themes("关于住房契税和住房贷款利率税收政策的公告")) == {"T04", "T10"}


def test_a_headline_without_a_subject_leaves_it_to_the_opening() -> None:
    body = "为优化住房公积金政策，支持缴存人购房，现就提取公积金、公积金贷款通知如下。"
    assert themes("六条新措，明天起实施", body) == ["T10"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于受理人才公寓申请的公告", "T10"),  # homes, whomever they are for
        ("关于对青年人才实行住房公积金贷款补贴的通知", "T10"),
        ("支持港澳青年创新创业实施办法", "T20"),
        ("关于有序推进工业企业复工复产的通知", "T07"),
        ("市场主体登记管理条例", "T09"),
        ("关于做好疫情防控物资扩产转产工作的通知", "T07"),
    ],
)
def test_the_narrower_matter_of_a_title_is_its_theme(title: str, expected: str) -> None:
    assert themes(title)[0] == expected


def test_customs_are_not_read_in_the_words_for_taxes_concerned() -> None:
    assert themes("关于个人养老金有关税收政策的公告", "现将有关税收政策公告如下，相关税费依法缴纳。") == [
        "T04"
    ]


def test_a_tax_on_those_who_trade_their_home_is_as_much_about_homes() -> None:
    body = "一、对出售自有住房并重新购买住房的纳税人，退还税款。新购住房为二手房的，以购房金额为准。"
    assert set(themes("关于支持居民换购住房有关个人所得税政策的公告", body)) == {"T04", "T10"}
    body = "一、个人购买家庭唯一住房的，减按1%征收契税。二、住宅销售和房地产开发的预征率下调。"
    assert set(themes("关于促进房地产市场发展有关税收政策的公告", body)) == {"T04", "T10"}


def test_what_an_office_does_for_firms_in_an_epidemic_is_not_about_health() -> None:
    title = "市场监管局关于打赢疫情防控阻击战服务企业措施的通知"
    assert "T13" not in themes(title, "减免检验检测费用，延长食品许可期限，加强市场监管服务。")


def test_who_supports_the_battle_against_an_epidemic_relieves_firms_too() -> None:
    title = "关于支持打好新冠肺炎疫情防控阻击战若干措施的通知"
    assert set(themes(title, "做好疫情防控，加强医疗救治、药品保障，稳定企业生产经营。")) == {"T03", "T13"}
    assert themes("关于打好肺炎疫情防控阻击战若干措施的通知", "做好隔离、消毒工作。") == ["T13"]


def test_departments_that_a_law_lists_are_not_its_subject() -> None:
    body = "国家新闻出版、电影部门和教育、公安、文化和旅游、广播电视等有关部门做好未成年人保护工作。"
    assert themes("滨江市未成年人保护条例", body * 3) == ["T14"]


def test_whom_a_title_names_as_compatriots_are_its_only_matter() -> None:
    body = "支持港澳青年创新创业，科技企业入驻孵化器。区科技局负责创新创业工作。"
    assert themes("深化支持港澳青年创新创业高质量发展实施办法", body) == ["T20"]


def test_an_issuer_tells_what_a_notice_is_about_that_does_not_say_it() -> None:
    given = label_document(title="关于名单的公告", body="现予公布，请相互转告。", issuer="滨江市商务局")
    theme = next(x for x in given if x.dimension == "theme")
    assert (theme.code, theme.rule, theme.quote) == ("T08", "issuer:商务局", "")


def test_an_issuer_is_not_asked_where_the_notice_says_what_it_is_about() -> None:
    given = label_document(title="关于公租房摇号的公告", body="现予公布。", issuer="滨江市商务局")
    assert [x.code for x in given if x.dimension == "theme"] == ["T10"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于受理化工企业技改项目环境影响报告书的公示", "T10"),  # what a plant does, not what it makes
        ("关于小麦病虫害防控的通知", "T06"),  # no epidemic of people
        ("关于青少年足球锦标赛的通知", "T13"),  # the young are its matter only where nothing else is
        ("关于组建林业评审专家库的通知", "T06"),  # who judges is not
        ("关于特种作业考试的通知", "T09"),
        ("关于导游资格考试的通知", "T08"),
        ("关于安全文化建设示范企业的通知", "T09"),
        ("关于文艺精品扶持的通知", "T12"),
        ("关于赴德国参加工业博览会的通知", "T08"),
    ],
)
def test_the_matter_of_a_short_notice_is_what_its_words_mean_together(title: str, expected: str) -> None:
    assert themes(title)[0] == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于国道半幅封闭的通告", "T07"),
        ("关于探矿权出让的公告", "T05"),
        ("关于重点建设项目的通知", "T03"),
        ("关于教学成果的通知", "T11"),
        ("关于巾帼标兵的决定", "T14"),
        ("关于政务大厅放假的公告", "T02"),
        ("关于退役士兵选岗的公告", "T17"),
        ("关于欠薪线索的公告", "T15"),
        ("关于水土保持的通知", "T06"),
    ],
)
def test_everyday_words_of_a_department_are_its_matter(title: str, expected: str) -> None:
    assert themes(title) == [expected]


def test_firms_alone_are_no_matter_and_farms_are_built_to_standards_as_well() -> None:
    assert themes("关于企业名单的公示", "现公示如下。") == []
    assert themes("关于畜禽养殖标准化示范场的通知") == ["T06"]
    assert set(themes("关于知识产权质押融资贴息的通知")) >= {"T09"}


def test_an_examination_a_contest_or_a_loan_is_less_the_matter_than_what_it_is_for() -> None:
    assert themes("关于造价工程师考试的公告")[0] == "T10"
    assert themes("关于数字经济创新大赛的通知") == ["T07"]
    assert "T06" in themes("关于林业贷款贴息项目的公示")


def test_rent_that_firms_are_let_off_is_no_matter_of_homes() -> None:
    assert themes("关于减免中小企业房屋租金的通知") == ["T03"]
    assert themes("关于灵活就业人员公积金缴存的通知") == ["T10"]
    assert themes("关于留学回国人员安家费的通知") == ["T15"]


def test_visits_to_works_are_tourism_and_safe_consumption_is_supervision() -> None:
    assert "T08" in themes("关于工业旅游示范基地的公示")
    assert themes("关于放心消费示范单位的通知") == ["T09"]
    assert themes("关于见义勇为先进个人的通报") == ["T16"]


def test_a_law_on_a_tax_is_about_the_tax_as_well() -> None:
    body = "第一条 排放污水的，依照环境保护税法缴纳环境保护税。"
    assert set(themes("环境保护税法实施条例", body)) == {"T04", "T10"}


def test_a_register_of_firms_is_supervision_and_closing_mills_is_industry() -> None:
    assert "T09" in themes("关于电子商务经营者登记注册政策的实施意见")
    assert themes("2017年钢铁煤炭去产能任务安排") == ["T07"]


def test_the_name_of_a_bureau_of_two_matters_leaves_the_matter_to_the_rest_of_the_title() -> None:
    assert themes("滨江市文化广电旅游局关于开展导游人员线上培训工作的通知") == ["T08"]


def test_a_levy_on_sales_is_finance_whatever_it_is_for_and_receipts_are_so() -> None:
    assert themes("关于水利建设基金有关征收问题的通知") == ["T04"]
    assert "T04" in themes("滨江省医疗收费电子票据管理办法", "为规范票据管理，制定本办法。")


def test_a_plan_shown_before_it_is_approved_is_building_whatever_is_built() -> None:
    assert themes("滨江汽车公司新建汽车零部件项目规划方案批前公示") == ["T10"]


def test_a_firm_that_settles_somewhere_moves_no_household() -> None:
    body = "世界500强企业本部落户，给予2000万元；金融企业本部落户，给予1500万元；集团落户，给予1亿元。"
    assert "T16" not in themes("重点企业引进政策解读", body)
    assert themes("关于人才落户的通知") == ["T16"]


def test_what_may_be_made_into_drugs_is_public_security() -> None:
    assert themes("滨江省可制毒化学品管理规定") == ["T16"]


def test_goods_that_failed_a_test_are_supervision_as_well() -> None:
    body = "发现3批次药品不符合规定，药品监督管理部门已要求召回。"
    assert "T09" in themes("省药监局关于3批次药品不符合规定的通告", body)


def test_a_platforms_firm_is_no_taiwanese_one_and_research_is_science_whoever_pays() -> None:
    assert themes("关于征集促消费活动线上销售平台企业的公告") == ["T08"]
    assert themes("社会科学基金项目申报公告") == ["T11"]
