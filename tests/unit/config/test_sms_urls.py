"""ZHENGDA_SMS_URL: which gateways it names, and what it says about a wrong one."""

import pytest

from config.settings import Settings, SettingsError, load_settings
from config.sms_urls import sms_urls


def test_one_url_is_one_gateway_called_by_its_kind() -> None:
    (one,) = sms_urls("kannels://u:p@h:13013?from=10690001")
    assert (one.url, one.kind, one.name, one.per_second) == (
        "kannels://u:p@h:13013?from=10690001",
        "kannel",
        "kannel",
        None,
    )


def test_several_stand_in_their_order_and_the_frames_options_are_taken_out_of_their_urls() -> None:
    first, second = sms_urls(" smpp://u:p%26@h:2775?name=main&window=8&per_second=50\n aliyun://k:s@a.cn ")
    assert (first.url, first.name, first.per_second) == ("smpp://u:p%26@h:2775?window=8", "main", 50.0)
    assert (second.url, second.kind, second.name) == ("aliyun://k:s@a.cn", "aliyun", "aliyun")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http://u:secret@h", "it must start with kannel://"),
        ("kannel://u:secret@h mail:secret", "gateway 2: it must start with"),
        ("kannel://u:secret@h kannel://u:secret@i", "several gateways are called kannel"),
        ("kannel://u:secret@h?name=A%20B", "name="),
        ("kannel://u:secret@h?per_second=many", "per_second="),
        ("kannel://u:secret@h?per_second=0", "per_second="),
        ("kannel://u:secret@h?per_second=inf", "per_second="),
    ],
)
def test_a_wrong_one_is_told_without_its_password(
    text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=says) as wrong:
        sms_urls(text)
    assert "secret" not in str(wrong.value)
    monkeypatch.setenv("ZHENGDA_SMS_URL", text)
    with pytest.raises(SettingsError, match="ZHENGDA_SMS_URL") as told:
        load_settings()
    assert "secret" not in str(told.value)


def test_no_representation_shows_a_url() -> None:
    assert "secret" not in repr(Settings(sms_url="kannel://u:secret@h"))
    assert "secret" not in repr(sms_urls("kannel://u:secret@h"))
