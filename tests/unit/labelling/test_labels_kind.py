"""What sort of document it is: the body decides where it disagrees with the title."""

import pytest

from streams.labelling import label_document


def kind(title: str, body: str = "给予补贴。") -> str:
    (found,) = [x.code for x in label_document(title=title, body=body, issuer="") if x.dimension == "kind"]
    return found


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于印发滨江市促进会展业发展若干政策的通知", "measure"),
        ("滨江市专利资助项目申报评审实施细则", "measure"),
        ("关于免征垃圾处理费的公告", "measure"),
        ("滨江市创业大赛奖励办法", "measure"),
        ("关于优化住房公积金最高贷款额度动态调整机制的通知", "measure"),
        ("滨江市会展业工作动态", "notice"),
        ("关于组织申报2025年度专利资助项目的通知", "call"),
        ("关于转发《省厅关于开展绿色工厂推荐工作的通知》的通知", "call"),
        ("2025年软科学研究项目申报指南", "call"),
        ("关于公开征求《滨江市停车条例（征求意见稿）》意见的公告", "consultation"),
        ("《停车条例（征求意见稿）》公开征求社会意见情况的反馈", "notice"),
        ("2025年专利资助拟立项项目名单公示", "notice"),
        ("关于举办小微企业融资对接会的通知", "event"),
        ("创新大赛初评结果公示", "notice"),
        ("滨江市停车条例", "law"),
        ("中华人民共和国某某法", "law"),
        ("停车收费办法", "measure"),
        ("《停车条例》解读", "interpretation"),
        ("一图读懂停车新规", "interpretation"),
        ("滨江市创新券管理办法（征求意见稿）", "consultation"),
        ("滨江市创新券管理办法（试行）", "measure"),
        ("滨江市人民政府令第12号 滨江市停车管理办法", "law"),
        ("关于认定2025年企业技术中心的通知", "notice"),
        ("家电以旧换新补贴申领指南", "guide"),
        ("居住证怎么办理？一文说清", "guide"),
        ("企业开办办事指南", "guide"),
        ("关于促进科技创新政策落地的若干措施", "measure"),  # 创新政策 is no 新政
    ],
)
def test_the_title_mostly_says_it(title: str, expected: str) -> None:
    assert kind(title) == expected


def test_a_draft_says_so_under_its_title() -> None:
    title = "关于推动某产业发展的若干措施"
    assert kind(title, f"{title}\n（征求意见稿）\n为推动产业发展，特制定本措施。") == "consultation"
    assert kind(title, "在广泛征求意见的基础上，特制定本措施。") == "measure"


def test_news_of_a_policy_is_an_interpretation_even_under_the_policys_title() -> None:
    title = "滨江市住房保障若干措施的通知"
    assert (
        kind(title, "记者从市住建局获悉，《措施》明确，购房可获补贴。该负责人介绍了情况。")
        == "interpretation"
    )
    assert kind(title, "一、出台背景\n为稳定市场。\n二、主要内容解读\n购房补贴。") == "interpretation"
    assert kind(title, "为稳定市场，制定本措施。\n一、发放购房补贴。") == "measure"


def test_a_headline_above_the_text_of_the_policy_leaves_it_a_measure() -> None:
    body = "滨江市人民政府关于稳定经济的若干意见\n为稳定经济，现提出如下意见。一、减免租金。"
    assert kind("滨江出台稳经济若干意见", body) == "measure"
    assert kind("滨江出台稳经济十条", "记者昨日获悉，滨江出台稳经济十条。") == "interpretation"


def test_rules_promulgated_by_decree_are_law() -> None:
    decree = "（2024年7月30日某某总署令第271号公布 自2024年12月1日起实施）第一条 为了规范管理，制定本办法。"
    assert kind("某某管理办法", decree) == "law"
    assert kind("某某管理办法", "根据《某某办法》（某某总署令第266号公布）制定本办法。") == "measure"


def test_a_notice_that_directs_departments_only_is_a_notice() -> None:
    title = "关于做好夏季防汛检查工作的通知"
    assert kind(title, "请各单位认真检查。") == "notice"
    assert kind(title, "对受灾农户给予补助。") == "measure"


def test_steps_under_a_headline_are_a_guide_and_news_is_none() -> None:
    assert kind("租房备案可以网办吗？在这里！", "操作流程：登录平台，点击“我要备案”。") == "guide"
    assert kind("职工养老金申领详解", "（一）窗口办理流程\n承诺办结时限：10个工作日。") == "guide"
    assert kind("创业补贴，请查收", "补贴标准：10000元。") == "guide"
    assert kind("租房备案有变化！", "市住建局放宽了条件。") == "interpretation"


def test_questions_and_answers_are_an_explanation_under_the_bare_title_of_the_policy() -> None:
    body = "热点3问\n1.指标有多少？\n答：1万个。\n2.条件是什么？\n答：年满18周岁。"
    assert kind("滨江市积分制入户管理办法", body) == "interpretation"
    assert kind("滨江市积分制入户管理办法", "第一条 为规范入户，制定本办法。") == "measure"


def test_who_sets_a_fine_makes_law() -> None:
    body = "第一条 为加强管理，制定本办法。\n第九条 违反规定的，处五百元以上一千元以下罚款。"
    assert kind("滨江市停车办法", body) == "law"
    assert kind("关于印发停车办法的通知", body) == "measure"


def test_a_notice_that_only_tells_offices_what_to_do_is_no_measure() -> None:
    body = "现将有关事项通知如下：\n一、各地工信部门要督促企业落实消毒。\n二、各级要加强值守。三、各地要及时上报。"
    assert kind("关于有序推进企业复工的通知", body) == "notice"
    assert kind("关于有序推进企业复工的若干措施", body) == "measure"


def test_a_list_of_policies_that_says_how_to_get_each_is_a_guide() -> None:
    each = "对招用毕业生的企业给予补贴。"
    assert kind("就业扶持政策清单", each * 3) == "measure"
    assert kind("就业扶持政策清单", f"{each}申领方式：登录平台办理。" * 3) == "guide"


def test_rules_of_conduct_in_an_epidemic_are_announced_by_notice() -> None:
    body = "为做好防控，现就十条措施公告如下：一、居民外出必须戴口罩。二、公共场所一律关闭。"
    assert kind("关于进一步强化疫情防控十条措施的公告", body) == "notice"


def test_a_draft_is_one_behind_the_navigation_of_its_page() -> None:
    page = "首页 政务公开 政民互动 公众服务 新闻中心 走进滨江 索引号 : 12 查询 滨江市专项资金管理办法 "
    body = "(征求意见稿) 第一章 总则 第一条 目的和依据 为规范资金管理，制定本办法。"
    assert kind("滨江市专项资金管理办法", page + body) == "consultation"


def test_what_presses_offices_to_carry_out_another_document_is_a_notice() -> None:
    title = "关于贯彻落实阶段性减免企业社会保险费政策的通知"
    assert kind(title, "现就有关事项通知如下：各税务局抓紧制定操作办法，纳入绩效考评。") == "notice"
    assert kind(title, "现就有关事项通知如下：中小微企业免征社会保险费。") == "measure"


def test_a_headline_on_rules_whose_text_tells_the_day_they_came_out_is_news() -> None:
    body = "市金融局、市财政局两部门于20日联合出台《实施细则》支持企业。相关负责人介绍说，自发布之日实施。"
    assert kind("滨江发布“金融十条”实施细则", body) == "interpretation"


def test_answers_that_are_only_attached_explain_no_policy_away() -> None:
    body = "有关政策适用期限统一延长。\n附：答记者问\n有关负责人答记者问\n问：背景是什么？\n答：市场形势。\n"
    assert kind("关于延长有关政策期限的通知", body) == "measure"
    assert kind("有关负责人就政策期限答记者问", "问：背景是什么？\n答：市场形势。") == "interpretation"


def test_a_text_that_tells_what_the_document_also_asks_for_is_news() -> None:
    body = "对购房给予补贴。滨江市还将优化贷款认定。\n" + "对购房人按标准发放补贴。" * 50
    told = "\n文件还要求，优化过户流程。文件提出，优化审批。文件还提出，加强宣传。"
    assert kind("促进房地产市场若干措施", body + told) == "interpretation"
    assert kind("促进房地产市场若干措施", body) == "measure"


def test_a_headline_over_the_policy_itself_is_no_news_of_it() -> None:
    headline = "最高5万元！滨江区购房补贴政策来了"
    body = "一、补贴范围：购买新建商品住宅的，按总价1%给予补贴。二、申请人应提交材料，逾期视同放弃。"
    assert kind(headline, body) == "measure"
    assert kind(headline, "记者从区政府获悉，购房补贴政策近日发布。") == "interpretation"


@pytest.mark.parametrize(
    "title",
    [
        "关于认定第八批龙头企业的通知",
        "关于评定滨江古镇为旅游景区的公告",
        "关于启动救助应急响应的通知",
        "关于表扬巾帼标兵的决定",
        "关于废止《滨江市安家补贴实施细则》的通知",
        "关于汇算清缴的温馨提示",
        "关于放映补贴资金拨付的通知",
        "关于做好技术合同认定登记工作的通知",
    ],
)
def test_what_is_settled_or_only_said_again_is_a_notice(title: str) -> None:
    assert kind(title, "现将有关事项予以明确，请知悉。") == "notice"


def test_a_bare_notice_that_gives_nothing_is_one_of_work() -> None:
    assert kind("关于发布建设工程人工费指数的通知", "供工程计价参考。") == "notice"
    assert (
        kind("关于发布建设工程人工费指数的通知", "对施工单位给予一次性补贴，符合条件的按季发放。")
        == "measure"
    )


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("关于组织开展高素质农民培育工作的通知", "年满18周岁的均可报名，培训免费。"),
        ("关于医师规范化培训招收工作的通知", "网上提交材料。"),
        ("关于公开选聘行业专家的通知", "申请表发至邮箱。"),
        ("关于特种作业考试的通知", "考试时间另行通知。"),
        ("关于探矿权出让的公告", "竞买人为法人。"),
        ("关于排污权储备出让的公告", "请于8月5日前报名。"),
    ],
)
def test_who_may_enrol_bid_or_be_examined_is_invited(title: str, body: str) -> None:
    assert kind(title, body) == "call"


def test_what_people_wish_for_is_asked_before_there_is_a_draft() -> None:
    assert kind("关于征集2026年民生实事项目的公告", "请于月底前来信。") == "consultation"


def test_a_fair_of_jobs_is_an_event() -> None:
    assert kind("关于开展专场招聘活动的公告", "欢迎求职者到场。") == "event"


def test_what_has_to_be_declared_is_no_call_and_a_finding_is_a_notice() -> None:
    assert kind("关于延长申报纳税期限的公告", "请合理安排。") == "notice"
    assert kind("关于检测单位资质认定的公告", "江州检测公司等6家具备资质。") == "notice"
    assert kind("关于开展检测单位资质认定的公告", "请提交材料。") == "call"
    assert kind("关于招生录取分数线的公告", "见附件。") == "notice"


def test_whoever_is_to_be_put_on_a_list_is_named_to_it_first() -> None:
    assert kind("关于推荐绿色制造名单的通知", "请于月底前报送。") == "call"
    assert kind("关于推荐名单的公示", "现予公示。") == "notice"


def test_a_session_that_is_held_is_an_event_whatever_it_teaches() -> None:
    assert kind("关于开展企业所得税汇算清缴辅导会的通知", "请准时参加。") == "event"


def test_a_grant_by_announcement_is_a_measure_and_who_has_it_a_notice() -> None:
    body = "个人额度提高到30万元，可申请财政贴息。"
    assert kind("关于创业担保贷款额度的公告", body) == "measure"
    assert kind("关于创业担保贷款名单的公告", body) == "notice"


def test_what_offices_did_is_news_of_no_policy() -> None:
    assert kind("滨江市第三届技能大赛圆满落幕", "共有560名选手参加。") == "notice"
    assert kind("省领导调研重点工业企业", "强调推动工业经济开门红。") == "notice"


def test_a_hearing_asks_for_what_people_say() -> None:
    assert kind("关于举行运价调整听证会的公告", "消费者自愿报名。") == "consultation"


def test_who_is_decided_upon_by_name_is_a_notice_and_a_white_list_is_no_result() -> None:
    assert kind("关于给予见义勇为奖励的决定", "各奖励3万元。") == "notice"
    assert kind("关于加快发展养老服务的决定", "给予补贴。") == "measure"
    assert kind("关于融资白名单推荐的通知", "请填写推荐表报送。") == "call"


def test_a_matter_of_the_service_hall_says_what_it_takes() -> None:
    body = "一、办理条件：企业应当具有许可证。二、所需资料：申请表。三、业务流程：到窗口提交。"
    assert kind("剧毒化学品公路运输通行证申领", body) == "guide"
    assert kind("青年人才购房补贴申领", "符合条件的请于6月30日前申领。") == "call"


def test_a_standard_called_a_guide_is_a_measure() -> None:
    body = "现将《三级综合医院医疗服务能力指南》印发给你们，请遵照执行。"
    assert kind("关于印发三级综合医院医疗服务能力指南（2016年版）的通知", body) == "measure"


def test_the_sheet_of_a_matter_is_a_guide_whatever_it_is_called_and_whatever_it_rests_on() -> None:
    body = (
        "办事依据\n1．滨江省就业条例（2009年3月26日，省人大常务委员会第8次会议审议通过）；\n"
        "办事流程\n1．申请。到窗口提交材料。"
    )
    assert kind("创业贷款办理", body) == "guide"
    assert kind("一次性扩岗补助政策", "政策简介\n招用毕业生的企业可得补助。\n办理流程\n线上提交。") == "guide"
    assert kind("支持旅游品牌创建", "给予奖励。\n办理要件：申报书。\n办理流程：逐级申报。") == "guide"
    body = "自8月17日起受理许可延续的申请，现将办理流程公告如下：\n一、办理条件\n具有法人资格。"
    assert kind("关于网约车许可延续事项办理的公告", body) == "guide"


def test_what_a_government_decrees_is_law_also_with_the_number_on_a_line_of_its_own() -> None:
    body = "滨江省人民政府令\n第231号\n《滨江省化学品管理规定》已经省人民政府常务会议审议通过，现予公布。"
    assert kind("滨江省化学品管理规定", body) == "law"
    assert kind("滨江省化学品管理规定", "为加强管理，制定本规定。") == "measure"


def test_a_newspapers_own_page_tells_news_whatever_its_headline_invites_to() -> None:
    body = "滨江网讯 自细则落地，不少市民关注办理步骤。日前，记者从运管处了解到，驾驶员可登录系统办理。"
    assert kind("滨江申领驾驶员证可网上报名", body) == "interpretation"


def test_the_card_of_a_policy_is_a_guide_and_a_paper_that_is_issued_is_none() -> None:
    card = (
        "一、办理依据：相关通知。\n二、申请对象：本市小微企业。\n三、申请条件：依法登记。\n"
        "四、补贴标准：8000元。\n五、受理部门：区就业中心。"
    )
    assert kind("首次创业一次性补贴政策", card) == "guide"
    assert kind("关于首次创业一次性补贴的通知", card) == "measure"
    lines = "1、补贴对象\n小微企业。\n2、补贴条件\n依法登记。\n3、补贴标准\n每人1500元。\n4、申报时间\n12月31日前。"
    assert kind("滨江一次性吸纳就业补贴", lines) == "guide"
    assert kind("留学人员申请相关要求", "一、申报范围\n在本区注册。\n二、申报材料\n申报表。") == "guide"


def test_what_a_ministry_decrees_is_law_with_the_decree_in_brackets_below_the_title() -> None:
    body = (
        "（国家保障局令第 5 号）\n《举报处理暂行办法》已经局务会议审议通过，现予公布。\n"
        "第一条 为规范举报处理，制定本办法。"
    )
    assert kind("举报处理暂行办法", body) == "law"
    cited = "根据《管理办法》（国家保障局令第5号），制定本办法。名单现予公布。"
    assert kind("举报处理暂行办法", cited) == "measure"


def test_a_list_that_a_title_names_is_a_paper_and_no_guide() -> None:
    title = "关于推进《载货清单》无纸化工作的公告"
    assert kind(title, "现就有关事项公告如下：企业无需提交纸质清单。") != "guide"
