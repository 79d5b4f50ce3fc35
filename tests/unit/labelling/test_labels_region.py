"""Where a policy applies: districts by their short names, zones, national bodies, and who only passes something on."""

import pytest

from streams.labelling import Label, label_document
from tests.support.labelled import codes_of


def region(title: str, issuer: str = "", hint: str | None = None, body: str = "给予补贴。") -> Label | None:
    labels = label_document(title=title, body=body, issuer=issuer, region_hint=hint)
    found = [label for label in labels if label.dimension == "region"]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("title", "issuer", "hint", "code"),
    [
        ("天河出台人才新政", "", "广东省广州市", "440106"),  # a short name, where its city is known
        ("浏阳：购房补贴政策出台", "", None, "430181"),
        ("安居乐业工程实施办法", "", "四川省遂宁市", "510900"),  # an ordinary word, although 安居区 is there
        ("新民营经济若干措施", "", "辽宁省沈阳市", "210100"),
        ("西湖区人才政策", "", "330100", "330106"),
        ("关于购房补贴的通知", "", "四川雅安石棉", "511824"),
        ("青山湖区房产新政", "", "南昌", "360111"),
        ("萧山市农业扶持办法", "", None, "330109"),  # a former name
        ("江宁经济技术开发区人才政策", "", None, "320115"),
        ("合肥高新区促进投资若干政策", "", None, "340100"),  # spans districts
        ("奖励办法", "苏州工业园区管理委员会", None, "320500"),
        ("横琴粤澳深度合作区企业扶持办法", "", None, "440402"),
        ("海南自由贸易港鼓励类产业目录", "财政部", None, "460000"),
        (
            "武汉大学等单位拟立项项目的公示",
            "湖北省科学技术厅",
            None,
            "420000",
        ),  # a university has no jurisdiction
        ("武汉都市圈协同创新项目申报通知", "湖北省科学技术厅", None, "420000"),
        ("武汉大学生创业资助办法", "湖北省科学技术厅", None, "420100"),
        ("关于参加中国(武汉)数字经济大会的通知", "湖北省数据局", None, "420000"),  # where people meet
        ("中国(上海)自由贸易试验区发展论坛办法", "国务院", None, "310000"),
    ],
)
def test_districts_and_zones_are_known_by_the_names_people_use(
    title: str, issuer: str, hint: str | None, code: str
) -> None:
    found = region(title, issuer, hint)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("title", "issuer", "hint", "code"),
    [
        ("省科技厅关于组织申报创新券的通知", "", "湖北省武汉市", "420000"),
        ("广东省人民政府办公厅关于稳就业的通知", "广州市人民政府门户网站", "广东省广州市", "440000"),
        ("关于转发省科技厅申报通知的通知", "武汉东湖新技术开发区管理委员会", "湖北省武汉市", "420100"),
        ("国务院办公厅关于优化支付服务的意见", "", None, "100000"),
        ("中华人民共和国某法", "", None, "100000"),
        ("中国人民银行广州分行关于支持外贸的通知", "", None, "440100"),
        ("关于转发国家税务总局公告的通知", "扬州市税务局", None, "321000"),
        ("海关总署关于供港澳食用动物的公告", "海关总署", None, "100000"),  # the mainland's
        ("关于《海关总署某公告》的政策解读", "", None, "100000"),
        ("香港特别行政区创业资助计划", "", "香港特别行政区", "810000"),
        ("国家级专精特新企业申报通知", "", None, None),  # of which province does not say
    ],
)
def test_the_body_that_issued_a_document_says_how_far_it_reaches(
    title: str, issuer: str, hint: str | None, code: str | None
) -> None:
    found = region(title, issuer, hint)
    assert (found.code if found else None) == code


def test_a_name_in_the_body_is_shown_as_evidence_of_what_the_hint_says() -> None:
    body = "为促进消费，现决定在广州市发放消费券。"
    found = region("关于发放消费券的通知", "", "广东省广州市", body)
    assert found is not None
    assert (found.rule, found.quote, found.start) == ("hint:广州市", "广州市", body.index("广州市"))


def test_a_letter_in_front_of_its_annex_is_signed_in_the_middle_of_the_text() -> None:
    body = (
        "各有关单位：\n现印发给你们，请遵照执行。\n铁岭市人民政府\n2020年2月7日\n若干措施\n"
        + "一、加强服务。由工业和信息化部门负责。\n" * 60
        + "本措施按国家统计局的划型标准执行，国家、省有规定的从其规定。"
    )
    found = region("关于印发若干措施的通知", body=body)
    assert found is not None
    assert found.code == "211200"


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        ("请执行。\n铁岭市人民政府\n2020年2月7日", "211200"),
        ("请执行。\n铁岭市人民政府 2020 年 2 月", "211200"),
        ("本措施由铁岭市人民政府2020年2月的文件规定。", None),  # a date in a sentence signs nothing
    ],
)
def test_the_body_in_front_of_a_date_of_its_own_signs(signed: str, code: str | None) -> None:
    found = region("若干措施", body="请各有关单位认真执行。" * 30 + signed)
    assert (found.code if found else None) == code


def test_who_is_addressed_in_all_provinces_is_told_by_a_national_body() -> None:
    body = "各省、自治区、直辖市民政厅（局）：\n请北京、上海两地先行先试。"
    found = region("关于做好临时救助工作的通知", body=body)
    assert found is not None
    assert found.code == "100000"


def test_an_ambiguous_name_is_settled_by_what_the_text_names_further_down() -> None:
    opening = "各参保单位：现将养老待遇核准有关事项通知如下。" + "请认真执行。" * 80
    title = "通州区人力资源和社会保障局关于养老待遇核准的通知"
    closing = "特此通知。" * 60
    assert region(title, body=opening + closing) is None
    found = region(title, body=opening + "可拨打北京市12333咨询。" + closing)
    assert found is not None
    assert found.code == "110112"


def test_words_that_sound_like_places_are_none() -> None:
    for body in ("实现长治久安。" * 3, "日照标准由规划部门核定。" * 3, "鼓励香港居民、澳门居民申请。" * 3):
        assert region("关于某事的通知", body=body) is None


def test_a_text_that_speaks_for_its_city_is_not_taken_for_its_provinces() -> None:
    body = "根据江西省有关文件精神，结合我市实际，制定本措施。我市各有关部门要抓好落实。" + "请执行。" * 100
    assert region("若干措施", body=body) is None
    found = region("若干措施", body=body.replace("江西省", "章贡区"))
    assert found is not None
    assert (found.code, found.quote) == ("360700", "章贡区")


def test_a_text_that_names_national_bodies_only_is_national() -> None:
    found = region("平台问答实录", body="近日，国家税务总局以热点问题答复形式明确有关事项。")
    assert found is not None
    assert found.code == "100000"
    assert region("问答实录", body="按照国家税务总局规定，我市居民可以申请。") is None


@pytest.mark.parametrize(
    ("title", "body", "code"),
    [
        ("湖北省科技厅关于组织申报科技项目的通知", "请组织申报。", "420000"),
        ("省科技厅关于组织申报科技项目的通知", "请组织申报。", "420000"),
        ("科技部关于组织申报科技项目的通知", "请组织申报。", "100000"),
        ("关于组织申报科技项目的通知", "各市、州科技局：\n请组织申报。", "420000"),
        ("关于组织申报科技项目的通知", "各省、自治区、直辖市科技厅：\n请组织申报。", "100000"),
        ("关于组织申报科技项目的通知", "根据（国务院令第1号）和省厅通知，请组织申报。", "420100"),
        ("关于转发省科技厅通知的通知", "各市、州科技局：\n请组织申报。", "420100"),
        ("关于转发《湖北省科技厅关于组织申报科技项目的通知》的通知", "请组织申报。", "420100"),
    ],
)
def test_a_higher_body_keeps_its_area_on_a_lower_ones_page_unless_that_one_passes_it_on(
    title: str, body: str, code: str
) -> None:
    found = region(title, issuer="武汉东湖新技术开发区管理委员会", hint="湖北省武汉市", body=body)
    assert found is not None
    assert found.code == code


def test_our_district_in_a_title_is_the_one_that_the_body_names() -> None:
    body = "北京市海淀区人民政府\n现将若干措施印发给你们，请认真贯彻执行。"
    found = region("关于印发本区落实北京市稳增长政策若干措施的通知", body=body)
    assert found is not None
    assert found.code == "110108"


@pytest.mark.parametrize(
    ("title", "body", "hint", "code"),
    [
        ("2024年青浦体育局工作要点", "本市持续推进政务公开，落实上海市政府要求。", None, "310118"),
        (
            "工作要点",
            "2024年青浦区体育局按照上海市政府要求开展工作。本市持续推进，本市落实。",
            None,
            "310118",
        ),
        ("工作要点", "字号 打印\n2024年青浦区体育局开展工作。本市持续推进。", "310000", "310118"),
        ("工作要点", "青浦区新格局加快形成。本市持续推进，本市落实。", None, "310000"),
        ("关于同意规划的批复", "青浦区人民政府：\n同意你区的请示。", "310000", "310000"),  # addressed
        ("工作要点", "青浦区体育局开展工作。\n徐汇区体育局开展工作。", "310000", "310000"),  # which of both?
    ],
)
def test_a_district_whose_own_body_speaks_is_where_the_text_applies(
    title: str, body: str, hint: str | None, code: str
) -> None:
    found = region(title, hint=hint, body=body)
    assert found is not None
    assert found.code == code


_MANY_WORDS = "请各有关单位认真贯彻执行。" * 30


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("根据江西省有关文件精神，结合我区实际，制定本措施。" + _MANY_WORDS + "新建区居民可申请。", "360112"),
        ("结合我区实际，制定本措施。" + _MANY_WORDS + "新建区居民可申请。", None),  # 新建 may be the verb
        ("根据江西省文件，结合我区实际。" + _MANY_WORDS + "鼓励建设新建区级平台、新建区域中心。", None),
        ("根据江西省文件，结合我区实际。" + _MANY_WORDS + "青云谱区、新建区除外。", None),
        ("根据江西省文件，结合我县实际。" + _MANY_WORDS + "新建区居民可申请。", None),
        (
            "根据广西壮族自治区文件，结合我区实际。" + _MANY_WORDS + "在青秀区试点。",
            None,
        ),  # our autonomous region
        ("根据江西省文件制定。" + _MANY_WORDS + "新建区居民可申请。" * 3, "360112"),
    ],
)
def test_the_only_district_that_a_text_about_our_district_names_is_ours(body: str, code: str | None) -> None:
    found = region("若干措施", body=body)
    assert (found.code if found else None) == code


def test_who_signs_for_a_district_settles_it_however_often_the_text_speaks_of_its_city() -> None:
    body = "经市政府同意，我市继续执行。我市各单位应当落实。\n新建区人民政府 2022年7月28日"
    found = region("若干措施", body=body)
    assert found is not None
    assert (found.code, found.quote) == ("360112", "新建区")


@pytest.mark.parametrize(
    ("body", "quote"),
    [
        ("我市购房新政：在中山区、西岗区购房可申请。大连近日发文。大连市政府印发。", "大连市"),
        ("我市购房新政：在西岗区购房可申请。大连近日发文。", "大连"),
        ("我市购房新政：在西岗区购房可申请。", "西岗区"),
    ],
)
def test_the_evidence_is_the_place_itself_and_only_else_one_inside_it(body: str, quote: str) -> None:
    found = region("房产新政", body=body)
    assert found is not None
    assert (found.code, found.quote, found.rule) == ("210200", quote, f"body:{quote}")
    assert body[found.start : found.end] == quote


@pytest.mark.parametrize(("named", "code"), [("廣東省", "440000"), ("广\u200b东省", "440000")])
def test_the_place_is_shown_as_the_body_writes_it(named: str, code: str) -> None:
    found = region("关于补贴的通知", "", code, f"{named}内企业可申请补贴。")
    assert found is not None
    assert (found.code, found.quote) == (code, named)


def test_an_ordinary_word_is_no_evidence_of_the_district_that_sounds_like_it() -> None:
    found = region("购房补贴", "", "360112", "新建商品住宅可申请。")
    assert found is not None
    assert (found.code, found.quote) == ("360112", "")


@pytest.mark.parametrize(
    ("title", "hint", "code"),
    [
        ("乾县促进房地产市场平稳健康发展若干措施", "陕西省咸阳市", "610424"),
        ("若干措施", "吉林省松原市乾安县", "220723"),
    ],
)
def test_a_place_whose_name_keeps_a_traditional_character_is_found_as_texts_are_folded(
    title: str, hint: str, code: str
) -> None:
    found = region(title, hint=hint)
    assert found is not None
    assert found.code == code


def test_the_only_city_whose_own_body_our_city_names_is_where_it_applies() -> None:
    body = "对我市企业减免收费，湖北省企业也是。可登录天津市市场监督管理委员会网站，本市企业免费。"
    found = region("市市场监管委服务企业措施", body=body)
    assert found is not None
    assert found.code == "120000"
    assert region("服务企业措施", body=body.replace("市场监督管理委员会", "企业的")) is None
    assert region("服务企业措施", body=body + "石家庄市市场监督管理局也是。") is None


def test_many_national_bodies_may_single_one_province_out() -> None:
    opening = (
        "财政部、人社部、商务部、工信部陆续发文。市场监管总局推行网上办理。" + "企业可以网上办理业务。" * 30
    )
    bodies = opening + "国家税务总局延长申报期限，对湖北省再适当延长。"
    found = region("这些措施助企业渡过难关", body=bodies)
    assert found is not None
    assert found.code == "100000"
    assert region("这些措施", body=bodies.replace("人社部", "部门").replace("工信部", "部门")) is None
    assert region("这些措施", body=bodies + "山西省企业也可以。") is None
    assert (
        region("这些措施助朝阳区企业渡过难关", body=bodies.replace("湖北省", "部分地区")) is None
    )  # which one?


@pytest.mark.parametrize(
    ("title", "hint", "code"),
    [
        ("广西出台措施支持中小企业", None, "450000"),
        ("宁夏支持企业复工复产的通知", None, "640000"),
        ("促进房地产市场健康发展十条措施", "贵州省铜仁市玉屏县", "520622"),
        ("大理州出台措施支持旅行社", None, "532900"),
        ("威宁县支持企业的通知", "贵州省毕节市威宁县", "520526"),
        ("石材企业须知：大理石加工企业可以申请补贴", None, None),
    ],
)
def test_the_names_of_peoples_are_no_part_of_what_people_call_a_place(
    title: str, hint: str | None, code: str | None
) -> None:
    found = region(title, hint=hint)
    assert (found.code if found else None) == code


@pytest.mark.parametrize("office", ["财政部门", "人力资源社会保障部门", "教育部门", "生态环境部门"])
def test_a_department_of_any_place_is_no_ministry(office: str) -> None:
    assert codes_of("region", f"可以向{office}申请。", "关于补贴的通知") == set()
    assert codes_of("region", f"财政部决定，由{office}受理。", "关于补贴的通知") == {"100000"}
