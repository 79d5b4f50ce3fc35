"""docs/sms.md does what it says: its URLs open, its files load, its lists are whole."""

import re
from pathlib import Path
from typing import get_args

import pytest

from channels.heard import Deaf, Failure
from channels.message import Occasion
from channels.sms.codes import load_codes
from channels.sms.gateways import SCHEMES, open_gateway
from channels.sms.gateways.gateway import GatewayBuilding
from channels.sms.links import SmsLinks
from channels.sms.templates import VALUES, load_templates
from config.sms_urls import sms_urls

DOCUMENT = (Path(__file__).resolve().parents[4] / "docs/sms.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`[a-z0-9]+://.*?) \|.*\| (.*?) \|$", DOCUMENT, re.MULTILINE)
TOML = re.findall(r"^```toml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


def opened(url: str) -> str:
    (one,) = sms_urls(url)
    parts = GatewayBuilding(one.name, "政达", SmsLinks("https://h.example.cn", b"k"), Deaf(), load_codes())
    return open_gateway(one.url, parts).name


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:12] for row in ROWS])
def test_each_gateways_url_opens_and_each_option_of_it_is_one(row: tuple[str, str]) -> None:
    url = re.findall(r"`([a-z0-9]+://[^`]+)`", row[0])[0]
    if url.startswith("cmpp"):
        url += "?src=10690001"
    assert opened(url)
    for option in re.findall(r"`([a-z_]+)", re.sub("`(?:sar|payload|split)`", "", row[1])):
        with pytest.raises(ValueError, match="strange") as wrong:
            opened(f"{url}{'&' if '?' in url else '?'}{option}=1&strange=1")
        _, _, unknown = str(wrong.value).rpartition("unknown option")
        assert option not in re.findall(r"\w+", unknown.partition(", use ")[0])


def test_every_scheme_is_told_of() -> None:
    told = set(re.findall(r"`([a-z0-9]+)://", " ".join(row[0] for row in ROWS)))
    assert told == set(SCHEMES)


def test_the_files_that_it_shows_are_good(tmp_path: Path) -> None:
    templates, codes = tmp_path / "templates.toml", tmp_path / "codes.toml"
    for path, text in zip((templates, codes), TOML, strict=True):
        path.write_text(text, encoding="utf-8")
    found = load_templates(templates, {"aliyun": "aliyun", "tencent": "tencent"})
    assert {name: set(table) for name, table in found.items()} == {
        "aliyun": {"policy"},
        "tencent": {"policy", "confirm"},
    }
    assert load_codes(codes).failure("cmpp", "MK:0001") == "gone"


def test_every_occasion_value_and_word_is_told_of() -> None:
    said = set(re.findall(r"`([a-z_]+)`", DOCUMENT))
    assert {str(one) for one in Occasion} <= said
    assert set(VALUES) <= said
    assert set(get_args(Failure)) <= said
