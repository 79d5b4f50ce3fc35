"""What came back: bounce messages of mail servers and providers read and put into few words. Pure."""

from channels.email.bounces.bounce import Bounce, Word
from channels.email.bounces.reading import read_bounce
from channels.email.bounces.rules import Rules, load_rules
from channels.email.bounces.whose import delivery_of_bounce

__all__ = ["Bounce", "Rules", "Word", "delivery_of_bounce", "load_rules", "read_bounce"]
