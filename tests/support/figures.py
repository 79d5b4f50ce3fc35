"""Adding a funnel up, as somebody does who only sees it."""

from streams.campaigns.figures import Funnel


def added_up(funnel: Funnel) -> int:
    """The rows of all figures that exclude each other."""
    whys = (funnel.failed, funnel.suppressed, funnel.expired, funnel.superseded)
    ended = sum(sum(why.values()) for why in whys)
    return sum(funnel.waiting.values()) + funnel.unreported + funnel.delivered + ended
