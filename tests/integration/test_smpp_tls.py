"""SMPP over TLS: certificates are checked, against the system's authorities or the carrier's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from channels.channel import Outcome
from channels.errors import UnreachableError
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.smpp import SmppGateway, place_of
from channels.sms.links import SmsLinks
from tests.servers.npm_smsc import NpmSmsc
from tests.servers.own_certificate import own_certificate
from tests.servers.recording_heard import RecordingHeard


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """The files of a certificate of 127.0.0.1, which is its own authority, and of its key."""
    return own_certificate(tmp_path)


async def sent(url: str) -> Outcome:
    building = GatewayBuilding("smpp", "政达", SmsLinks("", b"key"), RecordingHeard(), load_codes())
    gateway = SmppGateway(place_of(url), building)
    try:
        (outcome,) = await gateway.submit([Text("d-1", "+8613800138000", "您的申请已受理")])
    finally:
        await gateway.close()
    return outcome


async def test_a_carrier_with_an_authority_of_its_own_is_trusted_by_its_file(
    smsc: Callable[..., NpmSmsc], certificate: tuple[Path, Path]
) -> None:
    public, private = certificate
    server = smsc(key=str(private), cert=str(public))
    assert isinstance(await sent(server.url(f"&ca={public}", scheme="smpps")), Receipt)
    assert server.count("text") == 1


async def test_a_certificate_that_nobody_vouches_for_gets_no_message_and_no_password(
    smsc: Callable[..., NpmSmsc], certificate: tuple[Path, Path]
) -> None:
    public, private = certificate
    server = smsc(key=str(private), cert=str(public))
    outcome = await sent(server.url(scheme="smpps"))
    assert isinstance(outcome, UnreachableError)
    assert "CertVerification" in outcome.reason
    assert server.count("bind") == 0
