"""Style sheets written into the elements themselves: many readers of mail drop everything else. Pure."""

from functools import lru_cache
from pathlib import Path

from css_inline import CSSInliner

SHEET = Path(__file__).parent.parent / "templates" / "email" / "style.css"


def inlined(page: str) -> str:
    """Return a whole HTML page with the style of mails in its elements; nothing is fetched."""
    return _inliner().inline(page)


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    return CSSInliner(
        extra_css=SHEET.read_text(encoding="utf-8"),
        load_remote_stylesheets=False,
        minify_css=True,
    )
