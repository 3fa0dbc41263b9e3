"""Free text: one argument `search`, compared by the form that the database makes of both sides.

Every word must stand somewhere in the name, however it is written: Chinese names are found by any
of their characters, capitals and widths are one. Telephone numbers are never searched by.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from service.errors import InvalidInput
from service.schema.planner.statements import Statement
from service.schema.received import plain_text
from service.schema.refusals import FieldNotFilterable

MOST_CHARACTERS: Final = 100
MOST_WORDS: Final = 5
ARGUMENT: Final = (
    "Free text, 1 to 100 characters and at most 5 words: each stands somewhere in the name,"
    " whatever its capitals and width. Telephone numbers are not searched."
)
_PHONE_LIKE: Final = re.compile(r"[+(]?(?:[0-9][ ()./-]*){5,}")
# Beyond every character, so that all texts beginning with a word lie before it.
_LAST: Final = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Search:
    """How the rows of a list are found by free text; `{word}` stands for a word.

    Attributes:
        sql: a condition over `t`, true where one word is found.
    """

    sql: str


@dataclass(frozen=True, slots=True)
class Found:
    """A search that was asked for, and the filter beside it."""

    how: Search
    text: str
    filter: object | None


BY_KEYS: Final = (
    "t.id IN (SELECT k.party_id FROM app.party_name_key k WHERE k.tenant_id = $1"
    " AND k.key >= app.search_word({word})"
    f" AND k.key < app.search_word({{word}}) || chr({_LAST}))"
)
"""A party by the ends of its name: a range of an index, also under row security."""

BY_FORM: Final = "position(app.search_form({word}) IN t.search_form) > 0"
"""A member by the whole form; the company's members are looked through."""


def words_of(text: str) -> list[str]:
    """Return the words of a search.

    Raises:
        InvalidInput: no word, too many, or too long a text.
        FieldNotFilterable: it is a telephone number or a part of one.
    """
    plain = plain_text(text) if len(text) <= MOST_CHARACTERS else None
    words = (plain or "").split()
    if not words:
        raise InvalidInput(expected="LINE", least=1, most=MOST_CHARACTERS, field=("search",))
    if len(words) > MOST_WORDS:
        raise InvalidInput(expected="AT_MOST_ENTRIES", most=MOST_WORDS, field=("search",))
    # Names are compared without regard to width, so digits are looked at so too.
    if _PHONE_LIKE.fullmatch(unicodedata.normalize("NFKC", " ".join(words))):
        raise FieldNotFilterable(name="phone", field=("search",))
    return words


def searched(found: Found, statement: Statement) -> str:
    """Write that every word of a search is found."""
    parts = [
        found.how.sql.replace("{word}", statement.place(word, "text"))
        for word in words_of(found.text)
    ]
    return "(" + " AND ".join(parts) + ")"
