"""Texts of strangers in files for spreadsheets: no part of one is ever worked out. Pure."""

import re
from typing import Final

# What a spreadsheet takes for a formula, also in full width as it is typed, behind blanks, and
# behind quotation marks, which are none of the text where a file is split within it. An apostrophe
# is put before it, and taken off again; what begins with apostrophes and such a sign already gets
# one more, so that nothing is ever lost. A file with commas is split at semicolons where a country
# writes decimals with commas, so each part counts that semicolons, bars, tabs and ends of lines may
# leave; at commas nothing is split that stands in quotation marks.
_SIGN: Final = r"(?:[^\S\t\r\n]|\")*[=+\-@\uff1d\uff0b\uff0d\uff20]"
_RISKY: Final = rf"(?:\A(?='*(?:[\t\r\n]|{_SIGN}))|(?<=[;|\t\r\n])(?='*{_SIGN}))"
_UNGUARDED: Final = re.compile(_RISKY)
_GUARD: Final = re.compile(f"{_RISKY}'")


def guarded(text: str) -> str:
    """Return a text no part of which a spreadsheet takes for a formula."""
    return _UNGUARDED.sub("'", text)


def unguarded(text: str) -> str:
    """Return a text as it was before `guarded`."""
    return _GUARD.sub("", text)
