"""What the reader can do now: apply only where the text gives something to apply for."""

import pytest

from streams.labelling import label_document


def action(title: str, body: str, **more: object) -> str:
    labels = label_document(title=title, body=body, issuer="", **more)  # type: ignore[arg-type]
    (found,) = [label.code for label in labels if label.dimension == "action"]
    return found


def test_a_grant_with_its_sum_and_its_way_can_be_applied_for() -> None:
    body = "对符合条件的企业给予最高50万元奖励。企业可向区商务局提出申请，申请材料如下。"
    assert action("关于印发促进会展业发展若干政策的通知", body) == "apply"


def test_a_policy_that_only_directs_departments_informs() -> None:
    body = "各部门要加强协调，落实责任，纳入绩效考核。推动产业发展，形成合力。"
    assert action("关于促进会展业发展的指导意见", body) == "inform"
    assert action("关于促进会展业发展的若干措施", body) == "inform"


def test_what_is_restricted_cannot_be_applied_for() -> None:
    body = "对拥有2套住房的家庭暂停向其销售住房。实施限购，房价一经备案不得调整。"
    assert action("关于加强房地产市场监管的通知", body) == "inform"
    opinion = "关于进一步促进房地产市场平稳健康发展的若干意见"
    terms = "再次申请贷款购房的，首付款比例不低于40%；申请贷款须提供证明。"
    assert action(opinion, f"实行住房限购政策，对拥有2套住房的家庭暂停向其销售新建住房。{terms}") == "inform"
    assert action(opinion, f"取消住房限购政策。{terms}") == "apply"


def test_what_comes_without_asking_is_automatic() -> None:
    assert action("关于稳岗返还的通知", "稳岗资金免申即享，无需申请，直接拨付。") == "auto"
    assert action("关于购房补贴的通知", "购房补贴即申即享，购房人提出申请，提交申请材料。") == "apply"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于组织申报2025年度专利资助项目的通知", "apply"),
        ("关于举办融资对接会的通知", "apply"),
        ("关于公开征求《停车条例（征求意见稿）》意见的公告", "consult"),
        ("专利资助拟立项项目名单公示", "inform"),
        ("滨江市停车条例", "inform"),
    ],
)
def test_the_sort_of_document_decides_where_it_can(title: str, expected: str) -> None:
    assert action(title, "给予补贴，申请人可提出申请。") == expected


def test_a_stated_kind_decides_as_well() -> None:
    assert action("关于某事的通知", "给予补贴。", given=["kind:notice"]) == "inform"


def test_care_for_the_poor_can_be_asked_for_and_offices_own_data_cannot() -> None:
    asked = "符合条件的，由本人向镇人民政府提出申请，给予补助，每人每月500元。"
    assert action("关于进一步加强特困人员救助供养工作的通知", asked) == "apply"
    shared = "政务部门需要共享数据的，应当提出申请；大数据局答复申请人。申请人可申请复核。"
    assert action("滨江市政务数据资源管理办法", shared) == "inform"


def test_new_figures_of_relief_and_care_for_staff_are_carried_out_by_offices() -> None:
    figures = "现公布我市最低生活保障、特困人员供养等标准：每人每月1309元，按新标准给予补贴。"
    assert action("关于印发最低生活保障及相关社会救助标准的通知", figures) == "inform"
    assert action("关于印发临时救助实施细则的通知", "困难家庭可申请临时救助，给予每户2000元补助。") == "apply"
    care = "各医院要为医务人员安排轮休。给予每人每天300元补助。"
    assert action("关于保障一线医务人员及其家属若干措施的通知", care) == "inform"


def test_a_notice_of_work_tells_offices_what_to_do() -> None:
    body = "各部门要落实责任，医务人员由单位给予每人每天200元补助。符合条件的企业可按规定返还失业保险费。"
    assert action("关于做好疫情防控期间社会保障相关工作的通知", body) == "inform"


def test_what_is_done_free_of_charge_can_be_asked_for_and_a_rate_cannot() -> None:
    assert action("关于妇女免费检查的通知", "凭身份证预约，可到定点医院检查。") == "apply"
    assert action("关于缴存比例核定的通知", "住房公积金缴存比例为5%至12%。") == "inform"


def test_who_is_proceeded_against_applies_for_nothing() -> None:
    body = "行政复议中，被申请人为作出决定的海关。被申请人应当提出答复，被申请人不得自行收集证据。"
    assert action("行政复议中确定被申请人的七种情况", body) == "inform"


def test_what_is_granted_unasked_is_so_under_the_headings_of_a_form() -> None:
    body = (
        "申报对象：企业\n申报时间：2026-05-20至2026-06-05\n申报方式：线上申请\n申报条件\n获评的企业。\n"
        "申报材料\n本政策采用免申即享方式，无需企业主动提交任何材料。"
    )
    assert action("首次获评企业资助项目", body) == "auto"


def test_news_of_a_press_conference_is_only_to_be_known() -> None:
    body = "记者从发布会上获悉，个人负担的合规费用由大病保险给予补偿，1万元以上部分给予50%的补偿。"
    assert action("居民大病保险政策解读新闻发布会", body) == "inform"


def test_a_plan_shown_before_it_is_approved_asks_what_people_say() -> None:
    body = "有关单位和个人对该项目有意见的，可以在公示期内反映。"
    assert action("滨江食品厂新建项目规划方案批前公示", body) == "consult"


def test_what_an_agency_pays_unasked_by_its_manner_of_working_is_auto() -> None:
    body = "申报条件\n缴纳失业保险费的企业。\n办理流程\n采取“免申即享”经办模式，主动将资金发放至企业账户。"
    assert action("一次性扩岗补助政策", body) == "auto"


def test_a_grant_of_a_policy_that_is_pushed_ahead_can_be_applied_for() -> None:
    body = "对首次获评专精特新的企业，给予25万元的资助。"
    title = "关于印发《关于大力推进新型工业化的若干政策意见的操作细则》的通知"
    assert action(title, body) == "apply"
    assert action("关于推进公共法律服务的通知", "各部门要落实责任。") == "inform"
