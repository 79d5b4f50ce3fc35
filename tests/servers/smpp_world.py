"""A gateway of SMPP bound to a scripted SMSC, and who hears what it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from channels.sms.codes import load_codes
from channels.sms.gateways.gateway import GatewayBuilding, Text
from channels.sms.gateways.smpp import SmppGateway, place_of
from channels.sms.links import SmsLinks
from tests.servers.recording_heard import RecordingHeard
from tests.servers.scripted_smsc import ScriptedSmsc, scripted_smsc

ANNA = "+8613800138000"


@asynccontextmanager
async def world(
    options: str = "",
) -> AsyncIterator[tuple[ScriptedSmsc, SmppGateway, RecordingHeard]]:
    heard = RecordingHeard()
    building = GatewayBuilding("smpp", "某市政务", SmsLinks("", b"key"), heard, load_codes())
    async with scripted_smsc() as smsc:
        gateway = SmppGateway(place_of(smsc.url(options)), building, random=lambda: 0.0)
        await gateway.open()
        try:
            yield smsc, gateway, heard
        finally:
            await gateway.close()


def texts(count: int, text: str = "您的申请已受理") -> list[Text]:
    return [Text(f"d-{one}", f"+86138{one:08d}", text) for one in range(count)]
