"""What a policy's text becomes: labels that a reader can check against the words that prove them."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.taxonomies import UnknownLabelError, load_lexicon, load_taxonomy
from streams.labelling import Label, Labeller, label_document
from streams.labelling.nearness import Sentence
from streams.labelling.normalise import fold

SOFTWARE = """各区人民政府，市政府各部门：
现将有关事项通知如下。
一、支持软件企业做大做强。对年度营业收入首次突破1亿元的软件企业，给予一次性奖励50万元。
二、支持中小企业上云。对购买云服务的中小企业，按照实际支出的30%给予补贴，最高不超过20万元。
三、引进软件高层次人才。对高层次人才给予购房补贴。
四、申报条件。在本市登记注册的高新技术企业、专精特新中小企业，可向市经信局申报。
责任单位：市残联、市退役军人事务局
本措施自2025年3月1日起施行。
滨江市经济和信息化局
"""
HOUSING = """为支持刚性和改善性住房需求，现就住房公积金贷款政策通知如下：
一、提高公积金贷款额度。多子女家庭购买首套住房的，最高贷款额度提高20%。
二、支持提取住房公积金支付首付款。缴存人可向公积金中心申请提取。
"""
DEMO = [
    ("杭州市促进软件产业高质量发展若干措施", SOFTWARE, "杭州市经济和信息化局"),
    ("关于调整住房公积金贷款政策的通知", HOUSING, "南京市住房公积金管理委员会"),
    ("关于组织申报2025年度科技型中小企业研发补助的通知", "请于4月30日前申报。", "广东省科学技术厅"),
    ("关于公开征求《养老服务条例（征求意见稿）》意见的公告", "欢迎老年人提出意见。", "成都市民政局"),
]


def codes(labels: tuple[Label, ...], dimension: str) -> list[str]:
    return [label.code for label in labels if label.dimension == dimension]


def read(title: str, body: str, issuer: str = "", **more: object) -> dict[str, list[str]]:
    labels = label_document(title=title, body=body, issuer=issuer, **more)  # type: ignore[arg-type]
    return {dimension: codes(labels, dimension) for dimension in load_taxonomy().dimensions}


def test_a_software_policy_reaches_the_software_firms_of_its_city() -> None:
    found = read(*DEMO[0])
    assert found["region"] == ["330100"]
    assert found["industry"][0] == "I65"
    assert found["theme"][0] == "T07"
    assert found["kind"] == ["measure"]
    assert found["action"] == ["apply"]
    assert {"award", "subsidy", "talent"} <= set(found["instrument"])
    assert set(found["size"]) == {"medium", "small", "micro"}
    assert {"high-tech", "srdi"} <= set(found["qualification"])
    assert found["group"] == ["talent"]
    assert "enterprise" in found["subject"]


def test_a_housing_policy_is_for_persons_and_has_no_industry() -> None:
    found = read(*DEMO[1])
    assert (found["region"], found["theme"], found["industry"]) == (["320100"], ["T10"], [])
    assert "person" in found["subject"]
    assert {"credit", "housing"} <= set(found["instrument"])
    assert "multichild" in found["group"]


def test_an_invitation_to_apply_is_a_call() -> None:
    found = read(*DEMO[2])
    assert (found["region"], found["kind"], found["action"]) == (["440000"], ["call"], ["apply"])
    assert found["qualification"] == ["tech-sme"]


def test_a_draft_open_for_comment_lets_the_reader_comment() -> None:
    found = read(*DEMO[3])
    assert (found["kind"], found["action"]) == (["consultation"], ["consult"])


def test_a_text_that_says_nothing_gets_only_the_defaults() -> None:
    assert [str(label) for label in label_document(title="", body="", issuer="")] == [
        "kind:measure",
        "action:inform",
    ]


@pytest.mark.parametrize(("title", "body", "issuer"), DEMO)
def test_every_quote_is_what_stands_at_its_offsets(title: str, body: str, issuer: str) -> None:
    labels = label_document(title=title, body=body, issuer=issuer)
    assert any(label.quote for label in labels)
    for label in labels:
        assert label.quote == body[label.start : label.end]
        assert 0 < label.weight <= 1
        assert load_taxonomy().exists(label.dimension, label.code)
        place, _, term = label.rule.partition(":")
        if place in {"head", "heading", "body"}:
            assert term in label.quote


def test_evidence_in_the_title_only_says_so() -> None:
    labels = label_document(title="关于举办老字号嘉年华活动的通知", body="欢迎参加。", issuer="")
    (label,) = [label for label in labels if label.dimension == "qualification"]
    assert (label.rule, label.start, label.end, label.quote) == ("title:老字号", 0, 0, "")


@pytest.mark.parametrize(
    "clause",
    [
        "本措施不适用于残疾人，残疾人另行规定的不在此列。",
        "补贴对象不含残疾人。补贴对象不包括残疾人。",
        "除残疾人外，均按本措施执行。除残疾人、退役军人以外的人员适用。",
        "残疾人除外。残疾人不得申报。",
    ],
)
def test_what_the_text_excludes_gets_no_label(clause: str) -> None:
    assert "disabled" in read("关于发放补贴的通知", "对残疾人给予补贴。每名残疾人500元。")["group"]
    assert "disabled" not in read("关于发放补贴的通知", clause)["group"]


def test_titles_of_other_documents_give_no_label() -> None:
    cited = "根据《残疾人就业条例》〈残疾人保障办法〉和《关于残疾人补贴的通知》执行。"
    assert read("通知", cited)["group"] == []
    assert read("通知", cited.translate(str.maketrans("", "", "《》〈〉")))["group"] == ["disabled"]


def test_addressees_and_the_bodies_told_to_act_give_no_label() -> None:
    body = "各企业、各高校毕业生就业中心、各区毕业生工作单位：\n责任单位：市毕业生中心、毕业生处\n（市毕业生中心牵头）"
    found = read("通知", body)
    assert (found["group"], found["subject"]) == ([], [])


def test_page_navigation_gives_no_label() -> None:
    page = (
        "首页 残疾人 老年人 妇女儿童 残疾人 老年人 企业服务 老年人 残疾人 老年人 \n本办法自印发之日起施行。"
    )
    assert read("办法", page)["group"] == []


def test_a_mention_in_passing_does_not_label() -> None:
    body = "支持软件产业发展，对软件企业给予奖励。" * 150 + "鼓励餐饮业参与。"
    assert set(read("软件产业措施", body)["industry"]) == {"I65"}


@pytest.mark.parametrize(
    ("title", "issuer", "hint", "code"),
    [
        ("天河区招生细则", "", "广东省广州市", "440106"),
        ("关于购房补贴的通知", "", "440100", "440100"),
        ("关于购房补贴的通知", "吉林省人民政府", None, "220000"),
        ("关于购房补贴的通知", "国家税务总局", None, "100000"),
        ("国家税务总局重庆市税务局关于优化服务的通知", "", None, "500000"),
        ("鼓楼区购房补贴办法", "福州市鼓楼区人民政府", None, "350102"),
        ("东湖高新区举荐通知", "", "湖北省武汉市", "420100"),
        ("黔南州公积金通知", "黔南州住房公积金管理中心", None, "522700"),
        ("鼓楼区购房补贴办法", "", None, None),  # there are four of that name
        ("关于购房补贴的通知", "", None, None),
    ],
)
def test_a_policy_applies_where_its_issuer_governs_or_where_its_title_says(
    title: str, issuer: str, hint: str | None, code: str | None
) -> None:
    assert read(title, "给予补贴。", issuer, region_hint=hint)["region"] == ([code] if code else [])


def test_the_signature_says_where_if_nothing_else_does() -> None:
    body = "现将有关事项通知如下。\n" + "请遵照执行。\n" * 100 + "扬州市人民政府\n2025年3月1日"
    labels = label_document(title="关于购房补贴的通知", body=body, issuer="")
    (label,) = [label for label in labels if label.dimension == "region"]
    assert (label.code, label.quote) == ("321000", "扬州市")


def test_labels_of_the_publisher_win_over_rules() -> None:
    labels = label_document(
        title=DEMO[0][0],
        body=SOFTWARE,
        issuer="杭州市",
        given=["industry:C39", "region:310000", "industry:C39"],
    )
    assert codes(labels, "industry") == ["C39"]
    assert codes(labels, "region") == ["310000"]
    stated = [label for label in labels if label.origin == "publisher"]
    assert [(label.start, label.end, label.quote, label.weight) for label in stated] == [(0, 0, "", 1.0)] * 2
    assert "award" in codes(labels, "instrument")


def test_a_stated_kind_decides_what_follows_from_it() -> None:
    found = read("关于某事的通知", "内容。", given=["kind:consultation"])
    assert found["action"] == ["consult"]


def test_a_stated_label_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownLabelError, match="did you mean I6"):
        label_document(title="", body="", issuer="", given=["industry:I99"])


def test_full_width_letters_and_digits_are_read_as_plain_ones() -> None:
    assert fold("ＲＣＥＰ２０２５年　＜Ａ＞") == "rcep2025年 <a>"


@given(st.text())
def test_folding_never_moves_a_character(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_an_office_can_label_by_a_lexicon_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "lexicon.toml").write_text('version = "1"\ndimensions = ["subject"]\n', encoding="utf-8")
    rules = 'version = "1"\n[[rule]]\ncodes = ["person"]\nterms = ["滨江工匠"]\n'
    (tmp_path / "subject.toml").write_text(rules, encoding="utf-8")
    labeller = Labeller(load_taxonomy(), load_lexicon(tmp_path, load_taxonomy()))
    (label,) = labeller.label(title="", body="现邀请滨江工匠参加。", issuer="")
    assert (str(label), label.quote) == ("subject:person", "现邀请滨江工匠参加")


PIECES = st.sampled_from(
    [
        *"《》〈〉<>（）()：:，。；、\n 　除外各不含　\x02\x03^$İ𝒳",
        "不适用于",
        "责任单位：",
        "企业",
        "补贴",
        "鼓楼区",
        "国务院",
        "一、",
    ]
)
WILD = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=120).map("".join))


@settings(max_examples=300, deadline=None)
@given(title=WILD, body=WILD, issuer=WILD, hint=st.none() | WILD)
def test_any_text_is_labelled_without_an_error_and_quoted_exactly(
    title: str, body: str, issuer: str, hint: str | None
) -> None:
    labels = label_document(title=title, body=body, issuer=issuer, region_hint=hint)
    for label in labels:
        assert label.quote == body[label.start : label.end]
        assert load_taxonomy().exists(label.dimension, label.code)
    for single in ("kind", "action"):
        assert len(codes(labels, single)) == 1
    assert len({str(label) for label in labels}) == len(labels)
    assert labels == label_document(title=title, body=body, issuer=issuer, region_hint=hint)


@pytest.mark.parametrize(
    "unit",
    [
        "企业",
        "除",
        "《",
        "（",
        "（负责",
        "各",
        "不含",
        "a b ",
        "一、",
        "首页 ",
        "残疾人除外",
        "杭州市",
        "\n",
        "责任单位：",
    ],
)
def test_a_megabyte_of_repeats_comes_to_an_end(unit: str) -> None:
    body = unit * (1_000_000 // len(unit))
    start = time.process_time()
    label_document(title=unit * 1000, body=body, issuer=unit * 1000)
    assert time.process_time() - start < 60


def test_of_an_endless_sentence_only_what_stands_around_a_term_is_gone_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone_through: list[int] = []
    around = Sentence._around

    def counted(self: Sentence, first: int, last: int) -> Sequence[tuple[int, int, int]]:
        near = around(self, first, last)
        gone_through.append(len(near))
        return near

    monkeypatch.setattr(Sentence, "_around", counted)
    label_document(title="", body="补贴" * 2_000 + "，" * 400 + "企业" * 2_000, issuer="")
    assert gone_through
    assert max(gone_through) < 400, "of four thousand"


def test_words_near_a_term_are_found_in_a_sentence_however_long() -> None:
    padding = "给予，" * 5_000
    body = f"{padding}对老年人给予补贴{padding}"
    assert "elderly" in codes(label_document(title="", body=body, issuer=""), "group")


def test_half_a_character_is_read_over() -> None:
    body = "\ud800对老年人给予补贴，对老年人发放津贴。\udc00"
    labels = label_document(title="\ud800关于老年人补贴的通知", body=body, issuer="\udfff")
    assert "elderly" in codes(labels, "group")
    assert all(label.quote == body[label.start : label.end] for label in labels)


def test_radicals_are_read_as_the_characters_that_they_look_like() -> None:
    body = "对⽼年⼈给予补贴，对⽼年⼈发放津贴。"
    labels = label_document(title="关于⽼年⼈补贴的通知", body=body, issuer="")
    assert "elderly" in codes(labels, "group")
