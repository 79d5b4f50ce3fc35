"""Who said so: the rules that read the text, the publisher, or a reviewer, in the words of the pages."""

from service.cli.face import Face

_ORIGINS = {
    "rule": ("rules", "规则"),
    "publisher": ("publisher", "发布人"),
    "reviewer": ("reviewer", "审查人"),
}


def origin_in_words(face: Face, origin: str) -> str:
    """Return where a label or a fact comes from; one that is not known here stands as it came."""
    return _ORIGINS[origin][face.words.chinese] if origin in _ORIGINS else origin
