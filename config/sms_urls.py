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
        ValueError: some of them are wrong, a line each. It says which by its place, and never shows it: it has a
            password.
    """
    read, wrong = _read(setting)
    if wrong:
        raise ValueError("\n".join(wrong))
    return tuple(one for _, one in read)


def sound_sms_urls(setting: str) -> str:
    """Return the setting without the URLs that are wrong, so that the others can be looked at all the same."""
    return " ".join(url for url, _ in _read(setting)[0])


def _read(setting: str) -> tuple[list[tuple[str, SmsUrl]], list[str]]:
    """Return each URL that can be used with what it says, and all that is wrong with the others."""
    given = setting.split()
    found: dict[str, tuple[str, SmsUrl]] = {}
    wrong: list[str] = []
    twice: set[str] = set()
    for place, url in enumerate(given, 1):
        try:
            one = _one(url, f"gateway {place}: " if given[1:] else "")
        except ValueError as exc:
            wrong.append(str(exc))
        else:
            if found.setdefault(one.name, (url, one))[1] is not one:
                twice.add(one.name)
    if twice:
        names = ", ".join(sorted(twice))
        wrong.append(f"several gateways are called {names}: tell them apart by ?name=")
    return list(found.values()), wrong


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
