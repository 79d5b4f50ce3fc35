"""Divisions change: old lists go on saying the old codes, and mean the divisions that took their place."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from config.taxonomies import TaxonomyDataError, load_taxonomy, parse_label
from config.taxonomies.taxonomy import _load
from streams.labelling import default_labeller
from subscribers.words.codes import Region

MANIFEST = """version = "1"
[[dimension]]
id = "region"
title = "适用地区"
file = "region.csv"
former = "former.csv"
"""


@pytest.mark.parametrize(
    ("code", "name"), [("330113", "临平区"), ("330114", "钱塘区"), ("350405", "沙县区"), ("450181", "横州市")]
)
def test_divisions_of_lately_are_known(code: str, name: str) -> None:
    assert load_taxonomy().name("region", code) == name


def test_every_former_code_leads_to_one_of_today_below_the_same_province() -> None:
    taxonomy = load_taxonomy()
    for old, now in taxonomy.former["region"].items():
        assert not taxonomy.exists("region", old)
        assert taxonomy.exists("region", now)
        assert old[:2] == now[:2]


def test_a_former_code_is_taken_as_the_one_that_took_its_place() -> None:
    assert TypeAdapter(Region).validate_python("330104") == "330102"
    assert str(parse_label("region:350427")) == "region:350405"
    assert load_taxonomy().nearest("region", "410381") == "410307"


def test_a_code_of_today_stays_what_it_is() -> None:
    assert load_taxonomy().current("region", "310117") == "310117"
    assert load_taxonomy().current("industry", "330104") == "330104"


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("沙县区支持小微企业若干措施", "350405"),
        ("三明市沙县人民政府关于促进旅游发展的通知", "350405"),
        ("杭州市临平区关于促进数字经济发展的若干政策", "330113"),
        ("杭州市江干区关于促进总部经济发展的若干意见", "330102"),
        ("洛阳市偃师市人民政府关于稳定就业的通知", "410307"),
    ],
)
def test_a_text_that_says_an_old_or_a_new_name_applies_where_that_is_now(title: str, code: str) -> None:
    labels = default_labeller().label(title=title, body="现就有关事项通知如下。", issuer="")
    assert [label.code for label in labels if label.dimension == "region"] == [code]


def test_a_hint_may_be_a_former_code() -> None:
    hinted = default_labeller().label(
        title="关于奖励的通知", body="现通知如下。", issuer="", region_hint="431121"
    )
    assert [label.code for label in hinted if label.dimension == "region"] == ["431181"]


@pytest.mark.parametrize(
    ("former", "line"), [("100000,甲,100000\n", 2), ("1,乙,2\n", 2), ("1,乙,100000\n1,丙,100000\n", 3)]
)
def test_a_wrong_table_of_former_codes_is_refused_with_its_line(
    tmp_path: Path, former: str, line: int
) -> None:
    (tmp_path / "taxonomy.toml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "region.csv").write_text("code,name,parent\n100000,全国,\n", encoding="utf-8")
    (tmp_path / "former.csv").write_text(f"code,name,now\n{former}", encoding="utf-8")
    with pytest.raises(TaxonomyDataError, match=rf"former\.csv:{line}"):
        _load(tmp_path)
