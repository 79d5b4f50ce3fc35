"""SMPP over TLS: certificates are checked, against the system's authorities or the carrier's own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from channels.channel import Outcome
from channels.errors import UnreachableError
from channels.message import Receipt
from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.smpp import SmppGateway, place_of
from channels.sms.links import SmsLinks
from tests.servers.npm_smsc import NpmSmsc
from tests.servers.recording_heard import RecordingHeard


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """The files of a certificate of 127.0.0.1, which is its own authority, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "smsc.test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return public, private


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
