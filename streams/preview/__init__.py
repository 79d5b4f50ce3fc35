"""What a release would do, before it: how many it would reach, at which cost, and how it would look."""

from streams.preview.answering import PreviewTimeout, preview

__all__ = ["PreviewTimeout", "preview"]
