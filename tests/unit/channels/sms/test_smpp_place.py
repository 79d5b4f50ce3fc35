import re
from pathlib import Path

import pytest

from channels.sms.gateways.smpp.place import OPTIONS, Place, place_of


def test_a_url_says_where_and_how():
    place = place_of(
        "smpp://gov:p%40ss@smsc.example.cn?from=10690001&window=32&binds=2&type=split&long=sar&ids=hex-dec"
    )
    assert place == Place(
        "smsc.example.cn",
        2775,
        False,
        "gov",
        "p@ss",
        source="10690001",
        window=32,
        binds=2,
        bind_type="split",
        long="sar",
        ids="hex-dec",
    )


def test_tls_has_a_port_of_its_own():
    assert (place_of("smpps://gov:pass@smsc.example.cn").tls, place_of("smpps://gov:pass@a.cn").port) == (
        True,
        3550,
    )


@pytest.mark.parametrize(
    ("source", "kind"),
    [("10690001", (0, 1)), ("Zhengda", (5, 0)), ("", (0, 0))],
    ids=["number", "name", "none"],
)
def test_the_type_of_the_sender_is_seen_from_it(source: str, kind: tuple[int, int]):
    place = place_of(f"smpp://gov:pass@smsc.example.cn?from={source}")
    assert (place.ton, place.npi) == kind


def test_the_type_of_the_sender_can_be_said():
    place = place_of("smpp://gov:pass@smsc.example.cn?from=Zhengda&ton=3&npi=8")
    assert (place.ton, place.npi) == (3, 8)


@pytest.mark.parametrize(
    "url",
    [
        "smpp://smsc.example.cn",
        "smpp://gov@smsc.example.cn",
        "smpp://gov:secret-word@",
        "smpp://gov:secret-word@smsc.example.cn:99999",
        "smpp://gov:secret-word@smsc.example.cn?windows=2",
        "smpp://gov:secret-word@smsc.example.cn?window=0",
        "smpp://gov:secret-word@smsc.example.cn?window=two",
        "smpp://gov:secret-word@smsc.example.cn?type=receiver",
        "smpp://gov:secret-word@smsc.example.cn?from=政务",
        "smpp://gov:%E5%AF%86@smsc.example.cn",
        "kannel://gov:secret-word@smsc.example.cn",
    ],
)
def test_a_wrong_url_is_told_without_its_password(url: str):
    with pytest.raises(ValueError, match=r"SMSC|option|Port") as caught:
        place_of(url)
    assert "secret-word" not in str(caught.value)


def test_the_password_is_not_shown():
    assert "secret-word" not in repr(place_of("smpp://gov:secret-word@smsc.example.cn"))


def test_every_option_is_documented():
    text = (Path(__file__).resolve().parents[4] / "docs/smpp.md").read_text(encoding="utf-8")
    table = "".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)`", table)) == set(OPTIONS)
