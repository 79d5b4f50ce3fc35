"""The doctor about bounces: deaf installations are told so, and so is who shares the place with another program."""

import asyncio
from pathlib import Path

import pytest

from channels.email.bounces import load_rules
from config.settings import Settings, SettingsError, load_settings
from service.bounces_check import check_bounces
from tests.servers.ports import free_port

MAIL = {"smtp_url": "smtp://127.0.0.1:25"}
DOMAIN = "bounce.example.gov.cn"


@pytest.mark.parametrize(
    ("given", "status", "advice"),
    [
        ({}, "ok", ""),
        (MAIL, "warning", "ZHENGDA_BOUNCE_DOMAIN"),
        (MAIL | {"bounce_domain": DOMAIN}, "warning", "ZHENGDA_BOUNCE_LISTEN"),
    ],
)
async def test_who_sends_mail_and_hears_no_bounces_is_told(
    given: dict[str, str], status: str, advice: str
) -> None:
    check = await check_bounces(Settings(**given))
    assert check.status == status
    assert advice in check.advice


@pytest.mark.parametrize(
    ("said", "status"),
    [(f"220 {DOMAIN} Zhengda\r\n", "ok"), ("220 mx.example.cn ESMTP\r\n", "failed"), (None, "warning")],
)
async def test_who_listens_is_asked(said: str | None, status: str) -> None:
    port = free_port()

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((said or "").encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", port) if said is not None else None
    try:
        place = {"bounce_domain": DOMAIN, "bounce_listen": f"lmtp://127.0.0.1:{port}"}
        check = await check_bounces(Settings(**MAIL, **place))
    finally:
        if server is not None:
            server.close()
            await server.wait_closed()
    assert check.status == status, check
    assert (load_rules().version in check.detail) == (status == "ok")


async def test_a_table_with_a_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('version = "1"\n[[rule]]\nid = "x"\nword = "gne"\nsaid = ["a"]\n')
    check = await check_bounces(Settings(mail_bounces=file))
    assert check.status == "failed"
    assert f"{file}:4" in check.detail


@pytest.mark.parametrize(
    ("listen", "domain", "why"),
    [
        ("smtp://127.0.0.1:2525", None, "ZHENGDA_BOUNCE_DOMAIN must name"),
        ("smtp://127.0.0.1", DOMAIN, "host and port"),
        ("smtp://127.0.0.1:port", DOMAIN, "host and port"),
        ("http://127.0.0.1:25", DOMAIN, "smtp:// or lmtp://"),
        ("smtp:///run/x.sock", DOMAIN, "only lmtp:// listens on a socket"),
    ],
)
def test_a_place_to_listen_that_cannot_be_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, listen: str, domain: str | None, why: str
) -> None:
    monkeypatch.setenv("ZHENGDA_BOUNCE_LISTEN", listen)
    if domain is not None:
        monkeypatch.setenv("ZHENGDA_BOUNCE_DOMAIN", domain)
    with pytest.raises(SettingsError, match=why):
        load_settings()
