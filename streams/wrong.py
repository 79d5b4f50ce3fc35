"""What no retry can mend."""


class Wrong(Exception):
    """A message is wrong for good: it goes to the dead letters with this reason, and the flow goes on.

    Look at the reason in ``zhengda deadletters list``; mend its cause (a key, the sender's program) and replay it.
    """
