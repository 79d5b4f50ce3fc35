"""What can be wrong with a subscriber, in words for whoever has to act."""

from pydantic import ValidationError

from subscribers.words.plainly import Location, plainly


class SubscriberError(Exception):
    """The base of what the registry refuses; roll the transaction back and nothing of the call is kept."""


class UnknownSubscriberError(SubscriberError, LookupError):
    """There is no subscriber with this id. Check the id, or create the subscriber first."""

    def __init__(self, subscriber_id: str) -> None:
        super().__init__(f"no subscriber {subscriber_id}")
        self.subscriber_id = subscriber_id


class UnknownSubscriptionError(SubscriberError, LookupError):
    """The subscriber has no active subscription with this id.

    Look up those that it has; one that ended is added anew.
    """

    def __init__(self, subscription_id: str) -> None:
        super().__init__(f"no active subscription {subscription_id}")
        self.subscription_id = subscription_id


class SubscriberLeftError(SubscriberError):
    """The subscriber has left and its data was erased; imports may not bring it back.

    Only the subscriber itself can join again.
    """

    def __init__(self, subscriber_id: str) -> None:
        super().__init__(f"subscriber {subscriber_id} has left; only joining again on its own brings it back")
        self.subscriber_id = subscriber_id


SEARCHES = 8  # nearest codes in one row of a file: it has as many columns of codes
SAID_NO = "opted_out"


class SuppressedContactError(SubscriberError):
    """The address bounced for good, complained or is a dead number, and may not be entered again.

    ``address`` is masked. Ask the subscriber for another address; a number that said TD comes back by who holds it.
    """

    def __init__(self, channel: str, address: str, reason: str) -> None:
        told = (
            "said no by text message; only who holds it takes that back, at /join or /my"
            if reason == SAID_NO
            else f"is suppressed ({reason}); enter another address"
        )
        super().__init__(f"the {channel} contact {address} {told}")
        self.channel = channel
        self.address = address
        self.reason = reason


class TooManySubscriptionsError(SubscriberError):
    """One subscriber may hold only so many subscriptions. Merge some of them: criteria take alternatives."""


class AddressError(ValueError):
    """An address cannot be used on its channel. The message says why; correct the address."""


def explain(error: ValidationError) -> str:
    """Return one line that names every wrong field and what is wrong with it, without the values given."""
    return "; ".join(_one(location, message) for location, message in wrong_fields(error))


def wrong_fields(error: ValidationError) -> list[tuple[Location, str]]:
    """Return where each wrong field lies and what is wrong with it, without the values given."""
    return plainly(error.errors(include_input=False, include_url=False), searches=SEARCHES)


def _one(location: Location, message: str) -> str:
    where = ".".join(str(part) for part in location)
    return f"{where}: {message}" if where else message
