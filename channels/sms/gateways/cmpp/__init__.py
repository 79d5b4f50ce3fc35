"""CMPP 2.0 and 3.0, the protocol of mainland carriers: a codec, a connection, connections that stand, a gateway."""

from channels.sms.gateways.cmpp.gateway import open_gateway

__all__ = ["open_gateway"]
