"""Which delivery a message that came back is about."""

from collections.abc import Sequence

from channels.email.bounces.bounce import Bounce
from channels.email.verp import delivery_of


def delivery_of_bounce(bounce: Bounce, recipients: Sequence[str], key: bytes) -> str | None:
    """Return the id of the delivery; None where nothing says which.

    First the address that the bounce came to, which nobody can make up; then the return path that a report repeats,
    just as safe; then the Message-ID of what was returned, which only those know who got the message.

    Args:
        bounce: as it was read.
        recipients: of the envelope.
        key: of this installation, for `channels.email.verp.PURPOSE`.
    """
    paths = [*recipients, *([bounce.return_path] if bounce.return_path else [])]
    found = (delivery_of(path, key) for path in paths)
    return next((one for one in found if one is not None), bounce.message_id)
