"""From texts to requests: what goes together, and what to do when one number spoils a whole request."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from channels.channel import Outcome
from channels.errors import ContentError, TransportError, UnknownOutcomeError
from channels.sms.gateways.gateway import Text
from channels.sms.templates import Registered
from config.logging import get_logger

log = get_logger(__name__)


@dataclass(frozen=True)
class Item:
    """A text as a cloud takes it: a template that is registered there and what goes into its variables, in order."""

    place: int
    text: Text
    template_id: str
    values: tuple[tuple[str, str], ...]


Batch = tuple[Item, ...]


class Refused(Exception):
    """A cloud refused a request as a whole: none of its messages was taken.

    ``single`` says whether the reason may be one number alone, so that the others are tried without it.
    """

    def __init__(self, error: TransportError, *, single: bool) -> None:
        super().__init__(error.reason)
        self.error = error
        self.single = single


def items_of(
    texts: Sequence[Text], templates: Mapping[str, Registered], gateway: str
) -> tuple[list[Item], dict[int, TransportError]]:
    """Return texts as items, and why some cannot be: by their place among ``texts``."""
    items: list[Item] = []
    refused: dict[int, TransportError] = {}
    for place, text in enumerate(texts):
        registered = templates.get(text.template.name) if text.template else None
        if text.template is None or registered is None:
            name = text.template.name if text.template else "such a text"
            refused[place] = ContentError(f"no template is registered at {gateway} for {name}")
            continue
        try:
            values = tuple(registered.parameters(text.template).items())
        except KeyError as exc:
            refused[place] = ContentError(
                f"template {registered.template_id} wants {exc}, which no message has"
            )
            continue
        items.append(Item(place, text, registered.template_id, values))
    return items, refused


def alike(items: Iterable[Item], most: int) -> list[Batch]:
    """Return items of the same template and values in batches of at most ``most``."""
    return _grouped(items, lambda item: (item.template_id, item.values), most)


def personal(items: Iterable[Item], most: int) -> list[Batch]:
    """Return items of the same template, whatever their values, in batches of at most ``most``."""
    return _grouped(items, lambda item: (item.template_id, ()), most)


async def each_outcome(
    batch: Batch, send: Callable[[Batch], Awaitable[Sequence[Outcome]]], gateway: str
) -> list[tuple[Item, Outcome]]:
    """Send a batch and return what became of each item.

    A request that was refused for a number goes again in halves until that number stands alone, so that nobody pays for
    a neighbour; any other refusal is everybody's. What was answered in a way that nobody understands may have been
    taken: it is asked about, and not sent again.
    """
    try:
        return list(zip(batch, await send(batch), strict=True))
    except Refused as exc:
        if len(batch) == 1 or not exc.single:
            return [(item, exc.error) for item in batch]
    except TransportError as error:
        return [(item, error) for item in batch]
    except Exception as exc:  # noqa: BLE001 - the far side's answer has another shape than any that is known
        # Its words may hold a number, its type does not.
        log.error("sms.answer_not_understood", gateway=gateway, error=type(exc).__name__)
        strange = UnknownOutcomeError(f"an answer of another shape ({type(exc).__name__})", gateway=gateway)
        return [(item, strange) for item in batch]
    middle = len(batch) // 2
    first = await each_outcome(batch[:middle], send, gateway)
    return [*first, *await each_outcome(batch[middle:], send, gateway)]


Key = tuple[str, tuple[tuple[str, str], ...]]


def _grouped(items: Iterable[Item], key: Callable[[Item], Key], most: int) -> list[Batch]:
    batches: list[Batch] = []
    for _, group in groupby(sorted(items, key=lambda item: (key(item), item.place)), key=key):
        batches.extend(_cut(group, most))
    return batches


def _cut(items: Iterable[Item], most: int) -> list[Batch]:
    """Cut items into batches; no number stands in one twice, for reports tell messages apart by it."""
    open_batches: list[dict[str, Item]] = []
    for item in items:
        for batch in open_batches:
            if len(batch) < most and item.text.number not in batch:
                batch[item.text.number] = item
                break
        else:
            open_batches.append({item.text.number: item})
    return [tuple(batch.values()) for batch in open_batches]
