import pytest
from cryptography.fernet import Fernet

from config.settings import Settings, SettingsError, load_settings
from config.unknown_settings import unknown_settings

SECRET = "hunter-2-and-more"
MASTER = Fernet.generate_key().decode()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ZHENGDA_DATABASE", f"postgresql://zhengda:{SECRET}@db/zhengda")
    monkeypatch.setenv("ZHENGDA_REDIS", f"redis://:{SECRET}@redis:6379/0")
    monkeypatch.setenv("ZHENGDA_SMTP_URL", f"smtp://zhengda:{SECRET}@mail:25")
    monkeypatch.setenv("ZHENGDA_MASTER_KEYS", MASTER)
    return monkeypatch


def test_settings_do_not_show_their_secrets(environment: pytest.MonkeyPatch) -> None:
    shown = f"{load_settings()!r} {load_settings()}"
    assert SECRET not in shown
    assert MASTER not in shown


def test_every_wrong_setting_is_named_at_once_and_none_shows_its_password(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("ZHENGDA_SMTP_URL", f"smpt://zhengda:{SECRET}@mail:25")
    environment.setenv("ZHENGDA_REDIS", f"rdis://:{SECRET}@redis:6379/0")
    environment.setenv("ZHENGDA_MASTER_KEYS", f"{SECRET},{MASTER}")
    environment.setenv("ZHENGDA_PORT", "many")
    with pytest.raises(SettingsError) as raised:
        load_settings()
    said = str(raised.value)
    for name in ("ZHENGDA_SMTP_URL", "ZHENGDA_REDIS", "ZHENGDA_MASTER_KEYS", "ZHENGDA_PORT"):
        assert name in said
    assert SECRET not in f"{said} {raised.value.__cause__}"
    assert MASTER not in f"{said} {raised.value.__cause__}"
    assert "Value error" not in said


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGDA_SMTP_URL", "")
    assert load_settings().smtp_url == Settings().smtp_url is None


def test_a_misspelt_setting_is_named_with_what_was_meant() -> None:
    environ = {
        "ZHENGDA_SMPT_URL": "x",
        "ZHENGDA_PORT": "1",
        "ZHENGDA_KEY": "k",
        "PATH": "/bin",
        "ZHENGDA_QQQQQQ": "",
    }
    assert unknown_settings(environ) == [("ZHENGDA_QQQQQQ", None), ("ZHENGDA_SMPT_URL", "ZHENGDA_SMTP_URL")]


@pytest.mark.parametrize("address", ["nobody", "a@b", "甲 <a@example.cn>"])
def test_alerts_are_mailed_to_one_plain_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("ZHENGDA_ALERT_TO", address)
    with pytest.raises(SettingsError, match="ZHENGDA_ALERT_TO: it must be one address"):
        load_settings()
    monkeypatch.setenv("ZHENGDA_ALERT_TO", "operator@example.gov.cn")
    assert load_settings().alert_to == "operator@example.gov.cn"


@pytest.mark.parametrize("seconds", ["0", "-1", "0.5", "2.9"])
def test_a_lease_that_no_sender_could_keep_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    monkeypatch.setenv("ZHENGDA_LEASE_S", seconds)
    with pytest.raises(SettingsError, match=r"ZHENGDA_LEASE_S: it must be at least 3 seconds.*leave it out"):
        load_settings()
    monkeypatch.setenv("ZHENGDA_LEASE_S", "3")
    assert load_settings().lease_s == 3


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOG_FORMAT", "xml", "write console or json"),
        ("UNINTERPRETED", "x", "write flag or hold"),
        ("CLOCK_START", "2026-03-01T09:00:00", "write a date and time with its offset, e.g. 2026-"),
        ("CLOCK_START", "soon", "write a date and time with its offset, e.g. 2026-"),
    ],
)
def test_a_value_that_cannot_be_is_answered_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"ZHENGDA_{name}", value)
    with pytest.raises(SettingsError, match=f"^ZHENGDA_{name}: {said}"):
        load_settings()
