"""What a document says of itself: its number, its period, its deadlines, what it repeals."""

from datetime import date

import pytest

from config.calendar import WorkingDays
from streams.labelling.facts import Facts, read_facts

BODY = """滨江市经济和信息化局关于印发《滨江市软件产业扶持办法》的通知
滨经信规〔2024〕3号
各区人民政府，市各有关单位：
根据《关于促进软件业发展的意见》（江财库〔2022〕8号），现将办法印发给你们。
滨江市经济和信息化局
2024年2月20日
第一条 对年度营业收入不低于2000万元、职工不超过300人的企业，给予一次性奖励30万元，最高不超过50万元。
第二条 申报时间为2024年4月1日至4月30日。
第三条 企业技术中心证书有效期三年。
第四条 本办法自2024年3月1日起施行，有效期2年。《滨江市软件业扶持办法（试行）》（滨经信规〔2021〕1号）同时废止。
"""


def read(body: str, title: str = "关于某事的通知", **more: object) -> Facts:
    return read_facts(title=title, body=body, **more)  # type: ignore[arg-type]


def day_of(body: str, fact: str, **more: object) -> str | None:
    found = getattr(read(body, **more), fact)
    return None if found is None else str(found.value)


def test_a_whole_document_gives_all_its_facts_with_the_words_that_prove_them() -> None:
    facts = read(BODY)
    assert facts.doc_number is not None
    assert facts.doc_number.value == "滨经信规〔2024〕3号"
    assert facts.effective_date is not None
    assert facts.effective_date.value == date(2024, 3, 1)
    assert facts.effective_date.quote.startswith("第四条 本办法自2024年3月1日起施行")
    assert facts.valid_until is not None
    assert facts.valid_until.value == date(2026, 2, 28)
    assert facts.apply_from is not None
    assert facts.apply_from.value == date(2024, 4, 1)
    assert facts.apply_until is not None
    assert facts.apply_until.value == date(2024, 4, 30)
    assert [repeal.value for repeal in facts.repeals] == ["滨经信规〔2021〕1号"]
    for fact in (
        facts.doc_number,
        facts.effective_date,
        facts.valid_until,
        facts.apply_until,
        *facts.amounts,
    ):
        assert fact.quote == BODY[fact.start : fact.end] != ""


def test_a_text_that_says_nothing_has_no_facts() -> None:
    assert read("我市召开座谈会，听取企业意见。") == Facts()


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("江府办[2024]12号", "江府办〔2024〕12号"),
        ("江府办【2024】12号", "江府办〔2024〕12号"),
        ("江府办（2024）12号", "江府办〔2024〕12号"),
        ("江府办〔2024]12 号", "江府办〔2024〕12号"),
        ("江府办 〔2024〕 第12号", "江府办〔2024〕12号"),
        ("发文字号：江府办〔2024〕12号", "江府办〔2024〕12号"),
        ("江北市人民政府令第179号", "江北市人民政府令第179号"),
        ("江北市人民政府令\n第179号", "江北市人民政府令第179号"),
        ("（2024年5月6日中华人民共和国国务院令第713号公布）", "国务院令第713号"),
        ("中华人民共和国国务院令第693号\n现公布本条例。", "国务院令第693号"),
        ("江北市财政局 江北市商务局公告2026年第19号", "江北市财政局江北市商务局公告2026年第19号"),
        ("文 号：江府办〔2024〕12号 公开类别：主动公开", "江府办〔2024〕12号"),
        ("江北市财政局公告2026年第19号", "江北市财政局公告2026年第19号"),
    ],
)
def test_each_way_of_writing_a_number_is_read_into_one_form(line: str, number: str) -> None:
    found = read(f"关于某事的通知\n{line}\n各区人民政府：\n现通知如下。").doc_number
    assert found is not None
    assert found.value == number


@pytest.mark.parametrize(
    "body",
    [
        "根据江财库〔2022〕3号文件精神，现通知如下。",
        "为落实《江北市扶持办法》（江府〔2021〕9号），制定本细则。",
        "对《江北市管理办法》（江北市人民政府令第12号公布）中的规定细化如下。",
        "附件：1.江府〔2024〕3号文件",
        "办事依据\n1．省财政厅关于印发《资金管理办法》的通知（江财〔2016〕85号）；\n2．江府〔2015〕59号；",
        "统一编号：GZ0320250043\nQF1201000-2023-003\n主动公开\n各区人民政府：",
    ],
)
def test_a_cited_or_registered_number_is_not_the_documents_own(body: str) -> None:
    assert read(body).doc_number is None


@pytest.mark.parametrize(
    "body",
    [
        "为落实《关于促进软件业发展的若干措施》（江府〔2024〕9号），现通知如下。",
        "对《关于促进软件业发展的若干措施》（江府〔2024〕9号）进行修订，修订后如下：",
    ],
)
def test_the_number_of_another_text_of_the_same_name_is_not_the_documents_own(body: str) -> None:
    assert read(body, "关于促进软件业发展的若干措施").doc_number is None


def test_the_number_beside_the_documents_own_title_is_its_own() -> None:
    body = "昨天，市经信局出台《关于促进软件业发展的若干措施》（江府〔2024〕9号），共十条。"
    found = read(body, "关于促进软件业发展的若干措施").doc_number
    assert found is not None
    assert found.value == "江府〔2024〕9号"


def test_the_publishers_number_wins_and_needs_no_evidence() -> None:
    found = read(BODY, doc_number="滨经信规 〔2024〕4号").doc_number
    assert found is not None
    assert (found.value, found.quote, found.rule) == ("滨经信规〔2024〕4号", "", "number:given")


@pytest.mark.parametrize(
    ("body", "effective"),
    [
        ("本办法自2024年3月1日起施行。", "2024-03-01"),
        ("本通知自2024年3月1日（含）起执行。", "2024-03-01"),
        ("第九条 本规定自二〇二四年三月一日起生效。", "2024-03-01"),
        ("以上政策从2024.3.1起实施。", "2024-03-01"),
        ("上述措施自2024年3月1日施行。", "2024-03-01"),
        ("本措施自印发之日起施行。", "2024-01-20"),
        ("本意见自发布之日起30日后施行。", "2024-02-19"),
        ("本办法由市财政局负责解释，自公布之日起实施。", "2024-01-20"),
        ("上述措施执行时间为2024年3月1日至2024年12月31日。", "2024-03-01"),
        ("七、政策实施时间\n自2024年3月1日起执行。", "2024-03-01"),
        ("自2024年3月1日起，下调住房公积金贷款利率0.25个百分点。", "2024-03-01"),
        ("《劳动合同法》自2008年1月1日起施行，各单位应当遵守。", None),
        ("提取公积金可按月办理（按月提取自2024年4月1日起施行）。", None),
    ],
)
def test_the_day_of_entry_into_force(body: str, effective: str | None) -> None:
    assert day_of(body, "effective_date", publish_date=date(2024, 1, 20)) == effective


@pytest.mark.parametrize(
    ("body", "until"),
    [
        ("本办法自2024年3月1日起施行，有效期5年。", "2029-02-28"),
        ("本办法自2024年3月1日起施行，有效期至2026年底。", "2026-12-31"),
        ("本措施自印发之日起施行，试行一年。", "2025-01-19"),
        ("本通知自2024年3月1日起执行，有效期为18个月。", "2025-08-31"),
        ("本政策执行期暂定为自政策发布之日起三个月。", "2024-04-19"),
        ("本意见自2024年3月1日起施行，执行至2025年12月31日止。", "2025-12-31"),
        ("自2024年1月1日至2025年12月31日，对换购住房的纳税人予以退税。", "2025-12-31"),
        ("本办法自2024年2月1日起施行，2026年12月31日废止。", "2026-12-31"),
        ("本意见自2023年8月1日起施行，有效期1年（2023年8月1日—2024年7月31日）。", "2024-07-31"),
        ("企业技术中心证书有效期三年，期满重新认定。", None),
        ("其中第二条补贴政策执行至2024年6月30日。另有规定的从其规定，特此通知，请各单位遵照执行。", None),
    ],
)
def test_the_last_day_of_validity(body: str, until: str | None) -> None:
    assert day_of(body, "valid_until", publish_date=date(2024, 1, 20)) == until


def test_the_signature_of_the_covering_note_is_the_day_of_issue() -> None:
    body = "现将办法印发给你们。\n江北市人民政府\n2024年5月6日\n江北市扶持办法\n本办法自印发之日起施行，有效期1年。"
    assert day_of(body, "effective_date", publish_date=date(2024, 5, 20)) == "2024-05-06"
    assert day_of(body, "valid_until", publish_date=date(2024, 5, 20)) == "2025-05-05"


def test_the_head_of_a_portal_page_names_first_and_last_day() -> None:
    body = "江民规字〔2025〕2号\n2025年06月01日\n2026年06月01日\n各区人民政府：\n现公布新的标准。"
    assert day_of(body, "effective_date") == "2025-06-01"
    assert day_of(body, "valid_until") == "2026-06-01"


@pytest.mark.parametrize(
    ("body", "until"),
    [
        ("请于3月15日前将申报材料报送至市科技局。", "2024-03-15"),
        ("请于2024年3月15日（星期五）17:00前，将申报书提交至邮箱。", "2024-03-15"),
        ("申报截止时间：2024年3月15日。", "2024-03-15"),
        ("报名时间为3月1日至15日。", "2024-03-15"),
        ("申报时间为2024年3月1日—3月31日，第二批申报时间为2024年5月1日至5月31日。", "2024-05-31"),
        ("企业于3月15日前在平台申报，各区经信局于3月22日前报送推荐函。", "2024-03-15"),
        ("申请人应自公告发布之日起10个工作日内提交申请。", "2024-02-02"),
        ("网上填报截止时间为4月30日24时，市级推荐截止时间为5月10日。", "2024-04-30"),
        ("2024年度申报工作于5月31日截止。", "2024-05-31"),
        ("申报时间：2024.3.1-2024.3.31", "2024-03-31"),
        ("补贴申领期限为购房合同备案之日起至2024年12月31日。", "2024-12-31"),
        ("请于每月底前报送上月申报情况。", None),
        ("申请人应自候补登记之日起8个月内提交申请。", None),
        ("自本公告发布之日起15日内向我局提出申请。", "2024-02-04"),
        ("应自收到补正通知之日起5日内提交材料。", None),
        ("公示期为2024年3月1日至3月7日，如有异议请书面提出。", None),
        ("申请人应在缴税后90日内申请补贴。", None),
        ("2023年12月31日前已申报的企业不再申报。", None),
    ],
)
def test_the_last_day_for_applications(body: str, until: str | None) -> None:
    assert day_of(body, "apply_until", publish_date=date(2024, 1, 20), calendar=WorkingDays()) == until


def test_working_days_are_not_counted_without_a_calendar() -> None:
    facts = read("申请人应自公告发布之日起10个工作日内提交申请。", publish_date=date(2024, 1, 20))
    assert facts.apply_until is None


def test_a_month_that_is_past_is_that_of_the_next_year() -> None:
    assert (
        day_of("请于3月1日前提交申报材料。", "apply_until", publish_date=date(2024, 12, 20)) == "2025-03-01"
    )


@pytest.mark.parametrize(
    ("body", "repealed"),
    [
        ("《甲办法》（江府〔2020〕1号）同时废止。", ["江府〔2020〕1号"]),
        ("原《江北市扶持暂行办法》同时废止。", ["江北市扶持暂行办法"]),
        (
            "原印发的江府发〔2016〕8号、江府发〔2017〕9号等文件同时废止。",
            ["江府发〔2016〕8号", "江府发〔2017〕9号"],
        ),
        ("《甲办法》（江府〔2020〕1号）第五条同时废止。", []),
        ("及时修改、废止《甲办法》等文件。", []),
        ("现决定废止《甲办法》（江府〔2020〕1号）。", ["江府〔2020〕1号"]),
        ("现决定废止《甲办法》（江府〔2020〕1号）第五条。", []),
        ("《甲办法》（江府〔2020〕1号）自本通知施行之日起不再执行。", ["江府〔2020〕1号"]),
        ("《甲办法》（江府〔2020〕1号）废止前已受理的，按原规定执行。", []),
        ("《甲办法》（江府〔2020〕1号）与本办法不一致的内容同时废止。", []),
        ("现发布《甲办法》，《乙办法》同时废止。", ["乙办法"]),
        ("原商品归类决定（编号Z2010-0006，海关总署公告2010年第15号发布）同时失效。", []),
        ("《甲办法》已于2020年废止，现重新制定。", []),
        ("《甲办法》中有关补贴的条款同时废止。", []),
        ("根据《立法法》，《甲管理办法》同时废止。", ["甲管理办法"]),
        (
            "下列文件同时废止：\n1.《甲办法》（江府〔2020〕1号）\n2.《AI补贴办法》",
            ["江府〔2020〕1号", "AI补贴办法"],
        ),
    ],
)
def test_only_whole_documents_are_repealed(body: str, repealed: list[str]) -> None:
    assert [fact.value for fact in read(body).repeals] == repealed


def test_a_number_in_brackets_behind_the_heading_is_the_documents_own() -> None:
    found = read("关于发布监控结果的通报（江农医<2024>63号）\n根据（江农医<2023>3号）要求。").doc_number
    assert found is not None
    assert found.value == "江农医〔2024〕63号"
