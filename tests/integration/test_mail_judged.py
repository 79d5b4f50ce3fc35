"""Our mails before judges of the other side: signatures verified by OpenDKIM, looks weighed by SpamAssassin."""

from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from channels.email import EmailChannel, SmtpServer
from channels.email.dkim import PrivateKey, Signer
from channels.email.mime import mail
from channels.message import Occasion, Receipt
from tests.integration.test_postfix_delivery import Start
from tests.servers.mail_judges import opendkim_accepts, spam_points
from tests.servers.messages import message
from tests.servers.postfix import FAR
from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.mails import message_for

SENDER = "政达政策推送 <push@policy.example.gov.cn>"
MOST_POINTS = 1.0
# What every such program must take for spam (the "Generic Test for Unsolicited Bulk Email").
GTUBE = b"Subject: test\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"


def rsa_key() -> PrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize("key", [rsa_key(), ed25519.Ed25519PrivateKey.generate()], ids=["rsa", "ed25519"])
def test_opendkim_verifies_what_we_sign_and_nothing_else(key: PrivateKey, tmp_path: Path) -> None:
    signer = Signer(key, "policy.example.gov.cn", "y2026")
    whole = mail(message(), "user1@example.cn", SENDER, signer)
    assert opendkim_accepts(whole, signer.record(), tmp_path)
    changed = whole.replace(b"=One-Click", b"=No-Click")
    assert not opendkim_accepts(changed, signer.record(), tmp_path)


async def test_a_signature_survives_the_way_through_postfix(
    postfix: Start, recording_sink: RecordingSink, tmp_path: Path
) -> None:
    signer = Signer(rsa_key(), "policy.example.gov.cn", "y2026")
    server = postfix(next_hop=recording_sink.port)
    channel = EmailChannel(SmtpServer.from_url(server.url), SENDER, signer=signer)
    (outcome,) = await channel.send([message(address=f"user1@{FAR}")])
    await channel.close()
    assert isinstance(outcome, Receipt)
    assert wait_until(lambda: len(recording_sink.messages()) == 1, 20.0), server.said()
    (arrived,) = recording_sink.messages()
    assert arrived.startswith(b"Received: ")
    name, text = signer.record()
    assert dkim.verify(arrived, dnsfunc=lambda _name, timeout=5: text.encode("ascii"))
    assert opendkim_accepts(arrived, (name, text), tmp_path)


@pytest.mark.slow  # SpamAssassin takes seconds
def test_no_mail_of_ours_looks_like_spam(tmp_path: Path) -> None:
    occasions = list(Occasion)
    mails = [mail(message_for(one), "user1@example.cn", SENDER) for one in occasions]
    *judged, (spam, why) = spam_points([*mails, GTUBE], tmp_path)  # one start: it takes seconds
    too_many = {one: why for one, why in zip(occasions, judged, strict=True) if why[0] > MOST_POINTS}
    assert too_many == {}
    assert spam > 100, why
