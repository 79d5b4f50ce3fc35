"""ZHENGDA_SMS_URL: one or several text message gateways in their order, and what the frame wants to know of each."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit, urlunsplit

# URL scheme -> the gateway behind it, which is its name unless the URL says ?name=.
SMS_SCHEMES = {
    "kannel": "kannel",
    "kannels": "kannel",
    "smpp": "smpp",
    "smpps": "smpp",
    "cmpp": "cmpp",
    "cmpp2": "cmpp",
    "aliyun": "aliyun",
    "tencent": "tencent",
}
EXAMPLE = "kannel://user:password@host:13013"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
NAME_OPTION, PACE_OPTION = "name", "per_second"


@dataclass(frozen=True)
class SmsUrl:
    """A gateway's URL without the options that are the frame's, and what these said.

    ``kind`` is what the scheme stands for; ``per_second`` None: as many texts as it takes.
    """

    url: str = field(repr=False)
    kind: str
    name: str
    per_second: float | None = None

    @property
    def scheme(self) -> str:
        """Of its URL."""
        return urlsplit(self.url).scheme


def sms_urls(setting: str) -> tuple[SmsUrl, ...]:
    """Return the gateways of a setting, in the order in which they are tried.

    Args:
        setting: URLs parted by blanks.

    Raises:
        ValueError: one of them is wrong. The message says which by its place, and never shows it: it has a password.
    """
    given = setting.split()
    found = tuple(_one(url, f"gateway {place}: " if given[1:] else "") for place, url in enumerate(given, 1))
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"several gateways are called {', '.join(twice)}: tell them apart by ?name=")
    return found


def _one(url: str, which: str) -> SmsUrl:
    parts = urlsplit(url)
    if parts.scheme not in SMS_SCHEMES:
        allowed = " or ".join(f"{scheme}://" for scheme in SMS_SCHEMES)
        raise ValueError(f"{which}it must start with {allowed}, e.g. {EXAMPLE}")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    kind = SMS_SCHEMES[parts.scheme]
    name = given.get(NAME_OPTION, kind)
    if not NAME.fullmatch(name):
        raise ValueError(f"{which}?name= takes up to 32 small letters, digits, - and _")
    own = [
        option
        for option in parts.query.split("&")
        if option and option.partition("=")[0] not in (NAME_OPTION, PACE_OPTION)
    ]
    rest = urlunsplit(parts._replace(query="&".join(own)))
    return SmsUrl(rest, kind, name, _pace(given.get(PACE_OPTION), which))


def _pace(text: str | None, which: str) -> float | None:
    if text is None:
        return None
    try:
        pace = float(text)
    except ValueError:
        pace = 0.0
    if not 0 < pace < float("inf"):
        raise ValueError(f"{which}?per_second= takes a number above 0")
    return pace
