"""Texts looked over, each once: a draft is checked when it is shown, submitted and approved.

Pure functions of a text of tens of thousands of characters; some tenths of a second saved are worth
the few texts kept.
"""

from functools import lru_cache

from service.policies.rulebooks import drafts
from service.policies.rulebooks.drafts import Checked
from service.policies.rulebooks.parts import Document

_MOST_KEPT = 4


@lru_cache(maxsize=_MOST_KEPT)
def checked(text: str) -> Checked:
    """Look a draft over whole; what it found is shared and never changed."""
    return drafts.check_text(text)


def readable(text: str) -> Document | None:
    """Return the document of a text, if it has the shape of one."""
    return checked(text).document
