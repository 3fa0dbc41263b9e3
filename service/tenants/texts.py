"""Names in the product's three languages, as commands take them and tables keep them.

Two names that look the same must be the same: what nobody sees is in no name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from service.errors import LOCALES, FieldPath, InvalidInput, Refusal, Refusals

# Control characters, separators of lines and paragraphs, halves of surrogate pairs.
CONTROLS: Final = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
# Marks and turns of direction, zero width, fillers, blanks that are no space, tags. Marks that
# belong to the letter before them, and variants of a character, are seen.
_UNSEEN: Final = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
# A joiner makes one sign of two emoji, or tells letters of Persian and Hindi apart. Between plain
# letters, Chinese characters and blanks it does nothing that is seen.
_JOINED: Final = (
    "[^\\x00-\\x7f\\s\u200c\u200d\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_HIDDEN: Final = re.compile(f"[{_UNSEEN}]|(?<!{_JOINED})[\u200c\u200d]|[\u200c\u200d](?!{_JOINED})")
_CONTROL: Final = re.compile(f"[{CONTROLS}]")


def hides_something(text: str) -> bool:
    """Tell whether a text of one line holds a character that nobody sees, or that turns others."""
    return _HIDDEN.search(text) is not None


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in the three languages."""

    en: str
    zh_hant: str
    zh_hans: str

    def by_locale(self) -> dict[str, str]:
        """Return the texts under their language tags, trimmed."""
        texts = (self.en, self.zh_hant, self.zh_hans)
        return dict(zip(LOCALES, (text.strip() for text in texts), strict=True))

    def faults(self, field: FieldPath, at_most: int = 200) -> Iterator[Refusal]:
        """Yield what is wrong with each of them: empty, too long, not one line."""
        for name, text in (("en", self.en), ("zhHant", self.zh_hant), ("zhHans", self.zh_hans)):
            yield from line_faults(text, (*field, name), at_most)


def line_faults(text: str, field: FieldPath, at_most: int = 200) -> Iterator[Refusal]:
    """Yield what is wrong with a text that must be one seen line of bounded length."""
    if not 1 <= len(text.strip()) <= at_most or _CONTROL.search(text):
        yield InvalidInput(field=field, expected="LINE", least=1, most=at_most)
    elif hides_something(text):
        yield InvalidInput(field=field, expected="SEEN")


def refuse_faults(faults: Iterable[Refusal]) -> None:
    """Raise all faults of an input together.

    Raises:
        Refusals: there is one at least.
    """
    found = tuple(faults)
    if found:
        raise Refusals(found)
