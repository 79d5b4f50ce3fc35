"""Ids made many at a time are those that deliveries have always had: Message-IDs and gateway references are they."""

import random
import uuid

from streams.campaigns.record import Campaign, campaign_id, delivery_id
from streams.fanout.delivery_ids import DeliveryIds

CHANNELS = ("email", "sms", "space", "webhook", "政务微信")


def campaign(number: int) -> Campaign:
    made = campaign_id("sheet", f"P-{number}", number, "policy")
    return Campaign(made, "sheet", f"P-{number}", number, "policy", "running", ())


def test_every_id_is_the_one_that_uuid5_gives() -> None:
    dice = random.Random(5)
    for number in range(40):
        one = campaign(number)
        id_of = DeliveryIds(one.campaign_id)
        for _ in range(50):
            subscriber = dice.choice(("firm-", "企业", "a|b", "é")) + str(dice.getrandbits(40))
            to = (subscriber, dice.choice(CHANNELS), str(uuid.UUID(int=dice.getrandbits(128))))
            assert id_of(*to) == delivery_id(one, *to)


def test_an_id_stays_what_it_was_in_the_first_release() -> None:
    id_of = DeliveryIds("1b671a64-40d5-491e-99b0-da01ff1f3341")
    assert id_of("S-1", "email", "c-1") == "76f94c03-3ac1-5550-b303-9dace6d94838"


def test_one_campaigns_ids_do_not_depend_on_what_was_asked_before() -> None:
    id_of = DeliveryIds(campaign(1).campaign_id)
    first = id_of("S-1", "space", "space")
    id_of("S-2", "email", "c")
    assert id_of("S-1", "space", "space") == first
