"""Text message gateways: one module each, chosen by the scheme of its URL and imported when it is wanted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import cast

from channels.sms.gateways.gateway import Gateway, GatewayBuilding

OpenGateway = Callable[[str, GatewayBuilding], Gateway]


@dataclass(frozen=True)
class Scheme:
    """Where the gateway of a URL scheme is built.

    Attributes:
        module: below `channels.sms.gateways`; its ``open_gateway(url, building)`` returns the gateway, without I/O, and
            raises ValueError for a URL that is wrong. It is also the name of its table of codes, and the gateway's own.
        templated: whether it sends nothing but templates that were registered there.
        asked: whether its `Gateway.query` has anything to say.
    """

    module: str
    templated: bool = False
    asked: bool = False


SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        "kannel": Scheme("kannel"),
        "kannels": Scheme("kannel"),
        "smpp": Scheme("smpp"),
        "smpps": Scheme("smpp"),
        "cmpp": Scheme("cmpp"),
        "cmpp2": Scheme("cmpp"),
        "aliyun": Scheme("aliyun", templated=True, asked=True),
        "tencent": Scheme("tencent", templated=True, asked=True),
    }
)


def open_gateway(url: str, building: GatewayBuilding) -> Gateway:
    """Return the gateway at ``url``, without the options that are the frame's own; nothing is connected.

    Raises:
        KeyError: nobody knows its scheme.
        ValueError: the URL is wrong; the message says how, without its password.
    """
    module = import_module(f"channels.sms.gateways.{SCHEMES[url.partition(':')[0]].module}")
    return cast(OpenGateway, module.open_gateway)(url, building)
