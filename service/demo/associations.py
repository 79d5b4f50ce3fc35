"""Three associations whose members are demo enterprises."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from service.demo.enterprises import CONSENTED, SEED, demo_subscribers
from subscribers.associations import Membership
from subscribers.model import Enrolment


@dataclass(frozen=True)
class DemoAssociation:
    """An association and its members."""

    association_id: str
    name: str
    members: tuple[Membership, ...]


def demo_associations() -> list[DemoAssociation]:
    """Return a trade association, a chamber and a park, with the same members at every call."""
    enterprises = demo_subscribers()
    return [
        _association("demo-software", "示范市软件行业协会", enterprises, 0.5, _makes_software),
        _association("demo-chamber", "示范市中小企业商会", enterprises, 0.1, _is_small),
        _association("demo-park", "示范区科技产业园", enterprises, 0.4, _in_the_park),
    ]


def _association(
    association_id: str, name: str, among: list[Enrolment], share: float, fits: Callable[[Enrolment], bool]
) -> DemoAssociation:
    dice = random.Random(f"{SEED} {association_id}")
    chosen = [one.subscriber_id for one in among if fits(one) and dice.random() < share]
    members = (Membership(association_id, who, CONSENTED, "演示数据：入会申请表") for who in chosen)
    return DemoAssociation(association_id, name, tuple(members))


def _makes_software(one: Enrolment) -> bool:
    return "I65" in one.subscriber.profile.industries


def _is_small(one: Enrolment) -> bool:
    return one.subscriber.profile.size != "large"


def _in_the_park(one: Enrolment) -> bool:
    return one.subscriber.profile.region == "310115"
