"""The list of labels on a policy's page: what one sentence proves stands together, and all sizes do."""

from config.taxonomies import load_taxonomy
from service.pages.labels import LabelRow, label_rows, named_labels
from streams.labelling import Label


def label(name: str, quote: str = "", origin: str = "rule", rule: str = "body:x") -> Label:
    dimension, _, code = name.partition(":")
    return Label(dimension, code, 0, len(quote), quote, rule, 1.0, origin)  # type: ignore[arg-type]


def rows(*labels: Label) -> list[LabelRow]:
    return label_rows(named_labels(load_taxonomy(), labels), load_taxonomy())


def test_sizes_stand_in_one_row_from_large_to_micro_with_each_proof_once() -> None:
    shown = rows(
        label("size:large", "支持大型企业"),
        label("size:medium", "支持中小微企业"),
        label("size:micro", origin="reviewer"),
        label("size:small", "支持中小微企业"),
    )
    assert len(shown) == 1
    assert [item.name for item in shown[0].labels] == ["大型企业", "中型企业", "小型企业", "微型企业"]
    assert shown[0].quotes == ("支持大型企业", "支持中小微企业")
    assert shown[0].remarks == ("审查人标注",)


def test_labels_of_one_sentence_share_a_row_and_others_keep_their_own() -> None:
    shown = rows(
        label("industry:C39", "支持电子和软件"),
        label("industry:I65", "支持电子和软件"),
        label("industry:C27", "支持医药"),
        label("theme:T05", "支持医药"),
    )
    assert [len(row.labels) for row in shown] == [2, 1, 1]


def test_what_no_words_prove_says_where_it_comes_from() -> None:
    shown = rows(
        label("kind:measure", rule="default"),
        label("region:330100", rule="issuer:杭州市"),
        label("group:elderly", origin="publisher"),
    )
    assert [row.remarks for row in shown] == [("没有线索，取默认",), ("据标题或机构判断",), ("发布人标注",)]
