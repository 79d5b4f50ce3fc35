"""Where the gateway is, what it is asked, and the addresses it calls back."""

from urllib.parse import parse_qs, urlsplit

import pytest

from channels.sms.gateways.kannel_place import KannelPlace
from channels.sms.links import SmsLinks

LINKS = SmsLinks("https://policy.example.cn", b"k" * 32)


def test_a_gateway_is_read_from_its_url() -> None:
    gateway = KannelPlace.from_url("kannel://gov:p%40ss@10.0.0.7")
    assert (gateway.url, gateway.username, gateway.password) == (
        "http://10.0.0.7:13013/cgi-bin/sendsms",
        "gov",
        "p@ss",
    )
    other = KannelPlace.from_url("kannels://g:p@[::1]:8443/send?from=10690001&smsc=cmcc")
    assert other.url == "https://[::1]:8443/send"
    assert other.options == {"from": "10690001", "smsc": "cmcc"}


def test_a_gateway_never_shows_its_password() -> None:
    assert "secret" not in repr(KannelPlace.from_url("kannel://gov:secret@h"))


@pytest.mark.parametrize(
    "url",
    [
        "http://u:p@h",
        "kannel://u:p@",
        "kannel://h",
        "kannel://u@h",
        "kannel://u:p@h:x",
        "kannel://u:p@h?form=1",
    ],
)
def test_a_url_that_is_no_gateway_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"gateway|option|[Pp]ort"):
        KannelPlace.from_url(url)


def test_a_message_goes_out_in_ucs2_and_asks_for_every_report_that_says_something() -> None:
    gateway = KannelPlace.from_url("kannel://u:p@h?from=10690001")
    asked = gateway.request("+8613800138000", "【政达】你好", "https://r")
    assert asked == {
        "username": "u",
        "password": "p",
        "from": "10690001",
        "to": "+8613800138000",
        "text": "【政达】你好",
        "coding": "2",
        "charset": "UTF-8",
        "dlr-mask": "27",
        "dlr-url": "https://r",
    }
    assert "dlr-url" not in gateway.request("+8613800138000", "x", None)


def test_a_report_address_is_good_for_its_own_message_only() -> None:
    parts = urlsplit(LINKS.report("d-1"))
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.path, given["id"], given["status"], given["detail"]) == ("/sms/report", "d-1", "%d", "%A")
    assert LINKS.reports_about("d-1", given["token"])
    assert not LINKS.reports_about("d-2", given["token"])
    assert not LINKS.hands_over(given["token"])
    assert not SmsLinks(LINKS.base_url, b"x" * 32).reports_about("d-1", given["token"])
    assert not LINKS.reports_about("d-1", "é")


def test_a_per_cent_sign_of_ours_is_not_taken_for_one_of_kannels() -> None:
    links = SmsLinks("https://h/a%20b", b"k")
    assert links.report("d").startswith("https://h/a%%20b/sms/report?id=d&token=")
    assert "from=%p&text=%b" in links.incoming()
