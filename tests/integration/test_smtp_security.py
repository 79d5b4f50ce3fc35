"""Encryption and login, as the URL asks for them, and a server that dies under load."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiosmtpd.smtp import SMTP, AuthResult

from channels.email import EmailChannel, SmtpServer
from channels.errors import AccountError, UnknownOutcomeError, UnreachableError
from channels.message import Receipt
from tests.servers.messages import message
from tests.servers.own_certificate import own_certificate
from tests.servers.ports import free_port
from tests.servers.scripted_smtp import ScriptedSmtp
from tests.servers.smtp_sink import RecordingSink, SmtpSink

SENDER = "政达政策推送 <push@example.gov.cn>"

# Over smtps the whole connection is encrypted, which aiosmtpd cannot know.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for 127.0.0.1 and the file of its own certificate."""
    pem, private = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem


@asynccontextmanager
async def guarded_server(context: ssl.SSLContext, scheme: str) -> AsyncIterator[ScriptedSmtp]:
    """A server that takes mail only over TLS and from ``gov`` with the password p@ss:词."""
    script = ScriptedSmtp(free_port(), pipelining=True)
    loop = asyncio.get_running_loop()

    def check(server: SMTP, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        login, password = getattr(data, "login", b""), getattr(data, "password", b"")
        # handled=False: the server itself says 535.
        return AuthResult(success=(login, password) == (b"gov", "p@ss:词".encode()), handled=False)

    def protocol() -> SMTP:
        connection = SMTP(
            script,
            hostname="sink.test",
            loop=loop,
            authenticator=check,
            auth_required=True,
            auth_require_tls=scheme == "smtp+starttls",
            require_starttls=scheme == "smtp+starttls",
            tls_context=context if scheme == "smtp+starttls" else None,
        )
        script.connections.append(connection)
        return connection

    over_tls = context if scheme == "smtps" else None
    server = await loop.create_server(protocol, "127.0.0.1", script.port, ssl=over_tls)
    try:
        yield script
    finally:
        script.hang_up_all()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_mail_goes_encrypted_and_logged_in(
    scheme: str,
    run: Callable[[Coroutine[Any, Any, None]], None],
    certificate: tuple[ssl.SSLContext, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context, pem = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))

    async def mails() -> None:
        async with guarded_server(context, scheme) as server:
            url = f"{scheme}://gov:p%40ss%3A%E8%AF%8D@127.0.0.1:{server.port}"
            channel = EmailChannel(SmtpServer.from_url(url), SENDER, connections=2)
            outcomes = [*await channel.send([message(n) for n in range(6)])]
            outcomes += await channel.send([message(n) for n in range(6)])
            server.hang_up_all()
            outcomes += await channel.send([message(n) for n in range(6)])
            await channel.close()
            assert all(isinstance(outcome, Receipt) for outcome in outcomes), outcomes
            assert len(server.received) == 18
            assert len(server.connections) <= 4

    run(mails())


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_certificate_nobody_vouches_for_gets_no_mail(
    scheme: str, certificate: tuple[ssl.SSLContext, Path]
) -> None:
    async with guarded_server(certificate[0], scheme) as server:
        channel = EmailChannel(SmtpServer.from_url(f"{scheme}://gov:x@127.0.0.1:{server.port}"), SENDER)
        (outcome,) = await channel.send([message(1)])
        await channel.close()
        assert type(outcome) is UnreachableError
        assert server.received == []


async def test_a_wrong_password_is_the_operators_to_mend_and_not_shown(
    certificate: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, pem = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    async with guarded_server(context, "smtps") as server:
        channel = EmailChannel(SmtpServer.from_url(f"smtps://gov:hunter2@127.0.0.1:{server.port}"), SENDER)
        (outcome,) = await channel.send([message(1)])
        await channel.close()
        assert type(outcome) is AccountError
        assert outcome.retry_after_s >= 600
        assert "535" in outcome.reason
        assert "hunter2" not in outcome.reason + repr(channel.pool.server)


@pytest.mark.parametrize(
    "url", ["http://mail.example.cn", "smtp://", "mail.example.cn:25", "smtp://host:port"]
)
def test_a_wrong_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"SMTP|[Pp]ort"):
        SmtpServer.from_url(url)


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://h", 25), ("smtps://h", 465), ("smtp+starttls://h", 587), ("smtp://h:2525", 2525)],
)
def test_each_way_has_its_port(url: str, port: int) -> None:
    assert SmtpServer.from_url(url).port == port


async def test_postfixs_sink_takes_every_mail(smtp_sink: SmtpSink) -> None:
    channel = EmailChannel(SmtpServer.from_url(smtp_sink.url), SENDER)
    outcomes = await channel.send([message(n) for n in range(500)])
    await channel.close()
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert smtp_sink.count == 500


async def test_of_a_server_killed_under_load_no_certain_outcome_is_wrong(tmp_path: Path) -> None:
    sink = RecordingSink(tmp_path / "sink", delay_s=0.02)
    sink.start()
    try:
        channel = EmailChannel(SmtpServer.from_url(sink.url), SENDER)
        batch = [message(n) for n in range(400)]
        sending = asyncio.create_task(channel.send(batch))
        while len(sink.received()) < 50:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(sink.kill9)
        outcomes = await sending
        await channel.close()
        taken = {received.rcpt for received in sink.received()}
    finally:
        sink.close()
    sent = {m.address for m, outcome in zip(batch, outcomes, strict=True) if isinstance(outcome, Receipt)}
    unknown = {
        m.address
        for m, outcome in zip(batch, outcomes, strict=True)
        if isinstance(outcome, UnknownOutcomeError)
    }
    assert sent <= taken <= sent | unknown
    assert len(unknown) <= 16
    assert len(sent) < 400
