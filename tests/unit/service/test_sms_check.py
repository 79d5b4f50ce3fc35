"""What the doctor and the start say about text message gateways; no password is in it."""

from pathlib import Path
from typing import Any

import pytest

from channels.sms.channel import SmsChannel
from config.office_file import OfficeFileError
from config.settings import Settings, SettingsError
from service.house import open_house
from service.sms_check import check_sms
from streams.log import Position
from tests.servers.ports import free_port

CLOUD = "aliyun://key:secret12@dysmsapi.aliyuncs.com"


async def never(*_given: Any, **_named: Any) -> Position:
    raise AssertionError("nothing is written to the log here")


async def test_a_gateway_that_takes_no_connection_is_told_with_the_one_that_has_no_templates() -> None:
    port = free_port()
    check = await check_sms(Settings(sms_url=f"smpp://gov:secret12@127.0.0.1:{port} {CLOUD}"))
    assert check.status == "failed"
    assert f"smpp: 127.0.0.1:{port}: ConnectionRefusedError" in check.detail
    assert "aliyun has no template for policy, amendment" in check.detail
    assert "secret12" not in repr(check)


async def test_a_cloud_with_templates_for_some_occasions_is_passed_over_for_the_others(
    tmp_path: Path,
) -> None:
    templates = tmp_path / "templates.toml"
    templates.write_text('[aliyun.policy]\nid = "SMS_1"\n', encoding="utf-8")
    check = await check_sms(Settings(sms_url=CLOUD, sms_templates=templates))
    assert check.status == "warning"
    assert "no template for amendment" in check.detail
    assert "ZHENGDA_SMS_TEMPLATES" in str(check.advice)


async def test_a_wrong_url_or_file_is_told_and_no_password_with_it(tmp_path: Path) -> None:
    wrong = await check_sms(Settings(sms_url="smpp://gov:secret12@127.0.0.1:2775?windw=3"))
    assert (wrong.status, "windw" in wrong.detail) == ("failed", True)
    gone = await check_sms(Settings(sms_url=CLOUD, sms_codes=tmp_path / "none.toml"))
    assert (gone.status, "none.toml" in gone.detail) == ("failed", True)
    assert "secret12" not in repr((wrong, gone))


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"sms_url": "kannel://gov@127.0.0.1"}, SettingsError, "ZHENGDA_SMS_URL: kannel: .*password"),
        ({"sms_templates": "gone.toml"}, OfficeFileError, "ZHENGDA_SMS_TEMPLATES"),
        ({"sms_codes": "gone.toml"}, OfficeFileError, "ZHENGDA_SMS_CODES"),
    ],
)
async def test_a_wrong_setting_stops_the_start(
    tmp_path: Path, changes: dict[str, str], error: type[Exception], says: str
) -> None:
    given: dict[str, Any] = {"sms_url": CLOUD} | changes
    with pytest.raises(error, match=says):
        await open_house(Settings(data=tmp_path / "data", demo=False, **given), never, None)


async def test_the_house_stands_by_its_gateways_in_their_order(tmp_path: Path) -> None:
    urls = f"kannel://gov:secret12@127.0.0.1:1?per_second=50 {CLOUD}&name=spare".replace("com&", "com?")
    house = await open_house(Settings(data=tmp_path / "data", demo=False, sms_url=urls), never, None)
    try:
        (sms,) = house.standing
        assert isinstance(sms, SmsChannel)
        assert [way.gateway.name for way in sms.ways] == ["kannel", "spare"]
        assert sms.asked == ("spare",)
        assert sms.ways[0].pace is not None
        assert not sms.ways[0].templated
        assert sms.ways[1].templated
    finally:
        await house.close()
