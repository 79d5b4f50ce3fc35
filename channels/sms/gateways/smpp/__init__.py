"""SMPP 3.4: carriers and their resellers, over connections that stand.

Reports and replies are acknowledged to the carrier when they are durable here, not before.
"""

from channels.sms.gateways.gateway import Gateway, GatewayBuilding
from channels.sms.gateways.smpp.gateway import SmppGateway
from channels.sms.gateways.smpp.place import place_of

__all__ = ["SmppGateway", "open_gateway", "place_of"]


def open_gateway(url: str, building: GatewayBuilding) -> Gateway:
    """Return the gateway at ``smpp://system_id:password@host:2775?from=10690001``; nothing is connected.

    Raises:
        ValueError: the URL is wrong; its password is not in the message.
    """
    return SmppGateway(place_of(url), building)
