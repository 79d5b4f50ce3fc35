"""A house writes with its office's own templates, or does not open at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from channels.writing.office import TemplatesError
from channels.writing.render import sms_text, use_office
from config.settings import Settings
from service.house import open_house
from streams.log import Position
from tests.servers.messages import message

LAYOUT = "【{{ signature }}】{% block news %}{% endblock %}（{{ slots.why }}）"


@pytest.fixture(autouse=True)
def _shipped_again() -> Iterator[None]:
    yield
    use_office({})


async def never(*args: object, **given: object) -> Position:
    raise AssertionError("nothing is written to the log")


def office(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "templates" / "sms" / "layout.txt.jinja"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return Settings(data=tmp_path / "data", templates=tmp_path / "templates", demo=False)


async def test_a_broken_template_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    settings = office(tmp_path, LAYOUT + "\n{{ content.tittle }}")
    with pytest.raises(TemplatesError, match=r"layout\.txt\.jinja:2: .*tittle"):
        await open_house(settings, never, None)
    assert not settings.data.exists()


async def test_what_a_template_lacks_is_a_warning_and_the_house_opens_with_it(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logged:
        house = await open_house(office(tmp_path, LAYOUT), never, None)
    await house.close()
    said = [one["what"] for one in logged if one["event"] == "template.doubtful"]
    assert len(said) == 1
    assert "does not say how to leave" in said[0]
    assert not sms_text(message()).endswith("退订回T")


async def test_a_house_without_an_office_writes_as_shipped(tmp_path: Path) -> None:
    first = await open_house(office(tmp_path, LAYOUT + "拒收回R"), never, None)
    await first.close()
    house = await open_house(Settings(data=tmp_path / "data", demo=False), never, None)
    await house.close()
    assert sms_text(message()).endswith("退订回T")
